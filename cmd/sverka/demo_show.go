package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// demoShow prints the demo's progress: steps as lines, the state in between as one
// line that is written over on a terminal and now and then elsewhere.
type demoShow struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	started  time.Time
	last     time.Time // of the last status line
	open     bool      // a status line stands unfinished on the terminal
}

func newDemoShow(w io.Writer) *demoShow {
	f, ok := w.(*os.File)
	return &demoShow{w: w, terminal: ok && term.IsTerminal(int(f.Fd())), started: time.Now()}
}

// step begins a new part of the demo.
func (s *demoShow) step(format string, args ...any) {
	s.line("▸ " + fmt.Sprintf(format, args...))
}

// line prints a line with the time since the start.
func (s *demoShow) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintf(s.w, "%5.1fs  %s\n", time.Since(s.started).Seconds(), text)
}

// plain prints text as it is.
func (s *demoShow) plain(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintf(s.w, format, args...)
}

// status shows the state of things, at most a few times a second on a terminal and
// every three seconds elsewhere.
func (s *demoShow) status(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	every := 3 * time.Second
	if s.terminal {
		every = 200 * time.Millisecond
	}
	if time.Since(s.last) < every {
		return
	}
	s.last = time.Now()
	text := fmt.Sprintf("%5.1fs    "+format, append([]any{time.Since(s.started).Seconds()}, args...)...)
	if !s.terminal {
		fmt.Fprintln(s.w, text)
		return
	}
	s.clear()
	fmt.Fprint(s.w, text)
	s.open = true
}

func (s *demoShow) clear() {
	if s.open {
		fmt.Fprintf(s.w, "\r%s\r", strings.Repeat(" ", 100))
		s.open = false
	}
}

package main

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// redraw is how often the bar is drawn; a file that is loaded faster shows none.
const redraw = 100 * time.Millisecond

// progress shows how far a file is; the zero value shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progressBar is drawn on standard error, and only for a person: when it is a terminal.
func (a *app) progressBar(path string) progress {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progress{}
	}
	return newProgress(f, path, redraw)
}

func newProgress(w io.Writer, path string, every time.Duration) progress {
	return progress{progressbar.NewOptions64(1,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(filepath.Base(path)),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(every),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
	)}
}

// set moves the bar. A bar that cannot be drawn is no reason to stop loading.
func (p progress) set(done, total int64) {
	if p.bar == nil || total < 1 {
		return
	}
	if p.bar.GetMax64() != total {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(min(done, total))
}

// finish clears the line.
func (p progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

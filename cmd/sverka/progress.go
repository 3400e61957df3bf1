package main

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far a file is; the zero value shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progressBar is drawn on standard error, and only for a person: when it is a terminal.
func (a *app) progressBar(path string) progress {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progress{}
	}
	return newProgress(f, path)
}

func newProgress(w io.Writer, path string) progress {
	return progress{progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(filepath.Base(path)),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
	)}
}

// set moves the bar. A bar that cannot be drawn is no reason to stop loading.
func (p progress) set(done, total int64) {
	if p.bar == nil {
		return
	}
	p.bar.ChangeMax64(max(total, 1))
	_ = p.bar.Set64(min(done, total))
}

// finish clears the line.
func (p progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

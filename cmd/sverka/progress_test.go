package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	t.Run("names the file and shows how far it is", func(t *testing.T) {
		t.Parallel()
		var b bytes.Buffer
		p := newProgress(&b, "exchange/import.xml", 0)
		p.set(0, 200)
		p.set(50, 200)
		p.finish()
		if out := b.String(); !strings.Contains(out, "import.xml") || strings.Contains(out, "exchange/") || !strings.Contains(out, "25%") {
			t.Errorf("drew %q, want the file's own name and 25%%", out)
		}
	})
	t.Run("is silent where nobody looks", func(t *testing.T) {
		t.Parallel()
		var b bytes.Buffer
		a := &app{stderr: &b}
		p := a.progressBar("import.xml")
		p.set(1, 2)
		p.finish()
		if b.Len() > 0 {
			t.Errorf("drew %q into a file", b.String())
		}
	})
	t.Run("does not mind totals that are unknown or passed", func(t *testing.T) {
		t.Parallel()
		var b bytes.Buffer
		p := newProgress(&b, "a", 0)
		p.set(0, 0)
		p.set(5, 3)
		p.finish()
	})
}

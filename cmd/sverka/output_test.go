package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestTable_shows_that_a_text_was_cut(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	table := newTable(&b, "KEY", "MESSAGE")
	table.row("OS-1", strings.Repeat("остаток ", 100))
	if err := table.flush(); err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(b.String(), "\n")
	if !strings.HasSuffix(line, " остаток…\n") || len([]rune(line)) > 210 {
		t.Errorf("got %q, want whole words and a mark of the cut", line)
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"короткий", "короткий"},
		{"ровно десять", "ровно дес…"},
		{"раз два три четыре", "раз два…"},
		{"одноцелоедлинноеслово", "одноцелое…"},
		{"а длинноеслово", "а длинное…"},
		{"девять бб вв", "девять бб…"},
	} {
		if got := shortened(c.text, 10); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

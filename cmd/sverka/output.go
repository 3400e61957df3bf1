package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// writeJSON prints one indented JSON value.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table prints aligned columns under a head line.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, columns ...string) *table {
	t := &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(t.w, strings.Join(columns, "\t"))
	return t
}

// widestCell is how many runes of a text a table shows; JSON has all of them.
const widestCell = 200

// shortened cuts a text to so many runes, behind a word where one ends near, and shows that it was cut.
func shortened(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	cut := string(r[:runes-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)*3/4 && r[runes-1] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}

// row adds a line; a tab or a line break inside a cell cannot break the columns.
func (t *table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = shortened(strings.Join(strings.Fields(fmt.Sprint(c)), " "), widestCell)
	}
	fmt.Fprintln(t.w, strings.Join(texts, "\t"))
}

func (t *table) flush() error { return t.w.Flush() }

// moment prints a time to the second in the operator's zone, "-" when there is none.
func moment(t *time.Time, zone timeZone) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.In(zone.Location).Format("2006-01-02 15:04:05")
}

// plural chooses the word for a count: "1 row", "2 rows".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

package onec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sverka/schema"
)

const (
	emptyGUID = "00000000-0000-0000-0000-000000000000"
	emptyDate = "0001-01-01T00:00:00"
	dateForm  = "2006-01-02T15:04:05"
)

// row is an object, a section line or a record as 1C sent it. Numbers stay
// json.Number, so nothing passes through a float (invariant 10).
type row map[string]any

// decode reads an answer without turning its numbers into floats.
func decode(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	return nil
}

// text is a string field; 1C pads strings of fixed length with spaces.
func (r row) text(name string) string {
	switch v := r[name].(type) {
	case string:
		return strings.TrimRight(v, " ")
	case json.Number:
		return v.String()
	}
	return ""
}

func (r row) flag(name string) bool { b, _ := r[name].(bool); return b }

// ref is a reference, "" when it is empty.
func (r row) ref(name string) string {
	if s := r.text(name); s != emptyGUID {
		return strings.ToLower(s)
	}
	return ""
}

// digits is a number field as text; Int64 comes as a JSON string.
func (r row) digits(name string) string {
	if s := r.text(name); s != "" {
		return s
	}
	return "0"
}

func (r row) amount(name string) (schema.Amount, error) {
	a, err := schema.ParseAmount(r.digits(name))
	if err != nil {
		return 0, fmt.Errorf("%s %w", name, err)
	}
	return a, nil
}

func (r row) quantity(name string) (schema.Quantity, error) {
	q, err := schema.ParseQuantity(r.digits(name))
	if err != nil {
		return 0, fmt.Errorf("%s %w", name, err)
	}
	return q, nil
}

// lines are the rows of a tabular section.
func (r row) lines(section string) []row {
	list, _ := r[section].([]any)
	out := make([]row, 0, len(list))
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// time reads a local time of the infobase; zero when the field is empty.
func (c *Client) time(r row, name string) time.Time {
	s := r.text(name)
	if s == "" || s == emptyDate {
		return time.Time{}
	}
	t, err := time.ParseInLocation(dateForm, s, c.cfg.Location)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// local writes an instant as the infobase's wall time.
func (c *Client) local(t time.Time) string {
	if t.IsZero() {
		return emptyDate
	}
	return t.In(c.cfg.Location).Format(dateForm)
}

func guidLiteral(ref string) string { return "guid'" + ref + "'" }

// textLiteral quotes a text; quotes inside are doubled.
func textLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// writable copies a section line without what 1C adds on its own.
func (r row) writable() row {
	out := row{}
	for k, v := range r {
		if k != "Ref_Key" && !strings.Contains(k, "@") {
			out[k] = v
		}
	}
	return out
}

// mark is a reference of ours inside a text that people see: [payment:P-1].
func mark(kind, value string) string { return "[" + kind + ":" + value + "]" }

// readMark finds the value of the first mark of a kind.
func readMark(text, kind string) string {
	_, rest, ok := strings.Cut(text, "["+kind+":")
	if !ok {
		return ""
	}
	value, _, ok := strings.Cut(rest, "]")
	if !ok {
		return ""
	}
	return value
}

// labelled reads "Label: value" out of a text of several lines.
func labelled(text, label string) string {
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if value, ok := strings.CutPrefix(line, label+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// relabel sets labelled lines in a text and keeps its other lines.
func relabel(text string, order []string, values map[string]string) string {
	var out []string
	for _, label := range order {
		if v := oneLine(values[label]); v != "" {
			out = append(out, label+": "+v)
		}
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		label, _, has := strings.Cut(line, ": ")
		if _, ours := values[label]; line != "" && (!has || !ours) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func cut(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return strings.TrimRight(string(r[:runes]), " ")
	}
	return s
}

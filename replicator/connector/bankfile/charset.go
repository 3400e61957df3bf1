package bankfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// text is a file's bytes with the encoding in which they can be read.
type text struct {
	name   string
	lines  [][]byte
	decode *encoding.Decoder // nil: already UTF-8
}

// newText finds out how a text file is encoded. The declaration is not trusted:
// files that say Windows and are stored as UTF-8 exist, so the encoding is the
// one in which the format's own words can be read.
func newText(b []byte) (text, error) {
	if bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || bytes.HasPrefix(b, []byte{0xFE, 0xFF}) {
		u, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b)
		if err != nil {
			return text{}, fmt.Errorf("decode utf-16: %w", err)
		}
		return text{name: "utf-16", lines: splitLines(u)}, nil
	}
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	t := text{name: "utf-8", lines: splitLines(b)}
	if utf8.Valid(b) {
		return t, nil
	}
	windows, dos := charmap.Windows1251.NewDecoder(), charmap.CodePage866.NewDecoder()
	t.name, t.decode = "windows-1251", windows
	if t.known(dos) > t.known(windows) {
		t.name, t.decode = "ibm866", dos
	}
	return t, nil
}

// splitLines cuts at LF, CRLF or a lone CR.
func splitLines(b []byte) [][]byte {
	if !bytes.ContainsRune(b, '\n') {
		b = bytes.ReplaceAll(b, []byte{'\r'}, []byte{'\n'})
	}
	return bytes.Split(b, []byte{'\n'})
}

// known counts the lines whose key the format knows when they are read this way.
func (t text) known(d *encoding.Decoder) int {
	n := 0
	for _, line := range t.lines[:min(len(t.lines), 400)] {
		if s, err := d.Bytes(line); err == nil && isKnownKey(keyOf(string(s))) {
			n++
		}
	}
	return n
}

// line is the i-th line as text without the spaces around it and without
// control characters, which no database column would take.
func (t text) line(i int) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return -1
		}
		return r
	}, t.decoded(t.lines[i])))
}

func (t text) decoded(b []byte) string {
	// A program that appends to a file may write its own encoding: a UTF-8
	// КонецФайла under windows-1251 lines.
	if t.decode == nil || utf8.Valid(b) && isKnownKey(keyOf(string(b))) {
		return string(b)
	}
	s, err := t.decode.Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}

// keyOf is the lower-case tag of a line.
func keyOf(line string) string {
	key, _, _ := strings.Cut(line, "=")
	return strings.ToLower(strings.TrimSpace(key))
}

// xmlCharset serves XML files that declare a Russian encoding.
func xmlCharset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "windows-1251", "cp1251":
		return charmap.Windows1251.NewDecoder().Reader(in), nil
	case "ibm866", "cp866":
		return charmap.CodePage866.NewDecoder().Reader(in), nil
	case "utf-8", "us-ascii", "ascii":
		return in, nil
	}
	return nil, fmt.Errorf("encoding %q: not one of utf-8, windows-1251, ibm866", label)
}

// declaredEncoding is what an XML declaration says, utf-8 when it says nothing.
func declaredEncoding(data []byte) string {
	head, _, _ := bytes.Cut(data[:min(len(data), 200)], []byte("?>"))
	_, rest, found := bytes.Cut(head, []byte("encoding="))
	if !found || len(rest) < 2 {
		return "utf-8"
	}
	label, _, _ := bytes.Cut(rest[1:], rest[:1])
	return strings.ToLower(string(label))
}

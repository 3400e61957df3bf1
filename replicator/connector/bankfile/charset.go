package bankfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// text is a text file with the encoding in which it can be read.
type text struct {
	name   string
	src    *source
	utf16  bool
	end    byte              // of a line
	decode *encoding.Decoder // nil: already UTF-8
}

// textLine is a line without the spaces around it and without control characters,
// which no database column would take.
type textLine struct {
	text string
	long bool // it was cut, as no field may be so long
}

// newText finds out how a text file is encoded. The declaration is not trusted:
// files that say Windows and are stored as UTF-8 exist, so the encoding is the
// one in which the format's own words can be read.
func newText(src *source) text {
	t := text{name: "utf-8", src: src, end: '\n'}
	head, _ := src.start().Peek(2)
	t.utf16 = bytes.Equal(head, []byte{0xFF, 0xFE}) || bytes.Equal(head, []byte{0xFE, 0xFF})
	valid, broken := t.scan()
	if !broken {
		t.end = '\r'
	}
	switch {
	case t.utf16:
		t.name = "utf-16"
	case !valid:
		windows, dos := charmap.Windows1251.NewDecoder(), charmap.CodePage866.NewDecoder()
		t.name, t.decode = "windows-1251", windows
		if t.known(dos) > t.known(windows) {
			t.name, t.decode = "ibm866", dos
		}
	}
	return t
}

func (t text) open() *bufio.Reader {
	if t.utf16 {
		u := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
		return bufio.NewReaderSize(u.Reader(t.src.start()), 64<<10)
	}
	return t.src.start()
}

// scan tells whether the file is UTF-8, and whether lines end with LF or CRLF and not with a lone CR.
func (t text) scan() (valid, broken bool) {
	r := t.open()
	valid = true
	for {
		_, _ = r.Peek(1) // fills the buffer
		b, _ := r.Peek(r.Buffered())
		if len(b) == 0 {
			return valid, broken
		}
		broken = broken || bytes.IndexByte(b, '\n') >= 0
		for i := 1; i < utf8.UTFMax && i < len(b); i++ { // the last character may go on in the next part
			if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) && !utf8.FullRune(tail) {
				b = b[:len(b)-i]
				break
			}
		}
		valid = valid && utf8.Valid(b)
		if n := len(b); n > 0 {
			_, _ = r.Discard(n)
		}
		if rest := r.Buffered(); rest > 0 && rest < utf8.UTFMax {
			if more, err := r.Peek(rest + 1); err != nil { // the file ends inside a character
				return valid && utf8.Valid(more), broken
			}
		}
	}
}

// raw reads the lines as bytes that are valid until the next one.
func (t text) raw() iter.Seq2[[]byte, bool] {
	return func(yield func([]byte, bool) bool) {
		r := t.open()
		var line []byte
		for {
			line = line[:0]
			long := false
			part, err := r.ReadSlice(t.end)
			for ; errors.Is(err, bufio.ErrBufferFull); part, err = r.ReadSlice(t.end) {
				line = append(line, part[:min(len(part), maxLine-len(line))]...)
				long = long || len(line) == maxLine
			}
			room := maxLine - len(line)
			long = long || len(part) > room
			line = append(line, part[:min(len(part), room)]...)
			if !yield(line, long) || err != nil {
				return
			}
		}
	}
}

// maxLine leaves room for the tag before a field.
const maxLine = maxField + 1<<10

// known counts the lines whose key the format knows when they are read this way.
func (t text) known(d *encoding.Decoder) int {
	n, seen := 0, 0
	for line := range t.raw() {
		if s, err := d.Bytes(line); err == nil && isKnownKey(keyOf(string(s))) {
			n++
		}
		if seen++; seen == 400 {
			break
		}
	}
	return n
}

// lines counts from 1.
func (t text) lines() iter.Seq2[int, textLine] {
	return func(yield func(int, textLine) bool) {
		number := 0
		for raw, long := range t.raw() {
			number++
			if !yield(number, textLine{clean(t.decoded(raw)), long}) {
				return
			}
		}
	}
}

func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

func (t text) decoded(b []byte) string {
	// A program that appends to a file may write its own encoding: a UTF-8
	// КонецФайла under windows-1251 lines.
	if t.decode == nil || utf8.Valid(b) && isKnownKey(keyOf(string(b))) {
		return strings.ToValidUTF8(string(b), "\uFFFD") // a long line may be cut inside a character
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
func declaredEncoding(src *source) string {
	head, _ := src.start().Peek(200)
	head, _, _ = bytes.Cut(head, []byte("?>"))
	_, rest, found := bytes.Cut(head, []byte("encoding="))
	if !found || len(rest) < 2 {
		return "utf-8"
	}
	label, _, _ := bytes.Cut(rest[1:], rest[:1])
	return strings.ToLower(string(label))
}

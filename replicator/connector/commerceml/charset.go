package commerceml

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// sniffed is how much of a document is looked at to tell its encoding.
const sniffed = 64 << 10

// declared finds the encoding of an XML declaration.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// source feeds the XML decoder with UTF-8 and stops it when one token or the
// whole document grows beyond its limit. It is an io.ByteReader, so that the
// decoder adds no buffer of its own and the limit is exact.
type source struct {
	br    *bufio.Reader
	token int64  // bytes left for the token under way
	total int64  // bytes left for the document
	tail  uint32 // the last four bytes
	ended bool
}

// newSource finds out the encoding and returns UTF-8 without byte order mark.
func newSource(r io.Reader, total int64) (*source, error) {
	raw := bufio.NewReaderSize(r, sniffed)
	head, err := raw.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, &ParseError{Reason: "cannot be read", Err: err}
	}
	whole := err != nil
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, &ParseError{Reason: "the document is empty", Hint: "ask the sender for the file again"}
	}
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		return nil, &ParseError{Reason: "the document is UTF-16", Hint: "save it as UTF-8 or windows-1251"}
	}
	if err := foreign(head); err != nil {
		return nil, err
	}
	s := &source{total: total}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, _ = raw.Discard(3) // cannot fail: the bytes were peeked
		s.br = raw            // a byte order mark is stronger than any declaration
		return s, nil
	}
	cyrillic, err := isWindows1251(head, whole)
	if err != nil {
		return nil, err
	}
	s.br = raw
	if cyrillic {
		s.br = bufio.NewReaderSize(charmap.Windows1251.NewDecoder().Reader(raw), sniffed)
	}
	return s, nil
}

// isWindows1251 reads the declaration; without one it looks whether the bytes can be UTF-8.
func isWindows1251(head []byte, whole bool) (bool, error) {
	name := "utf-8"
	if m := declared.FindSubmatch(head); m != nil {
		name = strings.ToLower(string(m[1]))
	} else if !validUTF8(head, whole) {
		name = "windows-1251"
	}
	switch name {
	case "utf-8", "utf8":
		if !validUTF8(head, whole) {
			return false, &ParseError{Reason: "the document declares UTF-8, but its bytes are another encoding", Hint: "declare windows-1251 or save the file as UTF-8"}
		}
		return false, nil
	case "windows-1251", "cp1251", "win-1251":
		if validUTF8(head, whole) && bytes.Contains(head, []byte("<КоммерческаяИнформация")) {
			return false, &ParseError{Reason: "the document declares windows-1251, but its bytes are UTF-8", Hint: "declare UTF-8 or save the file as windows-1251"}
		}
		return true, nil
	}
	return false, &ParseError{Reason: "encoding " + name + " is not supported", Hint: "save the file as UTF-8 or windows-1251"}
}

// cutOff tells that the document ended inside a character of several bytes.
func (s *source) cutOff() bool {
	return s.ended && halfRune(binary.BigEndian.AppendUint32(nil, s.tail))
}

// halfRune tells whether a text ends with only the beginning of a character.
func halfRune(b []byte) bool {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			return b[i] >= utf8.RuneSelf && !utf8.FullRune(b[i:])
		}
	}
	return false
}

// validUTF8 allows for a character that the end of an incomplete head cuts. One that
// the end of the document cuts is let through too, as long as the text has whole
// ones: reading it to the end tells that it is cut off.
func validUTF8(head []byte, whole bool) bool {
	if whole && !halfRune(head) {
		return utf8.Valid(head)
	}
	if whole && !hasLetters(head[:len(head)-1]) {
		return false // one odd byte at the end may as well be the only letter of windows-1251
	}
	for cut := 0; cut < utf8.UTFMax && cut < len(head); cut++ {
		if utf8.Valid(head[:len(head)-cut]) {
			return true
		}
	}
	return false
}

// hasLetters tells whether a text has anything beyond ASCII.
func hasLetters(b []byte) bool {
	return bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf && r != utf8.RuneError })
}

// ReadByte implements io.ByteReader.
func (s *source) ReadByte() (byte, error) {
	if s.token <= 0 {
		return 0, errTokenTooLong
	}
	if s.total <= 0 {
		return 0, errInputTooLong
	}
	b, err := s.br.ReadByte()
	if err == nil {
		s.token--
		s.total--
		s.tail = s.tail<<8 | uint32(b)
	}
	s.ended = s.ended || errors.Is(err, io.EOF)
	return b, err //nolint:wrapcheck // io.EOF must stay io.EOF for the decoder
}

// Read implements io.Reader, which the decoder asks for but does not use.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

package commerceml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Options of reading. The zero value is good for any honest document.
type Options struct {
	File     string // name in errors
	MaxDepth int    // of nesting, 64 when zero
	MaxText  int64  // bytes of one text, tag or comment, 1 MiB when zero
	MaxItem  int64  // bytes of one product, offer or document in memory, 32 MiB when zero
	MaxBytes int64  // of the whole document, 4 GiB when zero
}

func (o Options) withDefaults() Options {
	if o.MaxDepth == 0 {
		o.MaxDepth = 64
	}
	if o.MaxText == 0 {
		o.MaxText = 1 << 20
	}
	if o.MaxItem == 0 {
		o.MaxItem = 32 << 20
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 30
	}
	return o
}

// maxName bounds the names of elements; the longest of the format has 64 bytes.
const maxName = 200

// scanner gives the tokens of one document and knows where it stands.
type scanner struct {
	opts Options
	src  *source
	dec  *xml.Decoder
	path []string
	// pathLen is the length of the path as one text, which Extra keeps per value.
	pathLen int64
}

func newScanner(r io.Reader, opts Options) (*scanner, error) {
	src, err := newSource(r, opts.MaxBytes)
	if err != nil {
		var pe *ParseError
		if errors.As(err, &pe) {
			pe.File = opts.File
		}
		return nil, err
	}
	s := &scanner{opts: opts, src: src, dec: xml.NewDecoder(src)}
	// The source is UTF-8 already, whatever the declaration says.
	s.dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return s, nil
}

// next returns the next StartElement, EndElement or CharData; io.EOF after the root.
func (s *scanner) next() (xml.Token, error) {
	for {
		s.src.token = s.opts.MaxText
		tok, err := s.dec.Token()
		if err != nil {
			return nil, s.broken(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			s.path = append(s.path, t.Name.Local)
			s.pathLen += int64(len(t.Name.Local)) + 1
			if len(t.Name.Local) > maxName {
				s.path[len(s.path)-1] = "…"
				return nil, s.fail(fmt.Sprintf("an element's name is longer than %d bytes", maxName), "this is not an honest CommerceML document")
			}
			if len(s.path) > s.opts.MaxDepth {
				return nil, s.fail(fmt.Sprintf("elements are nested deeper than %d", s.opts.MaxDepth), "this is not an honest CommerceML document")
			}
			return t, nil
		case xml.EndElement:
			s.path = s.path[:len(s.path)-1]
			s.pathLen -= int64(len(t.Name.Local)) + 1
			return t, nil
		case xml.CharData:
			return t, nil
		case xml.Directive:
			return nil, s.fail("a DOCTYPE or another directive is not allowed", "remove it: CommerceML needs none, and entities can be used for attacks")
		}
	}
}

// broken makes an error of the decoder a ParseError that quotes nothing of the document.
func (s *scanner) broken(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, errTokenTooLong):
		return s.fail(fmt.Sprintf("a text, tag or attribute is longer than %d bytes", s.opts.MaxText), "ask the sender for a document without it")
	case errors.Is(err, errInputTooLong):
		return s.fail(fmt.Sprintf("the document is longer than %d bytes", s.opts.MaxBytes), "let the sender export it in portions")
	case errors.As(err, &syntax) && (strings.Contains(syntax.Msg, "unexpected EOF") || s.src.cutOff()):
		return s.fail("the document ends in the middle", "it was cut on its way: transfer it again")
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "invalid UTF-8"):
		return s.fail("the text is not in the declared encoding", "declare the real encoding, UTF-8 or windows-1251")
	case errors.As(err, &syntax):
		// The decoder's own words may quote the document, so they are not repeated.
		return s.fail("the XML is broken", "ask the sender for a well-formed document")
	}
	e := s.fail("cannot be read", "")
	e.Err = err
	return e
}

func (s *scanner) fail(reason, hint string) *ParseError {
	line, _ := s.dec.InputPos()
	return &ParseError{File: s.opts.File, Line: line, Element: strings.Join(s.path[:min(len(s.path), 8)], "/"), Reason: reason, Hint: hint}
}

func (s *scanner) line() int {
	line, _ := s.dec.InputPos()
	return line
}

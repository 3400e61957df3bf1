package bankfile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sverka/replicator"
)

// maxFile bounds a statement: the busiest account's year is far smaller.
const maxFile = 256 << 20

// Parse reads one statement. The name is only used in messages. A bad document is
// a refusal; the error, a *[FileError] or an error of the reader, refuses the
// whole file.
func Parse(r io.Reader, name string, opts Options) (Statement, []replicator.Refusal, error) {
	opts = opts.withDefaults()
	at := opts.Clock()
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Statement{Name: name}, nil, fmt.Errorf("read statement %s: %w", name, err)
	}
	if len(data) > maxFile {
		return Statement{Name: name}, nil, &FileError{File: name, Reason: fmt.Sprintf("is larger than %d MiB", maxFile>>20), Hint: "export shorter periods"}
	}
	return parse(data, name, opts, at)
}

func parse(data []byte, name string, opts Options, at time.Time) (Statement, []replicator.Refusal, error) {
	st := Statement{Name: name}
	b := newBuilder(&st, opts, at)
	read, err := readerFor(data, &st)
	if err != nil {
		return st, nil, err
	}
	if err := read(b, data); err != nil {
		return st, nil, err
	}
	st.checkTotals()
	return st, b.refused, nil
}

// readerFor decides the format by the content.
func readerFor(data []byte, st *Statement) (func(*builder, []byte) error, error) {
	wrong := func(line int, reason, hint string) error {
		return &FileError{File: st.Name, Line: line, Reason: reason, Hint: hint}
	}
	const hint = "export the statement as 1CClientBankExchange text, camt.053 or DirectBank XML"
	start := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")))
	switch {
	case len(start) == 0:
		return nil, &FileError{File: st.Name, Reason: "is empty", Hint: "export the statement again", Partial: true}
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return nil, wrong(0, "is a ZIP archive or an Excel workbook", "unpack it, or "+hint)
	case bytes.HasPrefix(start, []byte("%PDF")):
		return nil, wrong(0, "is a PDF", hint)
	case start[0] == '<':
		return xmlReader(data, st, wrong)
	}
	txt, err := newText(data)
	if err != nil {
		return nil, wrong(0, err.Error(), hint)
	}
	for i := range txt.lines {
		line := txt.line(i)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		if strings.EqualFold(line, FormatExchange) {
			st.Format = FormatExchange
			return readExchange, nil
		}
		return nil, wrong(i+1, "the first line is not "+FormatExchange, hint)
	}
	return nil, wrong(0, "holds only comments", hint)
}

// xmlReader decides by the root element and what stands in it.
func xmlReader(data []byte, st *Statement, wrong func(int, string, string) error) (func(*builder, []byte) error, error) {
	const hint = "export the statement as camt.053 or DirectBank Statement"
	d := newXML(data)
	var path []string
	for len(path) < 2 {
		tok, err := d.Token()
		if err != nil {
			line, _ := d.InputPos()
			return nil, brokenXML(st.Name, line, err)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		st.Encoding = declaredEncoding(data)
		path = append(path, el.Name.Local)
		if path[0] == "Statement" {
			st.Format, st.Version = FormatDirectBank, attr(el, "formatVersion")
			return readDirectBank, nil
		}
		if len(path) == 1 {
			st.Version = camtVersion(el)
		}
	}
	if path[0] == "Document" && path[1] == "BkToCstmrStmt" {
		st.Format = FormatCamt053
		return readCamt, nil
	}
	line, _ := d.InputPos()
	return nil, wrong(line, "element "+clip(strings.Join(path, "/"))+" is not a statement", hint)
}

// newXML reads a document strictly, whatever Russian encoding it declares.
func newXML(data []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))))
	d.CharsetReader = xmlCharset
	return d
}

// brokenXML refuses a file whose XML cannot be read to the end.
func brokenXML(name string, line int, err error) error {
	reason := plain(err)
	return &FileError{
		File: name, Line: line, Reason: "the XML cannot be read: " + reason, Hint: "take the whole file from the bank again",
		Partial: errors.Is(err, io.EOF) || strings.Contains(reason, "unexpected EOF"),
	}
}

// plain is an XML error without the text of the document, which may be personal.
func plain(err error) string {
	if s, ok := err.(*xml.SyntaxError); ok { //nolint:errorlint // the decoder returns it unwrapped
		if i := strings.IndexAny(s.Msg, "<\""); i >= 0 {
			return strings.TrimSpace(s.Msg[:i])
		}
		return s.Msg
	}
	return err.Error()
}

func attr(el xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

package bankfile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// Parse reads one statement into memory; LoadFile and Folder hold a page of it at a
// time. The name is only used in messages. A bad document is a refusal; the error, a
// *[FileError] or an error of the reader, refuses the whole file.
func Parse(r io.Reader, name string, opts Options) (Statement, []replicator.Refusal, error) {
	opts = opts.withDefaults()
	at := opts.Clock()
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Statement{Name: name}, nil, fmt.Errorf("read statement %s: %w", name, err)
	}
	if len(data) > maxFile {
		return Statement{Name: name}, nil, tooLarge(name)
	}
	f, err := survey(&source{from: bytes.NewReader(data), size: int64(len(data))}, name, opts, at)
	if err != nil {
		return *f.st, nil, err
	}
	err = f.rows(func(t *schema.BankTransaction) error {
		f.st.Transactions = append(f.st.Transactions, t)
		return nil
	})
	return *f.st, f.refused, err
}

// readerFor decides the format by the content.
func readerFor(src *source, st *Statement) (func(*builder) error, error) {
	wrong := func(line int, reason, hint string) error {
		return &FileError{File: st.Name, Line: line, Reason: reason, Hint: hint}
	}
	const hint = "export the statement as 1CClientBankExchange text, camt.053 or DirectBank XML"
	start := headOf(src)
	switch {
	case len(start) == 0:
		return nil, &FileError{File: st.Name, Reason: "is empty", Hint: "export the statement again", Partial: true}
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return nil, wrong(0, "is a ZIP archive or an Excel workbook", "unpack it, or "+hint)
	case bytes.HasPrefix(start, []byte("%PDF")):
		return nil, wrong(0, "is a PDF", hint)
	case start[0] == '<':
		return xmlReader(src, st, wrong)
	}
	txt := newText(src)
	for number, line := range txt.lines() {
		if line.text == "" || strings.HasPrefix(line.text, "//") {
			continue
		}
		if strings.EqualFold(line.text, FormatExchange) {
			st.Format, st.Encoding = FormatExchange, txt.name
			f := &exchangeFile{text: txt}
			return f.read, nil
		}
		return nil, wrong(number, "the first line is not "+FormatExchange+resembles(line.text), hint)
	}
	return nil, wrong(0, "holds only comments", hint)
}

// headOf is how the file begins behind blanks; empty when there is nothing else.
func headOf(src *source) []byte {
	r := src.start()
	for {
		b, err := r.ReadByte()
		if err != nil {
			return nil
		}
		if strings.IndexByte(" \t\r\n\v\f", b) < 0 {
			_ = r.UnreadByte() // it was just read
			head, _ := r.Peek(4)
			return head
		}
	}
}

// resembles names formats that banks offer beside the ones that are read.
func resembles(line string) string {
	switch {
	case strings.HasPrefix(line, ":20:") || strings.HasPrefix(line, "{1:"):
		return ": it is MT940 of SWIFT"
	case strings.ContainsAny(line, ";\t") || strings.Count(line, ",") > 1:
		return ": it is a table, CSV"
	}
	return ""
}

// xmlReader decides by the root element and what stands in it.
func xmlReader(src *source, st *Statement, wrong func(int, string, string) error) (func(*builder) error, error) {
	const hint = "export the statement as camt.053 or DirectBank Statement"
	d := newXML(src)
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
		st.Encoding = declaredEncoding(src)
		path = append(path, el.Name.Local)
		if path[0] == "Statement" {
			st.Format, st.Version = FormatDirectBank, attr(el, "formatVersion")
			return func(b *builder) error { return readDirectBank(b, src) }, nil
		}
		if len(path) == 1 {
			st.Version = camtVersion(el)
		}
	}
	if path[0] == "Document" && path[1] == "BkToCstmrStmt" {
		st.Format = FormatCamt053
		return func(b *builder) error { return readCamt(b, src) }, nil
	}
	line, _ := d.InputPos()
	return nil, wrong(line, "element "+clip(strings.Join(path, "/"))+" is not a statement", hint)
}

// newXML reads a document strictly, whatever Russian encoding it declares.
func newXML(src *source) *xml.Decoder {
	d := xml.NewDecoder(&textGuard{r: src.start()})
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

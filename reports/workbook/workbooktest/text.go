// Package workbooktest reads a workbook back, independently of the library that
// wrote it: as text for goldens, and as a package whose parts must fit together.
package workbooktest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Book is a workbook that was read back.
type Book struct {
	Sheets []Sheet
	parts  map[string][]byte
	names  []string // of the parts, in the order of the zip, repeated when doubled
}

// Sheet is one sheet of a [Book].
type Sheet struct {
	Name   string
	Hidden bool
	Cells  []Cell
	part   string
}

// Cell is one cell that has a value or a formula.
type Cell struct {
	Ref     string
	Kind    string // "s" text, "n" number, "str" word of a formula
	Value   string
	Formula string
	Style   int
}

// Read opens a workbook.
func Read(file []byte) (*Book, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("read workbook: %w", err)
	}
	b := &Book{parts: map[string][]byte{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", f.Name, err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name, err)
		}
		b.names = append(b.names, f.Name)
		b.parts[f.Name] = content
	}
	return b, b.sheets()
}

// Part is the content of a part of the package; nil when there is none.
func (b *Book) Part(name string) []byte { return b.parts[name] }

// Sheet is the sheet of a name; nil when there is none.
func (b *Book) Sheet(name string) *Sheet {
	for i := range b.Sheets {
		if b.Sheets[i].Name == name {
			return &b.Sheets[i]
		}
	}
	return nil
}

// Cell is the cell at a place such as "B7"; the zero cell when it is empty.
func (s *Sheet) Cell(ref string) Cell {
	for _, c := range s.Cells {
		if c.Ref == ref {
			return c
		}
	}
	return Cell{}
}

// Text writes all cells, one row in each line, sheet after sheet.
func (b *Book) Text() string {
	var out strings.Builder
	for _, s := range b.Sheets {
		fmt.Fprintf(&out, "=== %s", s.Name)
		if s.Hidden {
			out.WriteString(" (hidden)")
		}
		row := ""
		for _, c := range s.Cells {
			if r := strings.TrimLeft(c.Ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"); r != row {
				row = r
				fmt.Fprintf(&out, "\n%s", row)
			}
			fmt.Fprintf(&out, " | %s ", strings.TrimRight(c.Ref, "0123456789"))
			switch {
			case c.Formula != "":
				fmt.Fprintf(&out, "=%s → %s", short(c.Formula), c.Value)
			case c.Kind == "s":
				out.WriteString(strconv.Quote(c.Value))
			default:
				out.WriteString(c.Value)
			}
		}
		out.WriteString("\n\n")
	}
	return out.String()
}

// short keeps a golden readable; that formulas compute what they show is tested
// apart.
func short(formula string) string {
	if r := []rune(formula); len(r) > 70 {
		return string(r[:70]) + "…"
	}
	return formula
}

type workbookXML struct {
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
	} `xml:"sheets>sheet"`
}

func (b *Book) sheets() error {
	var book workbookXML
	if err := xml.Unmarshal(b.parts["xl/workbook.xml"], &book); err != nil {
		return fmt.Errorf("xl/workbook.xml: %w", err)
	}
	targets, err := b.relations("xl/workbook.xml")
	if err != nil {
		return err
	}
	shared, err := b.sharedStrings()
	if err != nil {
		return err
	}
	for _, s := range book.Sheets {
		sheet := Sheet{Name: s.Name, Hidden: s.State == "veryHidden", part: targets[s.ID]}
		if b.parts[sheet.part] == nil {
			return fmt.Errorf("sheet %s: the package has no part for it", s.Name)
		}
		if err := sheet.read(b.parts[sheet.part], shared); err != nil {
			return fmt.Errorf("%s (%s): %w", sheet.part, s.Name, err)
		}
		b.Sheets = append(b.Sheets, sheet)
	}
	return nil
}

// relations are the targets of a part's relationships, by id.
func (b *Book) relations(part string) (map[string]string, error) {
	dir, base := path.Split(part)
	name := dir + "_rels/" + base + ".rels"
	content, ok := b.parts[name]
	if !ok {
		return map[string]string{}, nil
	}
	var rels struct {
		Relationship []struct {
			ID         string `xml:"Id,attr"`
			Target     string `xml:",attr"`
			TargetMode string `xml:",attr"`
		}
	}
	dec := xml.NewDecoder(bytes.NewReader(content))
	if err := dec.Decode(&rels); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out := map[string]string{}
	for _, r := range rels.Relationship {
		switch {
		case r.TargetMode == "External":
		case strings.HasPrefix(r.Target, "/"):
			out[r.ID] = r.Target[1:]
		default:
			out[r.ID] = path.Join(dir, r.Target)
		}
	}
	return out, nil
}

type richText struct {
	T []string `xml:"t"`
	R []struct {
		T string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	out := strings.Join(t.T, "")
	for _, r := range t.R {
		out += r.T
	}
	return unescape(out)
}

func (b *Book) sharedStrings() ([]string, error) {
	content, ok := b.parts["xl/sharedStrings.xml"]
	if !ok {
		return nil, nil
	}
	var table struct {
		SI []richText `xml:"si"`
	}
	if err := xml.Unmarshal(content, &table); err != nil {
		return nil, fmt.Errorf("xl/sharedStrings.xml: %w", err)
	}
	out := make([]string, 0, len(table.SI))
	for _, s := range table.SI {
		out = append(out, s.String())
	}
	return out, nil
}

type cellXML struct {
	Ref     string   `xml:"r,attr"`
	Type    string   `xml:"t,attr"`
	Style   int      `xml:"s,attr"`
	Formula *string  `xml:"f"`
	Value   *string  `xml:"v"`
	Inline  richText `xml:"is"`
}

func (s *Sheet) read(content []byte, shared []string) error {
	dec := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after cell %d: %w", len(s.Cells), err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "c" {
			continue
		}
		var c cellXML
		if err := dec.DecodeElement(&c, &start); err != nil {
			return fmt.Errorf("after cell %d: %w", len(s.Cells), err)
		}
		cell, ok, err := c.cell(shared)
		if err != nil {
			return err
		}
		if ok {
			s.Cells = append(s.Cells, cell)
		}
	}
}

func (c cellXML) cell(shared []string) (Cell, bool, error) {
	out := Cell{Ref: c.Ref, Kind: "n", Style: c.Style}
	if c.Formula != nil {
		out.Formula = *c.Formula
	}
	if c.Value != nil {
		out.Value = *c.Value
	}
	switch c.Type {
	case "inlineStr":
		out.Kind, out.Value = "s", c.Inline.String()
		return out, true, nil
	case "s":
		i, err := strconv.Atoi(out.Value)
		if err != nil || i < 0 || i >= len(shared) {
			return out, false, fmt.Errorf("cell %s: shared string %q of %d", c.Ref, out.Value, len(shared))
		}
		out.Kind, out.Value = "s", shared[i]
		return out, true, nil
	case "", "n":
		return out, c.Value != nil || c.Formula != nil, nil
	default:
		out.Kind = c.Type
		return out, true, nil
	}
}

// unescape undoes Excel's own _xHHHH_ escape.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`).ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil {
			return m
		}
		return string(rune(n))
	})
}

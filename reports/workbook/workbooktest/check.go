package workbooktest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Check looks for what makes Excel offer to repair a file, and returns every
// problem it finds: parts without a type or twice in the zip, relationships that
// lead nowhere, elements of a sheet out of order, rows and cells out of order,
// tables that do not fit their headers, names of sheets that are not allowed.
func (b *Book) Check() []string {
	var problems []string
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	seen := map[string]bool{}
	for _, name := range b.names {
		if seen[name] {
			report("%s is twice in the zip", name)
		}
		seen[name] = true
		if strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels") {
			if err := wellFormed(b.parts[name]); err != nil {
				report("%s: %v", name, err)
			}
		}
	}
	b.checkTypes(report)
	b.checkRelations(report)
	tables := map[string]bool{}
	for _, s := range b.Sheets {
		if len([]rune(s.Name)) > 31 || strings.ContainsAny(s.Name, `:\/?*[]`) {
			report("the name of sheet %q is not allowed", s.Name)
		}
		b.checkSheet(s, report)
		b.checkTables(s, tables, report)
	}
	return problems
}

func wellFormed(content []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(content))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("not well-formed: %w", err)
		}
	}
}

func (b *Book) checkTypes(report func(string, ...any)) {
	var types struct {
		Default []struct {
			Extension string `xml:",attr"`
		}
		Override []struct {
			PartName string `xml:",attr"`
		}
	}
	if err := xml.Unmarshal(b.parts["[Content_Types].xml"], &types); err != nil {
		report("[Content_Types].xml: %v", err)
		return
	}
	extensions, overrides := map[string]bool{}, map[string]bool{}
	for _, d := range types.Default {
		extensions[d.Extension] = true
	}
	for _, o := range types.Override {
		if overrides[o.PartName] {
			report("%s has two content types", o.PartName)
		}
		overrides[o.PartName] = true
		if _, ok := b.parts[strings.TrimPrefix(o.PartName, "/")]; !ok {
			report("the content type of %s has no part", o.PartName)
		}
	}
	for name := range b.parts {
		extension := strings.TrimPrefix(path.Ext(name), ".")
		if name == "[Content_Types].xml" || overrides["/"+name] || (extensions[extension] && extension != "xml") {
			continue
		}
		report("%s has no content type", name)
	}
}

func (b *Book) checkRelations(report func(string, ...any)) {
	for name := range b.parts {
		dir, base := path.Split(name)
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		owner := path.Join(path.Dir(strings.TrimSuffix(dir, "/")), strings.TrimSuffix(base, ".rels"))
		if _, ok := b.parts[owner]; !ok && owner != "" && name != "_rels/.rels" {
			report("%s belongs to no part", name)
		}
		targets, err := b.relations(owner)
		if err != nil {
			report("%v", err)
		}
		for id, target := range targets {
			if _, ok := b.parts[target]; !ok {
				report("%s: %s leads to %s, which is not there", name, id, target)
			}
		}
	}
}

// sheetOrder is the order in which the standard wants the elements of a sheet.
func sheetOrder() []string {
	return strings.Fields(`sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection
		protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr
		conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks
		colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture
		oleObjects controls webPublishItems tableParts extLst`)
}

func (b *Book) checkSheet(s Sheet, report func(string, ...any)) {
	order, at, depth, row, column := sheetOrder(), 0, 0, 0, 0
	dec := xml.NewDecoder(bytes.NewReader(b.parts[s.part]))
	for {
		token, err := dec.Token()
		if err != nil {
			return // the end, or a problem that was reported already
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			switch {
			case depth == 2:
				i := slices.Index(order, e.Name.Local)
				if i < at {
					report("%s: %s stands at the wrong place", s.part, e.Name.Local)
				}
				at = max(at, i)
			case depth == 3 && e.Name.Local == "row":
				n, _ := strconv.Atoi(attr(e, "r"))
				if n <= row {
					report("%s: row %d after row %d", s.part, n, row)
				}
				row, column = n, 0
			case depth == 4 && e.Name.Local == "c":
				col, r := place(attr(e, "r"))
				if r != row || col <= column {
					report("%s: cell %s in row %d after column %d", s.part, attr(e, "r"), row, column)
				}
				column = col
			}
		case xml.EndElement:
			depth--
		}
	}
}

func (b *Book) checkTables(s Sheet, names map[string]bool, report func(string, ...any)) {
	targets, err := b.relations(s.part)
	if err != nil {
		report("%v", err)
		return
	}
	for _, target := range targets {
		if !strings.HasPrefix(target, "xl/tables/") {
			continue
		}
		var table struct {
			Ref     string `xml:"ref,attr"`
			Name    string `xml:"displayName,attr"`
			Columns []struct {
				Name string `xml:"name,attr"`
			} `xml:"tableColumns>tableColumn"`
		}
		if err := xml.Unmarshal(b.parts[target], &table); err != nil {
			report("%s: %v", target, err)
			continue
		}
		if names[table.Name] {
			report("%s: two tables are called %s", target, table.Name)
		}
		names[table.Name] = true
		from, to, _ := strings.Cut(table.Ref, ":")
		first, head := place(from)
		end, bottom := place(to)
		if end-first+1 != len(table.Columns) || bottom <= head {
			report("%s: %s has %d columns", target, table.Ref, len(table.Columns))
		}
		unique := map[string]bool{}
		for i, c := range table.Columns {
			if unique[strings.ToLower(c.Name)] {
				report("%s: two columns are called %q", target, c.Name)
			}
			unique[strings.ToLower(c.Name)] = true
			if got := s.Cell(Ref(first+i, head)).Value; got != c.Name {
				report("%s: column %d is called %q, its header says %q", target, i+1, c.Name, got)
			}
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// place is the column and the row of a reference, both from 1.
func place(ref string) (column, row int) {
	for i, c := range ref {
		if c < 'A' || c > 'Z' {
			row, _ = strconv.Atoi(ref[i:])
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	return column, row
}

// Ref is the reference of a column and a row, both from 1.
func Ref(column, row int) string {
	letters := ""
	for ; column > 0; column = (column - 1) / 26 {
		letters = string(rune('A'+(column-1)%26)) + letters
	}
	return letters + strconv.Itoa(row)
}

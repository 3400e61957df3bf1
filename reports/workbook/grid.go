package workbook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// column is one column of a sheet that has one record in each row.
type column[T any] struct {
	key   string // of its header
	width float64
	put   func(*cells, *T) // writes exactly one cell
	input bool             // filled in by people
	wraps func(*T) string  // the text that may take several lines; nil for one line
}

// grid is a sheet of records: a heading, a header row, a named table.
type grid[T any] struct {
	title, note string
	columns     []column[T]
	rows        int64
	table       string
	height      float64
	page        page
}

// headerRow is where the header of every grid stands; records start below it.
const headerRow = 4

// lastRow is the last row of the table, which has one row at least.
func (g grid[T]) lastRow() int64 { return headerRow + max(1, g.rows) }

// shellGrid sets a grid up in excelize.
func shellGrid[T any](b *book, name string, g grid[T]) error {
	last := letters(len(g.columns) - 1)
	problems := []error{b.heading(name, g.title, g.note), b.f.SetRowHeight(name, headerRow, 30)}
	for i, c := range g.columns {
		style := b.styles.head
		if c.input {
			style = b.styles.inputHead
		}
		problems = append(problems,
			b.put(name, fmt.Sprintf("%s%d", letters(i), headerRow), b.t.say(c.key), style),
			b.f.SetColWidth(name, letters(i), letters(i), c.width))
	}
	stripes := false
	whole := fmt.Sprintf("A%d:%s%d", headerRow, last, g.lastRow())
	problems = append(problems,
		b.f.AddTable(name, &excelize.Table{Range: whole, Name: g.table, StyleName: "TableStyleLight1", ShowRowStripes: &stripes}),
		b.f.SetSheetDimension(name, fmt.Sprintf("A1:%s%d", last, g.lastRow())),
		b.f.AddIgnoredErrors(name, whole, excelize.IgnoredErrorsNumberStoredAsText),
	)
	p := g.page
	p.headerRow, p.idColumn, p.lastRow = headerRow, true, g.lastRow()
	return errors.Join(append(problems, b.page(name, p))...)
}

// write puts one record into the next row.
func (g grid[T]) write(c *cells, row int64, record *T) error {
	height := g.height
	for _, column := range g.columns {
		if column.wraps != nil {
			height = max(height, lineHeight(column.wraps(record), column.width, g.height))
		}
	}
	c.begin(int(row), height)
	for _, column := range g.columns {
		column.put(c, record)
	}
	return c.end()
}

// A row shows so many lines of a text at most; the cell holds all of it.
const (
	maxLines  = 6
	lineSpace = 13.5
)

// lineHeight is the height of a row that shows a text in a column so wide, or
// least when one line is enough. Readers do not compute it by themselves.
func lineHeight(text string, width, least float64) float64 {
	lines := linesOf(text, width)
	if lines = min(lines, maxLines); lines == 1 {
		return least
	}
	return max(least, float64(lines)*lineSpace)
}

// linesOf is how many lines a text takes in a column so wide.
func linesOf(text string, width float64) int {
	lines := 0
	for _, paragraph := range strings.Split(text, "\n") {
		usable := max(1, int(width)-2) // words break before the edge
		lines += max(1, (displayWidth(paragraph)+usable-1)/usable)
	}
	return lines
}

// paragraph is a text cell of a column so wide. A text that does not fit shows its
// beginning.
func (c *cells) paragraph(text string, width float64) {
	switch lines := linesOf(text, width); {
	case lines > maxLines:
		c.text(c.styles.wrapTop, text)
	case lines > 1:
		c.text(c.styles.wrap, text)
	default:
		c.text(c.styles.text, text)
	}
}

// displayWidth is how many columns a text takes; Chinese characters take two.
func displayWidth(text string) int {
	n := 0
	for _, r := range text {
		if n++; r >= 0x2E80 {
			n++
		}
	}
	return n
}

// fillGrid writes records that are already in memory.
func fillGrid[T any](c *cells, g grid[T], records []T) error {
	for i := range records {
		if err := g.write(c, headerRow+1+int64(i), &records[i]); err != nil {
			return err
		}
	}
	return nil
}

// errChanged ends a workbook whose findings were not the same when they were
// read again: its totals would not be those of its rows.
var errChanged = errors.New("findings changed while the workbook was written: read them from one snapshot")

// fillPart streams the findings of one detail sheet from the report.
func fillPart(c *cells, r *Report, p part, mine func(*Finding) bool, g grid[Finding]) error {
	if p.count == 0 {
		return nil
	}
	var seen int64
	for f, err := range r.Findings() {
		if err != nil {
			return fmt.Errorf("read finding after %d rows of %s: %w", seen, p.name, err)
		}
		if !mine(&f) {
			continue
		}
		seen++
		if seen <= p.first {
			continue
		}
		if seen > p.first+p.count {
			if p.index == p.of {
				return errChanged
			}
			return nil
		}
		if err := g.write(c, headerRow+seen-p.first, &f); err != nil {
			return err
		}
	}
	if seen < p.first+p.count {
		return errChanged
	}
	return nil
}

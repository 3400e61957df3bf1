package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/xuri/excelize/v2"
)

// summary lays the first page out: lines from top to bottom, with the places that
// charts, links and colours need. The lines are made once, before the shell, and
// written when the part is zipped.
type summary struct {
	*book
	lines   []line
	side    []line // to the right of the lines, from sideRow on
	onSide  bool   // whether blocks go there
	sideCol int    // the column that they begin in
	sideRow int
	links   map[string]string // cell → sheet
	checks  []string          // cells that show ✓ or ✗
	classes span
}

// line is one row of the page.
type line struct {
	height float64
	cells  func(*cells)
}

// span is a range of rows.
type span struct{ first, last int }

// sheetWidth is how many columns the page has, charts included.
const sheetWidth = 14

// summarySheet is the page that is read first, and printed.
func (b *book) summarySheet() sheet {
	s := &summary{book: b, links: map[string]string{}, sideCol: 8} // I, under the charts
	s.layOut()
	return sheet{
		name: b.t.say("sheet.summary"),
		shell: func(name string) error {
			return errors.Join(
				b.widths(name, 34, 16, 15, 15, 15, 15, 15, 2, 17, 11, 15, 15, 8, 8),
				b.page(name, page{area: "A:N", lastRow: int64(s.rows()), onePage: s.rows() <= onePageRows}),
				b.f.SetSheetDimension(name, fmt.Sprintf("A1:%s%d", letters(sheetWidth-1), s.rows())),
				s.linkUp(name), s.colour(name), s.charts(name))
		},
		fill: func(c *cells) error { return s.fill(c, 0) },
	}
}

// onePageRows is how many rows can be read when they are printed on one page.
const onePageRows = 75

// fill writes the lines and those at their side, below so many rows.
func (s *summary) fill(c *cells, above int) error {
	for row := 1; row <= s.rows(); row++ {
		left, right := s.at(row)
		c.begin(above+row, max(left.height, right.height))
		left.write(c)
		if right.cells != nil {
			c.col = s.sideCol
			right.cells(c)
		}
		if err := c.end(); err != nil {
			return err
		}
	}
	return nil
}

func (l line) write(c *cells) {
	if l.cells != nil {
		l.cells(c)
	}
}

// The charts stand at the right from chartRow on, and below them the small
// blocks, so that the page can be printed on one sheet of paper.
const (
	chartRow  = 6
	chartRows = 15
)

// rows is how many rows the page has.
func (s *summary) rows() int { return max(len(s.lines), s.sideRow-1+len(s.side)) }

// at are the two lines that share a row.
func (s *summary) at(row int) (left, right line) {
	if row <= len(s.lines) {
		left = s.lines[row-1]
	}
	if i := row - s.sideRow; i >= 0 && i < len(s.side) {
		right = s.side[i]
	}
	return left, right
}

func (s *summary) layOut() {
	s.add(26, func(c *cells) { c.text(c.styles.title, s.t.say("title")) })
	s.add(0, func(c *cells) { c.text(c.styles.note, s.runLine()) })
	s.add(0, func(c *cells) { c.text(c.styles.note, s.t.say("line.money", s.r.Run.Currency)) })
	s.verdictLine()
	s.sources()
	s.controls()
	s.byClass()
	s.byWarehouse()
	s.rollForward()
	s.signOff()
	s.onSide, s.sideRow = true, chartRow-1+s.pictures()*chartRows
	s.byAge()
	s.byState()
}

// next is the row that the next line will have.
func (s *summary) next() int { return len(s.lines) + 1 }

func (s *summary) add(height float64, cells func(*cells)) {
	if s.onSide {
		s.side = append(s.side, line{height, cells})
		return
	}
	s.lines = append(s.lines, line{height, cells})
}

func (s *summary) verdictLine() {
	verdict, sentence := s.verdict()
	s.add(26, func(c *cells) {
		style := c.styles.good
		switch verdict {
		case Differences:
			style = c.styles.warn
		case Incomplete:
			style = c.styles.alert
		case Clean:
		}
		c.text(style, sentence)
		for range sheetWidth - 1 {
			c.blank(style)
		}
	})
}

// block is the heading of a block and the headers of its columns.
func (s *summary) block(key string, headers ...string) {
	s.add(0, func(*cells) {})
	s.add(20, func(c *cells) {
		c.text(c.styles.block, s.t.say(key))
		for range max(len(headers), 2) - 1 {
			c.blank(c.styles.block)
		}
	})
	if len(headers) == 0 {
		return
	}
	s.add(18, func(c *cells) {
		for _, h := range headers {
			c.text(c.styles.head, s.t.say(h))
		}
	})
}

func (s *summary) sources() {
	if len(s.r.Sources) == 0 {
		return
	}
	s.block("block.sources", "sum.source", "sum.taken", "sum.rows", "sum.refused", "sum.fresh", "sum.complete")
	for _, src := range s.r.Sources {
		s.checks = append(s.checks, fmt.Sprintf("E%d:F%d", s.next(), s.next()))
		s.add(0, func(c *cells) {
			c.text(c.styles.text, s.sourceName(src))
			c.stamp(src.Taken)
			c.count(c.styles.count, src.Rows)
			c.count(c.styles.count, src.Refused)
			c.text(c.styles.check, s.yes(src.Fresh))
			c.text(c.styles.check, s.yes(src.Complete))
		})
	}
}

func (b *book) yes(ok bool) string {
	if ok {
		return b.t.say("yes")
	}
	return b.t.say("no")
}

// rollForward ties yesterday's open findings to today's.
func (s *summary) rollForward() {
	days := s.trend()
	if len(days) < 2 {
		return
	}
	before, today := days[len(days)-2], days[len(days)-1]
	s.block("block.roll")
	first := s.next()
	for _, l := range []struct {
		key string
		n   int64
	}{{"roll.before", before.Open}, {"roll.new", today.New}, {"roll.reopened", today.Reopened}, {"roll.closed", -today.Closed}} {
		s.add(0, func(c *cells) {
			c.text(c.styles.text, s.t.say(l.key))
			c.count(c.styles.count, l.n)
		})
	}
	now := before.Open + today.New + today.Reopened - today.Closed
	s.checks = append(s.checks, fmt.Sprintf("C%d", s.next()))
	s.add(0, func(c *cells) {
		c.text(c.styles.total, s.t.say("roll.now"))
		c.formula(c.styles.totalCount, fmt.Sprintf("SUM(B%d:B%d)", first, first+3), fmt.Sprint(now))
		c.verdict(c.styles.check, fmt.Sprintf(`IF(B%d=%d,"✓","✗ %d")`, c.row, s.tally.open, s.tally.open), tick(now == s.tally.open, s.tally.open))
	})
}

func tick(ok bool, otherwise int64) string {
	if ok {
		return "✓"
	}
	return fmt.Sprintf("✗ %d", otherwise)
}

func (s *summary) signOff() {
	s.block("block.sign")
	for _, key := range []string{"sign.prepared", "sign.reviewed"} {
		s.add(26, func(c *cells) {
			c.text(c.styles.label, s.t.say(key))
			for _, label := range []string{"sign.name", "sign.date", "sign.line"} {
				c.text(c.styles.note, s.t.say(label)+":")
				c.blank(c.styles.sign)
			}
		})
	}
}

// linkUp makes the cells of the Go to column jump to their sheets.
func (s *summary) linkUp(name string) error {
	var problems []error
	for _, cell := range slices.Sorted(maps.Keys(s.links)) {
		problems = append(problems, s.f.SetCellHyperLink(name, cell, quoted(s.links[cell])+"!A1", "Location"))
	}
	return named("links", errors.Join(problems...))
}

// colour makes a cross stand out; the sign itself says the same.
func (s *summary) colour(name string) error {
	var problems []error
	for _, cells := range s.checks {
		first := cells[:cmp.Or(max(0, slices.Index([]byte(cells), ':')), len(cells))]
		problems = append(problems, s.f.SetConditionalFormat(name, cells, []excelize.ConditionalFormatOptions{
			{Type: "formula", Criteria: fmt.Sprintf(`LEFT(%s,1)="✗"`, first), Format: &s.styles.bad},
			{Type: "formula", Criteria: fmt.Sprintf(`LEFT(%s,1)="✓"`, first), Format: &s.styles.fine},
		}))
	}
	return named("checks", errors.Join(problems...))
}

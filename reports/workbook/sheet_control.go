package workbook

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// controlSheet proves where the numbers come from and that none is missing: what
// was read from each system, what must be equal, by which rules. It is protected
// against a slip of the hand, without a password.
func (b *book) controlSheet() sheet {
	s, _ := b.controlLines()
	last := headerRow - 1 + s.rows()
	return sheet{
		name: b.t.say("sheet.control"),
		shell: func(name string) error {
			return errors.Join(
				b.heading(name, b.t.say("title.control"), b.t.say("line.money", b.r.Run.Currency)),
				b.widths(name, controlNames, 17, 17, 12, 12, 14, 11, 11, 14, 16, 9, 19, 9, 9),
				b.f.SetSheetDimension(name, fmt.Sprintf("A1:N%d", last)),
				b.f.AddIgnoredErrors(name, fmt.Sprintf("A4:N%d", last), excelize.IgnoredErrorsNumberStoredAsText),
				b.page(name, page{area: "A:N", lastRow: int64(last), onePage: s.rows() <= onePageRows}),
				b.f.ProtectSheet(name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true}),
			)
		},
		fill: func(c *cells) error { return s.fill(c, headerRow-1) },
	}
}

// controlNames is the width of the column that names sources and control totals;
// controlSide is the column of the blocks at the right.
const (
	controlNames = 52
	controlSide  = 7 // H
)

// controlLines are the rows below the heading, and where the control totals stand
// on the sheet.
func (b *book) controlLines() (*summary, span) {
	s := &summary{book: b, sideCol: controlSide} // the same blocks as on the first page
	s.block("block.sources", "sum.source", "col.taken", "col.taken.utc", "col.agemin", "sum.rows", "sum.read", "sum.refused", "col.loaded",
		"col.qtytotal", "col.amounttotal", "col.currency", "col.fingerprint", "sum.fresh", "sum.complete")
	s.lines[len(s.lines)-1].height = 30 // the headers take two lines
	for _, src := range b.r.Sources {
		s.add(0, func(c *cells) { b.sourceLine(c, src) })
	}
	s.sideRow = s.next()
	s.bookChecks()
	var rows span
	if len(b.r.Controls) > 0 {
		s.block("block.controls", "sum.control", "sum.left", "sum.right", "sum.diff", "sum.ties", "sum.area")
		rows = span{headerRow - 1 + s.next(), headerRow - 2 + s.next() + len(b.r.Controls)}
		for _, total := range b.r.Controls {
			s.add(lineHeight(total.Name, controlNames, 0), func(c *cells) {
				b.control(c, total)
				c.text(c.styles.text, b.controlArea(total.Area))
			})
		}
	}
	s.onSide = true
	s.runLines()
	if len(b.r.Parameters) > 0 {
		s.wideBlock("block.params")
		for _, p := range b.r.Parameters {
			s.pair(p.Name, p.Value)
		}
	}
	return s, rows
}

// wideBlock is a block of names and values over the narrow columns at the side.
func (s *summary) wideBlock(key string) {
	s.block(key)
	s.add(18, func(c *cells) {
		for _, head := range []string{"col.name", "", "", "col.value", "", "", ""} {
			if head == "" {
				c.blank(c.styles.headLeft)
				continue
			}
			c.text(c.styles.headLeft, s.t.say(head))
		}
	})
}

func (b *book) sourceLine(c *cells, src SourceInfo) {
	c.text(c.styles.text, b.sourceName(src))
	c.stamp(src.Taken)
	zone := c.zone
	c.zone = time.UTC
	c.stamp(src.Taken)
	c.zone = zone
	if src.Taken.IsZero() {
		c.blank(c.styles.count)
	} else {
		c.count(c.styles.count, int64(b.r.Run.AsOf.Sub(src.Taken)/time.Minute))
	}
	c.count(c.styles.count, src.Rows)
	c.count(c.styles.count, src.RowsRead)
	c.count(c.styles.count, src.Refused)
	c.formula(c.styles.count, fmt.Sprintf("F%d-G%d", c.row, c.row), strconv.FormatInt(src.RowsRead-src.Refused, 10))
	c.quantity(src.Quantity)
	currency := b.r.currency(src.Currency)
	c.amount(src.Amount, currency)
	if !src.Amount.Valid {
		currency = ""
	}
	c.text(c.styles.code, currency)
	c.text(c.styles.text, src.Fingerprint)
	c.text(c.styles.check, b.yes(src.Fresh))
	c.text(c.styles.check, b.yes(src.Complete))
}

// bookChecks compare the rows that stand in this file with what the run counted:
// whoever deletes a row sees it here.
func (s *summary) bookChecks() {
	s.block("block.checks", "col.name", "check.book", "check.stream", "sum.diff", "sum.ties")
	row := func(key, formula string, n, other int64) {
		s.add(0, func(c *cells) {
			c.text(c.styles.text, s.t.say(key))
			c.formula(c.styles.count, formula, strconv.FormatInt(n, 10))
			c.count(c.styles.count, other)
			c.formula(c.styles.count, fmt.Sprintf("B%d-C%d", c.row, c.row), strconv.FormatInt(n-other, 10))
			c.verdict(c.styles.check, fmt.Sprintf(`IF(D%d=0,"%s","%s")`, c.row, s.t.say("yes"), s.t.say("no")), s.yes(n == other))
		})
	}
	stock, orders := s.stockArea(), s.ordersArea()
	ids := cond{"col.id", "?*"}
	row("check.stock", countIfs([]area{stock}, ids), s.tally.stock, s.tally.stock)
	row("check.orders", countIfs([]area{orders}, ids), s.tally.orders, s.tally.orders)
	if stated := s.r.Stated; stated != nil {
		row("check.findings", countIfs(s.bothAreas(), ids), s.tally.stock+s.tally.orders, stated.Findings)
		row("check.open", countIfs(s.bothAreas(), s.stillOpen()), s.tally.open, stated.Open)
	}
}

func (s *summary) runLines() {
	run := s.r.Run
	s.wideBlock("block.run")
	for _, l := range []struct{ key, value string }{
		{"run.id", run.ID},
		{"run.asof", s.when(run.AsOf)},
		{"run.started", s.when(run.Started)},
		{"run.finished", s.when(run.Finished)},
		{"run.rules", run.RuleVersion},
		{"run.code", run.CodeVersion},
		{"run.previous", run.PreviousID},
		{"run.prevhash", run.PreviousHash},
	} {
		s.pair(s.t.say(l.key), l.value)
	}
}

// pair is a name and its value, each over the columns that follow it.
func (s *summary) pair(name, value string) {
	if value == "" {
		value = "–"
	}
	s.add(0, func(c *cells) {
		c.text(c.styles.text, name)
		c.blank(c.styles.text)
		c.blank(c.styles.text)
		c.text(c.styles.text, value)
		for range 3 {
			c.blank(c.styles.text)
		}
	})
}

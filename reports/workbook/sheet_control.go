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
	lines := b.controlLines()
	return sheet{
		name: b.t.say("sheet.control"),
		shell: func(name string) error {
			return errors.Join(
				b.heading(name, b.t.say("title.control"), b.t.say("line.money", b.r.Run.Currency)),
				b.widths(name, 34, 18, 18, 14, 18, 12, 16, 19, 18, 10, 20, 10, 10),
				b.f.SetSheetDimension(name, fmt.Sprintf("A1:M%d", headerRow+len(lines))),
				b.f.AddIgnoredErrors(name, fmt.Sprintf("A4:M%d", headerRow+len(lines)), excelize.IgnoredErrorsNumberStoredAsText),
				b.page(name, page{}),
				b.f.ProtectSheet(name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true}),
			)
		},
		fill: func(c *cells) error {
			for i, l := range lines {
				c.begin(headerRow+i, l.height)
				l.cells(c)
				if err := c.end(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// controlLines are the rows below the heading.
func (b *book) controlLines() []line {
	s := &summary{book: b} // the same blocks as on the first page
	s.block("block.sources", "sum.source", "col.taken", "col.taken.utc", "col.agemin", "sum.read", "sum.refused", "col.loaded",
		"col.qtytotal", "col.amounttotal", "col.currency", "col.fingerprint", "sum.fresh", "sum.complete")
	for _, src := range b.r.Sources {
		s.add(0, func(c *cells) { b.sourceLine(c, src) })
	}
	if len(b.r.Controls) > 0 {
		s.block("block.controls", "sum.control", "sum.left", "sum.right", "sum.diff", "sum.ties")
		for _, total := range b.r.Controls {
			s.add(0, func(c *cells) { b.control(c, total) })
		}
	}
	s.bookChecks()
	s.runLines()
	if len(b.r.Parameters) > 0 {
		s.block("block.params", "col.name", "col.value")
		for _, p := range b.r.Parameters {
			s.pair(p.Name, p.Value)
		}
	}
	return s.lines
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
	c.count(c.styles.count, src.RowsRead)
	c.count(c.styles.count, src.Refused)
	c.formula(c.styles.count, fmt.Sprintf("E%d-F%d", c.row, c.row), strconv.FormatInt(src.RowsRead-src.Refused, 10))
	c.quantity(Known(src.Quantity))
	currency := b.r.currency(src.Currency)
	c.amount(Known(src.Amount), currency)
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
	s.block("block.run", "col.name", "col.value")
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

func (s *summary) pair(name, value string) {
	s.add(0, func(c *cells) {
		c.text(c.styles.text, name)
		c.text(c.styles.text, value)
	})
}

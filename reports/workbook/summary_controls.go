package workbook

import (
	"fmt"
	"strconv"
)

// brokenTotals is how many control totals that do not tie stand on the Summary;
// the Control sheet has them all.
const brokenTotals = 12

// controls says for each area how many control totals tie, and lists those that
// do not.
func (s *summary) controls() {
	if len(s.r.Controls) == 0 {
		return
	}
	all, tied := map[string]int{}, map[string]int{}
	var broken []ControlTotal
	for _, total := range s.r.Controls {
		all[s.controlArea(total.Area)]++
		if total.Ties {
			tied[s.controlArea(total.Area)]++
		} else {
			broken = append(broken, total)
		}
	}
	s.block("block.controls", "sum.area", "sum.checks", "sum.tied", "sum.untied", "sum.ties", "sum.goto")
	first := s.next()
	for _, area := range s.controlAreas() {
		if all[area] > 0 {
			s.controlCount(area, all[area], tied[area])
		}
	}
	s.checks = append(s.checks, fmt.Sprintf("E%d:E%d", first, s.next()-1))
	s.brokenControls(broken)
}

// controlArea is the word of the area that a control total is counted in.
func (b *book) controlArea(a Area) string {
	if words, ok := b.t["controls."+string(a)]; ok {
		return words
	}
	return b.t.say("controls.other")
}

func (b *book) controlAreas() []string {
	out := make([]string, 0, 5)
	for _, a := range []Area{AreaStock, AreaOrder, AreaPayment, AreaShipment, "other"} {
		out = append(out, b.controlArea(a))
	}
	return out
}

// controlCount counts the rows of an area on the Control sheet.
func (s *summary) controlCount(area string, all, tied int) {
	_, rows := s.controlLines()
	control := quoted(s.t.say("sheet.control"))
	column := func(l string) string { return fmt.Sprintf("%s!$%s$%d:$%s$%d", control, l, rows.first, l, rows.last) }
	s.links[fmt.Sprintf("F%d", s.next())] = s.t.say("sheet.control")
	s.add(0, func(c *cells) {
		c.text(c.styles.text, area)
		c.formula(c.styles.count, fmt.Sprintf(`COUNTIFS(%s,"%s")`, column("F"), exactly(area)), strconv.Itoa(all))
		c.formula(c.styles.count, fmt.Sprintf(`COUNTIFS(%s,"%s",%s,"%s")`, column("F"), exactly(area), column("E"), exactly(s.yes(true))), strconv.Itoa(tied))
		c.formula(c.styles.count, fmt.Sprintf("B%d-C%d", c.row, c.row), strconv.Itoa(all-tied))
		c.verdict(c.styles.check, fmt.Sprintf(`IF(D%d=0,"%s","%s")`, c.row, s.yes(true), s.yes(false)), s.yes(all == tied))
		c.text(c.styles.link, s.t.say("go.sheet", s.t.say("sheet.control")))
	})
}

func (s *summary) brokenControls(broken []ControlTotal) {
	if len(broken) == 0 {
		return
	}
	s.block("block.broken", "sum.control", "sum.left", "sum.right", "sum.diff", "sum.ties")
	for _, total := range broken[:min(len(broken), brokenTotals)] {
		s.checks = append(s.checks, fmt.Sprintf("E%d", s.next()))
		s.add(lineHeight(total.Name, 34, 0), func(c *cells) { s.control(c, total) })
	}
	if more := len(broken) - brokenTotals; more > 0 {
		s.add(0, func(c *cells) { c.text(c.styles.note, s.t.say("line.more", more)) })
	}
}

// control writes one control total; its difference is a live formula, and so is
// its tick wherever the two sides must be equal to the last digit.
func (b *book) control(c *cells, total ControlTotal) {
	c.text(c.styles.wrap, total.Name)
	c.figure(total.Left)
	c.figure(total.Right)
	diff := total.Left.minus(total.Right)
	style := c.styles.count
	switch total.Left.kind {
	case figureAmount:
		style = c.styles.moneyIn(b.r.currency(total.Left.currency))
	case figureQuantity:
		style = c.styles.qtyPart
		if diff.n%1000 == 0 {
			style = c.styles.qty
		}
	case figureCount:
	}
	c.formula(style, fmt.Sprintf("B%d-C%d", c.row, c.row), diff.String())
	if (diff.n == 0) == total.Ties {
		c.verdict(c.styles.check, fmt.Sprintf(`IF(ROUND(D%d,3)=0,"%s","%s")`, c.row, b.t.say("yes"), b.t.say("no")), b.yes(total.Ties))
		return
	}
	c.text(c.styles.check, b.yes(total.Ties))
}

package workbook

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// measure is what a line of a block counts, and what came out.
type measure struct {
	areas []area
	conds []cond
	of    *sum
	live  bool // the formula finds just these rows
}

// measure writes items, absolute amount and net amount.
func (c *cells) measure(m measure, currency string) {
	c.live(c.styles.count, countIfs(m.areas, m.conds...), strconv.FormatInt(m.of.items, 10), m.live)
	c.live(c.styles.moneyIn(currency), grossIfs(m.areas, m.conds...), m.of.gross.String(), m.live)
	c.live(c.styles.moneyIn(currency), netIfs(m.areas, m.conds...), m.of.net.String(), m.live)
}

// label names a line; a currency that is not the run's own is added.
func (b *book) label(name, currency string) string {
	if currency == b.r.Run.Currency {
		return name
	}
	return name + " · " + currency
}

func (b *book) bothAreas() []area { return []area{b.stockArea(), b.ordersArea()} }

// byClass has a line for each class that has open findings, the total, and the
// reconciler's own numbers to compare with.
func (s *summary) byClass() {
	s.block("block.class", "sum.class", "sum.items", "sum.gross", "sum.net", "sum.old", "sum.done", "sum.goto")
	lines := s.tally.classLines()
	slices.SortStableFunc(lines, func(x, y group) int { return s.byCurrency(x.currency, y.currency) })
	names := make([]string, 0, len(lines))
	for _, g := range lines {
		names = append(names, g.name)
	}
	collide := criteriaCollide(names)
	s.classes = span{s.next(), s.next() + len(lines) - 1}
	for _, g := range lines {
		s.classLine(g, !collide[g.name] && g.currency != otherCurrency)
	}
	for _, currency := range s.currenciesOf(s.tally.total) {
		first := s.classes.first + slices.IndexFunc(lines, func(g group) bool { return g.currency == currency })
		n := 0
		for _, g := range lines {
			if g.currency == currency {
				n++
			}
		}
		s.classTotal(currency, span{first, first + n - 1}, n > 0)
	}
	if len(lines) == 0 {
		s.add(0, func(c *cells) { c.text(c.styles.text, s.t.say("line.none")) })
	}
}

func (s *summary) classLine(g group, live bool) {
	conds := []cond{{"col.class", exactly(g.name)}, {"col.currency", exactly(g.currency)}, s.stillOpen()}
	of := s.tally.classes[g]
	target, text := s.t.say("sheet.resolve"), s.t.say("go.resolve")
	if int64(len(s.resolve)) < s.tally.open { // To resolve is cut: the detail sheet has them all
		target = s.orders[0].name
		if s.tally.classSheets[g.name] == AreaStock {
			target = s.stock[0].name
		}
		text = s.t.say("go.sheet", target)
	}
	s.links[fmt.Sprintf("G%d", s.next())] = target
	s.add(0, func(c *cells) {
		c.text(c.styles.text, s.label(g.name, g.currency))
		c.measure(measure{areas: s.bothAreas(), conds: conds, of: of, live: live}, g.currency)
		old := append(slices.Clone(conds), cond{"col.age", fmt.Sprintf(">%d", agedDays)})
		c.live(c.styles.count, countIfs(s.bothAreas(), old...), strconv.FormatInt(of.old, 10), live)
		c.live(c.styles.count, s.resolvedToday(g), "0", live)
		c.text(c.styles.link, text)
	})
}

// resolvedToday counts the rows of To resolve that a person has filled in.
func (b *book) resolvedToday(g group) string {
	working := area{
		parts:   []part{{name: b.t.say("sheet.resolve"), count: int64(len(b.resolve))}},
		columns: b.resolveColumns(),
	}
	return countIfs([]area{working}, cond{"col.class", exactly(g.name)}, cond{"col.currency", exactly(g.currency)}, cond{"col.resolution", "<>"})
}

// classTotal adds a currency's lines up and compares them with the stream of the
// reconciler, which was counted apart from the sheets.
func (s *summary) classTotal(currency string, rows span, some bool) {
	if !some {
		return
	}
	of := s.tally.total[currency]
	s.add(0, func(c *cells) {
		c.text(c.styles.total, s.t.say("sum.total")+", "+currency)
		column := func(style int, exact string) {
			l := letters(c.col)
			c.formula(style, fmt.Sprintf("SUM(%s%d:%s%d)", l, rows.first, l, rows.last), exact)
		}
		column(c.styles.totalCount, strconv.FormatInt(of.items, 10))
		column(c.styles.totalMoney, of.gross.String())
		column(c.styles.totalMoney, of.net.String())
		column(c.styles.totalCount, strconv.FormatInt(of.old, 10))
		column(c.styles.totalCount, "0")
		c.blank(c.styles.total)
	})
	s.checks = append(s.checks, fmt.Sprintf("E%d", s.next()))
	s.add(0, func(c *cells) {
		up := c.row - 1
		c.text(c.styles.label, s.t.say("sum.database"))
		c.count(c.styles.count, of.items)
		c.number(c.styles.moneyIn(currency), of.gross.String())
		c.number(c.styles.moneyIn(currency), of.net.String())
		c.verdict(c.styles.check, fmt.Sprintf(`IF(AND(B%d=B%d,ROUND(C%d-C%d,2)=0,ROUND(D%d-D%d,2)=0),"✓","✗")`,
			up, c.row, up, c.row, up, c.row), "✓")
	})
}

// byState totals what needs no decision: it is never invisible.
func (s *summary) byState() {
	if len(s.tally.states) == 0 {
		return
	}
	s.block("block.states", "sum.state", "sum.items", "sum.gross", "sum.net")
	for _, state := range []State{Provisional, Accepted, Resolved} {
		for _, currency := range s.currenciesOf(s.tally.states[state]) {
			words := s.t.state(state)
			m := measure{
				areas: s.bothAreas(), of: s.tally.states[state][currency], live: currency != otherCurrency,
				conds: []cond{{"col.state", exactly(words)}, {"col.currency", exactly(currency)}},
			}
			s.add(0, func(c *cells) {
				c.text(c.styles.text, s.label(words, currency))
				c.measure(m, currency)
			})
		}
	}
}

// byWarehouse has the open stock findings of each warehouse, those without any
// included when the report names them.
func (s *summary) byWarehouse() {
	infos, lines := s.warehouseInfos(), s.tally.warehouseLines()
	for _, w := range s.r.Warehouses {
		g := group{w.Code, s.r.Run.Currency}
		if !s.tally.warehouseNames[w.Code] && len(lines) < s.tally.limits.warehouses {
			lines = append(lines, g)
		}
	}
	if len(lines) == 0 {
		return
	}
	slices.SortStableFunc(lines, func(a, b group) int { return cmp.Or(last(a.name)-last(b.name), cmp.Compare(a.name, b.name)) })
	names, many := make([]string, 0, len(lines)), map[string]int{}
	for _, g := range lines {
		names = append(names, g.name)
		many[g.name]++
	}
	collide := criteriaCollide(names)
	s.block("block.warehouse", "sum.warehouse", "sum.items", "sum.gross", "sum.net", "sum.compared", "sum.match", "sum.goto")
	for _, g := range lines {
		of := s.tally.warehouses[g]
		if of == nil {
			of = &sum{}
		}
		s.links[fmt.Sprintf("G%d", s.next())] = s.stock[0].name
		live := !collide[g.name] && g.name != otherWarehouse && g.currency != otherCurrency
		s.add(0, func(c *cells) { s.warehouseLine(c, g, of, infos[g.name], live, many[g.name] == 1) })
	}
}

func last(name string) int {
	if name == otherWarehouse {
		return 1
	}
	return 0
}

func (s *summary) warehouseLine(c *cells, g group, of *sum, info WarehouseInfo, live, alone bool) {
	name := g.name
	switch {
	case name == otherWarehouse:
		name = s.t.say("sum.others")
	case name == "":
		name = s.t.say("sum.nowarehouse")
	case info.Name != "":
		name += " — " + info.Name
	}
	c.text(c.styles.text, s.label(name, g.currency))
	c.measure(measure{
		areas: []area{s.stockArea()}, of: of, live: live,
		conds: []cond{{"col.warehouse", exactly(g.name)}, {"col.currency", exactly(g.currency)}, s.stillOpen()},
	}, g.currency)
	if info.Compared > 0 && alone {
		c.count(c.styles.count, info.Compared)
		c.formula(c.styles.percent, fmt.Sprintf("1-B%d/E%d", c.row, c.row), share(info.Compared-of.items, info.Compared))
	} else {
		c.blank(c.styles.count)
		c.blank(c.styles.percent)
	}
	c.text(c.styles.link, s.t.say("go.sheet", s.stock[0].name))
}

// share is part/whole with ten decimal places.
func share(part, whole int64) string {
	sign := ""
	if part < 0 {
		sign, part = "-", -part
	}
	digits := make([]byte, 0, 10)
	rest := part % whole
	for range 10 {
		rest *= 10
		digits = append(digits, byte('0'+rest/whole))
		rest %= whole
	}
	return fmt.Sprintf("%s%d.%s", sign, part/whole, digits)
}

func (b *book) warehouseInfos() map[string]WarehouseInfo {
	out := make(map[string]WarehouseInfo, len(b.r.Warehouses))
	for _, w := range b.r.Warehouses {
		out[w.Code] = w
	}
	return out
}

// byAge has the open findings of each band of age.
func (s *summary) byAge() {
	currencies := s.currenciesOf(s.tally.total)
	if len(currencies) == 0 {
		return
	}
	s.block("block.age", "sum.age", "sum.items", "sum.gross", "sum.net")
	bands := ageBands()
	for _, currency := range currencies {
		for i, from := range bands {
			conds := []cond{{"col.age", fmt.Sprintf(">=%d", from)}, {"col.currency", exactly(currency)}, s.stillOpen()}
			if i == 0 {
				conds = conds[1:] // an age below zero belongs to the first band
			}
			if i+1 < len(bands) {
				conds = append(conds, cond{"col.age", fmt.Sprintf("<%d", bands[i+1])})
			}
			of := s.tally.ages[group{bandName(i), currency}]
			if of == nil && currency != s.r.Run.Currency {
				continue
			}
			if of == nil {
				of = &sum{}
			}
			m := measure{areas: s.bothAreas(), conds: conds, of: of, live: currency != otherCurrency}
			s.add(0, func(c *cells) {
				c.text(c.styles.text, s.label(bandName(i), currency))
				c.measure(m, currency)
			})
		}
	}
}

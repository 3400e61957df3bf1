package workbook

// stockSheet lists every stock finding, whatever its state: values only, no
// formulas, so that a million rows open.
func (b *book) stockSheet(p part) sheet {
	return b.detailSheet(p, "title.stock", "tblStock", b.stockColumns(), "A:N", func(f *Finding) bool { return f.Area == AreaStock })
}

func (b *book) stockColumns() []column[Finding] {
	return append(b.stockKeys(),
		wrapped("col.cause", 30, func(f *Finding) string { return f.Cause }),
		plain("col.document", 15, func(f *Finding) string { return f.document() }),
		column[Finding]{key: "col.systems", width: 16, put: func(c *cells, f *Finding) { c.text(c.styles.text, c.words.systems(f)) }},
		column[Finding]{key: "col.firstseen", width: 11, put: func(c *cells, f *Finding) { c.day(f.FirstSeen) }},
		wrapped("col.carried", 30, func(f *Finding) string { return f.CarriedNote }),
		b.stateColumn(),
		b.currencyColumn(),
	)
}

// detailSheet is one part of a sheet that holds all findings of an area.
func (b *book) detailSheet(p part, title, table string, columns []column[Finding], area string, mine func(*Finding) bool) sheet {
	note := b.t.say("line.rows", p.count)
	if p.of > 1 {
		note = b.t.say("line.part", p.index, p.of, p.count)
		table += letters(p.index - 1) // tblStockA, tblStockB
	}
	g := grid[Finding]{
		title: b.t.say(title), note: note + " " + b.t.say("line.amounts", b.r.Run.Currency), columns: columns, rows: p.count, table: table,
		page: page{area: area, freezeCols: 3},
	}
	return sheet{
		name:  p.name,
		shell: func(name string) error { return shellGrid(b, name, g) },
		fill:  func(c *cells) error { return fillPart(c, b.r, p, mine, g) },
	}
}

package workbook

// trendDays is how many days the Trend sheet shows.
const trendDays = 90

// trendSheet shows the earlier runs; the chart of the Summary reads it.
func (b *book) trendSheet() sheet {
	days := b.trend()
	g := grid[TrendDay]{
		title: b.t.say("title.trend"), note: b.t.say("line.rows", len(days)), columns: b.trendColumns(), rows: int64(len(days)), table: "tblTrend",
		page: page{portrait: true, freezeCols: 1},
	}
	return sheet{
		name:  b.t.say("sheet.trend"),
		shell: func(name string) error { return shellGrid(b, name, g) },
		fill:  func(c *cells) error { return fillGrid(c, g, days) },
	}
}

// trend is the part of the trend that is shown.
func (b *book) trend() []TrendDay { return b.r.Trend[max(0, len(b.r.Trend)-trendDays):] }

func (b *book) trendColumns() []column[TrendDay] {
	count := func(key string, of func(*TrendDay) int64) column[TrendDay] {
		return column[TrendDay]{key: key, width: 12, put: func(c *cells, d *TrendDay) { c.count(c.styles.count, of(d)) }}
	}
	return []column[TrendDay]{
		{key: "col.day", width: 12, put: func(c *cells, d *TrendDay) { c.calendar(d.Day) }},
		count("col.open", func(d *TrendDay) int64 { return d.Open }),
		count("col.new", func(d *TrendDay) int64 { return d.New }),
		count("col.closed", func(d *TrendDay) int64 { return d.Closed }),
		count("col.reopened", func(d *TrendDay) int64 { return d.Reopened }),
		{key: "col.amount.open", width: 18, put: func(c *cells, d *TrendDay) { c.amount(Known(d.Amount), "") }},
		count("col.oldest", func(d *TrendDay) int64 { return int64(d.OldestDays) }),
	}
}

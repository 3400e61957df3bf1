package workbook

import "sverka/schema"

// ordersSheet lists every finding about orders, payments and shipments; the
// column Object says which. People decide on the sheet To resolve, so that there
// is one place to fill in.
func (b *book) ordersSheet(p part) sheet {
	return b.detailSheet(p, "title.orders", "tblOrders", b.ordersColumns(), "A:Q", func(f *Finding) bool { return f.Area != AreaStock })
}

func (b *book) ordersColumns() []column[Finding] {
	amount := func(key string, of func(*Finding) Optional[schema.Amount]) column[Finding] {
		return column[Finding]{key: key, width: 13, put: func(c *cells, f *Finding) { c.amount(of(f), b.r.currency(f.Currency)) }}
	}
	document := func(key string, width float64, of func(*Finding) string) column[Finding] {
		out := identifier(key, width, of)
		out.wraps = of // a system may know its document by a long identifier only
		return out
	}
	return []column[Finding]{
		identifier("col.id", 17, func(f *Finding) string { return f.ID }),
		b.severityColumn(),
		b.classColumn(),
		wrapped("col.order", 16, func(f *Finding) string { return f.OrderNumber }),
		{key: "col.area", width: 10, put: func(c *cells, f *Finding) { c.text(c.styles.text, c.words.or("area.", string(f.Area))) }},
		document("col.doc.onec", 20, func(f *Finding) string { return f.DocOneC }),
		document("col.doc.wms", 16, func(f *Finding) string { return f.DocJushuitan }),
		wrapped("col.customer", 16, func(f *Finding) string { return f.Customer }),
		{key: "col.date", width: 11, put: func(c *cells, f *Finding) { c.day(f.OrderDate) }},
		plain("col.status.shop", 17, func(f *Finding) string { return f.StatusShop }),
		plain("col.status.onec", 17, func(f *Finding) string { return f.StatusOneC }),
		plain("col.status.wms", 17, func(f *Finding) string { return f.StatusJushuitan }),
		amount("col.amount.shop", func(f *Finding) Optional[schema.Amount] { return f.AmountShop }),
		amount("col.amount.onec", func(f *Finding) Optional[schema.Amount] { return f.AmountOneC }),
		b.amountColumn("col.difference"),
		{key: "col.lines", width: 15, put: func(c *cells, f *Finding) {
			if f.LinesDiffering == 0 {
				c.blank(c.styles.count)
				return
			}
			c.count(c.styles.count, int64(f.LinesDiffering))
		}},
		{key: "col.age", width: 7, put: func(c *cells, f *Finding) { c.count(c.styles.count, int64(f.AgeDays)) }},
		wrapped("col.cause", 30, func(f *Finding) string { return f.Cause }),
		wrapped("col.repair", 26, func(f *Finding) string { return b.t.repair(f) }),
		{key: "col.systems", width: 16, put: func(c *cells, f *Finding) { c.text(c.styles.text, c.words.systems(f)) }},
		{key: "col.firstseen", width: 11, put: func(c *cells, f *Finding) { c.day(f.FirstSeen) }},
		wrapped("col.carried", 30, func(f *Finding) string { return f.CarriedNote }),
		b.stateColumn(),
		b.currencyColumn(),
	}
}

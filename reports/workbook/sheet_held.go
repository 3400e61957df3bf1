package workbook

// heldSheet lists what is expected and therefore no error: deliveries that wait,
// and why, and goods under way between the systems.
func (b *book) heldSheet() sheet {
	note := b.t.say("line.rows", len(b.r.Held))
	g := grid[HeldLine]{
		title: b.t.say("title.held"), note: note, columns: b.heldColumns(), rows: int64(len(b.r.Held)), table: "tblInFlight",
		page: page{area: "A:L", freezeCols: 1},
	}
	return sheet{
		name:  b.t.say("sheet.held"),
		shell: func(name string) error { return shellGrid(b, name, g) },
		fill:  func(c *cells) error { return fillGrid(c, g, b.r.Held) },
	}
}

func (b *book) heldColumns() []column[HeldLine] {
	reason := func(h *HeldLine) string {
		if h.Words == "" {
			return h.Reason
		}
		return h.Words
	}
	text := func(key string, width float64, of func(*HeldLine) string) column[HeldLine] {
		return column[HeldLine]{key: key, width: width, put: func(c *cells, h *HeldLine) { c.text(c.styles.text, of(h)) }}
	}
	return []column[HeldLine]{
		text("col.document", 18, func(h *HeldLine) string { return h.Document }),
		text("col.flow", 32, func(h *HeldLine) string { return h.Flow }),
		text("col.from", 10, func(h *HeldLine) string { return b.t.system(h.From) }),
		text("col.to", 10, func(h *HeldLine) string { return b.t.system(h.To) }),
		text("col.warehouse", 10, func(h *HeldLine) string { return h.Warehouse }),
		text("col.sku", 14, func(h *HeldLine) string { return h.SKU }),
		{key: "col.qty", width: 10, put: func(c *cells, h *HeldLine) { c.quantity(h.Quantity) }},
		{key: "col.state", width: 22, put: func(c *cells, h *HeldLine) { c.text(c.styles.code, b.t.or("held.", h.State)) }},
		{key: "col.reason", width: 50, wraps: reason, put: func(c *cells, h *HeldLine) { c.paragraph(reason(h), 50) }},
		{key: "col.since", width: 17, put: func(c *cells, h *HeldLine) { c.stamp(h.Since) }},
		{key: "col.attempts", width: 10, put: func(c *cells, h *HeldLine) { c.count(c.styles.count, int64(h.Attempts)) }},
		{key: "col.expected", width: 17, put: func(c *cells, h *HeldLine) { c.stamp(h.ExpectedBy) }},
		text("col.code", 24, func(h *HeldLine) string { return h.Reason }),
		text("col.detail", 60, func(h *HeldLine) string { return h.Detail }),
	}
}

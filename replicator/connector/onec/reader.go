package onec

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// sweepState remembers which versions of which documents this process has handed
// over, so that a sweep fetches only what changed. It is a memory, not a promise:
// without it everything in the window is read again.
type sweepState struct {
	versions map[string]string
	orders   map[string][]string // of shipments: the orders that they ship
}

// state gives the memory of a sweep; a first read (no cursor) begins anew.
func (c *Client) state(name, cursor string) *sweepState {
	c.sweepMu.Lock()
	defer c.sweepMu.Unlock()
	s := c.sweeps[name]
	if s == nil || cursor == "" {
		s = &sweepState{versions: map[string]string{}, orders: map[string][]string{}}
		c.sweeps[name] = s
	}
	return s
}

// window is the filter of a sweep: documents whose Date lies after the cursor
// less the overlap; a first read takes all.
func (c *Client) window(cursor string) string {
	t, err := time.Parse(time.RFC3339Nano, cursor)
	if err != nil {
		return ""
	}
	return "Date ge datetime'" + c.local(t.Add(-c.cfg.Overlap)) + "'"
}

func (c *Client) cursorNow() string { return c.now().Format(time.RFC3339Nano) }

// sweep yields the documents of a set that changed since this process last saw
// them, a page at a time. What was yielded is remembered once the consumer took
// it and came back for more (invariant 9).
func (c *Client) sweep(ctx context.Context, set, filter string, fields []string, st *sweepState) iter.Seq2[[]row, error] {
	return func(yield func([]row, error) bool) {
		if len(st.versions) == 0 {
			for skip := 0; ; {
				rows, err := c.page(ctx, set, filter, fields, "", skip)
				if err != nil {
					yield(nil, err)
					return
				}
				if len(rows) > 0 && !yield(rows, nil) {
					return
				}
				st.remember(rows)
				if len(rows) < c.cfg.PageSize {
					return
				}
				skip += len(rows)
			}
		}
		known, err := c.find(ctx, set, filter, []string{"Ref_Key", "DataVersion"})
		if err != nil {
			yield(nil, err)
			return
		}
		var terms []string
		for _, r := range known {
			if st.versions[r.ref("Ref_Key")] != r.text("DataVersion") {
				terms = append(terms, eqRef("Ref_Key", r.ref("Ref_Key")))
			}
		}
		for part := range slices.Chunk(terms, c.cfg.PageSize) {
			rows, err := c.findAny(ctx, set, part, fields)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(rows, nil) {
				return
			}
			st.remember(rows)
		}
	}
}

func (s *sweepState) remember(rows []row) {
	for _, r := range rows {
		s.versions[r.ref("Ref_Key")] = r.text("DataVersion")
	}
}

// Orders reads customer orders: each one as a sales order and as an order status.
func (c *Client) Orders() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) { c.readOrders(ctx, cursor, yield) }
	})
}

func (c *Client) readOrders(ctx context.Context, cursor string, yield func(replicator.Page, error) bool) {
	next, filter := c.cursorNow(), c.window(cursor)
	st, ships := c.state("orders", cursor), c.state("orders/shipments", cursor)
	touched, pending, err := c.touchedOrders(ctx, filter, ships)
	if err != nil {
		yield(replicator.Page{}, err)
		return
	}
	emit := func(rows []row) bool {
		page, err := c.orderPage(ctx, rows)
		for _, r := range rows {
			delete(touched, r.ref("Ref_Key"))
		}
		return yield(page, err) && err == nil
	}
	for rows, err := range c.sweep(ctx, c.n.Orders, filter, c.orderSelect(), st) {
		if err != nil {
			yield(replicator.Page{}, err)
			return
		}
		if !emit(rows) {
			return
		}
	}
	// Orders whose shipments changed, though they themselves did not or lie before the window.
	var terms []string
	for ref := range touched {
		terms = append(terms, eqRef("Ref_Key", ref))
	}
	slices.Sort(terms)
	for part := range slices.Chunk(terms, c.cfg.PageSize) {
		rows, err := c.findAny(ctx, c.n.Orders, part, c.orderSelect())
		if err != nil {
			yield(replicator.Page{}, err)
			return
		}
		if !emit(rows) {
			return
		}
	}
	if yield(replicator.Page{Cursor: next}, nil) {
		ships.remember(pending)
	}
}

// touchedOrders sweeps shipments for the orders whose standing they change. The
// versions become known only when those orders were handed over.
func (c *Client) touchedOrders(ctx context.Context, filter string, st *sweepState) (map[string]bool, []row, error) {
	touched := map[string]bool{}
	rows, err := c.find(ctx, c.n.Shipments, filter, []string{"Ref_Key", "DataVersion", "ЗаказКлиента"})
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		if ref := r.ref("ЗаказКлиента"); ref != "" && st.versions[r.ref("Ref_Key")] != r.text("DataVersion") {
			touched[ref] = true
		}
	}
	return touched, rows, nil
}

func (c *Client) orderPage(ctx context.Context, rows []row) (replicator.Page, error) {
	refs := make([]string, 0, len(rows))
	for _, r := range rows {
		if r.text("Статус") != statusNotAgreed && r.flag("Posted") {
			refs = append(refs, r.ref("Ref_Key"))
		}
	}
	shipped, err := c.shippedOf(ctx, refs)
	if err != nil {
		return replicator.Page{}, err
	}
	views, err := c.viewOrders(ctx, rows, shipped)
	if err != nil {
		return replicator.Page{}, err
	}
	page := replicator.Page{Read: len(rows)}
	for _, v := range views {
		if v.refused != nil {
			page.Refused = append(page.Refused, *v.refused)
			continue
		}
		page.Records = append(page.Records, v.order, v.status)
		identify(&page, v.order)
		c.refs.orders.put(v.order.ExternalID, v.order.OrderNumber)
	}
	return page, nil
}

func identify(p *replicator.Page, r schema.Record) {
	p.Identifiers = append(p.Identifiers, replicator.Identifier{Entity: r.RecordEntity(), ExternalID: r.Prov().ExternalID, Key: r.RecordKey()})
}

// Shipments reads the shipment documents.
func (c *Client) Shipments() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			next := c.cursorNow()
			for rows, err := range c.sweep(ctx, c.n.Shipments, c.window(cursor), c.shipmentSelect(), c.state("shipments", cursor)) {
				var page replicator.Page
				if err == nil {
					page, err = c.shipmentPage(ctx, rows)
				}
				if !yield(page, err) || err != nil {
					return
				}
			}
			yield(replicator.Page{Cursor: next}, nil)
		}
	})
}

func (c *Client) shipmentPage(ctx context.Context, rows []row) (replicator.Page, error) {
	orders, refs := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		orders[shipmentOrder(r)] = true
		for _, l := range r.lines("Товары") {
			refs[l.ref("Номенклатура_Key")] = true
		}
	}
	items, err := c.itemsByRef(ctx, refs)
	if err != nil {
		return replicator.Page{}, err
	}
	numbers, err := c.orderNumbers(ctx, orders)
	if err != nil {
		return replicator.Page{}, err
	}
	page := replicator.Page{Read: len(rows)}
	for _, r := range rows {
		s, refused, err := c.viewShipment(ctx, r, items, numbers)
		switch {
		case err != nil:
			return replicator.Page{}, err
		case refused != nil:
			page.Refused = append(page.Refused, *refused)
		case s != nil:
			page.Records = append(page.Records, s)
			identify(&page, s)
		}
	}
	return page, nil
}

// Payments reads the three kinds of payment documents that pay orders.
func (c *Client) Payments() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			next := c.cursorNow()
			for _, k := range c.paymentKinds() {
				for rows, err := range c.sweep(ctx, k.set, c.window(cursor), c.paymentSelect(k), c.state("payments/"+k.set, cursor)) {
					var page replicator.Page
					if err == nil {
						page, err = c.paymentPage(ctx, k, rows)
					}
					if !yield(page, err) || err != nil {
						return
					}
				}
			}
			yield(replicator.Page{Cursor: next}, nil)
		}
	})
}

func (c *Client) paymentPage(ctx context.Context, k paymentKind, rows []row) (replicator.Page, error) {
	orders := map[string]bool{}
	for _, r := range rows {
		for _, l := range r.lines("РасшифровкаПлатежа") {
			if strings.HasSuffix(l.text("ОснованиеПлатежа_Type"), "."+c.n.Orders) {
				orders[l.ref("ОснованиеПлатежа")] = true
			}
		}
	}
	numbers, err := c.orderNumbers(ctx, orders)
	if err != nil {
		return replicator.Page{}, err
	}
	page := replicator.Page{Read: len(rows)}
	for _, r := range rows {
		payments, refused, err := c.payments(ctx, k, r, numbers)
		if err != nil {
			return replicator.Page{}, err
		}
		for _, f := range refused {
			page.Refused = append(page.Refused, *f)
		}
		for _, p := range payments {
			page.Records = append(page.Records, p)
			identify(&page, p)
		}
	}
	return page, nil
}

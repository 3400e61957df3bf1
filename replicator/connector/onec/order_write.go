package onec

import (
	"context"
	"fmt"
	"sort"

	"sverka/replicator"
	"sverka/schema"
)

// ordersByNumber finds orders by the shop's number, marked ones included, and
// what their posted shipments took.
func (c *Client) ordersByNumber(ctx context.Context, numbers []string) (map[string][]row, shippedBy, error) {
	found, err := c.orderDocs(ctx, numbers)
	if err != nil {
		return nil, nil, err
	}
	var refs []string
	for _, rows := range found {
		for _, r := range rows {
			refs = append(refs, r.ref("Ref_Key"))
		}
	}
	sort.Strings(refs)
	shipped, err := c.shippedOf(ctx, refs)
	return found, shipped, err
}

func (c *Client) orderDocs(ctx context.Context, numbers []string) (map[string][]row, error) {
	terms := make([]string, 0, len(numbers))
	for _, n := range numbers {
		terms = append(terms, eqText(c.n.OrderNumber, n))
	}
	rows, err := c.findAny(ctx, c.n.Orders, terms, c.orderSelect())
	if err != nil {
		return nil, err
	}
	out := map[string][]row{}
	for _, r := range rows {
		n := r.text(c.n.OrderNumber)
		out[n] = append(out[n], r)
	}
	return out, nil
}

// shippedOf adds up the posted shipments of the given orders.
func (c *Client) shippedOf(ctx context.Context, orders []string) (shippedBy, error) {
	docs, err := c.shipmentsOf(ctx, orders)
	if err != nil {
		return nil, err
	}
	out := shippedBy{}
	for _, d := range docs {
		addShipped(out, d)
	}
	return out, nil
}

// shipmentsOf reads the shipment documents of orders.
func (c *Client) shipmentsOf(ctx context.Context, orders []string) ([]row, error) {
	terms := make([]string, 0, len(orders))
	for _, ref := range orders {
		terms = append(terms, eqObject("ЗаказКлиента", ref, c.n.Orders))
	}
	return c.findAny(ctx, c.n.Shipments, terms, c.shipmentSelect())
}

func addShipped(out shippedBy, doc row) {
	if doc.flag("DeletionMark") {
		return
	}
	if !doc.flag("Posted") {
		if order := shipmentOrder(doc); order != "" {
			out.add(order, unpostedShipment, schema.Pieces(1))
		}
		return
	}
	for _, l := range doc.lines("Товары") {
		order := l.ref("ЗаказКлиента")
		if order == "" {
			order = doc.ref("ЗаказКлиента")
		}
		if q, err := l.quantity("Количество"); err == nil && order != "" {
			out.add(order, l.ref("Номенклатура_Key"), q)
		}
	}
}

// oneOrder is the document of a number: nil when there is none, an error when a
// person has to sort out which.
func oneOrder(number string, rows []row) (row, error) {
	var live, marked []row
	for _, r := range rows {
		if r.flag("DeletionMark") {
			marked = append(marked, r)
		} else {
			live = append(live, r)
		}
	}
	switch {
	case len(live) > 1:
		return nil, rejected("find order", fmt.Sprintf("%d documents of 1C carry the number %s", len(live), number), "mark all but one of them for deletion")
	case len(live) == 1:
		return live[0], nil
	case len(marked) > 0:
		return nil, rejected("find order", "order "+number+" is marked for deletion in 1C", "take the mark off, or cancel the order in the shop")
	}
	return nil, nil
}

func (c *Client) viewOne(ctx context.Context, doc row, shipped shippedBy) (orderView, error) {
	views, err := c.viewOrders(ctx, []row{doc}, shipped)
	if err != nil {
		return orderView{}, err
	}
	if r := views[0].refused; r != nil {
		fields := make([]string, 0, len(r.Problems))
		for _, p := range r.Problems {
			fields = append(fields, p.Field+" "+p.Reason)
		}
		sort.Strings(fields)
		return orderView{}, rejected("read order", fmt.Sprintf("the document cannot be read: %v", fields), "correct the order in 1C")
	}
	return views[0], nil
}

// orderNeeds is what orders of a batch refer to.
type orderNeeds struct {
	items    map[string]item
	partners map[string]partner
	found    map[string][]row
	shipped  shippedBy
}

// writeOrders finds each order by the shop's number before it creates one, posts
// it, reads it back and compares (invariant 4).
func (c *Client) writeOrders(ctx context.Context, batch []replicator.Delivery, out *results) error {
	skus, codes := map[string]bool{c.cfg.Trade.FreightArticle: true}, map[string]bool{}
	numbers := make([]string, 0, len(batch))
	for _, d := range batch {
		w, ok := d.Wanted.(*schema.SalesOrder)
		if !ok {
			continue
		}
		numbers = append(numbers, w.OrderNumber)
		codes[w.CustomerCode] = true
		for _, l := range w.Lines {
			skus[l.SKU] = true
		}
	}
	needs := orderNeeds{}
	var err error
	if needs.found, needs.shipped, err = c.ordersByNumber(ctx, numbers); err != nil {
		return err
	}
	if needs.items, err = c.itemsBySKU(ctx, skus); err != nil {
		return err
	}
	if needs.partners, err = c.partnersByCode(ctx, codes); err != nil {
		return err
	}
	out.each(ctx, len(batch), func(ctx context.Context, i int) error {
		w, ok := batch[i].Wanted.(*schema.SalesOrder)
		if !ok {
			return rejected("write order", "nothing is wanted", "")
		}
		return c.writeOrder(ctx, i, w, batch[i], needs, out)
	})
	return nil
}

func (c *Client) writeOrder(ctx context.Context, i int, w *schema.SalesOrder, d replicator.Delivery, needs orderNeeds, out *results) error {
	doc, err := oneOrder(w.OrderNumber, needs.found[w.OrderNumber])
	if err != nil {
		return err
	}
	note := alreadyThere
	changed := false
	if doc == nil {
		note, changed = "created", true
		if doc, err = c.createOrder(ctx, w, d.Source, needs); err != nil {
			return err
		}
	} else {
		v, err := c.viewOne(ctx, doc, needs.shipped)
		if err != nil {
			return err
		}
		if diff := differences(w, v.order); len(diff) > 1 || len(diff) == 1 && diff[0] != "posted" {
			note, changed = "changed", true
			if err := c.changeOrder(ctx, w, d.Source, v, needs); err != nil {
				return err
			}
		}
		// A repeat posts again: the attempt before may have died between PATCH and /Post.
		changed = changed || isRepeat(d) && v.status.Phase.Rank() < schema.PhaseShippedPartial.Rank()
	}
	ref := doc.ref("Ref_Key")
	if changed || !doc.flag("Posted") {
		if err := c.postDocument(ctx, c.n.Orders, ref); err != nil {
			return err
		}
		if doc, err = c.element(ctx, c.n.Orders, ref); err != nil {
			return afterWriting(err)
		}
	}
	v, err := c.viewOne(ctx, doc, needs.shipped)
	if err != nil {
		return afterWriting(err)
	}
	if diff := differences(w, v.order); len(diff) > 0 {
		return altered("write order "+w.OrderNumber, diff)
	}
	c.refs.orders.put(ref, w.OrderNumber)
	out.confirm(i, note, ref, v.order, v.status)
	return nil
}

func (c *Client) createOrder(ctx context.Context, w *schema.SalesOrder, source schema.Record, needs orderNeeds) (row, error) {
	body, err := c.orderBody(ctx, w, source, nil, needs)
	if err != nil {
		return nil, err
	}
	organization, err := c.organization(ctx)
	if err != nil {
		return nil, err
	}
	agreement, err := c.configured(ctx, c.n.Agreements, "Description", c.cfg.Trade.Agreement, "agreement")
	if err != nil {
		return nil, err
	}
	body["Организация_Key"] = organization
	if agreement != "" {
		body["Соглашение_Key"] = agreement
	}
	for k, v := range map[string]any{
		c.n.OrderNumber: w.OrderNumber, "ДатаПоДаннымКлиента": c.local(w.OrderedAt), "Статус": c.cfg.Trade.OrderStatus, "Согласован": true,
		"ЦенаВключаетНДС": true, "НалогообложениеНДС": c.cfg.Trade.VATTaxation, "ХозяйственнаяОперация": "РеализацияКлиенту",
	} {
		body[k] = v
	}
	doc, err := c.create(ctx, c.n.Orders, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		found, _, askErr := c.ordersByNumber(ctx, []string{w.OrderNumber})
		if askErr == nil && len(found[w.OrderNumber]) == 1 {
			return found[w.OrderNumber][0], nil
		}
	}
	return doc, err
}

// changeOrder patches an order that nobody has begun to ship.
func (c *Client) changeOrder(ctx context.Context, w *schema.SalesOrder, source schema.Record, v orderView, needs orderNeeds) error {
	if v.status.Phase.Rank() >= schema.PhaseShippedPartial.Rank() || v.row.text("Статус") == statusClosed {
		return rejected("change order "+w.OrderNumber, "the order is shipped or closed in 1C and its fields differ: "+fmt.Sprint(differences(w, v.order)),
			"a person must decide between a correction in 1C and a return")
	}
	body, err := c.orderBody(ctx, w, source, v.row, needs)
	if err != nil {
		return err
	}
	_, err = c.patch(ctx, c.n.Orders, v.row.ref("Ref_Key"), body)
	return err
}

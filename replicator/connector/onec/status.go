package onec

import (
	"context"
	"math/big"

	"sverka/replicator"
	"sverka/schema"
)

// Values of Document_ЗаказКлиента.Статус.
const (
	statusNotAgreed = "НеСогласован"
	statusToSupply  = "КОбеспечению"
	statusToShip    = "КОтгрузке"
	statusClosed    = "Закрыт"
)

// unpostedShipment stands in a shippedBy for shipments whose posting was taken back.
const unpostedShipment = "unposted"

// shippedBy is what posted shipments took, by order and item.
type shippedBy map[string]map[string]schema.Quantity

func (s shippedBy) add(order, item string, q schema.Quantity) {
	if s[order] == nil {
		s[order] = map[string]schema.Quantity{}
	}
	s[order][item] += q
}

func mulDivFloor(a, b, div int64) int64 {
	x := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	return x.Quo(x, big.NewInt(div)).Int64()
}

// statusOf reads where an order stands. Закрыт alone says nothing: what was
// shipped decides between completed, closed short and cancelled.
func (c *Client) statusOf(ctx context.Context, r row, o *schema.SalesOrder, items map[string]item, shipped map[string]schema.Quantity) (*schema.OrderStatus, error) {
	s := &schema.OrderStatus{Provenance: o.Provenance, OrderNumber: o.OrderNumber, VendorStatus: r.text("Статус")}
	s.Extra = nil
	s.Phase = phaseOf(r, o, extent(r, items, shipped))
	if shipped[unpostedShipment] > 0 && r.text("Статус") == statusClosed && s.Phase != schema.PhaseCompleted && !allCancelled(o) {
		// An accountant took a shipment back after the order was closed: neither
		// cancelled nor closed short is true until he is done.
		s.Phase, s.Reason = schema.PhaseHeld, "a shipment of the closed order is not posted"
	}
	if s.Phase != schema.PhaseCancelled {
		return s, nil
	}
	for _, l := range r.lines("Товары") {
		if ref := l.ref("ПричинаОтмены_Key"); ref != "" && l.flag("Отменено") {
			var err error
			s.Reason, err = c.fieldOf(ctx, c.n.CancelReasons, ref, "Description")
			return s, err
		}
	}
	return s, nil
}

// How much of an order has been shipped.
const (
	shippedNothing = iota
	shippedPart
	shippedAll
)

func extent(r row, items map[string]item, shipped map[string]schema.Quantity) int {
	ordered := map[string]schema.Quantity{}
	for _, l := range r.lines("Товары") {
		ref := l.ref("Номенклатура_Key")
		if q, err := l.quantity("Количество"); err == nil && !l.flag("Отменено") && !items[ref].service {
			ordered[ref] += q
		}
	}
	some, all := false, len(ordered) > 0
	for ref, q := range shipped {
		some = some || q > 0 && ref != unpostedShipment
	}
	for ref, q := range ordered {
		all = all && shipped[ref] >= q
	}
	switch {
	case all, len(ordered) == 0 && r.text("Статус") == statusClosed: // only services: nothing is left to ship
		return shippedAll
	case some:
		return shippedPart
	}
	return shippedNothing
}

func phaseOf(r row, o *schema.SalesOrder, shipped int) schema.Phase {
	status := r.text("Статус")
	switch {
	case r.flag("DeletionMark"), allCancelled(o):
		return schema.PhaseCancelled
	case status == statusNotAgreed:
		return schema.PhaseReceived
	case status == statusClosed:
		return [...]schema.Phase{schema.PhaseCancelled, schema.PhaseClosedShort, schema.PhaseCompleted}[shipped]
	case status != statusToSupply && status != statusToShip:
		return schema.PhaseUnknown // a release of UT that is not mapped; never guessed
	case !r.flag("Posted"):
		return schema.PhaseReceived
	case shipped == shippedAll:
		return schema.PhaseShipped
	case shipped == shippedPart:
		return schema.PhaseShippedPartial
	case status == statusToShip:
		return schema.PhaseReleased
	}
	return schema.PhaseAccepted
}

// projectStatus is what 1C can be told. It derives shipped phases from its own
// shipment documents, so all that a shipped order needs is КОтгрузке. Phases that
// 1C has no value for are nil.
func (c *Client) projectStatus(source, held *schema.OrderStatus) *schema.OrderStatus {
	if !source.DeletedAt.IsZero() {
		return nil
	}
	out := &schema.OrderStatus{Provenance: schema.Provenance{System: schema.OneC}, OrderNumber: source.OrderNumber}
	switch source.Phase {
	case schema.PhaseReleased, schema.PhaseShippedPartial, schema.PhaseShipped, schema.PhaseDelivered:
		out.Phase, out.VendorStatus = schema.PhaseReleased, statusToShip
	case schema.PhaseCompleted, schema.PhaseClosedShort:
		out.Phase, out.VendorStatus = source.Phase, statusClosed
	case schema.PhaseCancelled:
		out.Phase, out.VendorStatus, out.Reason = source.Phase, c.cfg.Trade.OrderStatus, c.cfg.Trade.CancelReason
		if held != nil {
			out.VendorStatus = held.VendorStatus
		}
	case schema.PhaseReceived, schema.PhaseAwaitingPayment, schema.PhaseAccepted, schema.PhaseAwaitingStock, schema.PhaseHeld,
		schema.PhaseReturned, schema.PhaseSuperseded, schema.PhaseUnknown:
		return nil
	}
	if held != nil && (held.Phase.Rank() >= out.Phase.Rank() || !held.DeletedAt.IsZero()) {
		return schema.Clone(held) // already there or further
	}
	return out
}

// writeStatuses moves orders to their status and posts them again.
func (c *Client) writeStatuses(ctx context.Context, batch []replicator.Delivery, out *results) error {
	numbers := make([]string, 0, len(batch))
	for _, d := range batch {
		if d.Wanted != nil {
			numbers = append(numbers, string(d.Wanted.RecordKey()))
		}
	}
	found, shipped, err := c.ordersByNumber(ctx, numbers)
	if err != nil {
		return err
	}
	out.each(ctx, len(batch), func(ctx context.Context, i int) error {
		w, ok := batch[i].Wanted.(*schema.OrderStatus)
		if !ok {
			return rejected("write order status", "nothing is wanted", "")
		}
		doc, err := oneOrder(w.OrderNumber, found[w.OrderNumber])
		if err != nil {
			return err
		}
		if doc == nil {
			return orderMissing(w.OrderNumber)
		}
		return c.writeStatus(ctx, i, batch[i], doc, shipped, out)
	})
	return nil
}

func (c *Client) writeStatus(ctx context.Context, i int, d replicator.Delivery, doc row, shipped shippedBy, out *results) error {
	w, _ := d.Wanted.(*schema.OrderStatus)
	v, err := c.viewOne(ctx, doc, shipped)
	if err != nil {
		return err
	}
	ref := doc.ref("Ref_Key")
	if v.status.Phase.Rank() >= w.Phase.Rank() {
		if isRepeat(d) && doc.flag("Posted") {
			// An earlier attempt may have patched the document and died before it was
			// posted again: the document would look right, its movements would not.
			if err := c.postDocument(ctx, c.n.Orders, ref); err != nil {
				return err
			}
		}
		out.confirm(i, alreadyThere, v.status.ExternalID, v.status, v.order)
		return nil
	}
	body, err := c.statusBody(ctx, w, v)
	if err != nil {
		return err
	}
	if _, err := c.patch(ctx, c.n.Orders, ref, body); err != nil {
		return err
	}
	if err := c.postDocument(ctx, c.n.Orders, ref); err != nil {
		return err
	}
	again, err := c.element(ctx, c.n.Orders, ref)
	if err != nil {
		return afterWriting(err)
	}
	if v, err = c.viewOne(ctx, again, shipped); err != nil {
		return afterWriting(err)
	}
	if v.status.Phase.Rank() < w.Phase.Rank() {
		return altered("write order status", []string{"phase"})
	}
	out.confirm(i, "status set", v.status.ExternalID, v.status, v.order)
	return nil
}

// statusBody is what a status changes in the document.
func (c *Client) statusBody(ctx context.Context, w *schema.OrderStatus, v orderView) (row, error) {
	rows := v.row.lines("Товары")
	lines := make([]row, 0, len(rows))
	for _, l := range rows {
		lines = append(lines, l.writable())
	}
	switch {
	case w.Phase == schema.PhaseCancelled:
		if rank := v.status.Phase.Rank(); rank >= schema.PhaseShippedPartial.Rank() {
			return nil, &replicator.HoldError{
				Reason: "already_shipped", Message: "order " + w.OrderNumber + " has posted shipments in 1C and cannot be cancelled",
				Hint: "register the return of the goods", WaitsFor: []string{replicator.OrderTopic(w.OrderNumber)},
			}
		}
		reason, err := c.configured(ctx, c.n.CancelReasons, "Description", c.cfg.Trade.CancelReason, "cancel reason")
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			l["Отменено"] = true
			if reason != "" {
				l["ПричинаОтмены_Key"] = reason
			}
		}
		return row{"Товары": numbered(lines), "СуммаДокумента": schema.Amount(0)}, nil
	case w.VendorStatus == statusClosed:
		short := v.status.Phase == schema.PhaseShippedPartial && w.Phase == schema.PhaseClosedShort
		if v.status.Phase != schema.PhaseShipped && !short {
			return nil, &replicator.HoldError{
				Reason: "not_shipped", Message: "order " + w.OrderNumber + " is not shipped in 1C, closing it would cancel the rest",
				WaitsFor: []string{replicator.OrderTopic(w.OrderNumber)},
			}
		}
		return row{"Статус": statusClosed}, nil
	}
	for _, l := range lines {
		if !l.flag("Отменено") && l.text("ВариантОбеспечения") != "Отгрузить" {
			l["ВариантОбеспечения"] = "Отгрузить"
		}
	}
	return row{"Статус": statusToShip, "Товары": numbered(lines)}, nil
}

// isRepeat tells whether an earlier attempt may have left something half done.
func isRepeat(d replicator.Delivery) bool { return d.AskFirst || d.Attempt > 1 }

func orderMissing(number string) *replicator.HoldError {
	return &replicator.HoldError{
		Reason: "order_missing", Message: "order " + number + " is not in 1C yet",
		WaitsFor: []string{replicator.Subject{Entity: schema.EntitySalesOrder, System: schema.OneC, Key: schema.Key(number)}.Topic(), replicator.OrderTopic(number)},
	}
}

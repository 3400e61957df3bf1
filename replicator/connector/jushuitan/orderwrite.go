package jushuitan

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"sverka/replicator"
	"sverka/schema"
)

// writeOrders uploads orders. Every number is looked up first, so what is there
// already is confirmed without a call and what ended there is never revived
// (invariant 4).
func (c *Client) writeOrders(ctx context.Context, j *job) {
	open := j.open()
	there, err := c.lookUp(ctx, j.numbers(open))
	if err != nil {
		j.failAll(open, err)
		return
	}
	var parcels []*parcel
	var over []cancellation
	for _, i := range open {
		k := there[string(j.batch[i].Key)]
		src, isOrder := j.batch[i].Source.(*schema.SalesOrder)
		switch {
		case !isOrder:
			j.fail(i, rejected(opOrdersUpload, "", "the delivery carries no order", ""))
		case ended(&j.batch[i], src):
			if t := decideCancel(j, i, k); len(t.ids) > 0 {
				over = append(over, t)
			}
		default:
			if p := c.decideOrder(j, i, src, k); p != nil {
				parcels = append(parcels, p)
			}
		}
	}
	c.cancelAll(ctx, j, over)
	c.upload(ctx, j, parcels)
}

func (j *job) numbers(indexes []int) []string {
	var out []string
	for _, i := range indexes {
		n := string(j.batch[i].Key)
		if pay, isPayment := j.batch[i].Source.(*schema.Payment); isPayment {
			n = pay.OrderNumber
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// decideOrder settles an order that needs no upload, and returns the parcel of
// one that does.
func (c *Client) decideOrder(j *job, i int, src *schema.SalesOrder, k *known) *parcel {
	d := &j.batch[i]
	var held *schema.SalesOrder
	note := "created"
	if k != nil {
		if k.err != nil {
			j.fail(i, k.err)
			return nil
		}
		held, note = k.order, "updated"
	}
	plan, err := c.planOrder(src, held, &d.Related)
	if err == nil && plan.WarehouseCode != "" && c.ids[plan.WarehouseCode] == "" {
		err = &replicator.HoldError{
			Reason: "warehouse_unmapped", Message: "warehouse " + plan.WarehouseCode + " of order " + plan.OrderNumber + " has no counterpart in Jushuitan",
			Hint: "map it in the configuration", WaitsFor: []string{topic(schema.EntityWarehouse, schema.Key(plan.WarehouseCode))},
		}
	}
	if err != nil {
		j.fail(i, err)
		return nil
	}
	f := fund(plan.Total, plan.Currency, d.Related.Payments)
	if k != nil && c.settleKnown(j, i, k, plan, f) {
		return nil
	}
	return &parcel{index: i, wanted: plan, body: c.payload(plan, src, &d.Related, f), note: note}
}

// settleKnown settles an order that Jushuitan has, unless an upload can change it.
func (c *Client) settleKnown(j *job, i int, k *known, plan *schema.SalesOrder, f funding) bool {
	same := schema.Hash(plan) == schema.Hash(k.order)
	fields := fixed(plan, k.order)
	hold := k.ended()
	switch {
	case same && k.paidFor(f) && hold == nil:
		j.confirm(i, k.confirmation("already there"))
	case hold != nil:
		j.fail(i, hold)
	case len(fields) > 0:
		j.fail(i, k.fixedHold(fields))
	case !same && k.status.Phase.Rank() >= schema.PhaseShipped.Rank():
		j.fail(i, shippedHold(k))
	default:
		return false
	}
	return true
}

// upload sends parcels and confirms the accepted ones by what is read back.
func (c *Client) upload(ctx context.Context, j *job, parcels []*parcel) {
	var accepted []*parcel
	for chunk := range slices.Chunk(parcels, maxOrdersPerCall) {
		accepted = append(accepted, c.send(ctx, j, chunk)...)
	}
	if len(accepted) == 0 {
		return
	}
	numbers := make([]string, 0, len(accepted))
	for _, p := range accepted {
		numbers = append(numbers, p.wanted.OrderNumber)
	}
	there, err := c.lookUp(ctx, numbers)
	for _, p := range accepted {
		k := there[p.wanted.OrderNumber]
		if err == nil && k != nil && k.err == nil {
			j.confirm(p.index, k.confirmation(p.note))
			continue
		}
		// The upload itself was confirmed; only its reading must wait for the poll.
		seen := schema.Clone(p.wanted)
		seen.ObservedAt = c.cfg.Now().UTC()
		j.confirm(p.index, replicator.Confirmation{Observed: []schema.Record{seen}, Note: p.note + ", not read back yet"})
	}
}

// uploadResult is one row of the answer to an upload.
type uploadResult struct {
	Number  text   `json:"so_id"`
	ID      text   `json:"o_id"`
	Success *truth `json:"issuccess"`
	Msg     text   `json:"msg"`
}

// send makes one upload and returns what was accepted. A call that is refused as
// a whole is halved until the one bad order stands alone (invariant 5).
func (c *Client) send(ctx context.Context, j *job, parcels []*parcel) []*parcel {
	bodies := make([]*uploadOrder, 0, len(parcels))
	var private []string
	for _, p := range parcels {
		bodies = append(bodies, &p.body)
		private = append(private, p.body.secrets()...)
	}
	b, _, err := c.query(ctx, opOrdersUpload, bodies)
	if err != nil && len(parcels) > 1 && replicator.KindOf(err) == replicator.Rejected {
		half := len(parcels) / 2
		return append(c.send(ctx, j, parcels[:half]), c.send(ctx, j, parcels[half:])...)
	}
	if err != nil {
		for _, p := range parcels {
			j.fail(p.index, withoutQuotes(err, private))
		}
		return nil
	}
	results := map[string]*uploadResult{}
	for _, raw := range b.rows {
		r := &uploadResult{}
		if json.Unmarshal(raw, r) == nil {
			results[string(r.Number)] = r
		}
	}
	var accepted []*parcel
	for _, p := range parcels {
		switch r := results[p.wanted.OrderNumber]; {
		case r == nil:
			j.fail(p.index, &replicator.Failure{
				Kind: replicator.Unknown, System: system, Operation: opOrdersUpload, Message: "the answer has no row for order " + p.wanted.OrderNumber,
			})
		case r.Success == nil || !bool(*r.Success):
			j.fail(p.index, rejected(opOrdersUpload+" "+p.wanted.OrderNumber, "", vendorWords(string(r.Msg), private), "correct the order and send it again"))
		default:
			accepted = append(accepted, p)
		}
	}
	return accepted
}

// withoutQuotes replaces a vendor's text that quotes what must not be shown.
func withoutQuotes(err error, private []string) error {
	var f *replicator.Failure
	if !errors.As(err, &f) {
		return err
	}
	clean := *f
	clean.Message = vendorWords(f.Message, private)
	return &clean
}

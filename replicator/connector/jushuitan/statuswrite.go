package jushuitan

import (
	"context"
	"slices"

	"sverka/replicator"
	"sverka/schema"
)

// projectStatus: the only status that Jushuitan can be told is the end of an
// order. That an order is accepted travels as its payment; the rest is
// Jushuitan's own to say.
func projectStatus(d *replicator.Delivery, src *schema.OrderStatus) schema.Record {
	if src.Phase != schema.PhaseCancelled {
		return nil
	}
	if held, isStatus := d.Held.(*schema.OrderStatus); isStatus && held != nil && held.Phase == schema.PhaseCancelled {
		return schema.Clone(held)
	}
	return &schema.OrderStatus{
		Provenance:  schema.Provenance{System: schema.Jushuitan},
		OrderNumber: src.OrderNumber, Phase: schema.PhaseCancelled, VendorStatus: "Cancelled",
	}
}

// writeStatuses cancels orders and believes it only when they read Cancelled. An
// order that was given to the warehouse is not asked for: a person must decide
// between catching it and taking it back.
func (c *Client) writeStatuses(ctx context.Context, j *job) {
	open := j.open()
	there, err := c.lookUp(ctx, j.numbers(open))
	if err != nil {
		j.failAll(open, err)
		return
	}
	var todo []cancellation
	for _, i := range open {
		if t := decideCancel(j, i, there[string(j.batch[i].Key)]); len(t.ids) > 0 {
			todo = append(todo, t)
		}
	}
	c.cancelAll(ctx, j, todo)
}

// cancelAll cancels orders in calls of ten, whose parts stay within the vendor's fifty.
func (c *Client) cancelAll(ctx context.Context, j *job, todo []cancellation) {
	var sent []cancellation
	for chunk := range slices.Chunk(todo, 10) {
		sent = append(sent, c.cancel(ctx, j, chunk)...)
	}
	c.confirmCancelled(ctx, j, sent)
}

// cancellation is one order to cancel: all of its parts after a split.
type cancellation struct {
	index  int
	number string
	ids    []int64
}

// decideCancel settles an order that needs no call.
func decideCancel(j *job, i int, k *known) cancellation {
	number := string(j.batch[i].Key)
	if k == nil {
		j.confirm(i, replicator.Confirmation{Note: "not in Jushuitan, nothing to cancel"})
		return cancellation{}
	}
	if k.err != nil {
		j.fail(i, k.err)
		return cancellation{}
	}
	t := cancellation{index: i, number: number}
	for _, part := range k.parts {
		switch phaseOf(string(part.Status)) {
		case schema.PhaseCancelled, schema.PhaseSuperseded:
		case schema.PhaseAwaitingPayment, schema.PhaseAccepted, schema.PhaseHeld:
			id, err := parseInteger(string(part.ID))
			if err != nil {
				j.fail(i, rejected(opOrdersCancel, "", "order "+number+" has no usable o_id", "cancel it in Jushuitan by hand"))
				return cancellation{}
			}
			t.ids = append(t.ids, id)
		default:
			j.fail(i, refusedHold(k))
			return cancellation{}
		}
	}
	if len(t.ids) == 0 {
		j.confirm(i, k.confirmation("already cancelled"))
	}
	return t
}

func refusedHold(k *known) *replicator.HoldError {
	return &replicator.HoldError{
		Reason: "warehouse_refused_cancel", Message: "order " + k.order.OrderNumber + " is " + string(k.row.Status) + " in Jushuitan and cannot be cancelled",
		Hint: "have the warehouse stop it, or ship it and take it back", WaitsFor: k.topics(),
	}
}

// cancel makes one call and returns what it accepted. A refusal does not say
// which order it means, so the orders are then asked for one by one.
func (c *Client) cancel(ctx context.Context, j *job, todo []cancellation) []cancellation {
	var ids []int64
	for _, t := range todo {
		ids = append(ids, t.ids...)
	}
	_, err := c.call(ctx, opOrdersCancel, map[string]any{"o_ids": ids, "cancel_type": "用户取消", "remark": "cancelled by the shop"})
	if err == nil {
		return todo
	}
	if replicator.KindOf(err) != replicator.Rejected {
		for _, t := range todo {
			j.fail(t.index, err)
		}
		return nil
	}
	if len(todo) == 1 {
		j.fail(todo[0].index, c.whyRefused(ctx, todo[0].number, err))
		return nil
	}
	var sent []cancellation
	for _, t := range todo {
		sent = append(sent, c.cancel(ctx, j, []cancellation{t})...)
	}
	return sent
}

// whyRefused tells an order that the warehouse was given meanwhile from one that
// is refused for another reason.
func (c *Client) whyRefused(ctx context.Context, number string, refusal error) error {
	there, err := c.lookUp(ctx, []string{number})
	k := there[number]
	if err != nil || k == nil || k.err != nil {
		return refusal
	}
	switch k.status.Phase { //nolint:exhaustive // only these explain a refusal
	case schema.PhaseReleased, schema.PhaseShippedPartial, schema.PhaseShipped:
		return refusedHold(k)
	}
	return refusal
}

func (c *Client) confirmCancelled(ctx context.Context, j *job, sent []cancellation) {
	if len(sent) == 0 {
		return
	}
	numbers := make([]string, 0, len(sent))
	for _, t := range sent {
		numbers = append(numbers, t.number)
	}
	there, err := c.lookUp(ctx, numbers)
	for _, t := range sent {
		k := there[t.number]
		switch {
		case err == nil && k != nil && k.err == nil && k.status.Phase == schema.PhaseCancelled:
			j.confirm(t.index, k.confirmation("cancelled"))
		case err == nil && k != nil && k.err == nil && k.status.Phase.Rank() >= schema.PhaseReleased.Rank():
			j.fail(t.index, refusedHold(k))
		default:
			j.fail(t.index, &replicator.Failure{
				Kind: replicator.Unknown, System: system, Operation: opOrdersCancel,
				Message: "the cancellation of order " + t.number + " was accepted but does not show yet", Err: err,
			})
		}
	}
}

package jushuitan

import (
	"context"
	"fmt"

	"sverka/replicator"
	"sverka/schema"
)

// writePayments reports payments by uploading their orders again with pay{}.
func (c *Client) writePayments(ctx context.Context, j *job) {
	open := j.open()
	there, err := c.lookUp(ctx, j.numbers(open))
	if err != nil {
		j.failAll(open, err)
		return
	}
	var parcels []*parcel
	for _, i := range open {
		src, isPayment := j.batch[i].Source.(*schema.Payment)
		if !isPayment {
			j.fail(i, rejected(opOrdersUpload, "", "the delivery carries no payment", ""))
			continue
		}
		if p := c.decidePayment(j, i, src, there[src.OrderNumber]); p != nil {
			parcels = append(parcels, p)
		}
	}
	c.upload(ctx, j, parcels)
}

// decidePayment settles a payment that needs no upload, and returns the parcel
// of its order otherwise.
func (c *Client) decidePayment(j *job, i int, src *schema.Payment, k *known) *parcel {
	d := &j.batch[i]
	order := d.Related.Order
	if k == nil || order == nil {
		j.fail(i, &replicator.HoldError{
			Reason: "order_missing", Message: "order " + src.OrderNumber + " of the payment is not in Jushuitan yet",
			WaitsFor: []string{topic(schema.EntitySalesOrder, schema.Key(src.OrderNumber)), replicator.OrderTopic(src.OrderNumber)},
		})
		return nil
	}
	if k.err != nil {
		j.fail(i, k.err)
		return nil
	}
	f := fund(k.order.Total, k.order.Currency, paymentsOf(d, src))
	switch {
	case k.hasPayment(src.PaymentID):
		j.confirm(i, k.confirmation("already there"))
	case !f.complete:
		j.fail(i, &replicator.HoldError{
			Reason: "not_fully_paid", Message: fmt.Sprintf("order %s is not paid in full; Jushuitan releases it only when %s is there", src.OrderNumber, k.order.Total),
			WaitsFor: []string{replicator.OrderTopic(src.OrderNumber)},
		})
	case f.lead.PaymentID != src.PaymentID:
		j.confirm(i, replicator.Confirmation{Note: "told with the payment that completes the sum"})
	case schema.Amount(k.row.PaidAmount) >= k.order.Total && k.order.Total > 0:
		j.confirm(i, k.confirmation("already paid in Jushuitan by another payment"))
	default:
		return c.paymentParcel(j, i, k, order, f)
	}
	return nil
}

func (c *Client) paymentParcel(j *job, i int, k *known, order *schema.SalesOrder, f funding) *parcel {
	if hold := k.ended(); hold != nil {
		j.fail(i, hold)
		return nil
	}
	rel := &j.batch[i].Related
	plan, err := c.planOrder(order, k.order, rel)
	if err != nil {
		j.fail(i, err)
		return nil
	}
	// What is due is what Jushuitan holds: it releases the order for exactly that.
	plan.Total, plan.Freight = k.order.Total, k.order.Freight
	return &parcel{index: i, wanted: plan, body: c.payload(plan, order, rel, f), note: "paid"}
}

package jushuitan

import (
	"slices"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// funding is the one payment by which an order is reported as paid.
type funding struct {
	lead     *schema.Payment // the payment that made the sum complete
	complete bool
}

// fund looks whether payments in the order's currency cover its total. Jushuitan takes one payment per
// upload and releases the order only when it covers what is due, so parts wait
// until the last one arrives and are reported together under its number.
func fund(total schema.Amount, currency string, payments []*schema.Payment) funding {
	paid := slices.DeleteFunc(slices.Clone(payments), func(p *schema.Payment) bool {
		return p == nil || p.Status != schema.PaymentPaid || p.Currency != currency || !p.DeletedAt.IsZero()
	})
	slices.SortStableFunc(paid, func(a, b *schema.Payment) int {
		if n := a.PaidAt.Compare(b.PaidAt); n != 0 {
			return n
		}
		if a.PaymentID < b.PaymentID {
			return -1
		}
		return 1
	})
	var sum schema.Amount
	for _, p := range paid {
		if sum += p.Amount; sum >= total {
			return funding{lead: p, complete: true}
		}
	}
	return funding{}
}

// paymentsOf are the order's payments, the delivery's own among them.
func paymentsOf(d *replicator.Delivery, own *schema.Payment) []*schema.Payment {
	all := slices.DeleteFunc(slices.Clone(d.Related.Payments), func(p *schema.Payment) bool { return p.PaymentID == own.PaymentID })
	return append(all, own)
}

// projectPayment returns the payment as Jushuitan would hold it. Only received
// money is told; a part of an order's money is told with the payment that
// completes it, and money beyond the total not at all.
func (c *Client) projectPayment(d *replicator.Delivery, src *schema.Payment) (schema.Record, error) {
	if src.Status != schema.PaymentPaid || !src.DeletedAt.IsZero() {
		return nil, nil //nolint:nilnil // the contract: nil means nothing to be told
	}
	if len(src.PaymentID) > 50 {
		return nil, rejected("project payment of order "+src.OrderNumber, "", "the payment id is longer than 50 characters", "shorten it in the source system")
	}
	if held, isPayment := d.Held.(*schema.Payment); isPayment && held != nil {
		return schema.Clone(held), nil // a payment that Jushuitan has cannot be changed by an upload
	}
	wanted := &schema.Payment{
		Provenance: schema.Provenance{System: schema.Jushuitan}, PaymentID: src.PaymentID, OrderNumber: src.OrderNumber,
		Amount: src.Amount, Currency: src.Currency, Method: methodText(src.Method), Status: schema.PaymentPaid, PaidAt: src.PaidAt.UTC().Truncate(time.Second),
	}
	due := c.dueFor(d)
	if due == nil {
		return wanted, nil // Write holds it until the order is known
	}
	f := fund(due.Total, due.Currency, paymentsOf(d, src))
	switch {
	case !f.complete:
		return wanted, nil // Write holds it until the rest is paid
	case f.lead.PaymentID != src.PaymentID:
		return nil, nil //nolint:nilnil // told with the payment that completes the sum
	}
	wanted.Amount = due.Total
	return wanted, nil
}

// methodText is the vendor's free text for a method, 20 characters at most.
func methodText(method string) string { return shorten(firstOf(method, "other"), 20) }

// dueFor is the delivery's order as Jushuitan holds it, or will hold it; nil when
// it is not known.
func (c *Client) dueFor(d *replicator.Delivery) *schema.SalesOrder {
	if d.Related.HeldOrder != nil || d.Related.Order == nil {
		return d.Related.HeldOrder
	}
	plan, err := c.planOrder(d.Related.Order, nil, &d.Related)
	if err != nil {
		return nil // the order's own flow says what is wrong with it
	}
	return plan
}

package jushuitan

import (
	"fmt"
	"time"

	"sverka/schema"
)

// payments are the payments that Jushuitan knows of an order. Those without a
// number of the payer's side were entered by hand and have no key of ours.
func (c *Client) payments(row *orderRow, asked time.Time) ([]*schema.Payment, error) {
	var out []*schema.Payment
	for i := range row.Pays {
		p, err := c.payment(row, &row.Pays[i], asked)
		if err != nil {
			return nil, fmt.Errorf("pays[%d]: %w", i+1, err)
		}
		if p != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

func (c *Client) payment(row *orderRow, pay *payRow, asked time.Time) (*schema.Payment, error) {
	if pay.OuterID == "" {
		return nil, nil //nolint:nilnil // no key, no record
	}
	at, err := c.parseTime(pay.Date)
	if err != nil {
		return nil, err
	}
	p := &schema.Payment{
		Provenance: schema.Provenance{System: schema.Jushuitan, ExternalID: string(pay.ID), ObservedAt: asked},
		PaymentID:  string(pay.OuterID), OrderNumber: string(row.Number), Amount: schema.Amount(pay.Amount), Currency: string(row.Currency),
		Method: string(pay.Method), PaidAt: at,
	}
	if p.Currency == "" {
		p.Currency = c.cfg.Currency
	}
	switch pay.Status {
	case "Confirmed":
		p.Status = schema.PaymentPaid
	case "WaitConfirm":
		p.Status = schema.PaymentPending
	case "Cancelled":
		p.Status = schema.PaymentFailed
	default:
		return nil, fmt.Errorf("status %q is not in the mapping", string(pay.Status))
	}
	return p, nil
}

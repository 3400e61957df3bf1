package jushuitan

import (
	"time"

	"sverka/schema"
)

// phaseOf maps an order status of Jushuitan. A value that is not in the published
// list is PhaseUnknown: never guessed.
func phaseOf(status string) schema.Phase {
	switch status {
	case "WaitPay":
		return schema.PhaseAwaitingPayment
	case "WaitConfirm", "WaitFConfirm":
		return schema.PhaseAccepted
	case "Delivering", "WaitOuterSent":
		return schema.PhaseReleased
	case "Sent":
		return schema.PhaseShipped
	case "Question":
		return schema.PhaseHeld
	case "Cancelled":
		return schema.PhaseCancelled
	case "Merged", "Split":
		return schema.PhaseSuperseded
	}
	return schema.PhaseUnknown
}

// orderStatus is where Jushuitan says the order stands. A released order some of
// whose lines have left is shipped in part. ChangedAt is filled only where the
// vendor names the moment of that very phase.
func (c *Client) orderStatus(row *orderRow, asked time.Time) (*schema.OrderStatus, error) {
	s := &schema.OrderStatus{
		Provenance: c.orderProvenance(row, asked), OrderNumber: string(row.Number),
		Phase: phaseOf(string(row.Status)), VendorStatus: string(row.Status),
	}
	switch s.Phase { //nolint:exhaustive // only these three need more than the status itself
	case schema.PhaseHeld:
		s.Reason = string(row.Question)
	case schema.PhaseReleased:
		if row.partlySent() {
			s.Phase = schema.PhaseShippedPartial
		}
	case schema.PhaseShipped:
		t, err := c.parseTime(row.SendDate)
		if err != nil {
			return nil, err
		}
		s.ChangedAt = t
	}
	return s, nil
}

func (r *orderRow) partlySent() bool {
	sent, left := false, false
	for i := range r.Items {
		switch st := r.Items[i].Status; {
		case r.Items[i].cancelled():
		case st == "Sent" || st == "OuterSent":
			sent = true
		default:
			left = true
		}
	}
	return sent && left
}

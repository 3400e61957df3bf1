package schema

import "time"

// Phase is how far an order has come, in the words that all systems share.
type Phase string

// Phases in the order of an undisturbed life, then the ends.
const (
	PhaseReceived        Phase = "received"
	PhaseAwaitingPayment Phase = "awaiting_payment"
	PhaseAccepted        Phase = "accepted" // accepted and paid, or payable on delivery
	PhaseAwaitingStock   Phase = "awaiting_stock"
	PhaseHeld            Phase = "held" // a person must look
	PhaseReleased        Phase = "released"
	PhaseShippedPartial  Phase = "shipped_partial"
	PhaseShipped         Phase = "shipped"
	PhaseDelivered       Phase = "delivered"
	PhaseCompleted       Phase = "completed"
	PhaseClosedShort     Phase = "closed_short"
	PhaseCancelled       Phase = "cancelled"
	PhaseReturned        Phase = "returned"
	PhaseSuperseded      Phase = "superseded" // merged into or split into other orders
	PhaseUnknown         Phase = "unknown"    // the vendor's value is not in the mapping; never guessed
)

// Rank orders phases: a status never moves to a lower rank through sverka, so two
// systems that tell each other converge in one hop. Phases that say nothing about
// progress have rank 0.
func (p Phase) Rank() int {
	switch p {
	case PhaseReceived:
		return 1
	case PhaseAwaitingPayment:
		return 2
	case PhaseAccepted:
		return 3
	case PhaseAwaitingStock:
		return 4
	case PhaseReleased:
		return 5
	case PhaseShippedPartial:
		return 6
	case PhaseShipped:
		return 7
	case PhaseDelivered:
		return 8
	case PhaseCompleted, PhaseClosedShort:
		return 9
	case PhaseCancelled:
		return 10
	case PhaseReturned:
		return 11
	case PhaseHeld, PhaseSuperseded, PhaseUnknown:
		return 0
	}
	return 0
}

// Valid tells whether the phase is one of the list above.
func (p Phase) Valid() bool {
	return p.Rank() > 0 || p == PhaseHeld || p == PhaseSuperseded || p == PhaseUnknown
}

// OrderStatus is where one system says an order stands. Key: order number.
type OrderStatus struct {
	Provenance
	OrderNumber  string    `json:"order_number"`
	Phase        Phase     `json:"phase"`
	VendorStatus string    `json:"vendor_status"` // the system's own value, verbatim
	Reason       string    `json:"reason"`        // why held or cancelled, "" otherwise
	ChangedAt    time.Time `json:"changed_at,omitzero"`
}

// RecordEntity implements [Record].
func (s *OrderStatus) RecordEntity() Entity { return EntityOrderStatus }

// RecordKey implements [Record].
func (s *OrderStatus) RecordKey() Key { return Key(s.OrderNumber) }

// Prov implements [Record].
func (s *OrderStatus) Prov() *Provenance { return &s.Provenance }

// Validate implements [Record].
func (s *OrderStatus) Validate() []Problem {
	var c checker
	c.key("order_number", s.OrderNumber, 30)
	if !s.Phase.Valid() {
		c.add("phase", string(s.Phase), "is not a phase sverka knows", "map the vendor's status "+s.VendorStatus)
	}
	return c.problems
}

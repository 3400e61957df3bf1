package openshopsim

import (
	"fmt"
	"time"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// order is a buyer's order as the shop keeps it.
type order struct {
	world     simworld.Order
	status    string
	changed   time.Time
	cancelled bool
	reason    string
	tracking  string
	shipment  string
	paidAt    time.Time
	payment   string // number of the payment document
	method    string
	broken    bool // its XML has an impossible line
	taken     bool // somebody acknowledged it
	version   int  // grows with every change that a buyer makes
}

func (s *Sim) add(o simworld.Order, at time.Time) *order {
	kept := &order{world: o, status: "[P] Ждёт оплаты", changed: at, method: o.PaymentMethod}
	if o.PaymentMethod == schema.MethodOnDelivery {
		kept.status = "[N] Принят"
	}
	if o.Paid {
		kept.status, kept.paidAt, kept.payment = "[O] Оплачен", at, "PAY-"+o.Number
	}
	s.orders[o.Number] = kept
	s.sequence = append(s.sequence, o.Number)
	return kept
}

// PlaceOrder is a buyer at the checkout. A number that exists is refused.
func (s *Sim) PlaceOrder(o simworld.Order) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.orders[o.Number] != nil {
		return fmt.Errorf("place order %s: the shop has it already", o.Number)
	}
	if s.world.CustomerByCode(o.Customer) == nil {
		return fmt.Errorf("place order %s: customer %s is not known", o.Number, o.Customer)
	}
	s.add(o, s.now())
	return nil
}

// PlaceBrokenOrder puts an order into the shop whose XML no one can read whole: its
// quantity is the word "много". Everything else is as the first past order.
func (s *Sim) PlaceBrokenOrder(number string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.orders[number] != nil || len(s.world.Orders) == 0 {
		return fmt.Errorf("place broken order %s: the number is taken, or the world has no order to copy", number)
	}
	o := s.world.Orders[0]
	o.Number, o.Paid, o.Shipped, o.At = number, false, false, s.now()
	s.add(o, s.now()).broken = true
	return nil
}

// change finds an order for a buyer's act and offers it to the exchange again.
func (s *Sim) change(number string, act func(o *order)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[number]
	if o == nil {
		return fmt.Errorf("order %s: the shop does not have it", number)
	}
	act(o)
	o.version++
	o.taken = false
	return nil
}

// Pay is a buyer's payment of the whole order. method is a schema.Method… word,
// "" keeps the order's.
func (s *Sim) Pay(number, paymentID, method string, at time.Time) error {
	return s.change(number, func(o *order) {
		o.payment, o.paidAt = paymentID, at.UTC().Truncate(time.Second)
		if method != "" {
			o.method = method
		}
		if !o.cancelled {
			o.status, o.changed = "[O] Оплачен", o.paidAt
		}
	})
}

// Cancel is a buyer's cancellation.
func (s *Sim) Cancel(number string) error {
	return s.change(number, func(o *order) {
		o.cancelled, o.status, o.changed, o.reason = true, "[C] Отменён", s.now(), "отменён покупателем"
	})
}

// SetShownStock overwrites what the shop shows, as a person in its back office
// would: damage for the reconciler to find. The warehouse is a code of the world.
func (s *Sim) SetShownStock(warehouse, sku string, q schema.Quantity) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.products[sku] == nil || s.warehouses[WarehouseID(warehouse)] == "" {
		return fmt.Errorf("set shown stock of %s in %s: the shop does not have the product or the warehouse", sku, warehouse)
	}
	s.stock[place{WarehouseID(warehouse), sku}] = stockRow{q, s.now()}
	return nil
}

// OrderView is what a person sees of an order.
type OrderView struct {
	Number, Status, Reason, Tracking, Shipment, Payment string

	Cancelled, Paid, Taken bool
	ChangedAt              time.Time
}

// Order looks an order up.
func (s *Sim) Order(number string) (OrderView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[number]
	if o == nil {
		return OrderView{}, false
	}
	return OrderView{
		Number: number, Status: o.status, Reason: o.reason, Tracking: o.tracking, Shipment: o.shipment, Payment: o.payment,
		Cancelled: o.cancelled, Paid: !o.paidAt.IsZero(), Taken: o.taken, ChangedAt: o.changed,
	}, true
}

// ProductView is what a person sees of an article.
type ProductView struct {
	ID, SKU, Name, Description, Category string

	Retail  schema.Amount
	Enabled bool
	Deleted bool
}

// Product looks an article up.
func (s *Sim) Product(sku string) (ProductView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.products[sku]
	if p == nil {
		return ProductView{}, false
	}
	return ProductView{
		ID: p.ID, SKU: p.SKU, Name: p.Name, Description: p.Description, Category: p.Category,
		Retail: p.Prices[retailName].amount, Enabled: p.Enabled, Deleted: !p.Deleted.IsZero(),
	}, true
}

// Stock is what the shop shows of an article in a warehouse of the world.
func (s *Sim) Stock(warehouse, sku string) (schema.Quantity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok := s.stock[place{WarehouseID(warehouse), sku}]
	return row.quantity, ok
}

// Sessions counts the logins so far.
func (s *Sim) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// Arrivals lists SKUs, "warehouse/sku" keys and order numbers in the order in
// which imports changed them.
func (s *Sim) Arrivals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.arrivals...)
}

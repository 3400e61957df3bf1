package jushuitansim

import (
	"slices"

	"sverka/schema"
)

// OrderState is what a test or a demo wants to know of an order.
type OrderState struct {
	ID         int64 // o_id
	Number     string
	Status     string
	ShopStatus string
	Customer   string
	Total      schema.Amount
	Freight    schema.Amount
	Paid       schema.Amount
	Warehouse  int64
	Receiver   string
	Address    string
	State      string
	City       string
	Lines      []LineState
}

// LineState is one line of an [OrderState].
type LineState struct {
	SKU, OuterID, Status string
	Qty, Shipped         int64
	Amount               schema.Amount
}

// Order shows the order of a number, the latest one after a split; false when
// there is none.
func (s *Sim) Order(soID string) (OrderState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(soID)
	if o == nil {
		return OrderState{}, false
	}
	return o.show(), true
}

func (o *order) show() OrderState {
	st := OrderState{
		ID: o.oID, Number: o.up.SoID, Status: o.status, ShopStatus: o.up.ShopStatus, Customer: o.up.ShopBuyerID, Total: *o.up.PayAmount,
		Freight: *o.up.Freight, Paid: o.paid(), Warehouse: o.wms, Receiver: o.up.ReceiverName, Address: o.up.ReceiverAddress,
		State: text(o.up.ReceiverState), City: text(o.up.ReceiverCity),
	}
	for _, it := range o.items {
		st.Lines = append(st.Lines, LineState{SKU: it.SKU, OuterID: it.OuterID, Status: it.state(o), Qty: it.Qty, Shipped: it.shipped, Amount: *it.Amount})
	}
	return st
}

// OrderCount is how many orders carry a number; a connector must never make it two.
func (s *Sim) OrderCount(soID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, o := range s.orders {
		if o.up.SoID == soID {
			n++
		}
	}
	return n
}

// OrdersIn lists the numbers of the orders in a status, oldest first: what waits
// for whom.
func (s *Sim) OrdersIn(status string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, o := range s.orders {
		if o.status == status && !slices.Contains(out, o.up.SoID) {
			out = append(out, o.up.SoID)
		}
	}
	return out
}

// Quantity is what lies in a warehouse of an article, and how much of it is locked.
func (s *Sim) Quantity(warehouseID int, sku string) (qty, locked int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.stock[int64(warehouseID)][sku]
	if b == nil {
		return 0, 0
	}
	return b.qty, b.orderLock + b.otherLock
}

// Calls is how many requests reached a path, refused ones included.
func (s *Sim) Calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[path]
}

// Refusals is how many answers carried a code.
func (s *Sim) Refusals(code int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errors[code]
}

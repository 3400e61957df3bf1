package jushuitan

import (
	"context"
	"fmt"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// known is an order as it was found in Jushuitan by its number.
type known struct {
	row    *orderRow   // all rows of the number combined
	parts  []*orderRow // as they are
	order  *schema.SalesOrder
	status *schema.OrderStatus
	pays   []*schema.Payment
	err    error // *replicator.Failure: the order is there and cannot be understood
}

// lookUp asks for orders by number; numbers that Jushuitan does not have are absent.
func (c *Client) lookUp(ctx context.Context, numbers []string) (map[string]*known, error) {
	if err := c.learnMain(ctx); err != nil {
		return nil, err
	}
	set, err := c.findRows(ctx, numbers)
	if err != nil {
		return nil, err
	}
	out := map[string]*known{}
	for n, rows := range set.rows {
		out[n] = c.understand(rows)
	}
	for n := range set.unreadable {
		out[n] = &known{err: rejected(opOrders, "", "order "+n+" has a row that cannot be read", "look at the order in Jushuitan")}
	}
	return out, nil
}

func (c *Client) understand(rows []*orderRow) *known {
	k := &known{row: combine(rows), parts: newest(rows)}
	n := string(k.row.Number)
	var err error
	if c.placeCode(k.row.Warehouse) == "" {
		k.err = &replicator.HoldError{
			Reason: "warehouse_unmapped", Message: "order " + n + " lies in warehouse " + string(k.row.Warehouse) + " of Jushuitan, which is not mapped",
			Hint: "give its wms_co_id a warehouse code in the configuration",
		}
		return k
	}
	if k.order, err = c.salesOrder(k.row, k.row.asked); err == nil {
		if k.status, err = c.orderStatus(k.row, k.row.asked); err == nil {
			k.pays, err = c.payments(k.row, k.row.asked)
		}
	}
	if err != nil {
		k.err = rejected(opOrders, "", fmt.Sprintf("order %s cannot be understood: %v", n, err), "correct the order in Jushuitan")
	}
	return k
}

// confirmation stages what was found as Jushuitan's own rows.
func (k *known) confirmation(note string) replicator.Confirmation {
	conf := replicator.Confirmation{ExternalID: string(k.row.ID), Note: note}
	var p replicator.Page
	stage(&p, k.order)
	stage(&p, k.status)
	for _, pay := range k.pays {
		stage(&p, pay)
	}
	conf.Observed = p.Records
	return conf
}

func (k *known) hasPayment(id string) bool {
	for _, p := range k.pays {
		if p.PaymentID == id {
			return true
		}
	}
	return false
}

// paidFor tells whether the order's money is there, whoever reported it.
func (k *known) paidFor(f funding) bool {
	return !f.complete || k.hasPayment(f.lead.PaymentID) || schema.Amount(k.row.PaidAmount) >= k.order.Total
}

// ended holds what concerns an order that takes no more changes.
func (k *known) ended() *replicator.HoldError {
	switch k.status.Phase { //nolint:exhaustive // the others are alive
	case schema.PhaseCancelled:
		return &replicator.HoldError{
			Reason: "order_cancelled_in_jushuitan", Message: "order " + k.order.OrderNumber + " is cancelled in Jushuitan",
			Hint: "cancel it in the source too, or restore it in Jushuitan", WaitsFor: k.topics(),
		}
	case schema.PhaseSuperseded:
		return &replicator.HoldError{
			Reason: "order_superseded", Message: "order " + k.order.OrderNumber + " was merged into another order in Jushuitan",
			Hint: "carry the change out in Jushuitan by hand", WaitsFor: k.topics(),
		}
	}
	return nil
}

func (k *known) topics() []string {
	key := schema.Key(k.order.OrderNumber)
	return []string{replicator.OrderTopic(k.order.OrderNumber), topic(schema.EntityOrderStatus, key), topic(schema.EntitySalesOrder, key)}
}

// fixed names what differs and cannot be changed by an upload.
func fixed(wanted, there *schema.SalesOrder) []string {
	var out []string
	add := func(differs bool, field string) {
		if differs {
			out = append(out, field)
		}
	}
	add(wanted.CustomerCode != there.CustomerCode, "customer")
	add(wanted.Currency != there.Currency, "currency")
	add(wanted.Total != there.Total, "total")
	add(wanted.Freight != there.Freight, "freight")
	add(wanted.PaymentMethod != there.PaymentMethod, "payment method")
	add(wanted.WarehouseCode != there.WarehouseCode, "warehouse")
	add(!sameLines(wanted.Lines, there.Lines), "lines")
	return out
}

func sameLines(a, b []schema.SalesOrderLine) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		x.Cancelled, y.Cancelled = false, false // can be marked
		if x != y {
			return false
		}
	}
	return true
}

// fixedHold holds an order whose difference a person must carry out.
func (k *known) fixedHold(fields []string) *replicator.HoldError {
	return &replicator.HoldError{
		Reason: "order_fixed", Message: "order " + k.order.OrderNumber + " is already in Jushuitan with other " + strings.Join(fields, ", "),
		Hint: "change it in Jushuitan by hand, or cancel it and enter a new order", WaitsFor: k.topics(),
	}
}

func shippedHold(k *known) *replicator.HoldError {
	return &replicator.HoldError{
		Reason: "order_already_shipped", Message: "order " + k.order.OrderNumber + " has left the warehouse and keeps its receiver",
		Hint: "tell the carrier, or wait for the return", WaitsFor: k.topics(),
	}
}

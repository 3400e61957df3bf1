package replicator

import (
	"fmt"
	"strings"

	"sverka/schema"
)

// FlowID names a flow: "sales_order:onec>jushuitan".
type FlowID string

// Flow is one edge of the mission's table of directions.
type Flow struct {
	Entity schema.Entity
	Source schema.System
	Target schema.System
	Gates  []Gate // all must be open before anything is sent
}

// ID is the flow's stable name.
func (f Flow) ID() FlowID {
	return FlowID(fmt.Sprintf("%s:%s>%s", f.Entity, f.Source, f.Target))
}

// Gate is a condition under which a flow may send.
type Gate string

// Gates.
const (
	GateAccepted        Gate = "accepted"         // the source's own row of the order is posted
	GatePaid            Gate = "paid"             // payment verified, or the method needs none before release
	GateAddressResolved Gate = "address_resolved" // the geocoder resolved the order's address
	GateOwnsStock       Gate = "owns_stock"       // the source runs the warehouse
	GateStockSettled    Gate = "stock_settled"    // no shipment under way explains the difference
	GateAheadOfTarget   Gate = "ahead_of_target"  // the source's phase is further than the target's
)

// Flows is the mission's table of directions: the only place where it stands.
func Flows() []Flow {
	return []Flow{
		{schema.EntityProduct, schema.Jushuitan, schema.OneC, nil},
		{schema.EntityProduct, schema.OneC, schema.OpenShop, nil},
		{schema.EntityCustomer, schema.OpenShop, schema.OneC, nil},
		{schema.EntityCustomer, schema.OneC, schema.Jushuitan, nil},
		{schema.EntityWarehouse, schema.OneC, schema.Jushuitan, nil},
		{schema.EntityWarehouse, schema.Jushuitan, schema.OneC, nil},
		{schema.EntityOrderStatus, schema.OpenShop, schema.OneC, []Gate{GateAheadOfTarget}},
		{schema.EntityOrderStatus, schema.OneC, schema.OpenShop, []Gate{GateAheadOfTarget}},
		{schema.EntityOrderStatus, schema.OneC, schema.Jushuitan, []Gate{GateAheadOfTarget}},
		{schema.EntityOrderStatus, schema.Jushuitan, schema.OneC, []Gate{GateAheadOfTarget}},
		{schema.EntitySalesOrder, schema.OpenShop, schema.OneC, []Gate{GateAddressResolved}},
		{schema.EntitySalesOrder, schema.OneC, schema.Jushuitan, []Gate{GateAccepted, GatePaid}},
		{schema.EntityStockBalance, schema.OneC, schema.Jushuitan, []Gate{GateOwnsStock}},
		{schema.EntityStockBalance, schema.Jushuitan, schema.OneC, []Gate{GateOwnsStock, GateStockSettled}},
		{schema.EntityStockBalance, schema.OneC, schema.OpenShop, nil},
		{schema.EntityShipment, schema.Jushuitan, schema.OneC, nil},
		{schema.EntityPayment, schema.OpenShop, schema.OneC, nil},
		{schema.EntityPayment, schema.OneC, schema.Jushuitan, nil},
		{schema.EntityJournalEntry, schema.Sverka, schema.OneC, nil},
	}
}

// ParseFlowID finds a flow of the table by its name.
func ParseFlowID(id string) (Flow, error) {
	var known []string
	for _, f := range Flows() {
		if string(f.ID()) == id {
			return f, nil
		}
		known = append(known, string(f.ID()))
	}
	return Flow{}, fmt.Errorf("flow %q: not in the table; known flows: %s", id, strings.Join(known, ", "))
}

// Mode is how far a flow is rolled out.
type Mode string

// Modes. A flow that is off keeps its wishes; they are sent when it is switched on.
const (
	ModeOff    Mode = "off"
	ModeShadow Mode = "shadow" // composes and records what it would send; sends nothing
	ModeLive   Mode = "live"
)

// ParseMode reads a mode.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case ModeOff, ModeShadow, ModeLive:
		return m, nil
	}
	return "", fmt.Errorf("mode %q: must be off, shadow or live", s)
}

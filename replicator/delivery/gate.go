package delivery

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema"
)

//go:embed sql/stock_settled.sql
var stockSettledSQL string

// facts are what gates look at beyond the delivery's own rows.
type facts struct {
	owners  map[string]schema.System // warehouse → who runs it
	banked  map[money]schema.Amount  // what came in on our account for an order
	settled map[schema.Key]bool
}

// money names what an order was paid in: sums of different currencies are never added.
type money struct{ order, currency string }

// gates settles every delivery whose gate is shut, and those whose source row is gone.
func (e *Engine) gates(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) error {
	f, err := e.facts(ctx, tx, st, items)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.delivery.Source == nil {
			it.settled = done("nothing_to_tell") // the source holds nothing for the key any more
			continue
		}
		for _, g := range st.Gates {
			if it.settled = e.gate(g, f, &it.delivery); it.settled != nil {
				break
			}
		}
	}
	return nil
}

func (e *Engine) facts(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) (facts, error) {
	var f facts
	for _, g := range st.Gates {
		var err error
		switch g {
		case replicator.GateOwnsStock:
			f.owners, err = stockOwners(ctx, tx)
		case replicator.GatePaid:
			f.banked, err = banked(ctx, tx, items)
		case replicator.GateStockSettled:
			f.settled, err = e.stockSettled(ctx, tx, st, items)
		case replicator.GateAccepted, replicator.GateAddressResolved, replicator.GateAheadOfTarget:
		}
		if err != nil {
			return facts{}, fmt.Errorf("gate %s: %w", g, err)
		}
	}
	return f, nil
}

// gate is nil when the gate is open.
func (e *Engine) gate(g replicator.Gate, f facts, d *replicator.Delivery) *settlement {
	switch g {
	case replicator.GateAccepted:
		return e.gateAccepted(d)
	case replicator.GatePaid:
		return e.gatePaid(f, d)
	case replicator.GateAddressResolved:
		return e.gateAddress(d)
	case replicator.GateOwnsStock:
		return e.gateOwner(f, d)
	case replicator.GateStockSettled:
		if !f.settled[d.Key] {
			return e.held(&replicator.HoldError{Reason: "stock_unsettled", Message: "a shipment under way may explain the difference; the figure is looked at again"})
		}
	case replicator.GateAheadOfTarget:
		return e.gateAhead(d)
	}
	return nil
}

func (e *Engine) gateAccepted(d *replicator.Delivery) *settlement {
	o, ok := d.Source.(*schema.SalesOrder)
	if !ok || o.Posted || askAndCancel(d) {
		return nil
	}
	return e.held(&replicator.HoldError{
		Reason: "not_accepted", Message: "the order is not posted in " + string(d.Flow.Source),
		Hint: "post the order in 1C", WaitsFor: []string{replicator.OrderTopic(o.OrderNumber)},
	})
}

// gatePaid opens for orders paid on delivery, for orders whose recorded payments
// cover them, and, for bank transfers, only once the bank's own lines do.
func (e *Engine) gatePaid(f facts, d *replicator.Delivery) *settlement {
	o, ok := d.Source.(*schema.SalesOrder)
	if !ok || o.PaymentMethod == schema.MethodOnDelivery || askAndCancel(d) {
		return nil
	}
	if d.Related.Status != nil && d.Related.Status.Phase == schema.PhaseCancelled && d.Held == nil {
		return done("nothing_to_tell") // cancelled before it was released: the warehouse never hears of it
	}
	var paid schema.Amount
	for _, p := range d.Related.Payments {
		switch {
		case p.Currency != o.Currency:
		case p.Status == schema.PaymentPaid:
			paid += p.Amount
		case p.Status == schema.PaymentRefunded:
			paid -= p.Amount
		}
	}
	hold := &replicator.HoldError{Reason: "not_paid", Message: fmt.Sprintf("paid %s of %s %s", paid, o.Total, o.Currency), WaitsFor: []string{replicator.OrderTopic(o.OrderNumber)}}
	if o.PaymentMethod == schema.MethodBankTransfer {
		paid = f.banked[money{o.OrderNumber, o.Currency}]
		hold.Reason = "payment_not_verified"
		hold.Message = fmt.Sprintf("the bank shows %s of %s %s for the order", paid, o.Total, o.Currency)
		hold.Hint = "wait for the bank statement, or find the payment whose purpose does not name the order"
	}
	if paid >= o.Total {
		return nil
	}
	return e.held(hold)
}

// askAndCancel tells whether an ended order may have reached the target although the
// answer was lost (invariant 4): no gate may then shut, the sink must ask and cancel
// what it finds.
func askAndCancel(d *replicator.Delivery) bool {
	if !d.AskFirst || d.Held != nil || d.Source == nil {
		return false
	}
	status := d.Related.Status
	if own, ok := d.Source.(*schema.OrderStatus); ok {
		status = own
	}
	return !d.Source.Prov().DeletedAt.IsZero() || status != nil && status.Phase == schema.PhaseCancelled
}

func (e *Engine) gateAddress(d *replicator.Delivery) *settlement {
	o, ok := d.Source.(*schema.SalesOrder)
	if !ok || o.AddressText == "" {
		return nil // fetched by the buyer
	}
	topic := replicator.Subject{Entity: schema.EntityAddress, System: schema.Yandex, Key: schema.Key(schema.AddressID(o.AddressText))}.Topic()
	switch a := d.Related.Address; {
	case a == nil:
		return e.held(&replicator.HoldError{Reason: "address_pending", Message: "the address is being looked up", WaitsFor: []string{topic}})
	case a.Status == schema.AddressResolved:
		return nil
	default:
		return e.held(&replicator.HoldError{
			Reason: "address_unresolved", Message: fmt.Sprintf("the geocoder answered %s with %d candidates", a.Status, a.Candidates),
			Hint: "ask the buyer and correct the address of the order in the shop", WaitsFor: []string{topic},
		})
	}
}

// gateOwner lets only the system that runs a warehouse say what lies in it.
func (e *Engine) gateOwner(f facts, d *replicator.Delivery) *settlement {
	b, ok := d.Source.(*schema.StockBalance)
	if !ok {
		return nil
	}
	switch owner := f.owners[b.WarehouseCode]; owner {
	case d.Flow.Source:
		return nil
	case "":
		return e.held(&replicator.HoldError{
			Reason: "stock_owner_unknown", Message: "nobody is named as the owner of the stock of warehouse " + b.WarehouseCode,
			Hint: "name it in the configuration under stock.owners",
		})
	default:
		return done("not_owner")
	}
}

// gateAhead lets a status only move forward, so that two systems that tell each
// other their status come to rest after one hop.
func (e *Engine) gateAhead(d *replicator.Delivery) *settlement {
	src, ok := d.Source.(*schema.OrderStatus)
	if !ok || askAndCancel(d) {
		return nil
	}
	if src.Phase.Rank() == 0 {
		return done("nothing_to_tell")
	}
	held, ok := d.Held.(*schema.OrderStatus)
	if !ok {
		if src.Phase.Rank() <= schema.PhaseAccepted.Rank() || (src.Phase == schema.PhaseCancelled && d.Related.HeldOrder == nil) {
			return done("nothing_to_tell") // the order's own flow tells it
		}
		return e.held(&replicator.HoldError{
			Reason: "order_missing", Message: string(d.Flow.Target) + " does not hold the order yet",
			WaitsFor: []string{replicator.OrderTopic(src.OrderNumber)},
		})
	}
	if src.Phase.Rank() <= held.Phase.Rank() {
		return done("equal")
	}
	if src.Phase == schema.PhaseCancelled && held.Phase.Rank() >= schema.PhaseShippedPartial.Rank() {
		return e.held(&replicator.HoldError{
			Reason: "already_shipped", Message: string(d.Flow.Target) + " has shipped the order: it becomes a return, not a cancel",
			Hint: "agree on a return with the buyer", WaitsFor: []string{replicator.OrderTopic(src.OrderNumber)},
		})
	}
	return nil
}

func stockOwners(ctx context.Context, tx pgx.Tx) (map[string]schema.System, error) {
	rows, err := tx.Query(ctx, `SELECT warehouse_code, system FROM ops.stock_owner`)
	if err != nil {
		return nil, fmt.Errorf("read stock owners: %w", err)
	}
	owners := map[string]schema.System{}
	var wh string
	var sys schema.System
	_, err = pgx.ForEachRow(rows, []any{&wh, &sys}, func() error { owners[wh] = sys; return nil })
	if err != nil {
		return nil, fmt.Errorf("read stock owners: %w", err)
	}
	return owners, nil
}

// banked sums what came in on our accounts with an order's number in its purpose.
func banked(ctx context.Context, tx pgx.Tx, items []*item) (map[money]schema.Amount, error) {
	keys := make([]string, 0, len(items))
	for _, it := range items {
		keys = append(keys, string(it.Key))
	}
	rows, err := tx.Query(ctx, `SELECT order_reference, currency, sum(CASE direction WHEN 'in' THEN amount ELSE -amount END)
FROM canonical.bank_transaction WHERE order_reference = ANY ($1) AND deleted_at IS NULL GROUP BY order_reference, currency`, keys)
	if err != nil {
		return nil, fmt.Errorf("sum bank lines: %w", err)
	}
	sums := map[money]schema.Amount{}
	var m money
	var sum schema.Amount
	_, err = pgx.ForEachRow(rows, []any{&m.order, &m.currency, &sum}, func() error { sums[m] = sum; return nil })
	if err != nil {
		return nil, fmt.Errorf("sum bank lines: %w", err)
	}
	return sums, nil
}

func (e *Engine) stockSettled(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) (map[schema.Key]bool, error) {
	var warehouses, skus []string
	for _, it := range items {
		if p := it.Key.Split(2); len(p) == 2 {
			warehouses, skus = append(warehouses, p[0]), append(skus, p[1])
		}
	}
	rows, err := tx.Query(ctx, stockSettledSQL, st.Source, st.Target, warehouses, skus, e.cfg.StockSettle.Milliseconds())
	if err != nil {
		return nil, fmt.Errorf("read movements under way: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[schema.Key])
	if err != nil {
		return nil, fmt.Errorf("read movements under way: %w", err)
	}
	settled := map[schema.Key]bool{}
	for _, k := range keys {
		settled[k] = true
	}
	return settled, nil
}

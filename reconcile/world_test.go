package reconcile_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/schema"
	"sverka/schema/canonical"
)

// asOf is the instant at which all worlds are compared.
var asOf = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// long ago nothing is young any more.
var longAgo = asOf.Add(-48 * time.Hour)

// delivery is a row of the ledger.
type delivery struct {
	flow, key, state, reason, failure, mode string
	since                                   time.Time
}

// world is what the systems hold, before it is written to a database.
type world struct {
	records    []schema.Record
	deliveries []delivery
	stale      []reconcile.Source // sources that are not fresh
	readAt     map[reconcile.Source]time.Time
}

func at(t time.Time) schema.Provenance { return schema.Provenance{ObservedAt: t, SourceModifiedAt: t} }

func from(s schema.System, t time.Time) schema.Provenance {
	p := at(t)
	p.System = s
	return p
}

func (w *world) add(records ...schema.Record) { w.records = append(w.records, records...) }

func (w *world) warehouse(code string, systems ...schema.System) {
	for _, s := range systems {
		w.add(&schema.Warehouse{Provenance: from(s, longAgo), WarehouseCode: code, Name: "Warehouse " + code, Active: true})
	}
}

func (w *world) product(sku string, price schema.Amount, systems ...schema.System) {
	for _, s := range systems {
		p := &schema.Product{Provenance: from(s, longAgo), SKU: sku, Name: "Product " + sku, UnitCode: "796", Enabled: true}
		p.ExternalID = string(s) + "-" + sku
		if price > 0 {
			p.Prices = []schema.ProductPrice{{PriceType: schema.PriceRetail, Amount: price, Currency: "RUB"}}
		}
		w.add(p)
	}
}

func (w *world) stock(s schema.System, warehouse, sku string, quantity, reserved int64) *schema.StockBalance {
	b := &schema.StockBalance{
		Provenance: from(s, longAgo), WarehouseCode: warehouse, SKU: sku, UnitCode: "796",
		Quantity: schema.Pieces(quantity), Reserved: schema.Pieces(reserved),
	}
	w.add(b)
	return b
}

// stockEverywhere puts the same balance into all three systems.
func (w *world) stockEverywhere(warehouse, sku string, quantity, reserved int64) {
	w.stock(schema.OneC, warehouse, sku, quantity, reserved)
	w.stock(schema.Jushuitan, warehouse, sku, quantity, reserved)
	w.stock(schema.OpenShop, warehouse, sku, max(quantity-reserved, 0), 0)
}

func (w *world) order(s schema.System, number, warehouse string, when time.Time, lines ...schema.SalesOrderLine) *schema.SalesOrder {
	o := &schema.SalesOrder{
		Provenance: from(s, when), OrderNumber: number, CustomerCode: "C-1", OrderedAt: when, Currency: "RUB",
		PaymentMethod: schema.MethodBankTransfer, WarehouseCode: warehouse, Posted: true, Lines: lines,
	}
	o.ExternalID = string(s) + "-" + number
	for i := range o.Lines {
		o.Lines[i].LineNo = i + 1
		o.Total += o.Lines[i].Amount
	}
	w.add(o)
	return o
}

func line(sku string, quantity int64, price schema.Amount) schema.SalesOrderLine {
	amount, _ := schema.Pieces(quantity).Times(price)
	return schema.SalesOrderLine{SKU: sku, Name: sku, Quantity: schema.Pieces(quantity), UnitCode: "796", Price: price, Amount: amount, VATRate: "20"}
}

func (w *world) status(s schema.System, number string, phase schema.Phase, when time.Time) *schema.OrderStatus {
	st := &schema.OrderStatus{Provenance: from(s, when), OrderNumber: number, Phase: phase, VendorStatus: string(phase), ChangedAt: when}
	w.add(st)
	return st
}

func (w *world) payment(s schema.System, id, number string, amount schema.Amount, when time.Time) *schema.Payment {
	p := &schema.Payment{
		Provenance: from(s, when), PaymentID: id, OrderNumber: number, Amount: amount, Currency: "RUB",
		Method: schema.MethodBankTransfer, Status: schema.PaymentPaid, PaidAt: when,
	}
	w.add(p)
	return p
}

func (w *world) bankLine(id, number string, amount schema.Amount, when time.Time) *schema.BankTransaction {
	b := &schema.BankTransaction{
		Provenance: from(schema.Bank, when), TransactionID: id, Account: "40702810000000000001", Direction: schema.BankIn,
		Amount: amount, Currency: "RUB", BookedOn: when.Truncate(24 * time.Hour), DocumentNumber: id, OrderReference: number,
	}
	w.add(b)
	return b
}

func (w *world) shipment(s schema.System, invoice, number, warehouse string, when time.Time, lines ...schema.ShipmentLine) *schema.Shipment {
	for i := range lines {
		lines[i].LineNo = i + 1
	}
	sh := &schema.Shipment{
		Provenance: from(s, when), InvoiceNumber: invoice, OrderNumber: number, WarehouseCode: warehouse,
		ShippedAt: when, Status: schema.ShipmentShipped, Lines: lines,
	}
	w.add(sh)
	return sh
}

func shipped(sku string, quantity int64) schema.ShipmentLine {
	return schema.ShipmentLine{SKU: sku, Quantity: schema.Pieces(quantity), UnitCode: "796"}
}

// fullOrder is an order that all three systems and the bank know alike, shipped and paid.
func (w *world) fullOrder(number, warehouse, sku string, quantity int64, price schema.Amount) {
	l := line(sku, quantity, price)
	for _, s := range []schema.System{schema.OpenShop, schema.OneC, schema.Jushuitan} {
		w.order(s, number, warehouse, longAgo, l)
		w.payment(s, "P-"+number, number, l.Amount, longAgo)
	}
	w.status(schema.OpenShop, number, schema.PhaseShipped, longAgo)
	w.status(schema.OneC, number, schema.PhaseShipped, longAgo)
	w.status(schema.Jushuitan, number, schema.PhaseShipped, longAgo)
	w.bankLine("B-"+number, number, l.Amount, longAgo)
	w.shipment(schema.OneC, "I-"+number, number, warehouse, longAgo, shipped(sku, quantity))
	w.shipment(schema.Jushuitan, "I-"+number, number, warehouse, longAgo, shipped(sku, quantity))
}

// find returns the record of one system and key, to spoil it.
func find[T schema.Record](t *testing.T, w *world, s schema.System, key schema.Key) T {
	t.Helper()
	for _, r := range w.records {
		if typed, ok := r.(T); ok && r.Prov().System == s && r.RecordKey() == key {
			return typed
		}
	}
	t.Fatalf("the world has no %T of %s with key %s", *new(T), s, key)
	return *new(T)
}

// remove takes a record out of the world.
func (w *world) remove(e schema.Entity, s schema.System, key schema.Key) {
	kept := w.records[:0]
	for _, r := range w.records {
		if r.RecordEntity() != e || r.Prov().System != s || r.RecordKey() != key {
			kept = append(kept, r)
		}
	}
	w.records = kept
}

// allSources are the readers that a whole installation has.
func allSources() []reconcile.Source {
	var out []reconcile.Source
	for _, e := range []schema.Entity{schema.EntityStockBalance, schema.EntitySalesOrder, schema.EntityOrderStatus, schema.EntityPayment} {
		for _, s := range []schema.System{schema.OneC, schema.Jushuitan, schema.OpenShop} {
			out = append(out, reconcile.Source{System: s, Entity: e})
		}
	}
	return append(out, reconcile.Source{System: schema.OneC, Entity: schema.EntityShipment},
		reconcile.Source{System: schema.Jushuitan, Entity: schema.EntityShipment},
		reconcile.Source{System: schema.Bank, Entity: schema.EntityBankTransaction})
}

// write puts the world into a database, its records in a random order.
func (w *world) write(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	records := append([]schema.Record(nil), w.records...)
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for len(records) > 0 {
			n := min(len(records), 500)
			if _, err := canonical.Stage(t.Context(), tx, records[:n]...); err != nil {
				return err
			}
			records = records[n:]
		}
		if err := w.writeSources(t.Context(), tx); err != nil {
			return err
		}
		return w.writeDeliveries(t.Context(), tx)
	})
	if err != nil {
		t.Fatalf("write the world: %v", err)
	}
}

func (w *world) writeSources(ctx context.Context, tx pgx.Tx) error {
	stale := map[reconcile.Source]bool{}
	for _, s := range w.stale {
		stale[s] = true
	}
	for _, s := range allSources() {
		read := asOf.Add(-time.Minute)
		if stale[s] {
			read = asOf.Add(-100 * time.Hour)
		}
		if special, ok := w.readAt[s]; ok {
			read = special
		}
		_, err := tx.Exec(ctx, `INSERT INTO ops.intake_source (system, name, entity, last_started_at, last_complete_started_at, last_complete_finished_at)
			VALUES ($1, $2, $2, $3, $3, $3) ON CONFLICT (system, name) DO UPDATE SET last_complete_started_at = excluded.last_complete_started_at,
			last_complete_finished_at = excluded.last_complete_finished_at`, s.System, s.Entity, read)
		if err != nil {
			return fmt.Errorf("source %s: %w", s, err)
		}
	}
	return nil
}

func (w *world) writeDeliveries(ctx context.Context, tx pgx.Tx) error {
	for _, d := range w.deliveries {
		_, err := tx.Exec(ctx, `INSERT INTO ops.delivery (flow, key, wanted_lsn, state, reason, failure, changed_at, created_at)
			VALUES ($1, $2, '0/10', $3, $4, $5, $6, $6)`, d.flow, d.key, d.state, d.reason, d.failure, d.since)
		if err != nil {
			return fmt.Errorf("delivery %s %s: %w", d.flow, d.key, err)
		}
		if d.mode == "" {
			continue
		}
		_, err = tx.Exec(ctx, `INSERT INTO ops.flow (flow, mode) VALUES ($1, $2) ON CONFLICT (flow) DO UPDATE SET mode = excluded.mode`, d.flow, d.mode)
		if err != nil {
			return fmt.Errorf("flow %s: %w", d.flow, err)
		}
	}
	return nil
}

// run compares a database as of the common instant.
func run(t *testing.T, pool *pgxpool.Pool, change ...func(*reconcile.Options)) reconcile.Summary {
	t.Helper()
	o := reconcile.Options{AsOf: asOf, Now: func() time.Time { return asOf }}
	for _, c := range change {
		c(&o)
	}
	s, err := reconcile.Run(t.Context(), pool, o)
	if err != nil {
		t.Fatalf("run: %v\ntotals: %+v", err, broken(s.Totals))
	}
	return s
}

func broken(totals []reconcile.ControlTotal) []reconcile.ControlTotal {
	var out []reconcile.ControlTotal
	for _, c := range totals {
		if !c.Ties {
			out = append(out, c)
		}
	}
	return out
}

// listed reads the findings of a run.
func listed(t *testing.T, q reconcile.Querier, runID int64) []reconcile.Finding {
	t.Helper()
	var out []reconcile.Finding
	for f, err := range reconcile.Findings(t.Context(), q, runID) {
		if err != nil {
			t.Fatalf("read findings: %v", err)
		}
		out = append(out, f)
	}
	return out
}

// cleanWorld agrees everywhere: warehouses with articles, full orders.
func cleanWorld(articles, orders int) *world {
	w := &world{}
	everywhere := []schema.System{schema.OneC, schema.Jushuitan, schema.OpenShop}
	for _, wh := range []string{"MAIN", "SPB"} {
		w.warehouse(wh, schema.OneC, schema.Jushuitan)
	}
	for i := range articles {
		sku := fmt.Sprintf("SKU-%04d", i)
		w.product(sku, schema.Amount(1000+int64(i)*10), everywhere...)
		w.stockEverywhere("MAIN", sku, int64(100+i), int64(i%5))
		w.stockEverywhere("SPB", sku, int64(50+i), 0)
	}
	for i := range orders {
		w.fullOrder(fmt.Sprintf("SO-%04d", i), "MAIN", fmt.Sprintf("SKU-%04d", i%articles), int64(1+i%3), schema.Amount(1000+int64(i)))
	}
	return w
}

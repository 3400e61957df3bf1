package onec

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

func TestProduct_IsCreatedChangedAndComesToRest(t *testing.T) {
	t.Parallel()
	for _, section25 := range []bool{false, true} {
		b := newBench(t, pricing(section25))
		p := newProduct(1)
		d := b.delivery(t, p, nil)
		confirmed := b.mustWrite(t, d)
		b.requireRest(t, d, confirmed[0], b.client.Products())
		held := observed(t, d, confirmed[0])
		p.Name, p.Prices[2].Amount, p.Barcode, p.WeightKg, p.Brand, p.Enabled = strings.Repeat("Ж", 150), 77700, "4699000099999", 1001, "", false
		d = b.delivery(t, p, held)
		confirmed = b.mustWrite(t, d)
		b.requireRest(t, d, confirmed[0], b.client.Products())
		got, _ := observed(t, d, confirmed[0]).(*schema.Product)
		if got.Brand != "Mira" || got.Enabled || got.Barcode != "4699000099999" || got.Name != p.Name {
			t.Errorf("after the change 1C holds %+v", got)
		}
		before := b.sim.Calls()
		b.mustWrite(t, d)
		if b.sim.ProductCount(p.SKU) != 1 || b.sim.Calls() == before {
			t.Error("the repeat must look and change nothing")
		}
		if n := b.sim.Count("Document_УстановкаЦенНоменклатуры"); n != 3 {
			t.Errorf("%d price documents, want the seeded one and one for each change", n)
		}
	}
}

func TestProduct_ABatchMakesOnePriceDocument(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var batch []replicator.Delivery
	for i := range 60 {
		batch = append(batch, b.delivery(t, newProduct(i), nil))
	}
	before := b.sim.Calls()
	b.mustWrite(t, batch...)
	if n := b.sim.Count("Document_УстановкаЦенНоменклатуры"); n != 2 {
		t.Errorf("%d price documents, want the seeded one and one for the batch", n)
	}
	if calls := b.sim.Calls() - before; calls > 4*len(batch) {
		t.Errorf("%d calls for %d products", calls, len(batch))
	}
}

func TestProduct_OneBadPriceFailsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var batch []replicator.Delivery
	for i := range 10 {
		p := newProduct(i)
		if i == 3 {
			p.Prices[1].Currency = "XAU" // 1C has no such currency
		}
		batch = append(batch, b.delivery(t, p, nil))
	}
	_, err := b.client.Write(t.Context(), batch)
	be, ok := err.(*replicator.BatchError) //nolint:errorlint // Write promises exactly this type
	if !ok || len(be.Failed) != 1 {
		t.Fatalf("got %v, want only delivery 3 to fail (invariant 5)", err)
	}
	requireHold(t, be.Failed[3], "setting_missing", "")
	docs, posted := b.sim.Count("Document_УстановкаЦенНоменклатуры"), b.sim.PostedCount("Document_УстановкаЦенНоменклатуры")
	if docs != posted {
		t.Errorf("%d price documents, %d posted: none may be left behind", docs, posted)
	}
}

func TestProduct_WhatTheSourceDoesNotSayStays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all, _, _ := readAll(t, b.client.Products(), "")
	w := b.world.Products[0]
	held := all["product:"+w.SKU]
	silent := &schema.Product{Provenance: provOf(schema.Jushuitan), SKU: w.SKU, Name: w.Name, Enabled: true, Prices: []schema.ProductPrice{{PriceType: schema.PriceRetail, Amount: 0, Currency: "RUB"}}}
	if d := b.delivery(t, silent, held); schema.Hash(d.Wanted) != schema.Hash(held) {
		t.Errorf("an empty source wants to change %v", differences(d.Wanted, held))
	}
	gone := &schema.Product{Provenance: provOf(schema.Jushuitan), SKU: w.SKU, Name: w.Name}
	gone.DeletedAt = gone.ObservedAt
	d := b.delivery(t, gone, held)
	confirmed := b.mustWrite(t, d)
	b.requireRest(t, d, confirmed[0], b.client.Products())
	if got, _ := observed(t, d, confirmed[0]).(*schema.Product); got.Enabled || !got.DeletedAt.IsZero() {
		t.Errorf("a product that the source deleted is taken off sale, not deleted: %+v", got)
	}
}

func TestProduct_ABarcodeAmongSeveralIsEnough(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.world.Products[0]
	if err := b.client.setBarcode(t.Context(), b.refOf(t, w.SKU), "1111111111116"); err != nil {
		t.Fatal(err)
	}
	all, _, _ := readAll(t, b.client.Products(), "")
	held := all["product:"+w.SKU]
	source := &schema.Product{Provenance: provOf(schema.Jushuitan), SKU: w.SKU, Name: w.Name, Barcode: w.Barcode, Enabled: true}
	if d := b.delivery(t, source, held); schema.Hash(d.Wanted) != schema.Hash(held) {
		t.Errorf("1C has the barcode beside another, yet %v is wanted", differences(d.Wanted, held))
	}
}

func (b *bench) refOf(tb testing.TB, sku string) string {
	tb.Helper()
	found, err := b.client.itemsBySKU(tb.Context(), map[string]bool{sku: true})
	if err != nil {
		tb.Fatal(err)
	}
	return found[sku].ref
}

func TestCustomer_IsFoundByCodeMarkOrINNNeverByName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	long := newCustomer(1)
	long.CustomerCode = "buyer-0000000000042"
	d := b.delivery(t, long, nil)
	confirmed := b.mustWrite(t, d)
	b.requireRest(t, d, confirmed[0], b.client.Customers())
	b.mustWrite(t, d)
	if n := b.sim.PartnerCount(long.CustomerCode); n != 1 {
		t.Errorf("%d partners for a code that does not fit Code, want one", n)
	}
	namesake := newCustomer(2)
	d = b.delivery(t, namesake, nil)
	if c := b.mustWrite(t, d); c[0].Note != "created" {
		t.Errorf("a namesake was taken for another person: %s", c[0].Note)
	}
	if w, _ := d.Wanted.(*schema.Customer); w.Phone != "+79123456789" {
		t.Errorf("the phone is %q", w.Phone)
	}
}

func TestCustomer_ACompanyIsFoundByINN(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	known := b.world.Customers[6] // a company
	company := &schema.Customer{Provenance: provOf(schema.OpenShop), CustomerCode: "SHOP-1", Kind: schema.CompanyKind, Name: known.Name, INN: known.INN, KPP: known.KPP, Email: "new@example.com"}
	d := b.delivery(t, company, nil)
	confirmed := b.mustWrite(t, d)
	if confirmed[0].Note != "already there" || b.sim.Count("Catalog_Партнеры") != len(b.world.Customers) {
		t.Errorf("the company was made anew: %s", confirmed[0].Note)
	}
	d.Held = observed(t, d, confirmed[0])
	b.project(t, &d)
	b.requireRest(t, d, confirmed[0], b.client.Customers())
	second := schema.Clone(company)
	second.CustomerCode = "SHOP-2"
	_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, second, nil)})
	requireHold(t, failureOf(t, err, 0), "customer_duplicate", "")
}

func TestWarehouse_IsMappedOrCreatedNeverGuessed(t *testing.T) {
	t.Parallel()
	create := func(on bool) func(*Config, *simOptions) {
		return func(c *Config, _ *simOptions) { c.CreateWarehouses, c.Warehouses["Новый склад"] = on, "NEW" }
	}
	from := func(code string) *schema.Warehouse {
		return &schema.Warehouse{Provenance: provOf(schema.Jushuitan), WarehouseCode: code, Name: "新仓库", Active: true}
	}
	b := newBench(t, create(true))
	d := b.delivery(t, from("NEW"), nil)
	confirmed := b.mustWrite(t, d)
	b.requireRest(t, d, confirmed[0], b.client.Warehouses())
	b.mustWrite(t, d)
	if n := b.sim.Count("Catalog_Склады"); n != len(b.world.Warehouses)+1 {
		t.Errorf("%d warehouses", n)
	}
	d = b.delivery(t, from("MAIN"), nil)
	b.requireRest(t, d, b.mustWrite(t, d)[0], b.client.Warehouses())
	_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, from("ELSE"), nil)})
	requireHold(t, failureOf(t, err, 0), "warehouse_unmapped", "")
	b = newBench(t, create(false))
	_, err = b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, from("NEW"), nil)})
	requireHold(t, failureOf(t, err, 0), "warehouse_missing", "")
}

func TestStock_IsHeldForAPersonUnlessItMayBeBooked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	sku := b.world.Products[0].SKU
	all, _, _ := readAll(t, b.client.Stock(), "")
	held, _ := all["stock_balance:MAIN/"+sku].(*schema.StockBalance)
	wish := func(q schema.Quantity) *schema.StockBalance {
		return &schema.StockBalance{Provenance: provOf(schema.Jushuitan), WarehouseCode: "MAIN", SKU: sku, UnitCode: "796", Quantity: q, Reserved: 9000}
	}
	_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, wish(held.Quantity+5000), held)})
	requireHold(t, failureOf(t, err, 0), "stock_correction_needs_person", "stock_balance:onec:MAIN/"+sku)
	if err := b.sim.SetQuantity("MAIN", sku, held.Quantity+5000); err != nil { // the person does it
		t.Fatal(err)
	}
	d := b.delivery(t, wish(held.Quantity+5000), held)
	b.requireRest(t, d, b.mustWrite(t, d)[0], b.client.Stock())
}

func TestStock_CorrectionsAreOneDocumentPerDirection(t *testing.T) {
	t.Parallel()
	b := newBench(t, posting)
	var batch []replicator.Delivery
	for i, p := range b.world.Products[:12] {
		q := schema.Pieces(500)
		if i%2 == 1 {
			q = -2000 // less than nothing: 1C allows it
		}
		batch = append(batch, b.delivery(t, &schema.StockBalance{Provenance: provOf(schema.Jushuitan), WarehouseCode: "MAIN", SKU: p.SKU, UnitCode: "796", Quantity: q}, nil))
	}
	confirmed := b.mustWrite(t, batch...)
	for i, d := range batch {
		b.requireRest(t, d, confirmed[i], nil)
	}
	b.mustWrite(t, batch...)
	if up, down := b.sim.Count("Document_ОприходованиеИзлишковТоваров"), b.sim.Count("Document_СписаниеНедостачТоваров"); up != 1 || down != 1 {
		t.Errorf("%d surplus and %d shortage documents, want one of each", up, down)
	}
}

func TestPayment_EachMethodHasItsDocument(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, method := range []string{schema.MethodCard, schema.MethodBankTransfer, schema.MethodCash, schema.MethodOnDelivery} {
		o := b.newOrder(i)
		b.place(t, o)
		p := newPayment(o, i, method)
		p.DocumentNumber = ""
		d := b.delivery(t, p, nil)
		confirmed := b.mustWrite(t, d)
		b.requireRest(t, d, confirmed[0], b.client.Payments())
		p.DocumentNumber = fmt.Sprintf("ПП-%d", i) // learnt later
		d = b.delivery(t, p, observed(t, d, confirmed[0]))
		b.requireRest(t, d, b.mustWrite(t, d)[0], b.client.Payments())
		if n := b.sim.PaymentCount(p.PaymentID); n != 1 {
			t.Errorf("%s: %d documents", method, n)
		}
	}
	o := b.newOrder(7)
	p := newPayment(o, 7, schema.MethodCard)
	_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, p, nil)})
	requireHold(t, failureOf(t, err, 0), "order_missing", "order:"+o.OrderNumber)
	p.Status = schema.PaymentPending
	if d := b.delivery(t, p, nil); d.Wanted != nil {
		t.Error("money that has not come is not a document")
	}
	p.Status = schema.PaymentRefunded
	b.place(t, o)
	_, err = b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, p, nil)})
	requireHold(t, failureOf(t, err, 0), "refund_needs_person", "")
}

func TestShipment_LateTrackingIsPatchedAndCancellingIsAPersons(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"", commentField} {
		b := newBench(t, func(c *Config, _ *simOptions) { c.Names.Invoice = field })
		o := b.newOrder(1)
		held := b.place(t, o)
		s := newShipment(o, "990001")
		s.TrackingNumber, s.Carrier = "", ""
		d := b.shipmentDelivery(t, s, held)
		first := observed(t, d, b.mustWrite(t, d)[0])
		s.TrackingNumber = "LATE-1"
		d = b.shipmentDelivery(t, s, held)
		d.Held = first
		b.project(t, &d)
		b.requireRest(t, d, b.mustWrite(t, d)[0], b.client.Shipments())
		s.Status = schema.ShipmentCancelled
		d = b.shipmentDelivery(t, s, held)
		if d.Wanted != nil {
			t.Error("a cancelled parcel that 1C never had is nothing to tell")
		}
		d.Held = first
		b.project(t, &d)
		_, err := b.client.Write(t.Context(), []replicator.Delivery{d})
		requireHold(t, failureOf(t, err, 0), "shipment_cancel_needs_person", "shipment:onec:990001")
		s.Status = schema.ShipmentPlanned
		if d := b.shipmentDelivery(t, s, held); d.Wanted != nil {
			t.Error("a planned parcel is not a document")
		}
	}
}

func TestJournal_ARepeatCountsAndAResolutionIsSeen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e := newEntry(1)
	d := b.delivery(t, e, nil)
	b.requireRest(t, d, b.mustWrite(t, d)[0], nil)
	e.Occurrences, e.ResolvedAt = 9, e.LastSeenAt
	d = b.delivery(t, e, d.Wanted)
	b.requireRest(t, d, b.mustWrite(t, d)[0], nil)
	got := b.sim.JournalEntries()
	if len(got) != 1 || got[0].Attempt != "9" || got[0].State != "Снято 23.11.2026" || !strings.Contains(got[0].Message, "Что делать: добавьте склад") {
		t.Errorf("the register holds %+v", got)
	}
}

func TestPaymentAndShipment_TheDateOfAnExistingDocumentIsAccountingsOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	past := b.world.Orders[0]
	payments, _, _ := readAll(t, b.client.Payments(), "")
	held, _ := payments["payment:PAY-"+past.Number].(*schema.Payment)
	p := schema.Clone(held)
	p.System, p.PaidAt = schema.OpenShop, held.PaidAt.Add(-time.Hour)
	b.requireLaterRest(t, b.delivery(t, p, nil)) // what 1C holds is not known yet
	shipments, _, _ := readAll(t, b.client.Shipments(), "")
	heldShipment, _ := shipments["shipment:"+past.InvoiceNumber].(*schema.Shipment)
	s := schema.Clone(heldShipment)
	s.System, s.ShippedAt = schema.Jushuitan, heldShipment.ShippedAt.Add(time.Hour)
	b.requireLaterRest(t, b.delivery(t, s, nil))
}

// requireLaterRest writes a delivery whose document differs in what is 1C's own,
// and checks that nothing is wished for once that is known.
func (b *bench) requireLaterRest(tb testing.TB, d replicator.Delivery) {
	tb.Helper()
	d.Held = observed(tb, d, b.mustWrite(tb, d)[0])
	b.project(tb, &d)
	if schema.Hash(d.Wanted) != schema.Hash(d.Held) {
		tb.Errorf("%s: still wanted: %v", d.Key, differences(d.Wanted, d.Held))
	}
}

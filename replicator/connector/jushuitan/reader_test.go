package jushuitan_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/jushuitan"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

func TestProducts_reads_the_whole_catalogue_then_only_changes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := mustRead(t, r.client.Products(), "")
	requireEqual(t, "number of records", len(all.records), len(r.world.Products))
	requireEqual(t, "refused", all.refused, []replicator.Refusal(nil))
	w := r.world.Products[3]
	p := find[*schema.Product](all, schema.Key(w.SKU))
	want := &schema.Product{
		SKU: w.SKU, Name: w.Name, Description: w.Description, StyleCode: w.StyleCode, Variant: w.Variant, Category: w.Category, Brand: w.Brand,
		Barcode: w.Barcode, UnitCode: "796", WeightKg: w.WeightKg, LengthCm: w.LengthCm, WidthCm: w.WidthCm, HeightCm: w.HeightCm, Enabled: true,
		Prices: []schema.ProductPrice{{PriceType: "purchase", Amount: w.Purchase, Currency: "RUB"}, {PriceType: "retail", Amount: w.Retail, Currency: "RUB"}},
		Images: []schema.ProductImage{{Position: 1, URL: w.Picture}},
	}
	if schema.Hash(p) != schema.Hash(want) {
		t.Errorf("the product is\n%+v, want\n%+v", p, want)
	}
	if p.System != schema.Jushuitan || p.ExternalID == "" || p.ObservedAt.IsZero() || p.SourceModifiedAt.IsZero() {
		t.Errorf("provenance is not filled: %+v", p.Provenance)
	}

	if err := r.sim.SetPrice(w.SKU, 99900); err != nil {
		t.Fatal(err)
	}
	if err := r.sim.DisableProduct(r.world.Products[4].SKU); err != nil {
		t.Fatal(err)
	}
	r.sim.AddProduct(simworld.Product{SKU: "NEW-1", Name: "Новинка"})
	changes := mustRead(t, r.client.Products(), all.cursor)
	requireEqual(t, "number of changes", len(changes.records), 3)
	if price, _ := find[*schema.Product](changes, schema.Key(w.SKU)).Price(schema.PriceRetail); price.Amount != 99900 {
		t.Errorf("the new price reads %s, want 999.00", price.Amount)
	}
	if find[*schema.Product](changes, schema.Key(r.world.Products[4].SKU)).Enabled {
		t.Error("the disabled product reads as enabled")
	}
	if n := find[*schema.Product](changes, "NEW-1"); len(n.Prices) != 0 || len(n.Images) != 0 {
		t.Errorf("a product without prices and pictures reads %+v, %+v", n.Prices, n.Images)
	}
}

func TestProducts_gives_each_price_its_currency(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) {
		c.PriceCurrency = map[string]string{schema.PricePurchase: "CNY"}
	})
	p := mustRead(t, r.client.Products(), "").records[0].(*schema.Product)
	cost, _ := p.Price(schema.PricePurchase)
	sale, _ := p.Price(schema.PriceRetail)
	requireEqual(t, "currencies of cost and sale", cost.Currency+sale.Currency, "CNYRUB")
}

// An article that is modified while its window is read moves to the end; the
// rows behind it move forward, onto pages that must not have been read yet.
func TestProducts_misses_no_row_that_moves_between_pages(t *testing.T) {
	t.Parallel()
	r := newRigOf(t, simworld.Options{Seed: 7, Products: 130}, func(o *jushuitansim.Options, c *jushuitan.Config) {
		c.History = 3 * 24 * time.Hour
		c.Now = func() time.Time { return o.Clock.Now().Add(5 * time.Minute) } // a clock that is fast: the window ends after the changes
	})
	seen := map[schema.Key]bool{}
	pages, cursor := 0, ""
	for p, err := range r.client.Products().Read(t.Context(), "") {
		must(t, err)
		if pages++; pages == 1 {
			for i := range 10 {
				must(t, r.sim.RenameProduct(r.world.Products[i].SKU, "moved"))
			}
		}
		for _, rec := range p.Records {
			seen[rec.RecordKey()] = true
		}
		cursor = p.Cursor
	}
	for i, p := range r.world.Products {
		if i >= 10 && !seen[schema.Key(p.SKU)] {
			t.Errorf("article %d was not seen", i)
		}
	}
	requireEqual(t, "pages", pages, 3)
	next := mustRead(t, r.client.Products(), cursor)
	for i := range 10 {
		if p := find[*schema.Product](next, schema.Key(r.world.Products[i].SKU)); p == nil || p.Name != "moved" {
			t.Errorf("the change of article %d was not seen afterwards: %+v", i, p)
		}
	}
}

func TestStock_follows_every_mapped_warehouse(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { delete(c.Warehouses, "10003") })
	all := mustRead(t, r.client.Stock(), "")
	requireEqual(t, "number of balances", len(all.records), 2*len(r.world.Products))
	for _, w := range r.world.Stock[:5] {
		b := find[*schema.StockBalance](all, schema.JoinKey(w.Warehouse, w.SKU))
		if w.Warehouse == "SHOP" {
			continue
		}
		if b == nil || b.Quantity != w.Quantity || b.Reserved != w.Reserved || b.UnitCode != "796" {
			t.Errorf("%s/%s reads %+v, want %s", w.Warehouse, w.SKU, b, w.Quantity)
		}
	}
	sku := r.world.Products[0].SKU
	r.sim.SetQuantity(10002, sku, 777)
	next := mustRead(t, r.client.Stock(), all.cursor)
	if b := find[*schema.StockBalance](next, schema.JoinKey("SZX", sku)); b == nil || b.Quantity != schema.Pieces(777) {
		t.Errorf("the changed balance reads %+v, want 777", b)
	}
	if len(next.records) > 3 { // the last row of each warehouse comes again: the condition is "not below"
		t.Errorf("%d balances were read again, want the changed one and the last of each warehouse", len(next.records))
	}
	if again := mustRead(t, r.client.Stock(), next.cursor); again.cursor != next.cursor {
		t.Errorf("the cursor moved from %s to %s although nothing changed", next.cursor, again.cursor)
	}
}

func TestStock_formula_is_configurable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		formula jushuitan.StockFormula
		qty     int64
	}{
		"virtual stock is off by default": {jushuitan.StockFormula{}, 100},
		"virtual stock is added":          {jushuitan.StockFormula{AddVirtual: true}, 107},
	} {
		r := newRig(t, func(_ *jushuitansim.Options, cfg *jushuitan.Config) { cfg.FreeStock = c.formula })
		sku := r.world.Products[0].SKU
		r.sim.SetQuantity(10001, sku, 100)
		r.sim.SetVirtual(10001, sku, 7)
		b := find[*schema.StockBalance](mustRead(t, r.client.Stock(), ""), schema.JoinKey("MAIN", sku))
		if b.Quantity != schema.Pieces(c.qty) || b.Extra["virtual_qty"] != "7" {
			t.Errorf("%s: reads %s and %v, want %d", name, b.Quantity, b.Extra, c.qty)
		}
	}
}

func TestOrders_reads_past_orders_with_status_and_payment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := mustRead(t, r.client.Orders(), "")
	requireEqual(t, "number of records", len(all.records), 3*len(r.world.Orders))
	requireEqual(t, "refused", len(all.refused), 0)
	w := r.world.Orders[0]
	o := find[*schema.SalesOrder](all, schema.Key(w.Number))
	if o.Total != w.Total || o.Freight != w.Freight || o.Discount != 0 || o.CustomerCode != w.Customer || !o.OrderedAt.Equal(w.At) ||
		o.WarehouseCode != w.Warehouse || o.AddressText != w.Address || len(o.Lines) != len(w.Lines) || !o.Posted || o.Currency != "RUB" {
		t.Errorf("the order reads %+v, want %+v", o, w)
	}
	if l := o.Lines[0]; l.LineNo != 1 || l.SKU != w.Lines[0].SKU || l.Quantity != w.Lines[0].Quantity || l.Amount != w.Lines[0].Amount || l.Price != w.Lines[0].Price {
		t.Errorf("the first line reads %+v, want %+v", l, w.Lines[0])
	}
	s := find[*schema.OrderStatus](all, schema.Key(w.Number))
	if s.Phase != schema.PhaseShipped || s.VendorStatus != "Sent" || s.ChangedAt.IsZero() {
		t.Errorf("the status reads %+v", s)
	}
	p := find[*schema.Payment](all, schema.Key(jushuitansim.PastPaymentID(w.Number)))
	if p.Amount != w.Total || p.Status != schema.PaymentPaid || p.OrderNumber != w.Number || p.Method != w.PaymentMethod {
		t.Errorf("the payment reads %+v", p)
	}
	next := mustRead(t, r.client.Orders(), all.cursor)
	if next.read != 1 || next.cursor != all.cursor {
		t.Errorf("%d rows and cursor %s came after the end, want the last row again and %s", next.read, next.cursor, all.cursor)
	}
}

func TestOrders_maps_every_state(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var cursor string
	phase := func(number string) *schema.OrderStatus {
		rd := mustRead(t, r.client.Orders(), cursor)
		cursor = rd.cursor
		return find[*schema.OrderStatus](rd, schema.Key(number))
	}
	o := r.order(1)
	mustDeliver(t, r.client, unpaid(orderDelivery(o)))
	requireEqual(t, "unpaid", phase(o.OrderNumber).Phase, schema.PhaseAwaitingPayment)
	mustDeliver(t, r.client, orderDelivery(o))
	requireEqual(t, "paid", phase(o.OrderNumber).Phase, schema.PhaseAccepted)
	must(t, r.sim.Hold(o.OrderNumber, "地址存疑"))
	held := phase(o.OrderNumber)
	requireEqual(t, "held", held.Phase, schema.PhaseHeld)
	requireEqual(t, "reason", held.Reason, "地址存疑")
	must(t, r.sim.CancelInWarehouse(o.OrderNumber))
	requireEqual(t, "cancelled", phase(o.OrderNumber).Phase, schema.PhaseCancelled)

	o2 := r.order(2)
	mustDeliver(t, r.client, orderDelivery(o2))
	must(t, r.sim.Approve(o2.OrderNumber))
	requireEqual(t, "approved", phase(o2.OrderNumber).Phase, schema.PhaseReleased)
	r.ship(t, o2, jushuitansim.Part{o2.Lines[0].SKU: 2})
	requireEqual(t, "one line sent", phase(o2.OrderNumber).Phase, schema.PhaseShippedPartial)
	r.ship(t, o2)
	requireEqual(t, "all sent", phase(o2.OrderNumber).Phase, schema.PhaseShipped)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// ship fills the shelf and sends goods off.
func (r *rig) ship(tb testing.TB, o *schema.SalesOrder, parts ...jushuitansim.Part) []string {
	tb.Helper()
	for _, l := range o.Lines {
		r.sim.SetQuantity(10001, l.SKU, 50)
	}
	ids, err := r.sim.Ship(o.OrderNumber, parts...)
	must(tb, err)
	return ids
}

func TestOrders_adds_up_the_parts_of_a_split_order(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(5)
	mustDeliver(t, r.client, orderDelivery(o))
	whole := mustRead(t, r.client.Orders(), "")
	before := find[*schema.SalesOrder](whole, o.RecordKey())
	must(t, r.sim.Split(o.OrderNumber, o.Lines[1].SKU))
	split := mustRead(t, r.client.Orders(), whole.cursor)
	after := find[*schema.SalesOrder](split, o.RecordKey())
	if schema.Hash(before) != schema.Hash(after) {
		t.Errorf("goods or money changed by the split:\n%+v\n%+v", before, after)
	}
	requireEqual(t, "status", find[*schema.OrderStatus](split, o.RecordKey()).Phase, schema.PhaseAccepted)
	if p := find[*schema.Payment](split, schema.Key("P-"+o.OrderNumber)); p.Amount != o.Total {
		t.Errorf("the payment reads %s, want %s", p.Amount, o.Total)
	}
	must(t, r.sim.Approve(o.OrderNumber))
	r.ship(t, o)
	sent := mustRead(t, r.client.Orders(), split.cursor)
	requireEqual(t, "status after one part left", find[*schema.OrderStatus](sent, o.RecordKey()).Phase, schema.PhaseShippedPartial)
}

func TestShipments_reads_parcels_with_their_lines(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := mustRead(t, r.client.Shipments(), "")
	requireEqual(t, "past shipments", len(all.records), len(r.world.Orders))
	w := r.world.Orders[2]
	s := find[*schema.Shipment](all, schema.Key(w.InvoiceNumber))
	if s == nil || s.OrderNumber != w.Number || s.Status != schema.ShipmentShipped || s.TrackingNumber != w.Tracking || s.WarehouseCode != "MAIN" || len(s.Lines) != len(w.Lines) {
		t.Fatalf("the past shipment reads %+v", s)
	}

	o := r.order(9)
	o.Lines[0].Amount = 10001 // does not divide by two
	o.Total = o.LinesTotal()
	mustDeliver(t, r.client, orderDelivery(o))
	must(t, r.sim.Approve(o.OrderNumber))
	ids := r.ship(t, o, jushuitansim.Part{o.Lines[0].SKU: 1}, jushuitansim.Part{o.Lines[0].SKU: 1, o.Lines[1].SKU: 1})
	news := mustRead(t, r.client.Shipments(), all.cursor)
	first, second := find[*schema.Shipment](news, schema.Key(ids[0])), find[*schema.Shipment](news, schema.Key(ids[1]))
	requireEqual(t, "lines of the parcels", fmt.Sprint(len(first.Lines), len(second.Lines)), "1 2")
	requireEqual(t, "money of the divided line", first.Lines[0].Amount+second.Lines[0].Amount, schema.Amount(10001))
	requireEqual(t, "line numbers", fmt.Sprint(second.Lines[0].LineNo, second.Lines[1].LineNo), "1 2")

	must(t, r.sim.RevokeShipment(ids[1]))
	revoked := mustRead(t, r.client.Shipments(), news.cursor)
	requireEqual(t, "revoked", find[*schema.Shipment](revoked, schema.Key(ids[1])).Status, schema.ShipmentCancelled)
}

func TestWarehouses_refuses_what_is_not_mapped(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { delete(c.Warehouses, "10002") })
	rd := mustRead(t, r.client.Warehouses(), "")
	requireEqual(t, "records and refused", fmt.Sprint(len(rd.records), len(rd.refused)), "2 1")
	if ref := rd.refused[0]; ref.Code != "unmapped" || ref.ExternalID != "10002" {
		t.Errorf("refused %+v", ref)
	}
	w := find[*schema.Warehouse](rd, "MAIN")
	if w.Name != r.world.Warehouses[0].Name || !w.IsMain || !w.Active || w.ExternalID != "10001" {
		t.Errorf("the main warehouse reads %+v", w)
	}
}

func TestReaders_refuse_one_bad_row_and_keep_the_others(t *testing.T) {
	t.Parallel()
	good := `{"o_id":2,"so_id":"B-2","status":"Lock","order_date":"2026-01-02 03:04:05","pay_amount":"5.00","freight":"","currency":"","wms_co_id":"0","ts":"9","items":[{"sku_id":"S","qty":"1","amount":5,"price":"1.6667","outer_oi_id":"x"}],"pays":[]}`
	body := func(bad string) string {
		return `{"code":"0","msg":"ok","data":{"has_next":"false","orders":[` + bad + "," + good + `]}}`
	}
	for name, c := range map[string]struct{ row, code string }{
		"money with three places": {`{"o_id":1,"so_id":"A-1","status":"Sent","pay_amount":1.005,"ts":8}`, "malformed"},
		"a row that is no object": {`5`, "malformed"},
		"a date of another shape": {`{"o_id":1,"so_id":"A-1","status":"WaitPay","order_date":"02.01.2026","wms_co_id":"10001","ts":8}`, "malformed"},
		"a foreign warehouse":     {`{"o_id":1,"so_id":"A-1","status":"WaitPay","order_date":"2026-01-02 03:04:05","wms_co_id":"99","ts":8}`, "unmapped"},
		"an order without lines":  {`{"o_id":1,"so_id":"A-1","status":"WaitPay","order_date":"2026-01-02 03:04:05","wms_co_id":"0","ts":8,"items":null}`, "validation"},
	} {
		r := newRig(t)
		r.faults.Fail(simworld.PathContains("/orders/single/query"), 1, 200, body(c.row))
		rd := mustRead(t, r.client.Orders(), "5")
		if len(rd.refused) == 0 || rd.refused[0].Code != c.code {
			t.Errorf("%s: refused %+v, want code %s", name, rd.refused, c.code)
		}
		o, s := find[*schema.SalesOrder](rd, "B-2"), find[*schema.OrderStatus](rd, "B-2")
		if o == nil || o.Total != 500 || o.Lines[0].Price != 167 || o.Lines[0].LineNo != 1 || o.Currency != "RUB" {
			t.Errorf("%s: the good order reads %+v", name, o)
		}
		if s == nil || s.Phase != schema.PhaseUnknown || s.VendorStatus != "Lock" {
			t.Errorf("%s: a state outside the list reads %+v, want unknown with the vendor's word", name, s)
		}
		requireEqual(t, name+": cursor", rd.cursor, "9")
	}
}

func TestReaders_yield_nothing_of_a_failed_page(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	readers := map[string]replicator.Reader{
		"products": r.client.Products(), "stock": r.client.Stock(), "orders": r.client.Orders(), "shipments": r.client.Shipments(), "warehouses": r.client.Warehouses(),
	}
	for name, reader := range readers {
		for spoil, do := range map[string]func(){
			"half a page": func() { r.faults.Truncate(simworld.PathContains("/open/"), 1) },
			"a 500":       func() { r.faults.Fail(simworld.PathContains("/open/"), 1, 500, "x") },
			"no rows":     func() { r.faults.Fail(simworld.PathContains("/open/"), 1, 200, `{"code":0,"msg":"ok","data":{}}`) },
		} {
			do()
			rd, err := tryRead(t, reader, "")
			if err == nil || len(rd.records) != 0 || rd.cursor != "" {
				t.Errorf("%s after %s: error %v, %d records, cursor %q; want an error and nothing else", name, spoil, err, len(rd.records), rd.cursor)
			}
			if kind := replicator.KindOf(err); kind != replicator.Transient {
				t.Errorf("%s after %s: kind %s, want transient", name, spoil, kind)
			}
		}
	}
}

func TestReaders_say_that_a_cursor_is_not_theirs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, reader := range map[string]replicator.Reader{
		"products": r.client.Products(), "stock": r.client.Stock(), "orders": r.client.Orders(), "shipments": r.client.Shipments(),
	} {
		if _, err := tryRead(t, reader, "not a cursor"); err == nil || !strings.Contains(err.Error(), "cursor") {
			t.Errorf("%s took a foreign cursor: %v", name, err)
		}
	}
}

// Many rows of one version: the cursor cannot move, so the page must.
func TestStock_turns_the_page_where_a_version_fills_one(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Warehouses = map[string]string{"10001": "MAIN"} })
	page := func(from, to int, next bool) string {
		var rows []string
		for i := from; i < to; i++ {
			rows = append(rows, fmt.Sprintf(`{"sku_id":"S-%d","qty":%d,"ts":7000000500}`, i, i))
		}
		return fmt.Sprintf(`{"code":0,"msg":"ok","data":{"inventorys":[%s],"has_next":%v}}`, strings.Join(rows, ","), next)
	}
	match := simworld.PathContains("/inventory/query")
	for _, body := range []string{page(0, 100, true), page(0, 100, true), page(100, 150, false)} {
		r.faults.Fail(match, 1, 200, body)
	}
	rd := mustRead(t, r.client.Stock(), "")
	requireEqual(t, "balances", len(rd.records), 150)
	requireEqual(t, "cursor", rd.cursor, `{"10001":7000000500}`)

	r.faults.Fail(match, 5, 200, page(0, 100, true))
	if _, err := tryRead(t, r.client.Stock(), rd.cursor); err == nil || !strings.Contains(err.Error(), "no progress") {
		t.Errorf("a vendor that sends the same page for ever gives %v, want an error", err)
	}
}

func TestOrders_reads_more_than_one_page_by_version(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var batch []replicator.Delivery
	for i := range 130 {
		batch = append(batch, orderDelivery(r.order(i)))
	}
	for i := 0; i < len(batch); i += 50 {
		mustDeliver(t, r.client, batch[i:min(i+50, len(batch))]...)
	}
	rd := mustRead(t, r.client.Orders(), "")
	for i := range 130 {
		if find[*schema.SalesOrder](rd, batch[i].Key) == nil {
			t.Errorf("order %s was not read", batch[i].Key)
		}
	}
	if rd.pages < 2 {
		t.Errorf("%d pages, the test needs several", rd.pages)
	}
	if v, err := strconv.ParseInt(rd.cursor, 10, 64); err != nil || v <= 1<<32 {
		t.Errorf("the cursor is %q, want a row version beyond 32 bits", rd.cursor)
	}
}

package openshop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/openshop"
	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// requireStable writes and demands: wanted == observed == what the reader gives
// later, and Project on what is held wants nothing more.
func requireStable(t *testing.T, s *shop, reader replicator.Reader, source, held schema.Record) schema.Record {
	t.Helper()
	d := delivery(t, s.client, source, held)
	want := schema.Hash(d.Wanted)
	done, err := s.client.Write(t.Context(), []replicator.Delivery{d})
	if err != nil {
		t.Fatal(err)
	}
	if got := schema.Hash(done[0].Observed[0]); got != want {
		t.Errorf("observed %+v, wanted %+v", done[0].Observed[0], d.Wanted)
	}
	all, _ := readAll(t.Context(), t, reader)
	read := all[schema.Key(source.RecordEntity())+":"+source.RecordKey()]
	if read == nil {
		t.Fatalf("the reader does not give %s", source.RecordKey())
	}
	if schema.Hash(read) != want {
		t.Errorf("read   %+v\nwanted %+v", read, d.Wanted)
	}
	again := delivery(t, s.client, source, read)
	if schema.Hash(again.Wanted) != want {
		t.Errorf("the flow does not come to rest: %+v", again.Wanted)
	}
	return read
}

func TestProduct_is_the_same_when_wanted_confirmed_and_read(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]tune{
		"plain": {}, "chunks": {sim: func(o *openshopsim.Options) { o.FileLimit = 700; o.ProgressSteps = 3 }},
		"zip": {sim: func(o *openshopsim.Options) { o.Zip = true; o.FileLimit = 500 }, config: func(c *openshop.Config) { c.ZipAllowed = true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, with)
			p := newProduct("NEW-1")
			held := requireStable(t, s, s.client.Products(), p, nil)
			p.Name, p.Description, p.Barcode, p.VATRate = "Другое имя", "", "ABC-1", "none"
			p.Prices = p.Prices[:1] // the retail price is gone in the source: missing is not deleted
			p.Enabled, p.Category = false, "Товары / Новая / "
			held = requireStable(t, s, s.client.Products(), p, held)
			got := as[*schema.Product](t, held)
			if got.Description == "" || len(got.Prices) != 1 || got.Prices[0].PriceType != "retail" || got.Enabled || got.Category != "Товары/Новая" {
				t.Errorf("held %+v", got)
			}
			p.DeletedAt = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
			if v := requireStable(t, s, s.client.Products(), p, held); v.Prov().DeletedAt.IsZero() {
				t.Error("the shop did not hear of the deletion")
			}
		})
	}
}

func TestProduct_of_the_shop_keeps_its_own_id(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	all, refused := readAll(t.Context(), t, s.client.Products())
	if len(all) != len(s.world.Products) || len(refused) != 0 {
		t.Fatalf("read %d of %d products, refused %v", len(all), len(s.world.Products), refused)
	}
	held := as[*schema.Product](t, all["product:"+schema.Key(s.world.Products[0].SKU)])
	if held.ExternalID == held.SKU || held.Prices[0] != (schema.ProductPrice{PriceType: "retail", Amount: s.world.Products[0].Retail, Currency: "RUB"}) {
		t.Errorf("held %+v", held)
	}
	source := schema.Clone(held)
	source.Name = "Новое имя"
	after := requireStable(t, s, s.client.Products(), source, held)
	if after.Prov().ExternalID != held.ExternalID {
		t.Errorf("the id changed from %s to %s", held.ExternalID, after.Prov().ExternalID)
	}
}

func TestProduct_deleted_before_the_shop_knew_it_is_nothing_to_tell(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	p := newProduct("NEW-1")
	p.DeletedAt = time.Now()
	if w, err := s.client.Project(&replicator.Delivery{Flow: flow(schema.EntityProduct), Source: p}); w != nil || err != nil {
		t.Errorf("got %v, %v", w, err)
	}
}

func TestStock_is_what_may_be_sold_and_never_below_zero(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	b := &schema.StockBalance{WarehouseCode: "SZX", SKU: s.world.Products[3].SKU, UnitCode: "796", Quantity: 12500, Reserved: 2250}
	held := requireStable(t, s, s.client.Stock(), b, nil)
	if got := as[*schema.StockBalance](t, held); got.Quantity != 10250 || got.Reserved != 0 {
		t.Errorf("held %+v", got)
	}
	b.Reserved = 20000
	held = requireStable(t, s, s.client.Stock(), b, held)
	if got := as[*schema.StockBalance](t, held); got.Quantity != 0 {
		t.Errorf("held %+v", got)
	}
	b.WarehouseCode = "MOON"
	_, err := s.client.Project(&replicator.Delivery{Flow: flow(schema.EntityStockBalance), Source: b})
	var hold *replicator.HoldError
	if !errors.As(err, &hold) || hold.Reason != "warehouse_unmapped" {
		t.Errorf("an unmapped warehouse: %v", err)
	}
}

func TestStatus_is_the_same_when_wanted_confirmed_and_read(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	o := s.world.Orders[0]
	all, _ := readAll(t.Context(), t, s.client.Statuses())
	held := all["order_status:"+schema.Key(o.Number)]
	src := &schema.OrderStatus{OrderNumber: o.Number, Phase: schema.PhaseReturned, ChangedAt: s.world.Start.Add(1500 * time.Millisecond)}
	src.Extra = schema.Extra{"tracking_number": "SF42", "carrier": "СДЭК", "invoice_number": "880001"}
	got := requireStable(t, s, s.client.Statuses(), src, held)
	if v := as[*schema.OrderStatus](t, got); v.VendorStatus != "[R] Возвращён" || v.Phase != schema.PhaseReturned {
		t.Errorf("held %+v", v)
	}
	if v, _ := s.sim.Order(o.Number); v.Tracking != "SF42" || v.Shipment != "880001" {
		t.Errorf("the shop shows %+v", v)
	}
	src.Phase, src.Reason = schema.PhaseCancelled, "нет товара"
	if v := as[*schema.OrderStatus](t, requireStable(t, s, s.client.Statuses(), src, got)); v.Reason != "нет товара" {
		t.Errorf("held %+v", v)
	}
	// Both ways of reading tell the same status.
	orders, _ := readAll(t.Context(), t, s.client.Orders())
	statuses, _ := readAll(t.Context(), t, s.client.Statuses())
	for key, status := range statuses {
		if schema.Hash(orders[key]) != schema.Hash(status) {
			t.Errorf("%s: the query says %+v, the read-back %+v", key, orders[key], status)
		}
	}
}

func TestStatus_that_the_shop_has_no_word_for_is_nothing_to_tell(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{config: func(c *openshop.Config) { c.Statuses = map[string]schema.Phase{"[L] В пути": schema.PhaseShipped} }})
	for _, p := range []schema.Phase{schema.PhaseUnknown, schema.PhaseSuperseded, schema.PhaseHeld} {
		if w, err := s.client.Project(&replicator.Delivery{Source: &schema.OrderStatus{OrderNumber: "X", Phase: p}}); w != nil || err != nil {
			t.Errorf("%s: got %v, %v", p, w, err)
		}
	}
	w, err := s.client.Project(&replicator.Delivery{Source: &schema.OrderStatus{OrderNumber: "X", Phase: schema.PhaseShipped, ChangedAt: time.Now()}})
	if err != nil || as[*schema.OrderStatus](t, w).VendorStatus != "[L] В пути" {
		t.Errorf("the configured wording is not used: %v, %v", w, err)
	}
	if _, err := s.client.Project(&replicator.Delivery{Flow: flow(schema.EntityPayment), Source: &schema.Payment{}}); err == nil {
		t.Error("a payment has no door into the shop")
	}
}

func TestWrite_with_a_lost_answer_is_unknown_and_safe_to_repeat(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"mode=file", "mode=import"} {
		s := newShop(t, tune{sim: func(o *openshopsim.Options) { o.FileLimit = 900 }})
		s.faults.DropAfterCommit(simworld.PathContains(mode), 1)
		d := delivery(t, s.client, newProduct("NEW-1"), nil)
		_, err := s.client.Write(t.Context(), []replicator.Delivery{d})
		be, ok := err.(*replicator.BatchError) //nolint:errorlint // Write returns it bare
		if !ok || replicator.KindOf(be.Failed[0]) != replicator.Unknown {
			t.Fatalf("%s: got %v, want unknown", mode, err)
		}
		d.AskFirst, d.Attempt = true, 2
		if _, err := s.client.Write(t.Context(), []replicator.Delivery{d}); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if p, ok := s.sim.Product("NEW-1"); !ok || p.Name != newProduct("").Name {
			t.Errorf("%s: the shop has %+v", mode, p)
		}
	}
}

func TestWrite_classifies_what_the_shop_answers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, mode, body string
		status           int
		kind             replicator.Kind
	}{
		{"wrong password", "checkauth", "failure\nwrong " + secret, 200, replicator.Unauthorised},
		{"no exchange endpoint", "checkauth", "<html>hello</html>", 200, replicator.Transient},
		{"disk is full", "mode=file", "failure\nнет места\ncode=busy", 200, replicator.Transient},
		{"busy", "mode=import", "failure\nидёт обмен\ncode=busy", 200, replicator.Transient},
		{"refused", "mode=import", "failure\nплохой товар " + secret, 200, replicator.Rejected},
		{"died without a word", "mode=import", "", 200, replicator.Unknown},
		{"stack trace", "mode=import", "Fatal error", 200, replicator.Unknown},
		{"session ended", "mode=import", "failure\n\ncode=session", 401, replicator.Transient},
		{"server error", "mode=import", "oops", 500, replicator.Unknown},
		{"asleep", "mode=init", "oops", 503, replicator.Transient},
		{"no parameters", "mode=init", "success", 200, replicator.Transient},
		{"with a mark and CRLF", "mode=import", "\uFEFFfailure\r\nнет", 200, replicator.Rejected},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, tune{})
			s.faults.Fail(simworld.PathContains(tt.mode), 100, tt.status, tt.body)
			_, err := s.client.Write(t.Context(), []replicator.Delivery{delivery(t, s.client, newProduct("NEW-1"), nil)})
			be, ok := err.(*replicator.BatchError) //nolint:errorlint // Write returns it bare
			if !ok {
				t.Fatalf("got %v", err)
			}
			if kind := replicator.KindOf(be.Failed[0]); kind != tt.kind {
				t.Errorf("got %s, want %s: %v", kind, tt.kind, be.Failed[0])
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
}

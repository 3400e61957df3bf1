package openshop_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/openshop"
	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// onePage reads the offered orders; nil when nothing was offered.
func onePage(t *testing.T, r replicator.Reader) *replicator.Page {
	t.Helper()
	var out *replicator.Page
	for page, err := range r.Read(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if out != nil {
			t.Fatal("more than one page")
		}
		out = &page
	}
	return out
}

func numbers(p *replicator.Page) []string {
	var out []string
	if p == nil {
		return nil
	}
	for _, r := range p.Records {
		if o, ok := r.(*schema.SalesOrder); ok {
			out = append(out, o.OrderNumber)
		}
	}
	slices.Sort(out)
	return out
}

func find[T schema.Record](t *testing.T, p *replicator.Page, key schema.Key) T {
	t.Helper()
	for _, r := range p.Records {
		if v, ok := r.(T); ok && r.RecordKey() == key {
			return v
		}
	}
	var none T
	t.Fatalf("no %T %s on the page; refused: %v", none, key, p.Refused)
	return none
}

func TestOrders_come_again_until_they_are_acknowledged(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"utf-8", "windows-1251"} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, tune{sim: func(o *openshopsim.Options) { o.Encoding = encoding }})
			reader := s.client.Orders()
			first := onePage(t, reader)
			if len(numbers(first)) != len(s.world.Orders) || len(first.Refused) != 0 {
				t.Fatalf("orders %v, refused %v", numbers(first), first.Refused)
			}
			second := onePage(t, reader)
			if !slices.Equal(numbers(first), numbers(second)) || first.Cursor == second.Cursor {
				t.Errorf("the same orders must be offered again: %v, then %v", numbers(first), numbers(second))
			}
			if err := reader.Acknowledge(t.Context(), second.Cursor); err != nil {
				t.Fatal(err)
			}
			if third := onePage(t, reader); third != nil {
				t.Errorf("acknowledged orders were offered again: %v", numbers(third))
			}
			order := s.world.NewOrder(rand.New(rand.NewPCG(1, 2)), "OS-200001", s.world.Start)
			order.PaymentMethod = schema.MethodCard
			if err := s.sim.PlaceOrder(order); err != nil {
				t.Fatal(err)
			}
			page := onePage(t, reader)
			if got := numbers(page); !slices.Equal(got, []string{"OS-200001"}) {
				t.Fatalf("got %v", got)
			}
			requireOrder(t, s, page, order)
		})
	}
}

func requireOrder(t *testing.T, s *shop, page *replicator.Page, order simworld.Order) {
	t.Helper()
	o := find[*schema.SalesOrder](t, page, schema.Key(order.Number))
	c := s.world.CustomerByCode(order.Customer)
	if o.Total != order.Total || o.Freight != order.Freight || len(o.Lines) != len(order.Lines) || !o.OrderedAt.Equal(order.At) || !o.Posted {
		t.Errorf("order %+v", o)
	}
	if o.WarehouseCode != order.Warehouse || o.CustomerCode != c.Code || o.ReceiverPhone != c.Phone || o.AddressText != order.Address || o.ReceiverName != c.Name || o.PaymentMethod != schema.MethodCard {
		t.Errorf("order %+v", o)
	}
	for i, l := range o.Lines {
		if l.SKU != order.Lines[i].SKU || l.Quantity != order.Lines[i].Quantity || l.Amount != order.Lines[i].Amount || l.Price != order.Lines[i].Price || l.IsService {
			t.Errorf("line %+v", l)
		}
	}
	if got := find[*schema.Customer](t, page, schema.Key(c.Code)); got.Name != c.Name || got.Kind != c.Kind || got.INN != c.INN || got.Email != c.Email {
		t.Errorf("customer %+v", got)
	}
	if st := find[*schema.OrderStatus](t, page, schema.Key(order.Number)); st.Phase != schema.PhaseAwaitingPayment {
		t.Errorf("status %+v", st)
	}
}

func TestOrders_changed_between_query_and_success_are_offered_again(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	reader := s.client.Orders()
	page := onePage(t, reader)
	number := s.world.Orders[2].Number
	at := s.world.Start.Add(time.Hour)
	if err := s.sim.Pay(number, "PAY-X", schema.MethodCard, at); err != nil {
		t.Fatal(err)
	}
	if err := reader.Acknowledge(t.Context(), page.Cursor); err != nil {
		t.Fatal(err)
	}
	again := onePage(t, reader)
	if got := numbers(again); !slices.Equal(got, []string{number}) {
		t.Fatalf("got %v", got)
	}
	if p := find[*schema.Payment](t, again, "PAY-X"); p.Amount != s.world.Orders[2].Total || !p.PaidAt.Equal(at) || p.Method != schema.MethodCard {
		t.Errorf("payment %+v", p)
	}
	if err := s.sim.Cancel(number); err != nil {
		t.Fatal(err)
	}
	if st := find[*schema.OrderStatus](t, onePage(t, reader), schema.Key(number)); st.Phase != schema.PhaseCancelled || st.Reason == "" {
		t.Errorf("status %+v", st)
	}
}

func TestOrders_one_broken_order_stops_no_other(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	if err := s.sim.PlaceBrokenOrder("OS-666"); err != nil {
		t.Fatal(err)
	}
	reader := s.client.Orders()
	page := onePage(t, reader)
	if len(numbers(page)) != len(s.world.Orders) || len(page.Refused) != 1 {
		t.Fatalf("orders %v, refused %v", numbers(page), page.Refused)
	}
	if r := page.Refused[0]; r.Key != "OS-666" || r.Code != "malformed" || r.Entity != schema.EntitySalesOrder || r.Problems[0].Value != "много" {
		t.Errorf("refused %+v", r)
	}
	if err := reader.Acknowledge(t.Context(), page.Cursor); err != nil {
		t.Fatal(err)
	}
	if v, _ := s.sim.Order("OS-666"); !v.Taken {
		t.Error("what stands in the journal must not be offered for ever")
	}
}

func TestOrders_unmapped_are_offered_again_until_the_mapping_is_repaired(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{config: func(c *openshop.Config) { c.Warehouses = map[string]string{"sklad-szx": "SZX"} }})
	reader := s.client.Orders()
	page := onePage(t, reader)
	if len(page.Refused) != len(s.world.Orders) || page.Refused[0].Code != "unmapped" {
		t.Fatalf("refused %v", page.Refused)
	}
	if err := reader.Acknowledge(t.Context(), page.Cursor); err != nil {
		t.Fatal(err)
	}
	if again := onePage(t, reader); again == nil || len(again.Refused) != len(s.world.Orders) {
		t.Error("unmapped orders were lost")
	}
}

func TestOrders_broken_answers_yield_nothing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*simworld.Faults){
		"half a document": func(f *simworld.Faults) { f.Truncate(simworld.PathContains("mode=query"), 1) },
		// net/http asks a broken GET once more by itself; a query may be asked again.
		"no answer":  func(f *simworld.Faults) { f.DropAfterCommit(simworld.PathContains("mode=query"), 2) },
		"error page": func(f *simworld.Faults) { f.Fail(simworld.PathContains("mode=query"), 1, 200, "<html>sorry</html>") },
		"failure":    func(f *simworld.Faults) { f.Fail(simworld.PathContains("mode=query"), 1, 200, "failure\nнет") },
		"500":        func(f *simworld.Faults) { f.Fail(simworld.PathContains("mode=query"), 1, 500, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, tune{})
			spoil(s.faults)
			reader := s.client.Orders()
			for page, err := range reader.Read(t.Context(), "") {
				if err == nil {
					t.Fatalf("a page of %d records came out", page.Read)
				}
				if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "sorry") {
					t.Errorf("the error quotes: %v", err)
				}
			}
			if got := len(numbers(onePage(t, reader))); got != len(s.world.Orders) {
				t.Errorf("%d orders afterwards", got)
			}
		})
	}
}

func TestAcknowledge_lost_leaves_the_orders_on_offer_or_taken_but_never_lost(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	reader := s.client.Orders()
	page := onePage(t, reader)
	s.faults.DropBeforeCommit(simworld.PathContains("mode=success"), 5)
	if err := reader.Acknowledge(t.Context(), page.Cursor); err == nil {
		t.Error("a lost success was taken for one")
	}
	if again := onePage(t, reader); len(numbers(again)) != len(s.world.Orders) {
		t.Errorf("got %v", numbers(again))
	}
	if err := s.client.Orders().Acknowledge(t.Context(), page.Cursor); replicator.KindOf(err) != replicator.Transient {
		t.Errorf("a page of another process: %v", err)
	}
}

func TestReadBack_pages_through_and_refuses_an_unmapped_warehouse_once(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{world: simworld.Options{Products: 700, NewProducts: 5}, config: func(c *openshop.Config) { delete(c.Warehouses, "sklad-shop") }})
	stock, refused := readAll(t.Context(), t, s.client.Stock())
	if len(stock) != 695*2 || len(refused) != 1 || refused[0].Code != "unmapped" || refused[0].ExternalID != "sklad-shop" {
		t.Errorf("%d balances, refused %v", len(stock), refused)
	}
	products, refused := readAll(t.Context(), t, s.client.Products())
	if len(products) != 695 || len(refused) != 0 {
		t.Errorf("%d products, refused %v", len(products), refused)
	}
	if err := s.sim.SetShownStock("MAIN", s.world.Products[1].SKU, schema.Pieces(-4)); err != nil {
		t.Fatal(err)
	}
	stock, _ = readAll(t.Context(), t, s.client.Stock())
	if b := as[*schema.StockBalance](t, stock["stock_balance:MAIN/"+schema.Key(s.world.Products[1].SKU)]); b.Quantity != schema.Pieces(-4) {
		t.Errorf("the damage is not seen: %+v", b)
	}
}

func TestReadBack_bad_rows_and_bad_answers(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	path := simworld.PathContains("/api/products")
	s.faults.Fail(path, 1, 200, `{"items":[{"sku":"A","name":"x","weight_kg":"1.2345"},{"sku":"B","name":"x","enabled":true,"weight_kg":1.25},{"sku":"C","name":""}],"more":false}`)
	all, refused := readAll(t.Context(), t, s.client.Products())
	if len(all) != 1 || len(refused) != 2 || refused[0].Code != "malformed" || refused[0].Key != "A" || refused[1].Code != "validation" {
		t.Errorf("records %v, refused %v", all, refused)
	}
	for _, body := range []string{`{"items":[{"sku":"A","name":"x"}],"more":true}`, `[]`, `{}`, `<html>`} {
		s.faults.Fail(path, 3, 200, body)
		pages := 0
		var last error
		for _, err := range s.client.Products().Read(t.Context(), "") {
			if last = err; err == nil {
				pages++
			}
		}
		if last == nil || pages > 1 {
			t.Errorf("%s: %d pages and %v", body, pages, last)
		}
		s.faults.Fail(path, 0, 200, "")
		drain(t, s)
	}
}

// drain uses up what is left of a rule.
func drain(t *testing.T, s *shop) {
	t.Helper()
	for range 5 {
		for _, err := range s.client.Products().Read(t.Context(), "") {
			if err == nil {
				break
			}
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	if err := s.client.Preflight(t.Context()); err != nil {
		t.Fatal(err)
	}
	wrong := newShop(t, tune{config: func(c *openshop.Config) { c.Password = "wrong-" + secret }})
	err := wrong.client.Preflight(t.Context())
	var f *replicator.Failure
	if !errors.As(err, &f) || f.Kind != replicator.Unauthorised || f.Hint == "" || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.client.Preflight(ctx); err == nil {
		t.Error("a cancelled preflight passed")
	}
}

func TestNew_tells_everything_that_is_wrong(t *testing.T) {
	t.Parallel()
	_, err := openshop.New(openshop.Config{
		URL: "shop", ReadBackURL: "https://a:b@example.com/?x=1", Warehouses: map[string]string{"a": "MAIN", "b": "MAIN"},
		PriceTypes: map[string]string{"Р": "retail", "О": "retail"}, Statuses: map[string]schema.Phase{"x": "y"},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"url must be", "read_back_url", "user and password", "both mapped to MAIN", "two price types", "no phase"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %q in %v", want, err)
		}
	}
}

func TestSecrets_stay_out_of_recorded_exchanges(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	ctx, rec := apicall.WithRecorder(t.Context())
	if _, err := s.client.Write(ctx, []replicator.Delivery{delivery(t, s.client, newProduct("NEW-1"), nil)}); err != nil {
		t.Fatal(err)
	}
	for _, x := range rec.Exchanges() {
		if text := string(x.Request) + string(x.Response) + x.Path + x.Err; strings.Contains(text, secret) || strings.Contains(text, "sessid") || strings.Contains(text, "openshop_session") {
			t.Errorf("%s keeps a secret: %s", x.Operation, text)
		}
	}
}

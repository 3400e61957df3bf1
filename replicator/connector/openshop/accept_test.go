package openshop_test

import (
	"fmt"
	"strings"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/replicatortest"
	"sverka/schema"
)

// target is a fresh shop for the acceptance suite.
func target(tb testing.TB, documents func(s *shop, key schema.Key) int, holds func(s *shop, key schema.Key, text string) bool) replicatortest.Target {
	tb.Helper()
	s := newShop(tb, tune{sim: func(o *openshopsim.Options) { o.FileLimit = 3000; o.ProgressSteps = 1 }})
	return replicatortest.Target{
		Sink: s.client, Faults: s.faults,
		Documents: func(key schema.Key) int { return documents(s, key) },
		Arrivals: func() []schema.Key {
			var keys []schema.Key
			for _, k := range s.sim.Arrivals() {
				keys = append(keys, schema.Key(k))
			}
			return keys
		},
		Holds: func(key schema.Key, text string) bool { return holds(s, key, text) },
	}
}

func deliveries(n int, source func(i int) schema.Record) []replicator.Delivery {
	var out []replicator.Delivery
	for i := range n {
		r := source(i)
		r.Prov().System = schema.OneC
		out = append(out, replicator.Delivery{
			Flow: flow(r.RecordEntity()), Key: r.RecordKey(), Reference: fmt.Sprintf("%032x", i+1), Attempt: 1, Source: r,
		})
	}
	return out
}

func base() replicatortest.Options {
	return replicatortest.Options{Secrets: []string{secret}, Commits: simworld.PathContains("mode=import")}
}

func TestSink_accepts_products(t *testing.T) {
	t.Parallel()
	o := base()
	o.New = func(tb testing.TB) replicatortest.Target {
		tb.Helper()
		return target(tb, func(s *shop, key schema.Key) int {
			if _, ok := s.sim.Product(string(key)); ok {
				return 1
			}
			return 0
		}, func(s *shop, key schema.Key, text string) bool {
			p, _ := s.sim.Product(string(key))
			return p.Name == text && p.Description == text
		})
	}
	o.Deliveries = func(_ testing.TB, n int) []replicator.Delivery {
		return deliveries(n, func(i int) schema.Record { return newProduct(fmt.Sprintf("NEW-%d", i)) })
	}
	o.Break = func(d replicator.Delivery) replicator.Delivery {
		p, ok := d.Source.(*schema.Product)
		if ok {
			p.Name = ""
		} // the shop takes no article without a name
		return d
	}
	replicatortest.ExerciseSink(t, o)
}

func TestSink_accepts_stock(t *testing.T) {
	t.Parallel()
	o := base()
	o.New = func(tb testing.TB) replicatortest.Target {
		tb.Helper()
		return target(tb, func(s *shop, key schema.Key) int {
			parts := key.Split(2)
			if q, ok := s.sim.Stock(parts[0], parts[1]); ok && q >= schema.Pieces(1000) {
				return 1
			}
			return 0
		}, nil)
	}
	o.Deliveries = func(_ testing.TB, n int) []replicator.Delivery {
		w := simworld.New(simworld.Options{})
		return deliveries(n, func(i int) schema.Record {
			return &schema.StockBalance{WarehouseCode: "MAIN", SKU: w.Products[i].SKU, UnitCode: "796", Quantity: schema.Pieces(int64(1010 + i)), Reserved: schema.Pieces(3)}
		})
	}
	o.Break = func(d replicator.Delivery) replicator.Delivery {
		b := &schema.StockBalance{WarehouseCode: "MAIN", SKU: "GHOST-1", Quantity: 1000} // the shop has no such article
		d.Source, d.Key = b, b.RecordKey()
		return d
	}
	o.LeaveOut = map[replicatortest.Check]string{replicatortest.Unicode: "a balance carries no free text"}
	replicatortest.ExerciseSink(t, o)
}

func TestSink_accepts_statuses(t *testing.T) {
	t.Parallel()
	world := simworld.New(simworld.Options{})
	o := base()
	o.Personal = []string{"Иван Личный"}
	o.New = func(tb testing.TB) replicatortest.Target {
		tb.Helper()
		return target(tb, func(s *shop, key schema.Key) int {
			if v, ok := s.sim.Order(string(key)); ok && v.Status == "[C] Отменён" {
				return 1
			}
			return 0
		}, func(s *shop, key schema.Key, text string) bool {
			v, _ := s.sim.Order(string(key))
			return v.Reason == text
		})
	}
	o.Deliveries = func(_ testing.TB, n int) []replicator.Delivery {
		return deliveries(n, func(i int) schema.Record {
			return &schema.OrderStatus{OrderNumber: world.Orders[i].Number, Phase: schema.PhaseCancelled, Reason: "Иван Личный передумал", ChangedAt: world.Start}
		})
	}
	o.Break = func(d replicator.Delivery) replicator.Delivery {
		s := &schema.OrderStatus{OrderNumber: "GHOST-1", Phase: schema.PhaseCancelled, ChangedAt: world.Start} // the shop has no such order
		d.Source, d.Key = s, s.RecordKey()
		return d
	}
	replicatortest.ExerciseSink(t, o)
}

func TestSink_isolates_the_bad_record_of_a_large_package(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{world: simworld.Options{Products: 300}})
	var batch []replicator.Delivery
	for i := range 300 {
		b := &schema.StockBalance{WarehouseCode: "MAIN", SKU: s.world.Products[i].SKU, Quantity: schema.Pieces(7)}
		if i == 123 {
			b.SKU = "GHOST-1"
		}
		batch = append(batch, delivery(t, s.client, b, nil))
	}
	_, err := s.client.Write(t.Context(), batch)
	be, ok := err.(*replicator.BatchError) //nolint:errorlint // Write returns it bare
	if !ok || len(be.Failed) != 1 {
		t.Fatalf("got %v, want one failed record", err)
	}
	hold, ok := be.Failed[123].(*replicator.HoldError) //nolint:errorlint // as above
	if !ok || hold.Reason != "product_missing" || len(hold.WaitsFor) != 1 || hold.WaitsFor[0] != "product:openshop:GHOST-1" {
		t.Errorf("got %v", be.Failed[123])
	}
	for i := range 300 {
		if i != 123 {
			if q, _ := s.sim.Stock("MAIN", s.world.Products[i].SKU); q != schema.Pieces(7) {
				t.Errorf("balance %d is %s", i, q)
			}
		}
	}
	if n := s.sim.Sessions(); n > 20 {
		t.Errorf("%d sessions for one bad record of 300", n)
	}
}

func TestSink_stops_splitting_when_the_shop_refuses_everything(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{})
	s.faults.Fail(simworld.PathContains("mode=import"), 10_000, 200, "failure\nимпорт закрыт на обслуживание")
	var batch []replicator.Delivery
	for i := range 40 {
		batch = append(batch, delivery(t, s.client, &schema.StockBalance{WarehouseCode: "MAIN", SKU: s.world.Products[i].SKU, Quantity: 1000}, nil))
	}
	_, err := s.client.Write(t.Context(), batch)
	be, ok := err.(*replicator.BatchError) //nolint:errorlint // Write returns it bare
	if !ok || len(be.Failed) != 40 || replicator.KindOf(be.Failed[39]) != replicator.Rejected {
		t.Fatalf("got %v", err)
	}
	if n := s.sim.Sessions(); n > 30 {
		t.Errorf("%d sessions to a shop that refuses everything", n)
	}
	if text := be.Failed[0].Error(); !strings.Contains(text, "импорт закрыт") {
		t.Errorf("the shop's words are missing: %s", text)
	}
}

package openshop_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/openshop"
	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// secret is the fixture's password; it must never come out anywhere.
const secret = "s3cret-Пароль"

// shop is a simulator with a client before it.
type shop struct {
	world  *simworld.World
	sim    *openshopsim.Sim
	faults *simworld.Faults
	server *httptest.Server
	client *openshop.Client
}

type tune struct {
	sim    func(*openshopsim.Options)
	config func(*openshop.Config)
	world  simworld.Options
}

func newShop(tb testing.TB, with tune) *shop {
	tb.Helper()
	s := &shop{world: simworld.New(with.world), faults: &simworld.Faults{}}
	opts := openshopsim.Options{Faults: s.faults, User: "exchange", Password: secret}
	if with.sim != nil {
		with.sim(&opts)
	}
	s.sim = openshopsim.New(s.world, opts)
	s.server = httptest.NewServer(s.sim)
	tb.Cleanup(s.server.Close)
	cfg := openshop.Config{
		URL: s.server.URL + "/1c_exchange", ReadBackURL: s.server.URL + "/api", User: "exchange", Password: secret,
		Warehouses: map[string]string{}, Timeout: 10 * time.Second,
	}
	for _, w := range s.world.Warehouses {
		cfg.Warehouses[openshopsim.WarehouseID(w.Code)] = w.Code
	}
	if with.config != nil {
		with.config(&cfg)
	}
	client, err := openshop.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.client = client
	return s
}

// readAll reads everything that a reader gives; refusals are returned too.
func readAll(ctx context.Context, tb testing.TB, r replicator.Reader) (map[schema.Key]schema.Record, []replicator.Refusal) {
	tb.Helper()
	out := map[schema.Key]schema.Record{}
	var refused []replicator.Refusal
	for page, err := range r.Read(ctx, "") {
		if err != nil {
			tb.Fatal(err)
		}
		for _, rec := range page.Records {
			if p := rec.Prov(); p.System != schema.OpenShop || p.ObservedAt.IsZero() {
				tb.Errorf("%s %s has no provenance: %+v", rec.RecordEntity(), rec.RecordKey(), p)
			}
			out[schema.Key(rec.RecordEntity())+":"+rec.RecordKey()] = rec
		}
		refused = append(refused, page.Refused...)
	}
	return out, refused
}

func flow(e schema.Entity) replicator.Flow {
	return replicator.Flow{Entity: e, Source: schema.OneC, Target: schema.OpenShop}
}

// delivery makes a delivery with its wanted record.
func delivery(tb testing.TB, c *openshop.Client, source, held schema.Record) replicator.Delivery {
	tb.Helper()
	d := replicator.Delivery{Flow: flow(source.RecordEntity()), Key: source.RecordKey(), Reference: "0a", Attempt: 1, Source: source, Held: held}
	wanted, err := c.Project(&d)
	if err != nil || wanted == nil {
		tb.Fatalf("project %s: %v, %v", d.Key, wanted, err)
	}
	d.Wanted = wanted
	return d
}

func newProduct(sku string) *schema.Product {
	p := &schema.Product{
		SKU: sku, Name: "Лампа «Заря» & <Ко> 聚水潭", Description: "строка\nстрока\tещё 🚀", Category: "Товары/Лампы & свет", Brand: "Дракон & Ко",
		Barcode: "4600000000015", UnitCode: "796", VATRate: "20", StyleCode: "ST1", Variant: "белый;S", Enabled: true,
		WeightKg: 1401, LengthCm: 20000, WidthCm: 5, HeightCm: 30500,
		Prices: []schema.ProductPrice{{PriceType: "purchase", Amount: 1, Currency: "RUB"}, {PriceType: "retail", Amount: 125050, Currency: "RUB"}},
		Images: []schema.ProductImage{{Position: 1, URL: "https://img.example.com/1.jpg?a=1&b=2"}, {Position: 2, URL: "https://img.example.com/2.jpg"}},
	}
	p.System = schema.OneC
	return p
}

// as is a record of a known type.
func as[T schema.Record](tb testing.TB, r schema.Record) T {
	tb.Helper()
	v, ok := r.(T)
	if !ok {
		tb.Fatalf("got a %T, want %T", r, v)
	}
	return v
}

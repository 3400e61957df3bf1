package onec

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/onec/onecsim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

const (
	testUser     = "обмен"
	testPassword = "pa55-&-секрет"
)

// bench is a client before a simulated infobase.
type bench struct {
	world  *simworld.World
	sim    *onecsim.Sim
	faults *simworld.Faults
	client *Client
}

func newBench(tb testing.TB, adjust ...func(*Config, *onecsim.Options)) *bench {
	tb.Helper()
	b := &bench{world: simworld.New(simworld.Options{Seed: 7, NewProducts: 4}), faults: &simworld.Faults{}}
	cfg := Config{
		User: testUser, Password: testPassword, Warehouses: map[string]string{}, MainWarehouse: "MAIN", PageSize: 7,
		Timeout: 10 * time.Second,
		Trade:   Trade{Agreement: "Интернет-магазин", ItemKind: "Товар", CancelReason: "Отказ покупателя", BankAccount: "Основной счет", CashDesk: "Основная касса"},
	}
	for _, w := range b.world.Warehouses {
		cfg.Warehouses[w.Name] = w.Code
	}
	clock := simworld.NewClock(b.world.Start, 1)
	cfg.Clock = clock.Now
	opt := onecsim.Options{Clock: clock, User: testUser, Password: testPassword, Faults: b.faults}
	for _, a := range adjust {
		a(&cfg, &opt)
	}
	b.sim = onecsim.New(b.world, opt)
	server := httptest.NewServer(b.sim)
	tb.Cleanup(server.Close)
	cfg.BaseURL = server.URL + "/ut"
	client, err := New(cfg)
	if err != nil {
		tb.Fatalf("new client: %v", err)
	}
	b.client = client
	return b
}

func posting(cfg *Config, _ *onecsim.Options) { cfg.StockCorrection = CorrectionPost }

// readAll reads a reader to its end and returns its records by entity and key.
func readAll(tb testing.TB, r replicator.Reader, cursor string) (map[string]schema.Record, []replicator.Refusal, string) {
	tb.Helper()
	out := map[string]schema.Record{}
	var refused []replicator.Refusal
	for page, err := range r.Read(tb.Context(), cursor) {
		if err != nil {
			tb.Fatalf("read: %v", err)
		}
		for _, rec := range page.Records {
			if problems := rec.Validate(); len(problems) > 0 {
				tb.Errorf("%s %s does not validate: %v", rec.RecordEntity(), rec.RecordKey(), problems)
			}
			if rec.Prov().System != schema.OneC || rec.Prov().ObservedAt.IsZero() {
				tb.Errorf("%s %s: provenance is not filled", rec.RecordEntity(), rec.RecordKey())
			}
			out[string(rec.RecordEntity())+":"+string(rec.RecordKey())] = rec
		}
		refused = append(refused, page.Refused...)
		if page.Cursor != "" {
			cursor = page.Cursor
		}
	}
	return out, refused, cursor
}

func flowOf(e schema.Entity, source schema.System) replicator.Flow {
	return replicator.Flow{Entity: e, Source: source, Target: schema.OneC}
}

// delivery makes a projected delivery of a source record.
func (b *bench) delivery(tb testing.TB, source, held schema.Record) replicator.Delivery {
	tb.Helper()
	d := replicator.Delivery{
		Flow: flowOf(source.RecordEntity(), source.Prov().System), Key: source.RecordKey(), Attempt: 1, Source: source, Held: held,
		Reference: schema.JournalID(string(source.RecordEntity()), string(source.RecordKey()))[:32],
	}
	b.project(tb, &d)
	return d
}

func (b *bench) project(tb testing.TB, d *replicator.Delivery) {
	tb.Helper()
	wanted, err := b.client.Project(d)
	if err != nil {
		tb.Fatalf("project %s %s: %v", d.Flow.Entity, d.Key, err)
	}
	d.Wanted = wanted
}

// mustWrite writes deliveries that must all be confirmed.
func (b *bench) mustWrite(tb testing.TB, batch ...replicator.Delivery) []replicator.Confirmation {
	tb.Helper()
	confirmed, err := b.client.Write(tb.Context(), batch)
	if err != nil {
		tb.Fatalf("write: %v", err)
	}
	return confirmed
}

// observed is the record of a delivery's own entity and key in a confirmation.
func observed(tb testing.TB, d replicator.Delivery, c replicator.Confirmation) schema.Record {
	tb.Helper()
	for _, r := range c.Observed {
		if r.RecordEntity() == d.Flow.Entity && r.RecordKey() == d.Wanted.RecordKey() {
			return r
		}
	}
	tb.Fatalf("%s: the confirmation observes nothing of it", d.Key)
	return nil
}

// requireRest checks that what was wanted, what was confirmed and what the
// system's own reader returns agree, and that nothing is wished for after that.
func (b *bench) requireRest(tb testing.TB, d replicator.Delivery, c replicator.Confirmation, reader replicator.Reader) {
	tb.Helper()
	got := observed(tb, d, c)
	if diff := differences(d.Wanted, got); len(diff) > 0 || schema.Hash(d.Wanted) != schema.Hash(got) {
		tb.Errorf("%s: confirmed record differs from the wanted one in %v", d.Key, diff)
	}
	if reader != nil {
		all, refused, _ := readAll(tb, reader, "")
		read := all[string(d.Flow.Entity)+":"+string(d.Wanted.RecordKey())]
		if read == nil {
			tb.Fatalf("%s: the reader does not return it; refused: %v", d.Key, refused)
		}
		if diff := differences(got, read); len(diff) > 0 || schema.Hash(got) != schema.Hash(read) {
			tb.Errorf("%s: the reader returns other %v than was confirmed", d.Key, diff)
		}
	}
	d.Held = got
	b.project(tb, &d)
	if d.Wanted != nil && schema.Hash(d.Wanted) != schema.Hash(got) {
		tb.Errorf("%s: the flow does not come to rest, it still wants %v", d.Key, differences(d.Wanted, got))
	}
}

func failureOf(tb testing.TB, err error, i int) error {
	tb.Helper()
	be, ok := err.(*replicator.BatchError) //nolint:errorlint // Write promises exactly this type
	if !ok {
		tb.Fatalf("got %v, want a *BatchError", err)
	}
	return be.Failed[i]
}

func requireHold(tb testing.TB, err error, reason, topic string) {
	tb.Helper()
	h, ok := err.(*replicator.HoldError) //nolint:errorlint // the engine is given the hold itself
	if !ok || h.Reason != reason {
		tb.Fatalf("got %v, want held: %s", err, reason)
	}
	if topic != "" && !strings.Contains(strings.Join(h.WaitsFor, " "), topic) {
		tb.Errorf("held for %v, want to be woken by %s", h.WaitsFor, topic)
	}
}

func provOf(s schema.System) schema.Provenance {
	return schema.Provenance{System: s, ObservedAt: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}
}

func newProduct(n int) *schema.Product {
	return &schema.Product{
		Provenance: provOf(schema.Jushuitan), SKU: fmt.Sprintf("NEW-%04d", n), Name: fmt.Sprintf("Кружка №%d", n), Description: "Керамика",
		StyleCode: "ST-77", Variant: "белый;S", Category: "Посуда/Кружки", Brand: "Mira", Barcode: fmt.Sprintf("46990000%05d", n), Enabled: true,
		WeightKg: 345, LengthCm: 12500, WidthCm: 9000, HeightCm: 10100,
		Prices: []schema.ProductPrice{{PriceType: schema.PriceMarket, Amount: 1, Currency: "CNY"}, {PriceType: schema.PricePurchase, Amount: 12345, Currency: "CNY"}, {PriceType: schema.PriceRetail, Amount: 99900, Currency: "RUB"}},
		Images: []schema.ProductImage{{Position: 1, URL: "https://img.example.com/a.jpg"}, {Position: 2, URL: "https://img.example.com/b.jpg"}},
	}
}

func newCustomer(n int) *schema.Customer {
	return &schema.Customer{
		Provenance: provOf(schema.OpenShop), CustomerCode: fmt.Sprintf("W%05d", n), Kind: schema.PersonKind, Name: "Ёлкина Анна", FullName: "Ёлкина Анна Петровна",
		Phone: "8 (912) 345-67-89", Email: "anna@example.com", AddressText: "101000, Москва, ул. Ленина, 1", DiscountGroup: "gold",
	}
}

func (b *bench) newOrder(n int) *schema.SalesOrder {
	p, q := b.world.Products[0], b.world.Products[1]
	o := &schema.SalesOrder{
		Provenance: provOf(schema.OpenShop), OrderNumber: fmt.Sprintf("OS-%06d", 200000+n), CustomerCode: b.world.Customers[0].Code,
		OrderedAt: time.Date(2026, 11, 23, 5, 30, 15, 0, time.UTC), Currency: "RUB", Freight: 30000, Discount: 1001, PaymentMethod: schema.MethodCard,
		DeliveryMethod: "Курьер", WarehouseCode: "MAIN", ReceiverName: "Анна О'Нил", ReceiverPhone: "+79123456789",
		AddressText: "101000, Москва, ул. Ленина, 1, кв. 5 & 6", Comment: "Позвонить\nза час", Posted: true,
		Lines: []schema.SalesOrderLine{
			{LineNo: 1, SKU: p.SKU, Name: p.Name, Quantity: 2000, UnitCode: "796", Price: p.Retail, Amount: 2 * p.Retail, VATRate: "20"},
			{LineNo: 2, SKU: q.SKU, Name: q.Name, Quantity: 1000, UnitCode: "796", Price: q.Retail, Amount: q.Retail, VATRate: "20"},
		},
	}
	o.Total = o.LinesTotal() + o.Freight - o.Discount
	return o
}

func newPayment(o *schema.SalesOrder, n int, method string) *schema.Payment {
	return &schema.Payment{
		Provenance: provOf(schema.OpenShop), PaymentID: fmt.Sprintf("P-%04d", n), OrderNumber: o.OrderNumber, Amount: o.Total, Currency: "RUB",
		Method: method, Status: schema.PaymentPaid, PaidAt: time.Date(2026, 11, 23, 5, 40, 0, 0, time.UTC), DocumentNumber: "тест-000000012345",
	}
}

func newShipment(o *schema.SalesOrder, invoice string) *schema.Shipment {
	s := &schema.Shipment{
		Provenance: provOf(schema.Jushuitan), InvoiceNumber: invoice, OrderNumber: o.OrderNumber, WarehouseCode: "MAIN", Carrier: "СДЭК", TrackingNumber: "SF123",
		ShippedAt: time.Date(2026, 11, 23, 9, 0, 0, 500, time.UTC), Status: schema.ShipmentShipped,
	}
	for i, l := range o.Lines {
		s.Lines = append(s.Lines, schema.ShipmentLine{LineNo: i + 1, SKU: l.SKU, Quantity: l.Quantity})
	}
	return s
}

// place writes an order into 1C and returns 1C's own row of it.
func (b *bench) place(tb testing.TB, o *schema.SalesOrder) *schema.SalesOrder {
	tb.Helper()
	d := b.delivery(tb, o, nil)
	held, _ := observed(tb, d, b.mustWrite(tb, d)[0]).(*schema.SalesOrder)
	return held
}

// ship projects and writes a shipment of a placed order.
func (b *bench) shipmentDelivery(tb testing.TB, s *schema.Shipment, held *schema.SalesOrder) replicator.Delivery {
	tb.Helper()
	d := replicator.Delivery{Flow: flowOf(schema.EntityShipment, schema.Jushuitan), Key: s.RecordKey(), Attempt: 1, Source: s, Reference: schema.JournalID(s.InvoiceNumber)[:32]}
	d.Related.HeldOrder = held
	b.project(tb, &d)
	return d
}

type simOptions = onecsim.Options

func pricing(section25 bool) func(*Config, *simOptions) {
	return func(c *Config, o *simOptions) {
		o.Pricing25 = section25
		if section25 {
			c.Names.PriceSection = prices25
		}
	}
}

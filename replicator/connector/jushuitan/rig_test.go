package jushuitan_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/jushuitan"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

const (
	testSecret = "rig-secret-4711"
	testKey    = "rig-key"
)

// rig is one Jushuitan with a client before it.
type rig struct {
	world  *simworld.World
	sim    *jushuitansim.Sim
	faults *simworld.Faults
	clock  *simworld.Clock
	client *jushuitan.Client
	config jushuitan.Config
}

// newRig starts a simulator; tune may change its options and the client's configuration.
func newRig(tb testing.TB, tune ...func(*jushuitansim.Options, *jushuitan.Config)) *rig {
	tb.Helper()
	return newRigOf(tb, simworld.Options{Seed: 7}, tune...)
}

// newRigOf starts a simulator of a world of another size.
func newRigOf(tb testing.TB, size simworld.Options, tune ...func(*jushuitansim.Options, *jushuitan.Config)) *rig {
	tb.Helper()
	r := &rig{world: simworld.New(size), faults: &simworld.Faults{}}
	r.clock = simworld.NewClock(r.world.Start, 1)
	opts := jushuitansim.Options{Clock: r.clock, Faults: r.faults, AppKey: testKey, AppSecret: testSecret, PerSecond: -1, PerMinute: -1}
	r.config = jushuitan.Config{
		AppKey: testKey, AppSecret: testSecret, ShopID: 10000001, Warehouses: map[string]string{}, Now: r.clock.Now,
		PerSecond: 1_000_000, PerMinute: 60_000_000, History: 20 * 24 * time.Hour,
	}
	for _, w := range r.world.Warehouses {
		r.config.Warehouses[strconv.Itoa(w.JushuitanID)] = w.Code
	}
	for _, t := range tune {
		t(&opts, &r.config)
	}
	r.sim = jushuitansim.New(r.world, opts)
	server := httptest.NewServer(r.sim)
	tb.Cleanup(server.Close)
	r.config.BaseURL = server.URL
	r.client = r.newClient(tb)
	return r
}

func (r *rig) newClient(tb testing.TB) *jushuitan.Client {
	tb.Helper()
	c, err := jushuitan.New(r.config)
	if err != nil {
		tb.Fatalf("new client: %v", err)
	}
	return c
}

// reading is everything that one Read returned.
type reading struct {
	records []schema.Record
	refused []replicator.Refusal
	ids     []replicator.Identifier
	pages   int
	read    int
	cursor  string
}

func mustRead(tb testing.TB, r replicator.Reader, cursor string) reading {
	tb.Helper()
	out, err := tryRead(tb, r, cursor)
	if err != nil {
		tb.Fatalf("read from %q: %v", cursor, err)
	}
	return out
}

func tryRead(tb testing.TB, r replicator.Reader, cursor string) (reading, error) {
	tb.Helper()
	out := reading{cursor: cursor}
	for p, err := range r.Read(tb.Context(), cursor) {
		if err != nil {
			return out, err
		}
		out.pages++
		out.read += p.Read
		out.records = append(out.records, p.Records...)
		out.refused = append(out.refused, p.Refused...)
		out.ids = append(out.ids, p.Identifiers...)
		if p.Cursor != "" {
			out.cursor = p.Cursor
		}
	}
	return out, nil
}

// find returns the last record of a key, nil when there is none.
func find[T schema.Record](rd reading, key schema.Key) T {
	var out T
	for _, rec := range rd.records {
		if typed, ok := rec.(T); ok && rec.RecordKey() == key {
			out = typed
		}
	}
	return out
}

// order is a 1C order of two goods and one service, paid in full by card.
func (r *rig) order(n int) *schema.SalesOrder {
	p, q := r.world.Products[n%30], r.world.Products[n%30+1]
	number := fmt.Sprintf("TS-%06d", n)
	o := &schema.SalesOrder{
		Provenance:  schema.Provenance{System: schema.OneC, ExternalID: "ref-" + number},
		OrderNumber: number, CustomerCode: "C01001", OrderedAt: r.world.Start.Add(-time.Hour), Currency: "RUB", PaymentMethod: schema.MethodCard,
		DeliveryMethod: "courier", WarehouseCode: "MAIN", ReceiverName: "Иванова Анна", ReceiverPhone: "+79121234567",
		AddressText: "101000, Москва, ул. Ленина, 5, кв. 12", Comment: "позвонить за час", Posted: true,
		Lines: []schema.SalesOrderLine{
			{LineNo: 1, SKU: p.SKU, Name: p.Name, Quantity: schema.Pieces(2), UnitCode: "796", Price: p.Retail, Amount: p.Retail * 2, VATRate: "20", VATAmount: p.Retail / 3},
			{LineNo: 2, SKU: q.SKU, Name: q.Name, Quantity: schema.Pieces(1), UnitCode: "796", Price: q.Retail, Amount: q.Retail, VATRate: "20"},
			{LineNo: 3, SKU: "DELIVERY", Name: "Доставка", Quantity: schema.Pieces(1), Price: 35000, Amount: 35000, IsService: true},
		},
	}
	o.Total = o.LinesTotal()
	return o
}

func paymentOf(o *schema.SalesOrder, id string, amount schema.Amount) *schema.Payment {
	return &schema.Payment{
		Provenance: schema.Provenance{System: schema.OneC}, PaymentID: id, OrderNumber: o.OrderNumber, Amount: amount, Currency: o.Currency,
		Method: schema.MethodCard, Status: schema.PaymentPaid, PaidAt: o.OrderedAt.Add(5 * time.Minute), DocumentNumber: "KK-1",
	}
}

func flow(e schema.Entity) replicator.Flow {
	return replicator.Flow{Entity: e, Source: schema.OneC, Target: schema.Jushuitan}
}

func reference(text string) string { return schema.JournalID(text)[:32] }

// orderDelivery delivers a paid order.
func orderDelivery(o *schema.SalesOrder) replicator.Delivery {
	return replicator.Delivery{
		Flow: flow(schema.EntitySalesOrder), Key: o.RecordKey(), Reference: reference(o.OrderNumber), Attempt: 1, Source: o,
		Related: replicator.Related{Order: o, Payments: []*schema.Payment{paymentOf(o, "P-"+o.OrderNumber, o.Total)}},
	}
}

func unpaid(d replicator.Delivery) replicator.Delivery {
	d.Related.Payments = nil
	return d
}

func paymentDelivery(o *schema.SalesOrder, p *schema.Payment, others ...*schema.Payment) replicator.Delivery {
	return replicator.Delivery{
		Flow: flow(schema.EntityPayment), Key: p.RecordKey(), Reference: reference(p.PaymentID), Attempt: 1, Source: p,
		Related: replicator.Related{Order: o, Payments: append(others, p)},
	}
}

func cancelDelivery(number string) replicator.Delivery {
	s := &schema.OrderStatus{Provenance: schema.Provenance{System: schema.OneC}, OrderNumber: number, Phase: schema.PhaseCancelled, VendorStatus: "Закрыт"}
	return replicator.Delivery{Flow: flow(schema.EntityOrderStatus), Key: s.RecordKey(), Reference: reference("c" + number), Attempt: 1, Source: s}
}

// deliver projects and writes a batch; the error of each delivery stands at its index.
func deliver(tb testing.TB, c *jushuitan.Client, batch ...replicator.Delivery) ([]replicator.Confirmation, map[int]error) {
	tb.Helper()
	failed := map[int]error{}
	for i := range batch {
		wanted, err := c.Project(&batch[i])
		if err != nil {
			tb.Fatalf("project %s: %v", batch[i].Key, err)
		}
		batch[i].Wanted = wanted
	}
	confs, err := c.Write(tb.Context(), batch)
	if err == nil {
		return confs, failed
	}
	be, isBatch := err.(*replicator.BatchError) //nolint:errorlint // the contract names the very type
	if !isBatch {
		tb.Fatalf("write returned %T, want *replicator.BatchError: %v", err, err)
	}
	return confs, be.Failed
}

func mustDeliver(tb testing.TB, c *jushuitan.Client, batch ...replicator.Delivery) []replicator.Confirmation {
	tb.Helper()
	confs, failed := deliver(tb, c, batch...)
	for i, err := range failed {
		tb.Fatalf("delivery %d (%s): %v", i, batch[i].Key, err)
	}
	return confs
}

// observed finds the record of an entity among what was confirmed.
func observed[T schema.Record](tb testing.TB, c replicator.Confirmation) T {
	tb.Helper()
	for _, rec := range c.Observed {
		if typed, ok := rec.(T); ok {
			return typed
		}
	}
	var none T
	tb.Fatalf("the confirmation %q observes no %T", c.Note, none)
	return none
}

func requireEqual(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		tb.Errorf("%s is %v, want %v", what, got, want)
	}
}

package onec

import (
	"fmt"
	"net/http"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/onec/onecsim"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/replicatortest"
	"sverka/schema"
)

func createsIn(set string) simworld.Match {
	return func(r *http.Request) bool {
		return r.Method == http.MethodPost && simworld.PathContains(set)(r) && !simworld.PathContains("/Post")(r)
	}
}

func sourceDelivery(r schema.Record) replicator.Delivery {
	return replicator.Delivery{
		Flow: flowOf(r.RecordEntity(), r.Prov().System), Key: r.RecordKey(), Attempt: 1, Source: r,
		Reference: schema.JournalID(string(r.RecordEntity()), string(r.RecordKey()))[:32],
	}
}

// target makes a bench a target of the acceptance suite.
func (b *bench) target(documents func(schema.Key) int) replicatortest.Target {
	return replicatortest.Target{Sink: b.client, Faults: b.faults, Documents: documents}
}

func many[R schema.Record](n int, of func(int) R) []replicator.Delivery {
	out := make([]replicator.Delivery, 0, n)
	for i := range n {
		out = append(out, sourceDelivery(of(i)))
	}
	return out
}

func TestSink_PassesTheAcceptanceSuite(t *testing.T) {
	t.Parallel()
	// The same seed makes the same world for the deliveries as for each target.
	template := newBench(t)
	orders := func(i int) *schema.SalesOrder { return template.newOrder(i) }
	place := func(tb testing.TB, b *bench, n int) {
		tb.Helper()
		for i := range n {
			b.place(tb, b.newOrder(i))
		}
	}
	cases := map[string]replicatortest.Options{
		"product": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb)
				return b.target(func(k schema.Key) int { return b.sim.ProductCount(string(k)) })
			},
			Deliveries: func(_ testing.TB, n int) []replicator.Delivery { return many(n, newProduct) },
			Break: func(d replicator.Delivery) replicator.Delivery {
				broken := newProduct(4)
				broken.Barcode = template.world.Products[0].Barcode // another item's
				d.Source = broken
				return d
			},
			Commits:  createsIn("Catalog_Номенклатура"),
			LeaveOut: map[replicatortest.Check]string{},
		},
		"customer": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb)
				return b.target(func(k schema.Key) int { return b.sim.PartnerCount(string(k)) })
			},
			Deliveries: func(_ testing.TB, n int) []replicator.Delivery { return many(n, newCustomer) },
			Commits:    createsIn("Catalog_Партнеры"),
			Personal:   []string{"Ёлкина", "345-67-89", "+79123456789", "anna@example.com"},
			LeaveOut:   map[replicatortest.Check]string{replicatortest.PartialBatch: "1C takes any customer that validates; duplicates are held, see TestCustomer_ACompanyIsFoundByINN"},
		},
		"sales_order": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb)
				return b.target(func(k schema.Key) int { return b.sim.OrderCount(string(k)) })
			},
			Deliveries: func(_ testing.TB, n int) []replicator.Delivery { return many(n, orders) },
			Break: func(d replicator.Delivery) replicator.Delivery {
				o := orders(4)
				o.Lines[1].SKU = "НЕТ-ТАКОГО"
				d.Source = o
				return d
			},
			Commits:  createsIn("Document_ЗаказКлиента"),
			Personal: []string{"О'Нил", "+79123456789", "ул. Ленина"},
		},
		"payment": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb)
				place(tb, b, 10)
				return b.target(func(k schema.Key) int { return b.sim.PaymentCount(string(k)) })
			},
			Deliveries: func(_ testing.TB, n int) []replicator.Delivery {
				return many(n, func(i int) *schema.Payment {
					return newPayment(orders(i), i, []string{schema.MethodCard, schema.MethodBankTransfer, schema.MethodCash}[i%3])
				})
			},
			Break: func(d replicator.Delivery) replicator.Delivery {
				p := newPayment(orders(4), 4, "barter")
				d.Source = p
				return d
			},
			Commits: createsIn("Document_ОперацияПоПлатежнойКарте"),
		},
		"shipment": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb)
				place(tb, b, 10)
				return b.target(func(k schema.Key) int { return b.sim.ShipmentCount(string(k)) })
			},
			Deliveries: func(tb testing.TB, n int) []replicator.Delivery {
				tb.Helper()
				out := many(n, func(i int) *schema.Shipment { return newShipment(orders(i), fmt.Sprintf("99%04d", i)) })
				for i := range out {
					d := sourceDelivery(orders(i))
					held, err := template.client.Project(&d)
					if err != nil {
						tb.Fatal(err)
					}
					out[i].Related.HeldOrder, _ = held.(*schema.SalesOrder)
				}
				return out
			},
			Break: func(d replicator.Delivery) replicator.Delivery {
				s := newShipment(orders(4), "990004")
				s.Lines[0].SKU = template.world.Products[5].SKU // not ordered
				d.Source = s
				return d
			},
			Commits: createsIn("Document_РеализацияТоваровУслуг"),
		},
		"journal_entry": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb)
				return b.target(func(k schema.Key) int {
					n := 0
					for _, e := range b.sim.JournalEntries() {
						if e.ID == string(k) {
							n++
						}
					}
					return n
				})
			},
			Deliveries: func(_ testing.TB, n int) []replicator.Delivery { return many(n, newEntry) },
			Commits:    createsIn("InformationRegister_ИО_ОшибкиОбмена"),
			LeaveOut:   map[replicatortest.Check]string{replicatortest.PartialBatch: "the register takes any entry; there is nothing it could refuse"},
		},
		"stock_balance": {
			New: func(tb testing.TB) replicatortest.Target {
				tb.Helper()
				b := newBench(tb, posting)
				return b.target(func(k schema.Key) int {
					parts := k.Split(2)
					if b.sim.Quantity(parts[0], parts[1]) == schema.Pieces(777) {
						return 1
					}
					return 0
				})
			},
			Deliveries: func(_ testing.TB, n int) []replicator.Delivery {
				return many(n, func(i int) *schema.StockBalance {
					return &schema.StockBalance{Provenance: provOf(schema.Jushuitan), WarehouseCode: "MAIN", SKU: template.world.Products[i].SKU, UnitCode: "796", Quantity: schema.Pieces(777)}
				})
			},
			Break: func(d replicator.Delivery) replicator.Delivery {
				d.Source = &schema.StockBalance{Provenance: provOf(schema.Jushuitan), WarehouseCode: "MAIN", SKU: "НЕТ-ТАКОГО", Quantity: 1}
				return d
			},
			Commits:  createsIn("Document_ОприходованиеИзлишковТоваров"),
			LeaveOut: map[replicatortest.Check]string{replicatortest.Unicode: "a balance carries no text"},
		},
	}
	for name, o := range cases {
		o.Secrets = []string{testPassword}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replicatortest.ExerciseSink(t, o)
		})
	}
}

func newEntry(n int) *schema.JournalEntry {
	at := provOf(schema.Sverka).ObservedAt
	return &schema.JournalEntry{
		Provenance: provOf(schema.Sverka), EntryID: schema.JournalID("test", fmt.Sprint(n)), Severity: schema.SeverityWarning, Code: "unmapped", Flow: "sales_order:openshop>onec",
		SourceSystem: schema.OpenShop, SubjectEntity: schema.EntitySalesOrder, SubjectKey: "OS-1", Field: "warehouse_code", Message: "склад не сопоставлен", Hint: "добавьте склад",
		FirstSeenAt: at, LastSeenAt: at, Occurrences: 3,
	}
}

var _ http.Handler = (*onecsim.Sim)(nil)

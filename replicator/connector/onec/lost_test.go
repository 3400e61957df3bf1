package onec

import (
	"net/http"
	"sync/atomic"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// nth matches the n-th writing request from now on.
func nth(n int) simworld.Match {
	var seen atomic.Int64
	return func(r *http.Request) bool { return simworld.Writes(r) && seen.Add(1) == int64(n) }
}

// TestSink_ALostAnswerAtAnyStepLeavesOneDocument loses the answer, and then the
// request, of every single write that a delivery takes, and delivers again.
func TestSink_ALostAnswerAtAnyStepLeavesOneDocument(t *testing.T) {
	t.Parallel()
	type subject struct {
		deliver func(tb testing.TB, b *bench) replicator.Delivery
		check   func(b *bench) bool
	}
	order := func(b *bench) *schema.SalesOrder { return b.newOrder(1) }
	subjects := map[string]subject{
		"product": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				return b.delivery(tb, newProduct(1), nil)
			},
			func(b *bench) bool {
				return b.sim.ProductCount("NEW-0001") == 1 && b.sim.Count("Document_УстановкаЦенНоменклатуры") == 2 && b.sim.PostedCount("Document_УстановкаЦенНоменклатуры") == 2
			},
		},
		"customer": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				return b.delivery(tb, newCustomer(1), nil)
			},
			func(b *bench) bool {
				return b.sim.PartnerCount("W00001") == 1 && b.sim.Count("Catalog_Контрагенты") == len(b.world.Customers)+1
			},
		},
		"order": {
			func(tb testing.TB, b *bench) replicator.Delivery { tb.Helper(); return b.delivery(tb, order(b), nil) },
			func(b *bench) bool {
				o, _ := b.sim.Order(order(b).OrderNumber)
				return b.sim.OrderCount(order(b).OrderNumber) == 1 && o.Posted
			},
		},
		"order change": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				held := b.place(tb, order(b))
				o := order(b)
				o.Lines[0].Quantity, o.Lines[0].Amount = 5000, 5*o.Lines[0].Price
				o.Total = o.LinesTotal() + o.Freight - o.Discount
				return b.delivery(tb, o, held)
			},
			func(b *bench) bool {
				return b.sim.OrderCount(order(b).OrderNumber) == 1 && b.sim.Reserved("MAIN", order(b).Lines[0].SKU) == 5000
			},
		},
		"payment": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				b.place(tb, order(b))
				return b.delivery(tb, newPayment(order(b), 1, schema.MethodBankTransfer), nil)
			},
			func(b *bench) bool {
				const set = "Document_ПоступлениеБезналичныхДенежныхСредств"
				return b.sim.PaymentCount("P-0001") == 1 && b.sim.PostedCount(set) == b.sim.Count(set)
			},
		},
		"shipment": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				return b.shipmentDelivery(tb, newShipment(order(b), "990001"), b.place(tb, order(b)))
			},
			func(b *bench) bool {
				return b.sim.ShipmentCount("990001") == 1 && b.sim.PostedCount("Document_РеализацияТоваровУслуг") == len(b.world.Orders)+1
			},
		},
		"cancel": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				b.place(tb, order(b))
				return b.delivery(tb, &schema.OrderStatus{Provenance: provOf(schema.OpenShop), OrderNumber: order(b).OrderNumber, Phase: schema.PhaseCancelled}, nil)
			},
			func(b *bench) bool {
				o, _ := b.sim.Order(order(b).OrderNumber)
				return o.Lines[0].Cancelled && b.sim.Reserved("MAIN", o.Lines[0].SKU) == 0
			},
		},
		"shortage": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				return b.delivery(tb, &schema.StockBalance{Provenance: provOf(schema.Jushuitan), WarehouseCode: "MAIN", SKU: b.world.Products[0].SKU, Quantity: 1000}, nil)
			},
			func(b *bench) bool {
				const set = "Document_СписаниеНедостачТоваров"
				return b.sim.Quantity("MAIN", b.world.Products[0].SKU) == 1000 && b.sim.Count(set) == 1 && b.sim.PostedCount(set) == 1
			},
		},
		"journal": {
			func(tb testing.TB, b *bench) replicator.Delivery {
				tb.Helper()
				return b.delivery(tb, newEntry(1), nil)
			},
			func(b *bench) bool { return len(b.sim.JournalEntries()) == 1 },
		},
	}
	ways := map[string]func(*simworld.Faults, simworld.Match){
		"answer":  func(f *simworld.Faults, m simworld.Match) { f.DropAfterCommit(m, 1) },
		"request": func(f *simworld.Faults, m simworld.Match) { f.DropBeforeCommit(m, 1) },
		"half":    func(f *simworld.Faults, m simworld.Match) { f.Truncate(m, 1) },
	}
	for name, s := range subjects {
		for way, spoil := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				for step := 1; ; step++ {
					b := newBench(t, posting)
					d := s.deliver(t, b)
					match := nth(step)
					var hit atomic.Bool
					spoil(b.faults, func(r *http.Request) bool {
						h := match(r)
						if h {
							hit.Store(true)
						}
						return h
					})
					_, err := b.client.Write(t.Context(), []replicator.Delivery{d})
					if err != nil {
						if kind := replicator.KindOf(failureOf(t, err, 0)); kind != replicator.Unknown {
							t.Errorf("step %d: the kind is %s, want unknown: %v", step, kind, err)
						}
					}
					d.Attempt, d.AskFirst = 2, true
					b.mustWrite(t, d)
					if !s.check(b) {
						t.Errorf("step %d: not exactly one posted document", step)
					}
					if !hit.Load() {
						if step == 1 {
							t.Fatal("no write was spoilt")
						}
						return
					}
				}
			})
		}
	}
}

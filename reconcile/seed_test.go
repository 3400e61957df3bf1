package reconcile_test

import (
	"fmt"
	"time"

	"sverka/schema"
)

// expectation is the one finding that a seed must cause.
type expectation struct {
	comparison, key, class, systemB            string
	difference, inFlight, overdue, unexplained string // decimals with three places
	amount                                     string // "" when none is known
	cause                                      string
}

// seed spoils a clean world in one way.
type seed struct {
	name  string
	spoil func(w *world)
	want  []expectation
}

const (
	jst  = "jushuitan"
	shop = "openshop"
	zero = "0.000"
	rub  = schema.Amount(100_00) // price of every seeded article
)

// article adds a seeded article to the whole world with 100 pieces, 4 of them reserved.
func (w *world) article(sku string) {
	w.product(sku, rub, schema.OneC, schema.Jushuitan, schema.OpenShop)
	w.stockEverywhere("MAIN", sku, 100, 4)
}

// balances adds an article with balances of its own choosing.
func (w *world) balances(sku string, onec, jushuitan int64) {
	w.product(sku, rub, schema.OneC, schema.Jushuitan, schema.OpenShop)
	w.stock(schema.OneC, "MAIN", sku, onec, 0)
	w.stock(schema.Jushuitan, "MAIN", sku, jushuitan, 0)
	w.stock(schema.OpenShop, "MAIN", sku, max(onec, 0), 0)
}

// seededOrder adds an order of one seeded article that nobody has shipped yet.
func (w *world) seededOrder(number, sku string, quantity int64, when time.Time, systems ...schema.System) {
	for _, s := range systems {
		w.order(s, number, "MAIN", when, line(sku, quantity, rub))
		w.status(s, number, schema.PhaseAccepted, when)
	}
}

// known makes an order number known everywhere, so that a shipment of it is no orphan.
func (w *world) known(number string) {
	w.seededOrder(number, "SKU-0001", 1, longAgo, schema.OpenShop, schema.OneC, schema.Jushuitan)
}

func stockSeeds() []seed {
	young, old := asOf.Add(-10*time.Minute), asOf.Add(-2*time.Hour)
	everywhere := []schema.System{schema.OneC, schema.Jushuitan, schema.OpenShop}
	return []seed{
		{
			"quantity differs", func(w *world) { w.balances("Q1", 100, 93) },
			[]expectation{{"quantity", "MAIN/Q1", "quantity", jst, "-7.000", zero, zero, "-7.000", "700.00", "unknown"}},
		},
		{"missing in Jushuitan", func(w *world) {
			w.product("M1", rub, everywhere...)
			w.stock(schema.OneC, "MAIN", "M1", 5, 2)
			w.stock(schema.OpenShop, "MAIN", "M1", 3, 0)
		}, []expectation{{"quantity", "MAIN/M1", "missing_in_jushuitan", jst, "-5.000", zero, zero, "-5.000", "500.00", "row_missing"}}},
		{"missing in 1C", func(w *world) {
			w.product("M2", rub, everywhere...)
			w.stock(schema.Jushuitan, "MAIN", "M2", 8, 1)
		}, []expectation{{"quantity", "MAIN/M2", "missing_in_onec", jst, "8.000", zero, zero, "8.000", "800.00", "row_missing"}}},
		{"missing in the shop", func(w *world) {
			w.product("M3", rub, everywhere...)
			w.stock(schema.OneC, "MAIN", "M3", 9, 3)
			w.stock(schema.Jushuitan, "MAIN", "M3", 9, 3)
		}, []expectation{{"published", "MAIN/M3", "missing_in_openshop", shop, "-6.000", zero, zero, "-6.000", "600.00", "row_missing"}}},
		{"a missing row and a zero are equal", func(w *world) {
			w.product("M4", rub, everywhere...)
			w.stock(schema.OneC, "MAIN", "M4", 0, 0)
			w.stock(schema.Jushuitan, "SPB", "M4", 0, 0)
		}, nil},
		{"not mapped in Jushuitan", func(w *world) {
			w.product("U1", rub, schema.OneC, schema.OpenShop)
			w.stock(schema.OneC, "MAIN", "U1", 11, 0)
			w.stock(schema.OpenShop, "MAIN", "U1", 11, 0)
		}, []expectation{{"quantity", "MAIN/U1", "unmapped", jst, "-11.000", zero, zero, "-11.000", "1100.00", "product_unknown"}}},
		{
			"a pack counted as a piece", func(w *world) { w.balances("N1", 240, 20) },
			[]expectation{{"quantity", "MAIN/N1", "unit", jst, "-220.000", zero, zero, "-220.000", "22000.00", "pack_factor"}},
		},
		{
			"two articles swapped", func(w *world) { w.balances("T1", 60, 73); w.balances("T2", 80, 67) },
			[]expectation{
				{"quantity", "MAIN/T1", "transpose", jst, "13.000", zero, zero, "13.000", "1300.00", "transpose"},
				{"quantity", "MAIN/T2", "transpose", jst, "-13.000", zero, zero, "-13.000", "1300.00", "transpose"},
			},
		},
		{
			"negative stock", func(w *world) { w.balances("G1", -3, 5) },
			[]expectation{{"quantity", "MAIN/G1", "negative", jst, "8.000", zero, zero, "8.000", "800.00", "negative_stock"}},
		},
		{
			"both agree on less than nothing", func(w *world) { w.balances("G2", -4, -4) },
			[]expectation{{"quantity", "MAIN/G2", "negative", jst, zero, zero, zero, zero, "0.00", "negative_stock"}},
		},
		{"reserve without order", func(w *world) {
			w.article("R1")
			w.records[len(w.records)-2].(*schema.StockBalance).Reserved = schema.Pieces(1)
		}, []expectation{{"reserved", "MAIN/R1", "reserve", jst, "-3.000", zero, zero, "-3.000", "300.00", "reserve_without_order"}}},
		{"the shop shows too much", func(w *world) {
			w.article("P1")
			w.records[len(w.records)-1].(*schema.StockBalance).Quantity = schema.Pieces(98)
		}, []expectation{{"published", "MAIN/P1", "quantity", shop, "2.000", zero, zero, "2.000", "200.00", "unknown"}}},
		{"a young shipment explains it", func(w *world) {
			w.balances("S1", 100, 94)
			w.known("SO-S1")
			w.shipment(schema.Jushuitan, "I-S1", "SO-S1", "MAIN", young, shipped("S1", 6))
		}, []expectation{
			{"quantity", "MAIN/S1", "in_flight", jst, "-6.000", "-6.000", zero, zero, "600.00", "shipment_missing"},
			{"shipped", "I-S1", "in_flight", jst, "6.000", "6.000", zero, zero, "600.00", "delivery_waiting"},
		}},
		{"an old shipment is overdue", func(w *world) {
			w.balances("S2", 100, 91)
			w.known("SO-S2")
			w.shipment(schema.Jushuitan, "I-S2", "SO-S2", "MAIN", old, shipped("S2", 9))
			w.deliveries = append(w.deliveries, delivery{flow: "shipment:jushuitan>onec", key: "I-S2", state: "retry", since: old})
		}, []expectation{
			{"quantity", "MAIN/S2", "overdue", jst, "-9.000", zero, "-9.000", zero, "900.00", "shipment_missing"},
			{"shipped", "I-S2", "overdue", jst, "9.000", zero, "9.000", zero, "900.00", "delivery_waiting"},
		}},
		{"a dead shipment has no grace", func(w *world) {
			w.balances("S3", 100, 86)
			w.known("SO-S3")
			w.shipment(schema.Jushuitan, "I-S3", "SO-S3", "MAIN", young, shipped("S3", 14))
			w.deliveries = append(w.deliveries, delivery{flow: "shipment:jushuitan>onec", key: "I-S3", state: "dead", failure: "onec: rejected", since: young})
		}, []expectation{
			{"quantity", "MAIN/S3", "failed", jst, "-14.000", zero, "-14.000", zero, "1400.00", "shipment_missing"},
			{"shipped", "I-S3", "failed", jst, "14.000", zero, "14.000", zero, "1400.00", "delivery_dead"},
		}},
		{"only what the shipment does not explain is a discrepancy", func(w *world) {
			w.balances("S4", 100, 79)
			w.known("SO-S4")
			w.shipment(schema.Jushuitan, "I-S4", "SO-S4", "MAIN", young, shipped("S4", 4))
		}, []expectation{
			{"quantity", "MAIN/S4", "quantity", jst, "-21.000", "-4.000", zero, "-17.000", "1700.00", "partly_explained"},
			{"shipped", "I-S4", "in_flight", jst, "4.000", "4.000", zero, zero, "400.00", "delivery_waiting"},
		}},
		{"a waiting delivery of the very key", func(w *world) {
			w.balances("D1", 100, 78)
			w.deliveries = append(w.deliveries, delivery{flow: "stock_balance:jushuitan>onec", key: "MAIN/D1", state: "pending", since: young})
		}, []expectation{{"quantity", "MAIN/D1", "in_flight", jst, "-22.000", "-22.000", zero, zero, "2200.00", "delivery_waiting"}}},
		{"a held delivery of the very key past its grace", func(w *world) {
			w.balances("D2", 100, 77)
			w.deliveries = append(w.deliveries, delivery{flow: "stock_balance:jushuitan>onec", key: "MAIN/D2", state: "held", reason: "correction_needs_approval", since: old})
		}, []expectation{{"quantity", "MAIN/D2", "overdue", jst, "-23.000", zero, "-23.000", zero, "2300.00", "delivery_held"}}},
		{"a correction that a person must book stands", func(w *world) {
			w.balances("D4", 100, 75)
			w.deliveries = append(w.deliveries, delivery{flow: "stock_balance:jushuitan>onec", key: "MAIN/D4", state: "held", reason: "stock_correction_needs_person", since: young})
		}, []expectation{{"quantity", "MAIN/D4", "quantity", jst, "-25.000", zero, zero, "-25.000", "2500.00", "delivery_held"}}},
		{"a dead delivery of the very key", func(w *world) {
			w.balances("D3", 100, 76)
			w.deliveries = append(w.deliveries, delivery{flow: "stock_balance:onec>jushuitan", key: "MAIN/D3", state: "dead", failure: "jushuitan: rejected", since: young})
		}, []expectation{{"quantity", "MAIN/D3", "failed", jst, "-24.000", zero, "-24.000", zero, "2400.00", "delivery_dead"}}},
		{"an order on its way explains the reserve", func(w *world) {
			w.article("O1")
			w.records[len(w.records)-2].(*schema.StockBalance).Reserved = schema.Pieces(1)
			w.seededOrder("SO-O1", "O1", 3, young, schema.OpenShop, schema.OneC)
		}, []expectation{
			{"reserved", "MAIN/O1", "in_flight", jst, "-3.000", "-3.000", zero, zero, "300.00", "order_missing"},
			{"document", "SO-O1", "in_flight", jst, "-300.000", "-300.000", zero, zero, "300.00", "delivery_waiting"},
		}},
		{"of three orders on their way the two that explain it are chosen", func(w *world) {
			w.article("O2")
			w.records[len(w.records)-3].(*schema.StockBalance).Reserved = schema.Pieces(11)
			w.records[len(w.records)-1].(*schema.StockBalance).Quantity = schema.Pieces(89)
			for i, q := range []int64{3, 9, 4} { // 1C did not reserve the nine
				w.seededOrder(fmt.Sprintf("SO-O2-%d", i), "O2", q, young, schema.OpenShop, schema.OneC)
			}
		}, []expectation{
			{"reserved", "MAIN/O2", "in_flight", jst, "-7.000", "-7.000", zero, zero, "700.00", "order_missing"},
			{"document", "SO-O2-0", "in_flight", jst, "-300.000", "-300.000", zero, zero, "300.00", "delivery_waiting"},
			{"document", "SO-O2-1", "in_flight", jst, "-900.000", "-900.000", zero, zero, "900.00", "delivery_waiting"},
			{"document", "SO-O2-2", "in_flight", jst, "-400.000", "-400.000", zero, zero, "400.00", "delivery_waiting"},
		}},
		{"a movement the other way makes the rest larger than the difference", func(w *world) {
			w.balances("S5", 100, 102)
			w.known("SO-S5")
			w.shipment(schema.Jushuitan, "I-S5", "SO-S5", "MAIN", young, shipped("S5", 16))
		}, []expectation{
			{"quantity", "MAIN/S5", "quantity", jst, "2.000", "-16.000", zero, "18.000", "1800.00", "partly_explained"},
			{"shipped", "I-S5", "in_flight", jst, "16.000", "16.000", zero, zero, "1600.00", "delivery_waiting"},
		}},
		{"a warehouse that Jushuitan does not know", func(w *world) {
			w.warehouse("FAR", schema.OneC)
			w.product("W1", rub, everywhere...)
			w.stock(schema.OneC, "FAR", "W1", 31, 2)
			w.stock(schema.OpenShop, "FAR", "W1", 29, 0)
		}, []expectation{{"warehouse", "FAR/", "warehouse_unmapped", jst, "-31.000", zero, zero, "-31.000", "", "warehouse_unknown"}}},
		{"one article under two SKUs", func(w *world) {
			w.product("X1", rub, schema.OneC)
			w.product("X2", rub, schema.OneC)
			w.records[len(w.records)-1].(*schema.Product).ExternalID = "onec-X1"
		}, []expectation{{"identity", "onec-X1", "mapping_duplicate", "", zero, zero, zero, zero, "", "same_external_id"}}},
	}
}

func orderSeeds() []seed {
	young, old := asOf.Add(-10*time.Minute), asOf.Add(-2*time.Hour)
	three := []schema.System{schema.OpenShop, schema.OneC, schema.Jushuitan}
	last := func(w *world) *schema.SalesOrder { return w.records[len(w.records)-2].(*schema.SalesOrder) }
	return []seed{
		{
			"an order that 1C lost", func(w *world) { w.seededOrder("A1", "SKU-0001", 2, old, schema.OpenShop) },
			[]expectation{{"document", "A1", "missing_in_onec", shop, "200.000", zero, zero, "200.000", "200.00", "order_missing"}},
		},
		{
			"an order that Jushuitan lost", func(w *world) { w.seededOrder("A2", "SKU-0001", 3, old, schema.OpenShop, schema.OneC) },
			[]expectation{{"document", "A2", "missing_in_jushuitan", jst, "-300.000", zero, zero, "-300.000", "300.00", "order_missing"}},
		},
		{
			"an order that only Jushuitan has", func(w *world) { w.seededOrder("A3", "SKU-0001", 4, old, schema.Jushuitan) },
			[]expectation{{"document", "A3", "missing_in_onec", jst, "400.000", zero, zero, "400.000", "400.00", "order_missing"}},
		},
		{
			"a young order is on its way", func(w *world) { w.seededOrder("A4", "SKU-0001", 5, young, schema.OpenShop) },
			[]expectation{{"document", "A4", "in_flight", shop, "500.000", "500.000", zero, zero, "500.00", "delivery_waiting"}},
		},
		{"an unpaid order waits at its gate, however long", func(w *world) {
			w.seededOrder("A5", "SKU-0001", 6, old, schema.OpenShop, schema.OneC)
			w.deliveries = append(w.deliveries, delivery{flow: "sales_order:onec>jushuitan", key: "A5", state: "held", reason: "not_paid", since: old})
		}, []expectation{{"document", "A5", "in_flight", jst, "-600.000", "-600.000", zero, zero, "600.00", "delivery_held"}}},
		{"an order held for a mapping is overdue", func(w *world) {
			w.seededOrder("A6", "SKU-0001", 7, old, schema.OpenShop, schema.OneC)
			w.deliveries = append(w.deliveries, delivery{flow: "sales_order:onec>jushuitan", key: "A6", state: "held", reason: "product_missing", since: old})
		}, []expectation{{"document", "A6", "overdue", jst, "-700.000", zero, "-700.000", zero, "700.00", "delivery_held"}}},
		{"an order whose delivery is dead", func(w *world) {
			w.seededOrder("A7", "SKU-0001", 8, young, schema.OpenShop, schema.OneC)
			w.deliveries = append(w.deliveries, delivery{flow: "sales_order:onec>jushuitan", key: "A7", state: "dead", failure: "jushuitan: rejected", since: young})
		}, []expectation{{"document", "A7", "failed", jst, "-800.000", zero, "-800.000", zero, "800.00", "delivery_dead"}}},
		{"an order cancelled before it was handed over is due nowhere", func(w *world) {
			w.order(schema.OpenShop, "A8", "MAIN", old, line("SKU-0001", 2, rub))
			w.status(schema.OpenShop, "A8", schema.PhaseCancelled, old)
		}, nil},
		{"a flow in shadow mode", func(w *world) {
			w.seededOrder("A9", "SKU-0001", 2, old, schema.OneC, schema.Jushuitan, schema.OpenShop)
			last(w).Total += 11_00
			w.deliveries = append(w.deliveries, delivery{flow: "sales_order:openshop>onec", key: "A9", state: "pending", since: old, mode: "shadow"})
		}, []expectation{{"document", "A9", "overdue", shop, "11.000", zero, "11.000", zero, "11.00", "flow_not_live"}}},
		{
			"totals differ", func(w *world) { w.seededOrder("B1", "SKU-0001", 2, old, three...); last(w).Total += 50_00 },
			[]expectation{{"document", "B1", "amount", jst, "50.000", zero, zero, "50.000", "50.00", "extras_differ"}},
		},
		{"quantities of a line differ", func(w *world) {
			w.seededOrder("B2", "SKU-0001", 2, old, three...)
			last(w).Lines[0] = line("SKU-0001", 3, rub)
			last(w).Lines[0].LineNo = 1
			last(w).Total += rub
		}, []expectation{{"document", "B2", "quantity", jst, "100.000", zero, zero, "100.000", "100.00", "lines_differ"}}},
		{"another article for the same money", func(w *world) {
			w.seededOrder("B3", "SKU-0001", 2, old, three...)
			last(w).Lines[0].SKU = "SKU-0002"
		}, []expectation{{"document", "B3", "quantity", jst, zero, zero, zero, zero, "200.00", "lines_differ"}}},
		{"prices differ", func(w *world) {
			w.seededOrder("B4", "SKU-0001", 2, old, three...)
			last(w).Lines[0].Amount -= 30_00
			last(w).Total -= 30_00
		}, []expectation{{"document", "B4", "price", jst, "-30.000", zero, zero, "-30.000", "30.00", "prices_differ"}}},
		{"VAT differs", func(w *world) {
			w.seededOrder("B5", "SKU-0001", 2, old, schema.OneC, schema.Jushuitan, schema.OpenShop)
			for _, r := range w.records {
				if o, ok := r.(*schema.SalesOrder); ok && o.OrderNumber == "B5" {
					o.Lines[0].VATAmount = map[schema.System]schema.Amount{schema.OneC: 33_33, schema.OpenShop: 18_18}[o.System]
				}
			}
		}, []expectation{{"document", "B5", "tax", shop, zero, zero, zero, zero, "0.00", "vat_differs"}}},
		{
			"currencies differ", func(w *world) { w.seededOrder("B6", "SKU-0001", 2, old, three...); last(w).Currency = "CNY" },
			[]expectation{{"document", "B6", "currency", jst, zero, zero, zero, zero, "200.00", "currency_differs"}},
		},
		{"a kopeck of rounding over two lines", func(w *world) {
			for _, s := range three {
				w.order(s, "B7", "MAIN", old, line("SKU-0001", 1, rub), line("SKU-0002", 1, rub))
				w.status(s, "B7", schema.PhaseAccepted, old)
			}
			last(w).Total++
		}, []expectation{{"document", "B7", "rounding", jst, "0.010", zero, zero, "0.010", "0.01", "within_tolerance"}}},
		{"dates differ", func(w *world) {
			w.seededOrder("B8", "SKU-0001", 2, old, three...)
			last(w).OrderedAt = old.Add(-26 * time.Hour)
		}, []expectation{{"document", "B8", "date", jst, zero, zero, zero, zero, "0.00", "dates_differ"}}},
		{"lines in another order and split are equal", func(w *world) {
			w.order(schema.OpenShop, "B9", "MAIN", old, line("SKU-0001", 3, rub), line("SKU-0002", 1, rub))
			w.order(schema.OneC, "B9", "MAIN", old, line("SKU-0002", 1, rub), line("SKU-0001", 3, rub))
			w.order(schema.Jushuitan, "B9", "MAIN", old, line("SKU-0001", 1, rub), line("SKU-0002", 1, rub), line("SKU-0001", 2, rub))
		}, nil},
		{
			"deleted on one side", func(w *world) { w.seededOrder("C1", "SKU-0001", 2, old, three...); last(w).DeletedAt = old },
			[]expectation{{"document", "C1", "ghost", jst, "-200.000", zero, zero, "-200.000", "200.00", "deleted_on_one_side"}},
		},
		{"one document under two numbers", func(w *world) {
			w.seededOrder("C2", "SKU-0001", 2, old, three...)
			w.seededOrder("C3", "SKU-0001", 2, old, three...)
			last(w).ExternalID = "jushuitan-C2"
		}, []expectation{{"identity", "jushuitan-C2", "duplicate", "", zero, zero, zero, zero, "200.00", "same_external_id"}}},
		{"statuses differ", func(w *world) {
			w.seededOrder("E1", "SKU-0001", 2, old, three...)
			w.records[len(w.records)-1].(*schema.OrderStatus).Phase = schema.PhaseShipped
		}, []expectation{{"status", "E1", "status", jst, zero, zero, zero, zero, "", "status_not_carried"}}},
		{"a status that has just changed is on its way", func(w *world) {
			w.seededOrder("E2", "SKU-0001", 2, old, three...)
			st := w.records[len(w.records)-1].(*schema.OrderStatus)
			st.Phase, st.ChangedAt = schema.PhaseShipped, young
		}, []expectation{{"status", "E2", "in_flight", jst, zero, zero, zero, zero, "", "delivery_waiting"}}},
		{"sent in Jushuitan and completed in 1C agree", func(w *world) {
			w.seededOrder("E3", "SKU-0001", 2, old, schema.OneC, schema.Jushuitan)
			w.records[len(w.records)-1].(*schema.OrderStatus).Phase = schema.PhaseShipped
			w.records[len(w.records)-3].(*schema.OrderStatus).Phase = schema.PhaseCompleted
			w.order(schema.OpenShop, "E3", "MAIN", old, line("SKU-0001", 2, rub))
		}, nil},
		{"a status that nobody knows", func(w *world) {
			w.seededOrder("E4", "SKU-0001", 2, old, three...)
			w.records[len(w.records)-1].(*schema.OrderStatus).Phase = schema.PhaseUnknown
		}, []expectation{{"status", "E4", "unmapped", jst, zero, zero, zero, zero, "", "status_unknown"}}},
	}
}

func moneyAndGoodsSeeds() []seed {
	young, old := asOf.Add(-10*time.Minute), asOf.Add(-2*time.Hour)
	pay := func(w *world, number string, systems ...schema.System) {
		w.known(number)
		for _, s := range systems {
			w.payment(s, "P-"+number, number, 100_00, old)
		}
	}
	return []seed{
		{
			"a payment that 1C lost", func(w *world) { pay(w, "F1", schema.OpenShop) },
			[]expectation{{"paid", "F1", "missing_in_onec", shop, "100.000", zero, zero, "100.000", "100.00", "payment_missing"}},
		},
		{
			"a payment that the bank does not confirm", func(w *world) { pay(w, "F2", schema.OpenShop, schema.OneC, schema.Jushuitan) },
			[]expectation{{"paid", "F2", "missing_in_bank", "bank", "-100.000", zero, zero, "-100.000", "100.00", "payment_missing"}},
		},
		{"sums paid differ", func(w *world) {
			pay(w, "F3", schema.OpenShop, schema.OneC, schema.Jushuitan)
			w.bankLine("B-F3", "F3", 90_00, old)
		}, []expectation{{"paid", "F3", "amount", "bank", "-10.000", zero, zero, "-10.000", "10.00", "sums_differ"}}},
		{"a payment whose delivery is dead", func(w *world) {
			pay(w, "F4", schema.OpenShop)
			w.deliveries = append(w.deliveries, delivery{flow: "payment:openshop>onec", key: "P-F4", state: "dead", since: old})
		}, []expectation{{"paid", "F4", "failed", shop, "100.000", zero, "100.000", zero, "100.00", "delivery_dead"}}},
		{
			"money for an order that nobody has", func(w *world) { w.bankLine("B-F5", "F5", 70_00, old) },
			[]expectation{{"paid", "F5", "orphan", "bank", "70.000", zero, zero, "70.000", "70.00", "order_unknown"}},
		},
		{"paid and paid back is nothing", func(w *world) {
			pay(w, "F6", schema.OpenShop)
			w.payment(schema.OpenShop, "R-F6", "F6", 100_00, old).Status = schema.PaymentRefunded
		}, nil},
		{"a shipment that 1C lost", func(w *world) {
			w.known("H1")
			w.shipment(schema.Jushuitan, "I-H1", "H1", "MAIN", old, shipped("SKU-0001", 3))
		}, []expectation{{"shipped", "I-H1", "missing_in_onec", jst, "3.000", zero, zero, "3.000", "30.30", "shipment_missing"}}},
		{"a shipment that only 1C has", func(w *world) {
			w.known("H2")
			w.shipment(schema.OneC, "I-H2", "H2", "MAIN", old, shipped("SKU-0001", 2))
		}, []expectation{{"shipped", "I-H2", "missing_in_jushuitan", jst, "-2.000", zero, zero, "-2.000", "20.20", "shipment_missing"}}},
		{"goods of a shipment differ", func(w *world) {
			w.known("H3")
			w.shipment(schema.OneC, "I-H3", "H3", "MAIN", old, shipped("SKU-0001", 2))
			w.shipment(schema.Jushuitan, "I-H3", "H3", "MAIN", old, shipped("SKU-0001", 5))
		}, []expectation{{"shipped", "I-H3", "quantity", jst, "3.000", zero, zero, "3.000", "50.50", "lines_differ"}}},
		{"a shipment of an order that nobody has", func(w *world) {
			w.shipment(schema.Jushuitan, "I-H4", "H4", "MAIN", old, shipped("SKU-0001", 1))
		}, []expectation{{"shipped", "I-H4", "orphan", jst, "1.000", zero, zero, "1.000", "10.10", "order_unknown"}}},
		{"a shipment in another month", func(w *world) {
			w.known("H5")
			w.shipment(schema.OneC, "I-H5", "H5", "MAIN", time.Date(2026, 10, 31, 22, 0, 0, 0, time.UTC), shipped("SKU-0001", 1))
			w.shipment(schema.Jushuitan, "I-H5", "H5", "MAIN", time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC), shipped("SKU-0001", 1))
		}, []expectation{{"shipped", "I-H5", "date", jst, zero, zero, zero, zero, "10.10", "month_differs"}}},
		{"a young shipment without delivery", func(w *world) {
			w.known("H6")
			w.shipment(schema.Jushuitan, "I-H6", "H6", "MAIN", young, shipped("SKU-0001", 1))
		}, []expectation{{"shipped", "I-H6", "in_flight", jst, "1.000", "1.000", zero, zero, "10.10", "delivery_waiting"}}},
	}
}

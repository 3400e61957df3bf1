package onec

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sverka/replicator"
	"sverka/schema"
)

func TestOrder_IsWrittenPostedAndReadBackAlike(t *testing.T) {
	t.Parallel()
	for name, adjust := range map[string]func(*schema.SalesOrder){
		"as it is":                func(*schema.SalesOrder) {},
		"no discount, no freight": func(o *schema.SalesOrder) { o.Discount, o.Freight = 0, 0 },
		"paid on delivery":        func(o *schema.SalesOrder) { o.PaymentMethod = schema.MethodOnDelivery },
		"an unknown method":       func(o *schema.SalesOrder) { o.PaymentMethod, o.DeliveryMethod = "crypto", "" },
		"a cancelled line": func(o *schema.SalesOrder) {
			o.Lines[1].Cancelled = true
			o.Discount = 0
		},
		"discount eats freight": func(o *schema.SalesOrder) { o.Discount = o.LinesTotal() + 100 },
		"gaps in line numbers":  func(o *schema.SalesOrder) { o.Lines[0].LineNo, o.Lines[1].LineNo = 3, 9 },
		"no unit, no rate":      func(o *schema.SalesOrder) { o.Lines[0].UnitCode, o.Lines[0].VATRate = "", "" },
		"Chinese receiver":      func(o *schema.SalesOrder) { o.ReceiverName, o.Comment = "王小明", "备注: 'срочно'\n[x]" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			o := b.newOrder(1)
			adjust(o)
			o.Total = o.LinesTotal() + o.Freight - o.Discount
			d := b.delivery(t, o, nil)
			confirmed := b.mustWrite(t, d)
			b.requireRest(t, d, confirmed[0], b.client.Orders())
			in, ok := b.sim.Order(o.OrderNumber)
			if !ok || !in.Posted || in.Total != o.Total {
				t.Errorf("1C holds %+v, want it posted with total %s", in, o.Total)
			}
		})
	}
}

func TestOrder_ReservesAndItsShipmentTakesTheGoods(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.newOrder(1)
	sku := o.Lines[0].SKU
	before := b.sim.Quantity("MAIN", sku)
	held := b.place(t, o)
	if r := b.sim.Reserved("MAIN", sku); r != o.Lines[0].Quantity {
		t.Errorf("reserved %s, want %s", r, o.Lines[0].Quantity)
	}
	d := b.shipmentDelivery(t, newShipment(o, "990001"), held)
	confirmed := b.mustWrite(t, d)
	b.requireRest(t, d, confirmed[0], b.client.Shipments())
	if q, r := b.sim.Quantity("MAIN", sku), b.sim.Reserved("MAIN", sku); q != before-o.Lines[0].Quantity || r != 0 {
		t.Errorf("after the shipment there are %s, %s reserved; before there were %s", q, r, before)
	}
	status, ok := confirmed[0].Observed[1].(*schema.OrderStatus)
	if !ok || status.Phase != schema.PhaseShipped {
		t.Errorf("the confirmation must tell that the order is shipped: %+v", confirmed[0].Observed)
	}
	if err := b.sim.UnpostShipment("990001"); err != nil {
		t.Fatal(err)
	}
	if q, r := b.sim.Quantity("MAIN", sku), b.sim.Reserved("MAIN", sku); q != before || r != o.Lines[0].Quantity {
		t.Errorf("un-posting must give goods and reserve back: %s, %s reserved", q, r)
	}
}

func TestOrder_TwoParcelsShareTheMoneyOfTheOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.newOrder(1)
	held := b.place(t, o)
	first, second := newShipment(o, "990001"), newShipment(o, "990002")
	first.Lines, second.Lines = first.Lines[:1], second.Lines[1:]
	batch := []replicator.Delivery{b.shipmentDelivery(t, first, held), b.shipmentDelivery(t, second, held)}
	confirmed := b.mustWrite(t, batch...)
	one, _ := confirmed[0].Observed[1].(*schema.OrderStatus)
	two, _ := confirmed[1].Observed[1].(*schema.OrderStatus)
	if one.Phase != schema.PhaseShippedPartial || two.Phase != schema.PhaseShipped {
		t.Errorf("phases %s then %s, want shipped_partial then shipped", one.Phase, two.Phase)
	}
	if sum := b.sim.ShippedTotal(o.OrderNumber); sum != o.Total {
		t.Errorf("the shipments are worth %s, the order %s: freight and discount must be in them once", sum, o.Total)
	}
}

func TestOrder_AChangeIsPatchedAndShippedOrdersAreNot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.newOrder(1)
	held := b.place(t, o)
	o.Comment, o.Lines[0].Quantity, o.Lines[0].Amount = "иначе", 3000, 3*o.Lines[0].Price
	o.Total = o.LinesTotal() + o.Freight - o.Discount
	d := b.delivery(t, o, held)
	confirmed := b.mustWrite(t, d)
	b.requireRest(t, d, confirmed[0], b.client.Orders())
	if n := b.sim.OrderCount(o.OrderNumber); n != 1 {
		t.Fatalf("%d documents, want one", n)
	}
	if r := b.sim.Reserved("MAIN", o.Lines[0].SKU); r != 3000 {
		t.Errorf("reserved %s after the change, want 3", r)
	}
	held, _ = observed(t, d, confirmed[0]).(*schema.SalesOrder)
	b.mustWrite(t, b.shipmentDelivery(t, newShipment(o, "990001"), held))
	o.Comment = "поздно"
	_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, o, held)})
	if replicator.KindOf(failureOf(t, err, 0)) != replicator.Rejected {
		t.Errorf("a shipped order was changed: %v", err)
	}
}

func TestOrder_WaitsForWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		adjust        func(*schema.SalesOrder)
		reason, topic string
	}{
		"customer":  {func(o *schema.SalesOrder) { o.CustomerCode = "НЕТ" }, "customer_missing", "customer:onec:НЕТ"},
		"product":   {func(o *schema.SalesOrder) { o.Lines[1].SKU = "НЕТ" }, "product_missing", "product:onec:НЕТ"},
		"warehouse": {func(o *schema.SalesOrder) { o.WarehouseCode = "НЕТ" }, "warehouse_unmapped", ""},
		"currency":  {func(o *schema.SalesOrder) { o.Currency = "EUR" }, "setting_missing", ""},
		"vat rate":  {func(o *schema.SalesOrder) { o.Lines[0].VATRate = "7" }, "vat_rate_missing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			o := b.newOrder(1)
			c.adjust(o)
			_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, o, nil)})
			requireHold(t, failureOf(t, err, 0), c.reason, c.topic)
			if n := b.sim.OrderCount(o.OrderNumber); n != 0 {
				t.Errorf("%d documents were created", n)
			}
		})
	}
}

func TestOrder_IsRefusedWhenAPersonMustDecide(t *testing.T) {
	t.Parallel()
	t.Run("units differ", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		o := b.newOrder(1)
		o.Lines[0].UnitCode = "778"
		_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, o, nil)})
		if f := failureOf(t, err, 0); replicator.KindOf(f) != replicator.Rejected || !strings.Contains(f.Error(), "unit") {
			t.Errorf("got %v", f)
		}
	})
	t.Run("marked for deletion", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		o := b.newOrder(1)
		b.place(t, o)
		if err := b.sim.MarkOrderDeleted(o.OrderNumber); err != nil {
			t.Fatal(err)
		}
		_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, o, nil)})
		if replicator.KindOf(failureOf(t, err, 0)) != replicator.Rejected || b.sim.OrderCount(o.OrderNumber) != 1 {
			t.Errorf("a deleted order must not be made again: %v", err)
		}
		got, _, _ := readAll(t, b.client.Orders(), "")
		s, _ := got["order_status:"+o.OrderNumber].(*schema.OrderStatus)
		if s == nil || s.DeletedAt.IsZero() || s.Phase != schema.PhaseCancelled {
			t.Errorf("a deletion mark reads as %+v", s)
		}
	})
	t.Run("accepted but altered", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, func(_ *Config, o *simOptions) { o.AlterTotals = true })
		o := b.newOrder(1)
		_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, o, nil)})
		f := failureOf(t, err, 0)
		if replicator.KindOf(f) != replicator.Rejected || !strings.Contains(f.Error(), "accepted but altered: total") {
			t.Errorf("got %v", f)
		}
	})
	t.Run("posting is refused", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, func(_ *Config, o *simOptions) { o.ControlStock = true })
		o := b.newOrder(1)
		held := b.place(t, o)
		if err := b.sim.SetQuantity("MAIN", o.Lines[0].SKU, 0); err != nil {
			t.Fatal(err)
		}
		_, err := b.client.Write(t.Context(), []replicator.Delivery{b.shipmentDelivery(t, newShipment(o, "990001"), held)})
		f := failureOf(t, err, 0)
		if replicator.KindOf(f) != replicator.Rejected || !strings.Contains(f.Error(), "ОбработкаПроведения") {
			t.Errorf("got %v", f)
		}
		if err := b.sim.SetQuantity("MAIN", o.Lines[0].SKU, schema.Pieces(5)); err != nil {
			t.Fatal(err)
		}
		b.mustWrite(t, b.shipmentDelivery(t, newShipment(o, "990001"), held))
		if n := b.sim.ShipmentCount("990001"); n != 1 {
			t.Errorf("%d documents after the repeat, want one", n)
		}
	})
}

func TestOrder_OneUnknownArticleOfTenStopsNobodyElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var batch []replicator.Delivery
	for i := range 10 {
		o := b.newOrder(i)
		if i == 6 {
			o.Lines[0].SKU = "НЕТ"
		}
		batch = append(batch, b.delivery(t, o, nil))
	}
	confirmed, err := b.client.Write(t.Context(), batch)
	var be *replicator.BatchError
	if !errors.As(err, &be) || len(be.Failed) != 1 || be.Failed[6] == nil {
		t.Fatalf("got %v, want only delivery 6 to fail (invariant 5)", err)
	}
	for i := range batch {
		if want := 1; i != 6 && (len(confirmed[i].Observed) == 0 || b.sim.OrderCount(string(batch[i].Key)) != want) {
			t.Errorf("delivery %d is not confirmed", i)
		}
	}
}

func TestStatus_EveryPhaseComesToRest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source schema.Phase
		ship   int // lines shipped before
		want   schema.Phase
		status string
	}{
		{schema.PhaseReleased, 0, schema.PhaseReleased, "КОтгрузке"},
		{schema.PhaseShipped, 0, schema.PhaseReleased, "КОтгрузке"},
		{schema.PhaseShippedPartial, 1, schema.PhaseShippedPartial, "КОбеспечению"},
		{schema.PhaseDelivered, 2, schema.PhaseShipped, "КОбеспечению"},
		{schema.PhaseCompleted, 2, schema.PhaseCompleted, "Закрыт"},
		{schema.PhaseClosedShort, 1, schema.PhaseClosedShort, "Закрыт"},
		{schema.PhaseCancelled, 0, schema.PhaseCancelled, "КОбеспечению"},
		{schema.PhaseAccepted, 0, "", ""},
		{schema.PhaseAwaitingPayment, 0, "", ""},
		{schema.PhaseHeld, 0, "", ""},
		{schema.PhaseUnknown, 0, "", ""},
		{schema.PhaseReturned, 0, "", ""},
	} {
		t.Run(fmt.Sprintf("%s with %d lines shipped", c.source, c.ship), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			o := b.newOrder(1)
			held := b.place(t, o)
			if c.ship > 0 {
				s := newShipment(o, "990001")
				s.Lines = s.Lines[:c.ship]
				b.mustWrite(t, b.shipmentDelivery(t, s, held))
			}
			all, _, _ := readAll(t, b.client.Orders(), "")
			heldStatus := all["order_status:"+o.OrderNumber]
			d := b.delivery(t, &schema.OrderStatus{Provenance: provOf(schema.Jushuitan), OrderNumber: o.OrderNumber, Phase: c.source, VendorStatus: "X", Reason: "передумал"}, heldStatus)
			if c.want == "" {
				if d.Wanted != nil {
					t.Errorf("1C cannot be told %s, got %+v", c.source, d.Wanted)
				}
				return
			}
			confirmed := b.mustWrite(t, d)
			got, _ := observed(t, d, confirmed[0]).(*schema.OrderStatus)
			if got.Phase != c.want || got.VendorStatus != c.status {
				t.Errorf("1C stands at %s (%s), want %s (%s)", got.Phase, got.VendorStatus, c.want, c.status)
			}
			b.requireRest(t, d, confirmed[0], b.client.Orders())
			b.mustWrite(t, d) // again
			in, _ := b.sim.Order(o.OrderNumber)
			if c.source == schema.PhaseCancelled && (in.Lines[0].Reason != "Отказ покупателя" || !in.Lines[2].Cancelled || b.sim.Reserved("MAIN", o.Lines[0].SKU) != 0) {
				t.Errorf("a cancelled order in 1C: %+v", in)
			}
		})
	}
}

func TestStatus_WaitsInsteadOfLying(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.newOrder(1)
	write := func(p schema.Phase, number string) error {
		_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, &schema.OrderStatus{Provenance: provOf(schema.OpenShop), OrderNumber: number, Phase: p}, nil)})
		return failureOf(t, err, 0)
	}
	requireHold(t, write(schema.PhaseReleased, o.OrderNumber), "order_missing", "sales_order:onec:"+o.OrderNumber)
	held := b.place(t, o)
	requireHold(t, write(schema.PhaseCompleted, o.OrderNumber), "not_shipped", "order:"+o.OrderNumber)
	b.mustWrite(t, b.shipmentDelivery(t, newShipment(o, "990001"), held))
	requireHold(t, write(schema.PhaseCancelled, o.OrderNumber), "already_shipped", "order:"+o.OrderNumber)
}

func TestStatus_ClosedIsDecidedByWhatWasShipped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	want := map[string]schema.Phase{}
	for i, lines := range []int{0, 1, 2} {
		o := b.newOrder(i)
		held := b.place(t, o)
		if lines > 0 {
			s := newShipment(o, fmt.Sprintf("99000%d", i))
			s.Lines = s.Lines[:lines]
			b.mustWrite(t, b.shipmentDelivery(t, s, held))
		}
		if err := b.sim.CloseOrder(o.OrderNumber); err != nil {
			t.Fatal(err)
		}
		want[o.OrderNumber] = []schema.Phase{schema.PhaseCancelled, schema.PhaseClosedShort, schema.PhaseCompleted}[lines]
	}
	unknown := b.newOrder(9)
	b.place(t, unknown)
	if err := b.sim.SetOrderStatus(unknown.OrderNumber, "КВыполнению"); err != nil {
		t.Fatal(err)
	}
	want[unknown.OrderNumber] = schema.PhaseUnknown
	notAgreed := b.newOrder(10)
	b.place(t, notAgreed)
	if err := b.sim.SetOrderStatus(notAgreed.OrderNumber, "НеСогласован"); err != nil {
		t.Fatal(err)
	}
	want[notAgreed.OrderNumber] = schema.PhaseReceived
	all, _, _ := readAll(t, b.client.Orders(), "")
	for number, phase := range want {
		if s, _ := all["order_status:"+number].(*schema.OrderStatus); s == nil || s.Phase != phase {
			t.Errorf("%s reads as %+v, want %s", number, s, phase)
		}
	}
}

func TestOrder_WhatOneCCancelledIsNotRevived(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.newOrder(1)
	b.place(t, o)
	cancel := &schema.OrderStatus{Provenance: provOf(schema.Jushuitan), OrderNumber: o.OrderNumber, Phase: schema.PhaseCancelled}
	b.mustWrite(t, b.delivery(t, cancel, nil))
	all, _, _ := readAll(t, b.client.Orders(), "")
	held := all["sales_order:"+o.OrderNumber]
	o.Comment = "передумал"
	if d := b.delivery(t, o, held); schema.Hash(d.Wanted) != schema.Hash(held) {
		t.Errorf("the shop's row wants to change a cancelled order: %v", differences(d.Wanted, held))
	}
}

package jushuitan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/jushuitan"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

const (
	cancelPath = "/open/jushuitan/orderbyoid/cancel"
	countPath  = "/open/jushuitan/inventoryv2/upload"
)

func TestPayments_release_the_order_once_it_is_paid_in_full(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	p1, p2 := paymentOf(o, "PAY-1", o.Total-1000), paymentOf(o, "PAY-2", 1000)
	p2.PaidAt = p1.PaidAt.Add(time.Minute)

	_, failed := deliver(t, r.client, paymentDelivery(o, p1))
	requireEqual(t, "before the order is there", holdReason(failed[0]), "order_missing")
	held := observed[*schema.SalesOrder](t, mustDeliver(t, r.client, unpaid(orderDelivery(o)))[0])

	d := paymentDelivery(o, p1)
	d.Related.HeldOrder = held
	_, failed = deliver(t, r.client, d)
	requireEqual(t, "paid in part", holdReason(failed[0]), "not_fully_paid")
	got, _ := r.sim.Order(o.OrderNumber)
	requireEqual(t, "status", got.Status, "WaitPay")

	part, lead := paymentDelivery(o, p1, p2), paymentDelivery(o, p2, p1)
	part.Related.HeldOrder, lead.Related.HeldOrder = held, held
	if wanted, err := r.client.Project(&part); wanted != nil || err != nil {
		t.Errorf("a part of the money gives %v and %v, want nothing to tell", wanted, err)
	}
	wanted, _ := r.client.Project(&lead)
	conf := mustDeliver(t, r.client, lead)[0]
	pay := observed[*schema.Payment](t, conf)
	if schema.Hash(pay) != schema.Hash(wanted) || pay.PaymentID != "PAY-2" || pay.Amount != o.Total {
		t.Errorf("confirmed %+v, wanted %+v", pay, wanted)
	}
	requireEqual(t, "status as observed", observed[*schema.OrderStatus](t, conf).Phase, schema.PhaseAccepted)
	if rd := mustRead(t, r.client.Orders(), ""); schema.Hash(find[*schema.Payment](rd, "PAY-2")) != schema.Hash(pay) {
		t.Error("the reader reads another payment than was confirmed")
	}
	lead.Held = pay
	if again, err := r.client.Project(&lead); err != nil || schema.Hash(again) != schema.Hash(pay) {
		t.Errorf("Project wants a change of the confirmed payment: %+v, %v", again, err)
	}
	uploads := r.sim.Calls(uploadPath)
	lead.Held, lead.AskFirst = nil, true
	requireEqual(t, "note of a repeat", mustDeliver(t, r.client, lead)[0].Note, "already there")
	requireEqual(t, "uploads of a repeat", r.sim.Calls(uploadPath), uploads)
}

func TestPayments_in_another_currency_do_not_pay_an_order(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	mustDeliver(t, r.client, unpaid(orderDelivery(o)))
	p := paymentOf(o, "PAY-CNY", o.Total)
	p.Currency = "CNY"
	_, failed := deliver(t, r.client, paymentDelivery(o, p))
	requireEqual(t, "reason", holdReason(failed[0]), "not_fully_paid")
	d := orderDelivery(r.order(2))
	d.Related.Payments[0].Currency = "CNY"
	mustDeliver(t, r.client, d)
	got, _ := r.sim.Order(string(d.Key))
	requireEqual(t, "status", got.Status, "WaitPay")
}

func TestPayments_tell_only_received_money(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.order(1)
	for _, status := range []string{schema.PaymentPending, schema.PaymentRefunded, schema.PaymentFailed} {
		p := paymentOf(o, "PAY", o.Total)
		p.Status = status
		d := paymentDelivery(o, p)
		if wanted, err := r.client.Project(&d); wanted != nil || err != nil {
			t.Errorf("%s gives %v and %v, want nothing to tell", status, wanted, err)
		}
	}
}

func TestStatus_cancels_and_believes_only_what_it_reads(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var batch []replicator.Delivery
	for i := range 12 {
		o := r.order(i)
		mustDeliver(t, r.client, orderDelivery(o))
		batch = append(batch, cancelDelivery(o.OrderNumber))
	}
	batch = append(batch, cancelDelivery("TS-NEVER-SENT"))
	confs := mustDeliver(t, r.client, batch...)
	rd := mustRead(t, r.client.Orders(), "")
	for i := range 12 {
		s := observed[*schema.OrderStatus](t, confs[i])
		wanted, _ := r.client.Project(&batch[i])
		if schema.Hash(s) != schema.Hash(wanted) || schema.Hash(s) != schema.Hash(find[*schema.OrderStatus](rd, batch[i].Key)) {
			t.Errorf("confirmed %+v, wanted %+v", s, wanted)
		}
		batch[i].Held = s
		if again, _ := r.client.Project(&batch[i]); schema.Hash(again) != schema.Hash(s) {
			t.Errorf("Project wants a change of the confirmed status: %+v", again)
		}
	}
	requireEqual(t, "note of an order that was never sent", confs[12].Note, "not in Jushuitan, nothing to cancel")
	if qty, locked := r.sim.Quantity(10001, r.world.Products[0].SKU); locked != 0 {
		t.Errorf("%d of %d pieces stay locked after the cancellation", locked, qty)
	}
	calls := r.sim.Calls(cancelPath)
	requireEqual(t, "note of a repeat", mustDeliver(t, r.client, cancelDelivery(string(batch[0].Key)))[0].Note, "already cancelled")
	requireEqual(t, "calls of a repeat", r.sim.Calls(cancelPath), calls)
}

func TestStatus_holds_what_the_warehouse_has(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	free, packing, gone := r.order(1), r.order(2), r.order(3)
	for _, o := range []*schema.SalesOrder{free, packing, gone} {
		mustDeliver(t, r.client, orderDelivery(o))
	}
	must(t, r.sim.Approve(packing.OrderNumber))
	must(t, r.sim.Approve(gone.OrderNumber))
	r.ship(t, gone)
	confs, failed := deliver(t, r.client, cancelDelivery(free.OrderNumber), cancelDelivery(packing.OrderNumber), cancelDelivery(gone.OrderNumber))
	requireEqual(t, "free", observed[*schema.OrderStatus](t, confs[0]).Phase, schema.PhaseCancelled)
	requireEqual(t, "being packed", holdReason(failed[1]), "warehouse_refused_cancel")
	requireEqual(t, "gone", holdReason(failed[2]), "warehouse_refused_cancel")
}

// The warehouse takes the order between our look and our call.
func TestStatus_sees_a_refusal_that_came_in_between(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := r.order(1), r.order(2)
	mustDeliver(t, r.client, orderDelivery(a), orderDelivery(b))
	r.faults.Fail(simworld.PathContains(cancelPath), 2, 200, `{"code":160,"msg":"订单状态不允许取消","data":null}`)
	_, failed := deliver(t, r.client, cancelDelivery(a.OrderNumber), cancelDelivery(b.OrderNumber))
	if len(failed) != 1 || replicator.KindOf(failed[0]) != replicator.Rejected {
		t.Errorf("failed: %v, want the first rejected and the second cancelled by itself", failed)
	}
	must(t, r.sim.Approve(a.OrderNumber))
	_, failed = deliver(t, r.client, cancelDelivery(a.OrderNumber))
	requireEqual(t, "reason", holdReason(failed[0]), "warehouse_refused_cancel")

	lost := r.order(3)
	mustDeliver(t, r.client, orderDelivery(lost))
	r.faults.DropAfterCommit(simworld.PathContains(cancelPath), 1)
	_, failed = deliver(t, r.client, cancelDelivery(lost.OrderNumber))
	requireEqual(t, "kind of a lost answer", replicator.KindOf(failed[0]), replicator.Unknown)
	requireEqual(t, "note afterwards", mustDeliver(t, r.client, cancelDelivery(lost.OrderNumber))[0].Note, "already cancelled")

	late := r.order(4)
	mustDeliver(t, r.client, orderDelivery(late))
	r.faults.Fail(simworld.PathContains(cancelPath), 1, 200, `{"code":0,"msg":"执行成功","data":null}`)
	_, failed = deliver(t, r.client, cancelDelivery(late.OrderNumber))
	requireEqual(t, "kind of a yes that does not show", replicator.KindOf(failed[0]), replicator.Unknown)
}

func TestStatus_tells_nothing_but_the_end(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, phase := range []schema.Phase{schema.PhaseAccepted, schema.PhaseReleased, schema.PhaseShipped, schema.PhaseHeld, schema.PhaseUnknown} {
		d := cancelDelivery("TS-1")
		d.Source = &schema.OrderStatus{OrderNumber: "TS-1", Phase: phase}
		if wanted, err := r.client.Project(&d); wanted != nil || err != nil {
			t.Errorf("%s gives %v and %v, want nothing to tell", phase, wanted, err)
		}
	}
}

func stockDelivery(warehouse, sku string, n int64) replicator.Delivery {
	b := &schema.StockBalance{
		Provenance: schema.Provenance{System: schema.OneC}, WarehouseCode: warehouse, SKU: sku, UnitCode: "796", Quantity: schema.Pieces(n), Reserved: schema.Pieces(3),
	}
	return replicator.Delivery{Flow: flow(schema.EntityStockBalance), Key: b.RecordKey(), Reference: reference(warehouse + sku + fmt.Sprint(n)), Attempt: 1, Source: b}
}

func TestStock_counts_one_document_per_warehouse(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var batch []replicator.Delivery
	for i, p := range r.world.Products {
		batch = append(batch, stockDelivery("SHOP", p.SKU, int64(i)), stockDelivery("MAIN", p.SKU, int64(100+i)))
	}
	confs := mustDeliver(t, r.client, batch...)
	requireEqual(t, "documents", r.sim.Calls(countPath), 2)
	rd := mustRead(t, r.client.Stock(), "")
	for i, d := range batch {
		b := observed[*schema.StockBalance](t, confs[i])
		d.Held = b
		again, _ := r.client.Project(&d)
		if schema.Hash(b) != schema.Hash(find[*schema.StockBalance](rd, d.Key)) || schema.Hash(again) != schema.Hash(b) || b.Reserved != 0 {
			t.Errorf("%s: confirmed %+v, Project then wants %+v", d.Key, b, again)
		}
	}
	if qty, _ := r.sim.Quantity(10003, r.world.Products[7].SKU); qty != 7 {
		t.Errorf("the shelf holds %d, want 7", qty)
	}
}

func TestStock_is_counted_once_whatever_is_lost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sku := r.world.Products[0].SKU
	r.faults.DropAfterCommit(simworld.PathContains(countPath), 1)
	d := stockDelivery("SHOP", sku, 12)
	_, failed := deliver(t, r.client, d)
	requireEqual(t, "kind", replicator.KindOf(failed[0]), replicator.Unknown)
	d.AskFirst = true
	requireEqual(t, "note", mustDeliver(t, r.client, d)[0].Note, "already there")
	requireEqual(t, "documents that arrived", r.sim.Calls(countPath), 1)

	// Meanwhile two pieces were sold: the same document must not bring them back.
	r.sim.SetQuantity(10003, sku, 10)
	conf := mustDeliver(t, r.client, d)[0]
	requireEqual(t, "what is observed", observed[*schema.StockBalance](t, conf).Quantity, schema.Pieces(10))
	if qty, _ := r.sim.Quantity(10003, sku); qty != 10 {
		t.Errorf("the shelf holds %d, want 10", qty)
	}
}

func TestStock_one_bad_article_stops_no_other(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var batch []replicator.Delivery
	for i := range 9 {
		batch = append(batch, stockDelivery("SHOP", r.world.Products[i].SKU, 5))
	}
	batch = append(batch, stockDelivery("SHOP", "NO-SUCH", 5), stockDelivery("ELSEWHERE", r.world.Products[0].SKU, 5))
	confs, failed := deliver(t, r.client, batch...)
	if len(failed) != 2 || replicator.KindOf(failed[9]) != replicator.Rejected || holdReason(failed[10]) != "warehouse_unmapped" {
		t.Errorf("failed: %v", failed)
	}
	for i := range 9 {
		requireEqual(t, "quantity", observed[*schema.StockBalance](t, confs[i]).Quantity, schema.Pieces(5))
	}
	for want, d := range map[string]replicator.Delivery{"not whole": stockDelivery("SHOP", "A", 0), "below zero": stockDelivery("SHOP", "A", -1)} {
		if want == "not whole" {
			d.Source.(*schema.StockBalance).Quantity = 1500
		}
		if _, err := r.client.Project(&d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

func TestStock_counts_without_the_virtual_part(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.FreeStock.AddVirtual = true })
	sku := r.world.Products[0].SKU
	r.sim.SetVirtual(10003, sku, 4)
	conf := mustDeliver(t, r.client, stockDelivery("SHOP", sku, 20))[0]
	requireEqual(t, "observed", observed[*schema.StockBalance](t, conf).Quantity, schema.Pieces(20))
	if qty, _ := r.sim.Quantity(10003, sku); qty != 16 {
		t.Errorf("the shelf holds %d, want 16 beside 4 virtual", qty)
	}
}

func TestWarehouses_are_verified_not_created(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Warehouses["555"] = "PLANNED" })
	place := func(code string) replicator.Delivery {
		w := &schema.Warehouse{WarehouseCode: code, Name: "как в 1С", Active: true}
		return replicator.Delivery{Flow: flow(schema.EntityWarehouse), Key: w.RecordKey(), Reference: reference(code), Attempt: 1, Source: w}
	}
	batch := []replicator.Delivery{place("MAIN"), place("PLANNED"), place("NOT-MAPPED")}
	confs, failed := deliver(t, r.client, batch...)
	w := observed[*schema.Warehouse](t, confs[0])
	if schema.Hash(w) != schema.Hash(find[*schema.Warehouse](mustRead(t, r.client.Warehouses(), ""), "MAIN")) {
		t.Errorf("confirmed %+v, which is not what the reader reads", w)
	}
	batch[0].Held = w
	if again, _ := r.client.Project(&batch[0]); schema.Hash(again) != schema.Hash(w) {
		t.Errorf("Project wants a change of a warehouse that cannot be changed: %+v", again)
	}
	for _, i := range []int{1, 2} {
		requireEqual(t, "reason", holdReason(failed[i]), "warehouse_unmapped")
	}
}

func TestCustomers_are_carried_by_orders(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cust := &schema.Customer{
		CustomerCode: "C1", Kind: schema.CompanyKind, Name: "ООО «Ромашка»", FullName: "полное имя", INN: "7701234567", Phone: "+79120000000",
		Email: "a@example.com", AddressText: "адрес", DiscountGroup: "VIP",
	}
	d := replicator.Delivery{Flow: flow(schema.EntityCustomer), Key: "C1", Reference: reference("C1"), Attempt: 1, Source: cust}
	conf := mustDeliver(t, r.client, d)[0]
	got := observed[*schema.Customer](t, conf)
	want := &schema.Customer{CustomerCode: "C1", Kind: schema.CompanyKind, Name: "ООО «Ромашка»", Phone: "+79120000000"}
	if schema.Hash(got) != schema.Hash(want) || got.System != schema.Jushuitan || conf.Note != "carried by orders" {
		t.Errorf("observed %+v (%s), want no more than orders carry", got, conf.Note)
	}
	d.Held = got
	if again, _ := r.client.Project(&d); schema.Hash(again) != schema.Hash(got) {
		t.Errorf("Project wants a change of the confirmed customer: %+v", again)
	}
	requireEqual(t, "requests", r.sim.Calls("/openWeb/auth/getInitToken"), 0)
}

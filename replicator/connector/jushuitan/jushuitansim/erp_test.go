package jushuitansim

import (
	"fmt"
	"strings"
	"testing"

	"sverka/schema"
)

func TestUpload_status_follows_the_shop_and_the_money(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for i, c := range []struct {
		name string
		with []string
		want string
	}{
		{"paid in full", nil, "WaitConfirm"},
		{"waiting for the buyer", []string{"WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_PAY", `"pay":{`, `"ignored":{`}, "WaitPay"},
		{"said to be paid, no payment", []string{`"pay":{`, `"ignored":{`}, "WaitPay"},
		{"paid in part", []string{`"amount":120}`, `"amount":119.99}`}, "WaitPay"},
		{"payable on delivery", []string{`"is_cod":false`, `"is_cod":true`, `"pay":{`, `"ignored":{`}, "WaitConfirm"},
		{"closed", []string{"WAIT_SELLER_SEND_GOODS", "TRADE_CLOSED"}, "Cancelled"},
		{"closed before it was paid", []string{"WAIT_SELLER_SEND_GOODS", "TRADE_CLOSED_BY_TAOBAO", `"pay":{`, `"ignored":{`}, "Cancelled"},
		{"an article nobody knows", []string{`"sku_id":"JKT-10000"`, `"sku_id":"X"`}, "Question"},
		{"a refund is asked for", []string{`"qty":1,`, `"qty":1,"refund_status":"waiting",`}, "Question"},
		{"all lines refunded", []string{`"qty":`, `"refund_status":"success","qty":`}, "Cancelled"},
	} {
		number := fmt.Sprintf("U-%d", i)
		r.mustUpload(t, orderJSON(number, c.with...))
		if got := r.status(t, number); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestUpload_refuses_each_bad_row_alone(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{RejectUnknownSKU: true})
	for name, with := range map[string][]string{
		"another shop":             {"10000001", "10000099"},
		"no receiver":              {`"receiver_name":"Анна"`, `"receiver_name":""`},
		"no phone":                 {`"receiver_mobile":"+79120000000"`, `"receiver_mobile":""`},
		"a date of another shape":  {"2026-11-23 12:00:00", "23.11.2026"},
		"a status of another list": {"WAIT_SELLER_SEND_GOODS", "PAID"},
		"an empty city":            {`"is_cod"`, `"receiver_city":"","is_cod"`},
		"a city of null":           {`"is_cod"`, `"receiver_city":null,"is_cod"`},
		"no sum":                   {`"pay_amount":120.00`, `"x":1`},
		"a line twice":             {"B-1-2", "B-1-1"},
		"a line of nothing":        {`"qty":2`, `"qty":0`},
		"half a piece":             {`"qty":2`, `"qty":0.5`},
		"an unknown article":       {`"sku_id":"JKT-10000"`, `"sku_id":"X"`},
		"an unknown warehouse":     {`"is_cod"`, `"wms_co_id":5,"is_cod"`},
		"a payment without a date": {`"pay_date":"2026-11-23 12:01:00"`, `"pay_date":""`},
		"a long address":           {"Москва, ул. Мира, 1", strings.Repeat("я", 201)},
	} {
		rows := r.upload(t, orderJSON("B-1", with...), orderJSON("G-"+name))
		if len(rows) != 2 || rows[0]["issuccess"] != false || rows[0]["msg"] == "" || rows[1]["issuccess"] != true {
			t.Errorf("%s: %v", name, rows)
		}
	}
	if n := r.sim.OrderCount("B-1"); n != 0 {
		t.Errorf("%d orders of the refused number", n)
	}
	many := make([]string, 51)
	for i := range many {
		many[i] = orderJSON(fmt.Sprint("M-", i))
	}
	if rep := r.call(t, "/open/jushuitan/orders/upload", "["+strings.Join(many, ",")+"]"); rep.Code != 140 {
		t.Errorf("51 orders give code %d, want 140", rep.Code)
	}
	if rep := r.call(t, "/open/jushuitan/orders/upload", "{}"); rep.Code != 140 {
		t.Errorf("an object gives code %d, want 140", rep.Code)
	}
}

func TestUpload_of_the_same_number_changes_one_order(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.mustUpload(t, orderJSON("R-1", `"pay":{`, `"ignored":{`))
	before, _ := r.sim.Order("R-1")
	r.mustUpload(t, orderJSON("R-1", "ул. Мира, 1", "ул. Мира, 2", `"qty":2`, `"qty":9`))
	after, _ := r.sim.Order("R-1")
	if r.sim.OrderCount("R-1") != 1 || after.ID != before.ID || after.Status != "WaitConfirm" || after.Address != "Москва, ул. Мира, 2" || after.Lines[0].Qty != 2 {
		t.Errorf("%+v became %+v", before, after)
	}
	must(t, r.sim.Approve("R-1"))
	ship(t, r, "R-1")
	r.mustUpload(t, orderJSON("R-1", "ул. Мира, 1", "ул. Мира, 3"), orderJSON("R-1", "WAIT_SELLER_SEND_GOODS", "TRADE_CLOSED"))
	if got, _ := r.sim.Order("R-1"); got.Status != "Sent" || got.Address != "Москва, ул. Мира, 2" {
		t.Errorf("a sent order became %+v", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ship(t *testing.T, r *rig, number string, parts ...Part) []string {
	t.Helper()
	for _, sku := range []string{"JKT-10000", "CSE-10001"} {
		if qty, _ := r.sim.Quantity(10001, sku); qty < 10 {
			r.sim.SetQuantity(10001, sku, 100)
		}
	}
	ids, err := r.sim.Ship(number, parts...)
	must(t, err)
	return ids
}

// The stock table of an order's life: what lies there and what is locked.
func TestStock_is_locked_shipped_and_freed(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.sim.SetQuantity(10001, "JKT-10000", 50)
	expect := func(step string, qty, locked int64) {
		t.Helper()
		if q, l := r.sim.Quantity(10001, "JKT-10000"); q != qty || l != locked {
			t.Errorf("%s: %d there, %d locked; want %d and %d", step, q, l, qty, locked)
		}
	}
	r.mustUpload(t, orderJSON("L-1", `"pay":{`, `"ignored":{`))
	expect("unpaid", 50, 0)
	r.mustUpload(t, orderJSON("L-1"))
	expect("paid", 50, 2)
	must(t, r.sim.Approve("L-1"))
	expect("approved", 50, 2)
	ids := ship(t, r, "L-1", Part{"JKT-10000": 1})
	expect("one of two pieces sent", 49, 1)
	if r.status(t, "L-1") != "Delivering" {
		t.Errorf("an order with open lines is %s", r.status(t, "L-1"))
	}
	ids = append(ids, ship(t, r, "L-1")...)
	expect("all sent", 48, 0)
	if r.status(t, "L-1") != "Sent" || len(ids) != 2 {
		t.Errorf("the order is %s after the notes %v", r.status(t, "L-1"), ids)
	}
	must(t, r.sim.RevokeShipment(ids[0]))
	expect("one note revoked", 49, 1)

	r.mustUpload(t, orderJSON("L-2"))
	expect("a second order", 49, 3)
	must(t, r.sim.CancelInWarehouse("L-2"))
	expect("cancelled", 49, 1)
	r.mustUpload(t, orderJSON("L-3"))
	r.mustUpload(t, orderJSON("L-3", `"qty":2`, `"refund_status":"success","qty":2`))
	expect("a line refunded", 49, 1)
	for _, err := range []error{r.sim.Approve("L-2"), r.sim.CancelInWarehouse("nobody"), r.sim.Hold("L-2", "x"), r.sim.RevokeShipment("1"), r.sim.Split("L-2", "x")} {
		if err == nil {
			t.Error("a step that the order's state forbids was taken")
		}
	}
	if _, err := r.sim.Ship("L-3"); err == nil {
		t.Error("an order that was not approved was shipped")
	}
	must(t, r.sim.Approve("L-3"))
	if _, err := r.sim.Ship("L-3", Part{"CSE-10001": 2}); err == nil {
		t.Error("more than ordered was shipped")
	}
}

func TestCancel_refuses_what_the_warehouse_has(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.mustUpload(t, orderJSON("X-1"), orderJSON("X-2"))
	must(t, r.sim.Approve("X-2"))
	one, _ := r.sim.Order("X-1")
	two, _ := r.sim.Order("X-2")
	cancel := func(ids string) int {
		return r.call(t, "/open/jushuitan/orderbyoid/cancel", `{"o_ids":[`+ids+`],"cancel_type":"用户取消","remark":""}`).Code
	}
	if code := cancel(fmt.Sprint(one.ID, ",", two.ID)); code != 160 || r.status(t, "X-1") != "WaitConfirm" {
		t.Errorf("a call with a released order gives %d and leaves %s", code, r.status(t, "X-1"))
	}
	if code := cancel(fmt.Sprint(one.ID)); code != 0 || r.status(t, "X-1") != "Cancelled" {
		t.Errorf("a free order gives %d and is %s", code, r.status(t, "X-1"))
	}
	if code := cancel(fmt.Sprint(one.ID)); code != 0 {
		t.Errorf("a repeat gives %d", code)
	}
	r.mustUpload(t, orderJSON("X-1"))
	if r.status(t, "X-1") != "Cancelled" {
		t.Error("an upload revived a cancelled order")
	}
}

func TestStockCount_is_taken_once(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	send := func(so, kind, sku string, qty int, confirm bool) int {
		return r.call(t, "/open/jushuitan/inventoryv2/upload",
			fmt.Sprintf(`{"wms_co_id":10001,"type":%q,"is_confirm":%v,"so_id":%q,"items":[{"sku_id":%q,"qty":%d}]}`, kind, confirm, so, sku, qty)).Code
	}
	there := func() int64 { q, _ := r.sim.Quantity(10001, "JKT-10000"); return q }
	for _, c := range []struct {
		so, kind, sku string
		qty           int
		confirm       bool
		code          int
		then          int64
	}{
		{"bad", "check", "NOBODY", 5, true, 160, -1},
		{"a", "check", "JKT-10000", 40, true, 0, 40},
		{"a", "check", "JKT-10000", 99, true, 160, 40},
		{"b", "adjust", "JKT-10000", -5, true, 0, 35},
		{"c", "check", "JKT-10000", 1, false, 0, 35},
		{"d", "check", "JKT-10000", -1, true, 140, 35},
		{"bad", "check", "JKT-10000", 7, true, 0, 7}, // what was refused left its number free
	} {
		code := send(c.so, c.kind, c.sku, c.qty, c.confirm)
		if code != c.code || c.then >= 0 && there() != c.then {
			t.Errorf("%+v: code %d, %d there", c, code, there())
		}
	}
}

func TestQueries_follow_versions_and_pages(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	first := r.mustCall(t, "/open/inventory/query", `{"wms_co_id":10001,"ts":1,"page_size":15}`)
	rows := rowsOf(t, first, "inventorys")
	if len(rows) != 15 || first["has_next"] != true || first["data_count"] != 40.0 || first["page_count"] != 3.0 {
		t.Errorf("the first page is %d rows of %v in %v pages", len(rows), first["data_count"], first["page_count"])
	}
	last, _ := rows[14]["ts"].(float64)
	again := rowsOf(t, r.mustCall(t, "/open/inventory/query", fmt.Sprintf(`{"wms_co_id":10001,"ts":%.0f}`, last)), "inventorys")
	if len(again) != 26 || again[0]["sku_id"] != rows[14]["sku_id"] {
		t.Errorf("from version %.0f came %d rows, want 26 with the same row first: the condition is not below", last, len(again))
	}
	r.sim.SetQuantity(10001, rows[0]["sku_id"].(string), 3)
	newest := rowsOf(t, r.mustCall(t, "/open/inventory/query", fmt.Sprintf(`{"wms_co_id":10001,"ts":%.0f}`, last)), "inventorys")
	if newest[len(newest)-1]["sku_id"] != rows[0]["sku_id"] {
		t.Error("a changed row does not come last")
	}
	var sum schema.Quantity
	for _, st := range r.world.Stock {
		if st.SKU == r.world.Products[5].SKU {
			sum += st.Quantity
		}
	}
	total := rowsOf(t, r.mustCall(t, "/open/inventory/query", `{"sku_ids":"`+r.world.Products[5].SKU+`"}`), "inventorys")
	if len(total) != 1 || total[0]["qty"] != float64(sum/1000) {
		t.Errorf("all warehouses together hold %v, want %d", total, sum/1000)
	}
	orders := r.mustCall(t, "/open/orders/single/query", `{"start_ts":1,"is_get_total":false,"page_size":5}`)
	if _, counted := orders["data_count"]; counted || orders["has_next"] != true || len(rowsOf(t, orders, "orders")) != 5 {
		t.Errorf("orders by version: %v", orders["data_count"])
	}
}

func TestSplit_keeps_goods_and_money(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.mustUpload(t, orderJSON("S-1"))
	must(t, r.sim.Split("S-1", "CSE-10001"))
	rows := rowsOf(t, r.mustCall(t, "/open/orders/single/query", `{"so_ids":["S-1"]}`), "orders")
	var sum float64
	states := map[string]int{}
	for _, row := range rows {
		states[fmt.Sprint(row["status"])]++
		if row["status"] != "Split" {
			amount, _ := row["pay_amount"].(float64)
			sum += amount
		}
	}
	if sum != 120 || states["Split"] != 1 || states["WaitConfirm"] != 2 {
		t.Errorf("the parts hold %v in %v", sum, states)
	}
	if _, locked := r.sim.Quantity(10001, "JKT-10000"); locked != 2 {
		t.Errorf("%d pieces are locked after the split, want 2", locked)
	}
	if got := r.sim.OrdersIn("WaitConfirm"); len(got) != 1 || got[0] != "S-1" {
		t.Errorf("waiting orders %v, want the number once", got)
	}
}

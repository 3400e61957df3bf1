package jushuitan

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sverka/replicator"
	"sverka/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// wireClient reads answers without a network.
func wireClient(tb testing.TB) *Client {
	tb.Helper()
	c, err := New(Config{
		BaseURL: "https://openapi.example.com", AppKey: "k", AppSecret: "s", ShopID: 10000001,
		Warehouses: map[string]string{"10001": "MAIN", "10002": "SZX", "10050001": "SAMPLE"},
		FreeStock:  StockFormula{AddVirtual: true, ReservePickLock: true, ReserveLockQty: true},
	})
	if err != nil {
		tb.Fatal(err)
	}
	c.mainID = "10001"
	return c
}

// pages reads one recorded answer with the code that reads live ones.
func pages(tb testing.TB, c *Client) map[string]func(rows []json.RawMessage, asked time.Time) replicator.Page {
	tb.Helper()
	return map[string]func(rows []json.RawMessage, asked time.Time) replicator.Page{
		"skus": c.productPage,
		"orders": func(rows []json.RawMessage, asked time.Time) replicator.Page {
			p, err := c.orderPage(tb.Context(), versioned{rows: rows, asked: asked})
			if err != nil {
				tb.Fatal(err)
			}
			return p
		},
		"notes": func(rows []json.RawMessage, asked time.Time) replicator.Page {
			return c.shipmentPage(versioned{rows: rows, asked: asked})
		},
		"stock": func(rows []json.RawMessage, asked time.Time) replicator.Page {
			return c.stockPage(versioned{rows: rows, asked: asked}, "10001")
		},
		"warehouses": c.warehousePage,
	}
}

func openSample(tb testing.TB, name string, body []byte) []json.RawMessage {
	tb.Helper()
	op := map[string]string{"skus": opProducts, "orders": opOrders, "notes": opShipments, "stock": opStock, "warehouses": opWarehouses}[name]
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		tb.Fatal(err)
	}
	b, err := openBlock(operations()[op], env.Data)
	if err != nil {
		tb.Fatal(err)
	}
	return b.rows
}

func TestWire_our_own_samples_become_records(t *testing.T) {
	t.Parallel()
	c := wireClient(t)
	asked := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	for _, name := range []string{"skus", "orders", "notes", "stock"} {
		body, err := os.ReadFile(filepath.Join("testdata", "wire", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		p := pages(t, c)[name](openSample(t, name, body), asked)
		got, err := json.MarshalIndent(map[string]any{"records": p.Records, "refused": p.Refused}, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "wire", name+".golden")
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s: the records are\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestWire_the_vendors_samples_become_records(t *testing.T) {
	t.Parallel()
	c := wireClient(t)
	for name, file := range map[string]string{
		"skus": "sku_query", "orders": "orders_single_query", "notes": "orders_out_simple_query", "stock": "inventory_query", "warehouses": "wms_partner_query",
	} {
		rows := openSample(t, name, sharedSample(t, file+".response.json"))
		p := pages(t, c)[name](rows, time.Now())
		refused := 0
		for _, r := range p.Refused {
			if r.Code != "unmapped" { // one warehouse of the sample is not ours
				t.Errorf("%s: refused %+v", name, r)
			}
			refused++
		}
		if len(p.Records)+refused < len(rows) || len(p.Records) == 0 {
			t.Errorf("%s: %d rows became %d records", name, len(rows), len(p.Records))
		}
		if name == "orders" {
			o, _ := p.Records[0].(*schema.SalesOrder)
			if o == nil || o.Total != 12300 || o.Freight != 500 || o.Discount != 0 || !o.OrderedAt.Equal(time.Date(2024, 4, 6, 6, 0, 1, 0, time.UTC)) || o.Lines[0].LineNo != 1 {
				t.Errorf("the order of the sample reads %+v", o)
			}
		}
	}
}

// Whatever the ERP splits an order into, its goods and its money stay the same.
func TestCombine_conserves_goods_and_money(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.IntRange(1, 6).Draw(t, "lines")
		parts := make([]*orderRow, rapid.IntRange(1, 4).Draw(t, "parts"))
		for i := range parts {
			status := rapid.SampledFrom([]string{"WaitConfirm", "Delivering", "Sent"}).Draw(t, "status")
			parts[i] = &orderRow{ID: text(string(rune('1' + i))), Number: "R-1", Status: text(status), IsSplit: true}
		}
		var goods schema.Amount
		var count schema.Quantity
		for no := 1; no <= lines; no++ {
			for _, p := range parts {
				n := rapid.Int64Range(0, 3).Draw(t, "pieces")
				if n == 0 {
					continue
				}
				amount := rapid.Int64Range(0, 99999).Draw(t, "amount")
				p.Items = append(p.Items, itemRow{SKU: "S", Qty: integer(n), Amount: money(amount), Price: "1", OuterID: text(lineID("R-1", no)), Status: p.Status})
				p.PayAmount += money(amount)
				goods += schema.Amount(amount)
				count += schema.Pieces(n)
			}
		}
		rows := append([]*orderRow{{ID: "0", Number: "R-1", Status: "Split", PayAmount: 5, IsSplit: true}}, parts...)
		whole := combine(rapid.Permutation(rows).Draw(t, "order of rows"))
		got, err := orderLines("R-1", whole.Items)
		if err != nil {
			t.Fatal(err)
		}
		var sum schema.Amount
		var pieces schema.Quantity
		for _, l := range got {
			sum += l.Amount
			pieces += l.Quantity
		}
		if sum != goods || pieces != count || schema.Amount(whole.PayAmount) != goods {
			t.Fatalf("%s of %s became %s of %s, due %s", count, goods, pieces, sum, schema.Amount(whole.PayAmount))
		}
		sent := 0
		for _, p := range parts {
			if p.Status == "Sent" {
				sent++
			}
		}
		if phase := phaseOf(string(whole.Status)); (phase == schema.PhaseShipped) != (sent == len(parts)) {
			t.Fatalf("%d of %d parts are sent and the whole is %s", sent, len(parts), phase)
		}
	})
}

func TestUnmasked_takes_a_fitting_mask_for_equal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, shown, result string }{
		{"Иванова Анна", "И**", "И**"},
		{"+79121234567", "+79****4567", "+79****4567"},
		{"+79121234567", "+79****0000", "+79121234567"},
		{"Иванова Анна", "Петрова", "Иванова Анна"},
		{"Иванова Анна", "", "Иванова Анна"},
	} {
		if got := unmasked(c.want, c.shown); got != c.result {
			t.Errorf("%q shown as %q gives %q, want %q", c.want, c.shown, got, c.result)
		}
	}
}

func TestJoinAddress_names_the_region_once(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ state, city, district, address, want string }{
		{"", "", "", "Москва, Мира, 1", "Москва, Мира, 1"},
		{"Москва", "Москва", "", "101000, москва, Мира, 1", "101000, москва, Мира, 1"},
		{"Москва", "Москва", "", "Мира, 1", "Москва, Мира, 1"},
		{"浙江省", "杭州市", "余杭区", "示例路1号", "浙江省, 杭州市, 余杭区, 示例路1号"},
		{"Московская область", "Химки", "", "Химки, Мира, 1", "Химки, Мира, 1"},
	} {
		if got := joinAddress(c.state, c.city, c.district, c.address); got != c.want || strings.HasPrefix(got, ", ") {
			t.Errorf("%+v gives %q", c, got)
		}
	}
}

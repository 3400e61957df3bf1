package jushuitansim

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// answers fetches one full answer of every reading call.
func (r *rig) answers(t *testing.T) map[string]map[string]any {
	t.Helper()
	number := r.world.Orders[0].Number
	return map[string]map[string]any{
		"sku_query":                r.mustCall(t, "/open/sku/query", `{"sku_ids":"JKT-10000"}`),
		"inventory_query":          r.mustCall(t, "/open/inventory/query", `{"wms_co_id":10001,"ts":1,"has_lock_qty":true}`),
		"wms_partner_query":        r.mustCall(t, "/open/wms/partner/query", `{}`),
		"shops_query":              r.mustCall(t, "/open/shops/query", `{}`),
		"logisticscompany_query":   r.mustCall(t, "/open/logisticscompany/query", `{}`),
		"orders_single_query":      r.mustCall(t, "/open/orders/single/query", `{"so_ids":["`+number+`"]}`),
		"orders_out_simple_query":  r.mustCall(t, "/open/orders/out/simple/query", `{"so_ids":["`+number+`"]}`),
		"orders_upload":            r.mustCall(t, "/open/jushuitan/orders/upload", "["+orderJSON("SH-1")+"]"),
		"inventoryv2_upload":       r.mustCall(t, "/open/jushuitan/inventoryv2/upload", `{"type":"check","is_confirm":true,"so_id":"s1","items":[{"sku_id":"JKT-10000","qty":5}]}`),
		"auth_token":               r.mustPost(t, "/openWeb/auth/getInitToken", map[string]string{"grant_type": "authorization_code", "code": "zzzzzz"}),
		"inventory_query_by_total": r.mustCall(t, "/open/inventory/query", `{"sku_ids":"JKT-10000"}`),
	}
}

// Everything that the vendor's samples show stands in our answers too, under the
// same name and of the same JSON type.
func TestAnswers_have_the_shape_of_the_vendors_samples(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for name, data := range r.answers(t) {
		if name == "inventory_query_by_total" {
			continue
		}
		sample := sharedSample(t, name+".response.json")
		for _, problem := range missing("data", sample["data"], data) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// missing lists what the sample has and the answer has not, or has of another
// type. The first element of an array speaks for all; null fits any single value.
func missing(path string, sample, got any) []string {
	switch s := sample.(type) {
	case map[string]any:
		g, isMap := got.(map[string]any)
		if !isMap {
			return []string{path + " is not an object"}
		}
		var out []string
		for k, v := range s {
			if _, there := g[k]; !there {
				out = append(out, path+"."+k+" is missing")
				continue
			}
			out = append(out, missing(path+"."+k, v, g[k])...)
		}
		return out
	case []any:
		g, isList := got.([]any)
		if !isList {
			return []string{path + " is not an array"}
		}
		if len(s) > 0 && len(g) > 0 {
			return missing(path+"[]", s[0], g[0])
		}
		return nil
	}
	if got == nil || sample == nil || kindOf(sample) == kindOf(got) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %s, want %s", path, kindOf(got), kindOf(sample))}
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	case []any:
		return "array"
	}
	return "object"
}

// The same, against our own notes of the protocol, for a copy without the samples.
func TestAnswers_have_the_shape_of_our_own_notes(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/shapes.json")
	if err != nil {
		t.Fatal(err)
	}
	var shapes map[string]map[string]string
	if err := json.Unmarshal(b, &shapes); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Options{})
	a := r.answers(t)
	order := rowsOf(t, a["orders_single_query"], "orders")[0]
	note := rowsOf(t, a["orders_out_simple_query"], "datas")[0]
	rows := map[string]map[string]any{
		"sku": rowsOf(t, a["sku_query"], "datas")[0], "inventory": rowsOf(t, a["inventory_query"], "inventorys")[0],
		"warehouse": rowsOf(t, a["wms_partner_query"], "datas")[0], "shop": rowsOf(t, a["shops_query"], "datas")[0],
		"order": order, "order_item": rowsOf(t, order, "items")[0], "order_pay": rowsOf(t, order, "pays")[0],
		"note": note, "note_item": rowsOf(t, note, "items")[0],
	}
	for name, fields := range shapes {
		for field, kind := range fields {
			if got := kindOf(rows[name][field]); got != kind {
				t.Errorf("%s.%s is %s, want %s", name, field, got, kind)
			}
		}
	}
	if ts, _ := rows["order"]["ts"].(float64); ts <= 1<<31 {
		t.Errorf("the row version is %v, want one beyond 31 bits", ts)
	}
	if rows["order"]["wms_co_id"] != "0" {
		t.Errorf("the main warehouse reads %v in the orders query, want \"0\"", rows["order"]["wms_co_id"])
	}
}

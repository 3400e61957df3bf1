package replicator_test

import (
	"slices"
	"testing"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

// changeOf builds a change from column, value, column, value ….
func changeOf(table string, op replicator.Op, pairs ...string) *replicator.Change {
	c := &replicator.Change{Table: table, Op: op}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Columns, c.Values = append(c.Columns, pairs[i]), append(c.Values, []byte(pairs[i+1]))
	}
	return c
}

func TestRouter_a_change_wakes_its_flows_and_topics(t *testing.T) {
	t.Parallel()
	router := replicator.NewRouter(replicator.Flows())
	for name, c := range map[string]struct {
		change *replicator.Change
		key    schema.Key
		flows  []replicator.FlowID
		topics []string
	}{
		"product of Jushuitan":      {changeOf("product", replicator.OpInsert, "system", "jushuitan", "sku", "A"), "A", []replicator.FlowID{"product:jushuitan>onec"}, []string{"product:jushuitan:A"}},
		"a price wakes its product": {changeOf("product_price", replicator.OpDelete, "system", "onec", "sku", "A", "price_type", "retail"), "A", []replicator.FlowID{"product:onec>openshop"}, []string{"product:onec:A"}},
		"product of the shop":       {changeOf("product", replicator.OpUpdate, "system", "openshop", "sku", "A"), "A", nil, []string{"product:openshop:A"}},
		"compound key":              {changeOf("stock_balance", replicator.OpUpdate, "system", "onec", "warehouse_code", "MAIN", "sku", "A/1"), "MAIN/A/1", []replicator.FlowID{"stock_balance:onec>jushuitan", "stock_balance:onec>openshop"}, []string{"stock_balance:onec:MAIN/A/1"}},
		"a line wakes its order": {
			changeOf("sales_order_line", replicator.OpInsert, "system", "onec", "order_number", "7", "line_no", "1"), "7",
			[]replicator.FlowID{"sales_order:onec>jushuitan"},
			[]string{"sales_order:onec:7", "order:7"},
		},
		"a bank line wakes what waits for the order": {changeOf("bank_transaction", replicator.OpInsert, "system", "bank", "transaction_id", "T", "order_reference", "7"), "T", nil, []string{"bank_transaction:bank:T", "order:7"}},
		"a bank line of no order":                    {changeOf("bank_transaction", replicator.OpInsert, "system", "bank", "transaction_id", "T", "order_reference", ""), "T", nil, []string{"bank_transaction:bank:T"}},
		"the hub's status goes two ways":             {changeOf("order_status", replicator.OpUpdate, "system", "onec", "order_number", "7"), "7", []replicator.FlowID{"order_status:onec>openshop", "order_status:onec>jushuitan"}, []string{"order_status:onec:7", "order:7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject, flows, topics, ok := router.Route(c.change)
			if !ok || subject.Key != c.key || !slices.Equal(flows, c.flows) || !slices.Equal(topics, c.topics) {
				t.Errorf("%+v %v %v %v", subject, flows, topics, ok)
			}
		})
	}
	for name, c := range map[string]*replicator.Change{
		"a table outside the model": changeOf("identifier", replicator.OpInsert, "system", "onec"),
		"a truncate":                changeOf("product", replicator.OpTruncate),
	} {
		if _, _, _, ok := router.Route(c); ok {
			t.Errorf("%s is routed", name)
		}
	}
}

func TestRouter_knows_every_table_and_every_flow(t *testing.T) {
	t.Parallel()
	router := replicator.NewRouter(replicator.Flows())
	woken := map[replicator.FlowID]bool{}
	for _, table := range canonical.Tables() {
		for _, system := range []schema.System{schema.OneC, schema.Jushuitan, schema.OpenShop, schema.Bank, schema.Yandex, schema.Sverka} {
			pairs := []string{"system", string(system)}
			for _, k := range table.Key {
				pairs = append(pairs, k, "K")
			}
			parent, flows, _, ok := router.Route(changeOf(table.Name, replicator.OpInsert, pairs...))
			if !ok || parent.Entity != table.Entity {
				t.Errorf("%s is not routed", table.Name)
			}
			for _, f := range flows {
				woken[f] = true
			}
			for _, c := range table.Children {
				if child, _, _, ok := router.Route(changeOf(c.Name, replicator.OpDelete, pairs...)); !ok || child != parent {
					t.Errorf("%s wakes %+v, want %+v", c.Name, child, parent)
				}
			}
		}
	}
	for _, f := range replicator.Flows() {
		if !woken[f.ID()] {
			t.Errorf("no change wakes %s", f.ID())
		}
	}
}

func TestChange_text_of_what_is_not_there_is_empty(t *testing.T) {
	t.Parallel()
	c := changeOf("product", replicator.OpInsert, "sku", "A")
	c.Columns, c.Values = append(c.Columns, "name"), append(c.Values, nil)
	if c.Text("sku") != "A" || c.Text("name") != "" || c.Text("absent") != "" {
		t.Errorf("%q %q %q", c.Text("sku"), c.Text("name"), c.Text("absent"))
	}
	// A message may carry fewer values than the table has columns.
	c.Columns = append(c.Columns, "colour")
	if c.Text("colour") != "" {
		t.Errorf("%q", c.Text("colour"))
	}
}

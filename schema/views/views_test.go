package views_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
	"sverka/schema/schematest"
)

// moment is the n-th second of the day on which the small world lives.
func moment(n int) time.Time {
	return time.Date(2026, 3, 14, 9, 0, n, 0, time.UTC)
}

func prov(system schema.System) schema.Provenance {
	return schema.Provenance{System: system, ObservedAt: moment(0)}
}

// smallWorld is what three systems say about two products and three orders.
func smallWorld() []schema.Record {
	deleted := prov(schema.OneC)
	deleted.DeletedAt = moment(5)
	line := func(sku string, cancelled bool, no int) schema.SalesOrderLine {
		return schema.SalesOrderLine{LineNo: no, SKU: sku, Name: sku, Quantity: schema.Pieces(2), UnitCode: "796", Price: 1000, Amount: 2000, Cancelled: cancelled}
	}
	order := func(p schema.Provenance, number string, total schema.Amount, lines ...schema.SalesOrderLine) *schema.SalesOrder {
		return &schema.SalesOrder{
			Provenance: p, OrderNumber: number, CustomerCode: "C1", OrderedAt: moment(1), Currency: "RUB", Total: total, Lines: lines, Posted: true,
			ReceiverName: "Иванова Анна", ReceiverPhone: "+79161234567", AddressText: "Тверская, 1",
		}
	}
	pay := func(id, status string, amount schema.Amount) *schema.Payment {
		return &schema.Payment{Provenance: prov(schema.OneC), PaymentID: id, OrderNumber: "100", Amount: amount, Currency: "RUB", Method: schema.MethodCard, Status: status}
	}
	ship := func(p schema.Provenance, invoice, status string) *schema.Shipment {
		return &schema.Shipment{
			Provenance: p, InvoiceNumber: invoice, OrderNumber: "100", WarehouseCode: "MAIN", Status: status,
			Lines: []schema.ShipmentLine{{LineNo: 1, SKU: "A", Quantity: schema.Pieces(1), UnitCode: "796"}},
		}
	}
	balance := func(system schema.System, quantity, reserved int64) *schema.StockBalance {
		return &schema.StockBalance{Provenance: prov(system), WarehouseCode: "MAIN", SKU: "A", UnitCode: "796", Quantity: schema.Pieces(quantity), Reserved: schema.Pieces(reserved)}
	}
	goneShipment := prov(schema.Jushuitan)
	goneShipment.DeletedAt = moment(5)
	return []schema.Record{
		&schema.Product{Provenance: prov(schema.OneC), SKU: "A", Name: "Лампа", UnitCode: "796", Enabled: true, Prices: []schema.ProductPrice{{PriceType: "purchase", Amount: 700, Currency: "RUB"}, {PriceType: "retail", Amount: 1000, Currency: "RUB"}}},
		&schema.Product{Provenance: prov(schema.Jushuitan), SKU: "A", Name: "台灯", UnitCode: "796", Enabled: true},
		&schema.Product{Provenance: deleted, SKU: "GONE", Name: "Gone", UnitCode: "796"},
		balance(schema.OneC, 10, 3), balance(schema.Jushuitan, 9, 1), balance(schema.OpenShop, 7, 0),
		order(prov(schema.OpenShop), "100", 4000, line("A", false, 1), line("B", false, 2)),
		order(prov(schema.OneC), "100", 2000, line("A", false, 1), line("B", true, 2)),
		order(prov(schema.OpenShop), "101", 2000, line("A", false, 1)),
		order(deleted, "102", 2000, line("A", false, 1)),
		order(prov(schema.OpenShop), "103", 6000, line("A", false, 1), line("B", false, 2), line("C", false, 3)),
		order(deleted, "103", 2000, line("A", false, 1)),
		&schema.OrderStatus{Provenance: prov(schema.OneC), OrderNumber: "100", Phase: schema.PhaseReleased},
		&schema.OrderStatus{Provenance: prov(schema.Jushuitan), OrderNumber: "100", Phase: schema.PhaseShipped},
		pay("P1", schema.PaymentPaid, 2000), pay("P2", schema.PaymentRefunded, 500), pay("P3", schema.PaymentPending, 9000),
		ship(prov(schema.Jushuitan), "N1", schema.ShipmentShipped), ship(prov(schema.OneC), "N1", schema.ShipmentShipped),
		ship(prov(schema.Jushuitan), "N2", schema.ShipmentPlanned), ship(goneShipment, "N3", schema.ShipmentShipped),
		&schema.Customer{Provenance: prov(schema.OneC), CustomerCode: "C1", Kind: schema.PersonKind, Name: "Иванова Анна", Phone: "+79161234567", INN: "771234567890", Email: "anna@example.com", AddressText: "Тверская, 1"},
	}
}

// mustRows reads a statement as one JSON object per row.
func mustRows(t *testing.T, db *schematest.DB, sql string, args ...any) []map[string]any {
	t.Helper()
	rows, err := db.Pool.Query(t.Context(), "SELECT to_jsonb(q)::text FROM ("+sql+") q", args...)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]any, 0, len(docs))
	for _, doc := range docs {
		var row map[string]any
		d := json.NewDecoder(strings.NewReader(doc))
		d.UseNumber()
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

func TestAnalytics_figures_of_a_small_world(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	schematest.Stage(t, db, smallWorld()...)
	if _, err := db.Pool.Exec(t.Context(), `INSERT INTO ops.stock_owner VALUES ('MAIN', 'jushuitan')`); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"products of the hub": {
			`SELECT sku, name, retail_price, purchase_price, currency, in_onec, in_jushuitan, in_openshop FROM analytics.product ORDER BY sku`,
			[]string{"map[currency:RUB in_jushuitan:true in_onec:true in_openshop:false name:Лампа purchase_price:7.00 retail_price:10.00 sku:A]"},
		},
		"stock side by side": {
			`SELECT onec_quantity, onec_reserved, onec_available, jushuitan_quantity, jushuitan_reserved, openshop_shown, run_by FROM analytics.stock`,
			[]string{"map[jushuitan_quantity:9.000 jushuitan_reserved:1.000 onec_available:7.000 onec_quantity:10.000 onec_reserved:3.000 openshop_shown:7.000 run_by:jushuitan]"},
		},
		"orders: the hub counts, a deleted row does not": {
			`SELECT order_number, total, paid, shipments, lines, phase_onec, phase_jushuitan, phase_openshop FROM analytics.sales_order ORDER BY 1`,
			[]string{
				"map[lines:1 order_number:100 paid:15.00 phase_jushuitan:shipped phase_onec:released phase_openshop:<nil> shipments:1 total:20.00]",
				"map[lines:1 order_number:101 paid:0 phase_jushuitan:<nil> phase_onec:<nil> phase_openshop:<nil> shipments:0 total:20.00]",
				"map[lines:3 order_number:103 paid:0 phase_jushuitan:<nil> phase_onec:<nil> phase_openshop:<nil> shipments:0 total:60.00]",
			},
		},
		"lines come from one system per order": {
			`SELECT order_number, said_by, count(*) AS n FROM analytics.sales_order_line GROUP BY 1, 2 ORDER BY 1`,
			[]string{"map[n:2 order_number:100 said_by:onec]", "map[n:1 order_number:101 said_by:openshop]", "map[n:3 order_number:103 said_by:openshop]"},
		},
		"a refund is negative": {
			`SELECT payment_id, amount FROM analytics.payment ORDER BY 1`,
			[]string{"map[amount:20.00 payment_id:P1]", "map[amount:-5.00 payment_id:P2]", "map[amount:90.00 payment_id:P3]"},
		},
		"parcels and whether 1C booked them": {
			`SELECT invoice_number, booked_in_onec FROM analytics.shipment ORDER BY 1`,
			[]string{"map[booked_in_onec:true invoice_number:N1]", "map[booked_in_onec:false invoice_number:N2]"},
		},
		"a person is masked": {
			`SELECT * FROM analytics.customer`,
			[]string{"map[customer_code:C1 discount_group: inn: kind:person name_masked:И… orders:1 phone_masked:…4567]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, row := range mustRows(t, db, c.sql) {
				got = append(got, fmt.Sprint(row))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestAnalytics_shows_no_personal_data(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	schematest.Stage(t, db, smallWorld()...)
	secrets := []string{"Иванова", "9161234567", "anna@example.com", "Тверская", "771234567890"}
	all := mustRows(t, db, `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'analytics' AND c.relkind = 'v'`)
	if len(all) < 9 {
		t.Fatalf("only %d views", len(all))
	}
	for _, v := range all {
		content := fmt.Sprint(mustRows(t, db, fmt.Sprintf("SELECT * FROM analytics.%s", v["name"])))
		for _, s := range secrets {
			if strings.Contains(content, s) {
				t.Errorf("analytics.%s shows %q", v["name"], s)
			}
		}
	}
	// The comments of the canonical columns say what is personal; none of them may keep its name.
	named := mustRows(t, db, `SELECT DISTINCT v.table_name || '.' || v.column_name AS name FROM information_schema.columns v
JOIN pg_attribute a ON a.attname = v.column_name AND a.attnum > 0
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'canonical'
WHERE v.table_schema = 'analytics' AND col_description(c.oid, a.attnum) LIKE '%; personal data'
  AND (v.table_name, v.column_name) NOT IN (('product', 'name'))`)
	if len(named) > 0 {
		t.Errorf("columns of personal data: %v", named)
	}
}

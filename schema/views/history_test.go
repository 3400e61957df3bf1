package views_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

// version appends one version to history, as the change stream does.
func version(t *testing.T, db *schematest.DB, table, op string, second int, lsn string, columns map[string]any) {
	t.Helper()
	columns["valid_from"], columns["op"], columns["lsn"], columns["seq"] = moment(second), op, lsn, 1
	if _, err := db.Pool.Exec(t.Context(), fmt.Sprintf(`INSERT INTO history.%[1]s SELECT * FROM jsonb_populate_record(NULL::history.%[1]s, $1)`, table), columns); err != nil {
		t.Fatal(err)
	}
}

func TestHistory_as_of_gives_the_past_state(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	named := func(name string) map[string]any {
		return map[string]any{"system": "onec", "sku": "A", "name": name, "observed_at": moment(0), "row_hash": name}
	}
	price := func(kind, amount string) map[string]any {
		return map[string]any{"system": "onec", "sku": "A", "price_type": kind, "amount": amount, "currency": "RUB"}
	}
	version(t, db, "product", "insert", 10, "0/10", named("first"))
	version(t, db, "product_price", "insert", 10, "0/10", price("retail", "10.00"))
	version(t, db, "product_price", "insert", 10, "0/10", price("market", "12.00"))
	version(t, db, "product", "update", 20, "0/20", named("second"))
	version(t, db, "product_price", "update", 20, "0/20", price("retail", "11.00"))
	version(t, db, "product_price", "delete", 20, "0/20", map[string]any{"system": "onec", "sku": "A", "price_type": "market"})
	version(t, db, "product", "delete", 30, "0/30", map[string]any{"system": "onec", "sku": "A"})
	version(t, db, "product", "insert", 40, "0/40", named("again"))
	for second, want := range map[int]string{
		9:  "[] []",
		10: "[first] [market 12.00 retail 10.00]",
		19: "[first] [market 12.00 retail 10.00]",
		20: "[second] [retail 11.00]",
		30: "[] [retail 11.00]",
		99: "[again] [retail 11.00]",
	} {
		got := fmt.Sprint(texts(t, db, `SELECT name FROM history.product_as_of($1)`, moment(second)), " ",
			texts(t, db, `SELECT price_type || ' ' || amount FROM history.product_price_as_of($1) ORDER BY price_type`, moment(second)))
		if got != want {
			t.Errorf("second %d: %s, want %s", second, got, want)
		}
	}
}

func TestHistory_every_canonical_table_can_be_asked_as_of_a_moment(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	schematest.Stage(t, db, smallWorld()...)
	for _, table := range canonical.Tables() {
		names := []string{table.Name}
		for _, c := range table.Children {
			names = append(names, c.Name)
		}
		for _, n := range names {
			if _, err := db.Pool.Exec(t.Context(), fmt.Sprintf(`INSERT INTO history.%[1]s SELECT t.*, $1, '0/1', 0, 'insert' FROM canonical.%[1]s t`, n), moment(1)); err != nil {
				t.Fatal(err)
			}
			// Whole rows of the canonical type, column by column the same.
			diff := texts(t, db, fmt.Sprintf(`SELECT x::text FROM ((TABLE canonical.%[1]s EXCEPT SELECT * FROM history.%[1]s_as_of($1)) UNION ALL (SELECT * FROM history.%[1]s_as_of($1) EXCEPT TABLE canonical.%[1]s)) x`, n), moment(2))
			if len(diff) > 0 {
				t.Errorf("%s as of a moment differs: %v", n, diff)
			}
			if early := texts(t, db, fmt.Sprintf(`SELECT x::text FROM history.%s_as_of($1) x`, n), moment(0)); len(early) > 0 {
				t.Errorf("%s has rows before its first version: %v", n, early)
			}
		}
	}
}

func texts(t *testing.T, db *schematest.DB, sql string, at time.Time) []string {
	t.Helper()
	rows, err := db.Pool.Query(t.Context(), sql, at)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

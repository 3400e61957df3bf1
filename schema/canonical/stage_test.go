package canonical_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

func moment(n int) time.Time { return time.Date(2026, 3, 14, 9, 0, n, 0, time.UTC) }

func product(sku, name string, second int) *schema.Product {
	return &schema.Product{
		Provenance: schema.Provenance{System: schema.OneC, ObservedAt: moment(second)}, SKU: sku, Name: name, UnitCode: "796", Enabled: true,
		Prices: []schema.ProductPrice{{PriceType: "market", Amount: 1200, Currency: "RUB"}, {PriceType: "retail", Amount: 1000, Currency: "RUB"}},
		Images: []schema.ProductImage{{Position: 1, URL: "a.jpg"}, {Position: 2, URL: "b.jpg"}},
	}
}

func mustStage(t *testing.T, db *schematest.DB, records ...schema.Record) canonical.Counts {
	t.Helper()
	var counts canonical.Counts
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		var err error
		counts, err = canonical.Stage(t.Context(), tx, records...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func mustLoad[T schema.Record](t *testing.T, db *schematest.DB, key schema.Key) T {
	t.Helper()
	r, err := canonical.LoadOne[T](t.Context(), db.Pool, schema.OneC, key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestStage_counts_what_it_did(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before []schema.Record
		now    []schema.Record
		want   canonical.Counts
		named  string // of A afterwards
	}{
		"new":                          {nil, []schema.Record{product("A", "one", 1)}, canonical.Counts{New: 1}, "one"},
		"changed":                      {[]schema.Record{product("A", "one", 1)}, []schema.Record{product("A", "two", 2)}, canonical.Counts{Changed: 1}, "two"},
		"changed in the same second":   {[]schema.Record{product("A", "one", 1)}, []schema.Record{product("A", "two", 1)}, canonical.Counts{Changed: 1}, "two"},
		"unchanged":                    {[]schema.Record{product("A", "one", 1)}, []schema.Record{product("A", "one", 2)}, canonical.Counts{Unchanged: 1}, "one"},
		"older observation":            {[]schema.Record{product("A", "one", 2)}, []schema.Record{product("A", "two", 1)}, canonical.Counts{Unchanged: 1}, "one"},
		"mixed":                        {[]schema.Record{product("A", "one", 1), product("B", "b", 1)}, []schema.Record{product("A", "two", 2), product("B", "b", 2), product("C", "c", 2)}, canonical.Counts{New: 1, Changed: 1, Unchanged: 1}, "two"},
		"twice in one call, newer":     {nil, []schema.Record{product("A", "newer", 2), product("A", "older", 1)}, canonical.Counts{New: 1, Unchanged: 1}, "newer"},
		"twice in one call, the later": {nil, []schema.Record{product("A", "one", 1), product("A", "two", 1)}, canonical.Counts{New: 1, Unchanged: 1}, "two"},
		"nothing":                      {[]schema.Record{product("A", "one", 1)}, nil, canonical.Counts{}, "one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := schematest.New(t)
			mustStage(t, db, c.before...)
			got := mustStage(t, db, c.now...)
			if got != c.want || got.Total() != len(c.now) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if p := mustLoad[*schema.Product](t, db, "A"); p.Name != c.named {
				t.Errorf("A is named %q, want %q", p.Name, c.named)
			}
		})
	}
}

func TestStage_keeps_systems_apart(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	other := product("A", "theirs", 1)
	other.System = schema.Jushuitan
	if got := mustStage(t, db, product("A", "ours", 1), other); got.New != 2 {
		t.Errorf("%+v", got)
	}
	if p := mustLoad[*schema.Product](t, db, "A"); p.Name != "ours" {
		t.Errorf("1C holds %q", p.Name)
	}
}

func TestStage_refuses_a_record_without_provenance_whole(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	nameless, timeless, keyless := product("A", "a", 1), product("A", "a", 1), product("", "a", 1)
	nameless.System, timeless.ObservedAt = "", time.Time{}
	for _, bad := range []schema.Record{nameless, timeless, keyless} {
		err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
			_, err := canonical.Stage(t.Context(), tx, product("GOOD", "good", 1), bad)
			if err == nil {
				t.Errorf("%+v was staged", bad.Prov())
			}
			return nil // even a caller that commits afterwards has staged nothing
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := canonical.LoadOne[*schema.Product](t.Context(), db.Pool, schema.OneC, "GOOD"); !errors.Is(err, canonical.ErrNotFound) {
		t.Errorf("the good one was staged: %v", err)
	}
}

// rowVersions tells child rows with the transaction that wrote them.
func rowVersions(t *testing.T, db *schematest.DB, table, label string) map[string]string {
	t.Helper()
	rows, err := db.Pool.Query(t.Context(), fmt.Sprintf(`SELECT %s::text, xmin::text || ' ' || ctid::text FROM canonical.%s`, label, table))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var k, v string
	if _, err := pgx.ForEachRow(rows, []any{&k, &v}, func() error { out[k] = v; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStage_replaces_child_rows_exactly(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	mustStage(t, db, product("A", "a", 1))
	before := rowVersions(t, db, "product_price", "price_type")
	images := rowVersions(t, db, "product_image", "position")
	next := product("A", "a", 2)
	next.Prices = []schema.ProductPrice{{PriceType: "market", Amount: 1200, Currency: "RUB"}, {PriceType: "purchase", Amount: 500, Currency: "CNY"}}
	next.Images[1].URL = "c.jpg"
	mustStage(t, db, next)
	p := mustLoad[*schema.Product](t, db, "A")
	if !slices.Equal(p.Prices, next.Prices) || !slices.Equal(p.Images, next.Images) {
		t.Errorf("prices %v images %v", p.Prices, p.Images)
	}
	after := rowVersions(t, db, "product_price", "price_type")
	if after["market"] != before["market"] {
		t.Error("an equal price was written again")
	}
	if again := rowVersions(t, db, "product_image", "position"); again["1"] != images["1"] || again["2"] == images["2"] {
		t.Errorf("images were %v and are %v: only the second changed", images, again)
	}
	next = product("A", "a", 3)
	next.Prices, next.Images = nil, nil
	mustStage(t, db, next)
	if p := mustLoad[*schema.Product](t, db, "A"); len(p.Prices)+len(p.Images) != 0 {
		t.Errorf("removed child rows are there: %v %v", p.Prices, p.Images)
	}
}

func TestStage_child_rows_of_others_are_left_alone(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	mustStage(t, db, product("A", "a", 1), product("B", "b", 1))
	bare := product("A", "a", 2)
	bare.Prices, bare.Images = nil, nil
	mustStage(t, db, bare)
	if p := mustLoad[*schema.Product](t, db, "B"); len(p.Prices) != 2 || len(p.Images) != 2 {
		t.Errorf("B lost child rows: %v %v", p.Prices, p.Images)
	}
}

func TestStage_unchanged_records_write_no_WAL(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	var records []schema.Record
	for i := range 200 {
		records = append(records, product(fmt.Sprintf("A%03d", i), "a", 1))
	}
	mustStage(t, db, records...)
	for _, r := range records {
		r.Prov().ObservedAt = moment(2)
	}
	versions := rowVersions(t, db, "product", "sku")
	var written bool
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		counts, err := canonical.Stage(t.Context(), tx, records...)
		if err != nil || counts.Unchanged != 200 {
			t.Errorf("%+v, %v", counts, err)
		}
		// Only a transaction that wrote something has an id.
		return tx.QueryRow(t.Context(), `SELECT pg_current_xact_id_if_assigned() IS NOT NULL`).Scan(&written)
	})
	if err != nil {
		t.Fatal(err)
	}
	if written {
		t.Error("staging what is known took a transaction id")
	}
	for k, v := range rowVersions(t, db, "product", "sku") {
		if versions[k] != v {
			t.Fatalf("row %s was written again", k)
		}
	}
}

func TestStage_two_writers_in_opposite_order_both_end(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	const rounds = 20
	errs := make(chan error, 2)
	for w := range 2 {
		go func() {
			for i := range rounds {
				var records []schema.Record
				for n := range 50 {
					records = append(records, product(fmt.Sprintf("K%02d", n), fmt.Sprintf("%d-%d", w, i), i))
				}
				if w == 1 {
					slices.Reverse(records)
				}
				err := pgx.BeginFunc(context.WithoutCancel(t.Context()), db.Pool, func(tx pgx.Tx) error {
					_, err := canonical.Stage(context.WithoutCancel(t.Context()), tx, records...)
					return err
				})
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestStageGood_one_that_cannot_be_stored_keeps_nobody_out(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	nul := product("NUL", "secret\x00name", 1)
	dear := product("DEAR", "dear", 1)
	dear.Prices[0].Amount = 1<<62 - 1
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		counts, bad, err := canonical.StageGood(t.Context(), tx, product("A", "a", 1), nul, product("B", "b", 1), dear)
		if err != nil || counts.New != 2 || len(bad) != 2 || bad[0].Record != schema.Record(nul) || bad[1].Record != schema.Record(dear) {
			t.Errorf("%+v, %v, %v", counts, bad, err)
		}
		for _, b := range bad {
			if b.Reason == "" || strings.Contains(b.Reason, "secret") {
				t.Errorf("reason %q", b.Reason)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []schema.Key{"A", "B"} {
		mustLoad[*schema.Product](t, db, key)
	}
	// What is no fault of a record stays an error.
	err = pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `DROP TABLE canonical.product_price`); err != nil {
			return err
		}
		_, bad, err := canonical.StageGood(t.Context(), tx, product("C", "c", 1))
		if len(bad) > 0 {
			t.Errorf("a missing table was called a bad record: %v", bad)
		}
		return err
	})
	if err == nil {
		t.Error("a missing table is no error")
	}
}

func TestStageIdentifiers_the_later_key_counts(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	put := func(externals, keys []string) {
		t.Helper()
		entities := make([]string, len(keys))
		for i := range entities {
			entities[i] = string(schema.EntityWarehouse)
		}
		err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
			return canonical.StageIdentifiers(t.Context(), tx, schema.OneC, entities, externals, keys)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	key := func(external string) (k string) {
		t.Helper()
		if err := db.Pool.QueryRow(t.Context(), `SELECT key FROM canonical.identifier WHERE system = 'onec' AND entity = 'warehouse' AND external_id = $1`, external).Scan(&k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	put(nil, nil)
	put([]string{"1", "2", "1"}, []string{"B", "SECOND", "A"})
	if key("1") != "A" || key("2") != "SECOND" {
		t.Errorf("1 is %s, 2 is %s", key("1"), key("2"))
	}
	put([]string{"1"}, []string{"C"})
	if key("1") != "C" {
		t.Errorf("1 is %s after it was renamed", key("1"))
	}
}

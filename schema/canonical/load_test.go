package canonical_test

import (
	"errors"
	"strings"
	"testing"

	"sverka/schema"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

func TestLoad_compound_key_keeps_separators_of_its_last_part(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	balance := func(sku string, n int64) *schema.StockBalance {
		return &schema.StockBalance{Provenance: schema.Provenance{System: schema.OneC, ObservedAt: moment(1)}, WarehouseCode: "MAIN", SKU: sku, UnitCode: "796", Quantity: schema.Pieces(n)}
	}
	mustStage(t, db, balance("LAMP/RED/L", 3), balance("LAMP", 4))
	if got := mustLoad[*schema.StockBalance](t, db, "MAIN/LAMP/RED/L"); got.SKU != "LAMP/RED/L" || got.Quantity != schema.Pieces(3) {
		t.Errorf("%+v", got)
	}
	if counts := mustStage(t, db, balance("LAMP/RED/L", 3), balance("LAMP", 5)); counts != (canonical.Counts{Changed: 1, Unchanged: 1}) {
		t.Errorf("%+v", counts)
	}
	if _, err := canonical.LoadOne[*schema.StockBalance](t.Context(), db.Pool, schema.OneC, "MAIN"); !errors.Is(err, canonical.ErrNotFound) {
		t.Errorf("half a key found something: %v", err)
	}
}

func TestLoad_returns_what_is_there_and_no_more(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	mustStage(t, db, product("A", "a", 1), product("B", "b", 1))
	got, err := canonical.Load(t.Context(), db.Pool, schema.OneC, schema.EntityProduct, "A", "NONE", "A")
	if err != nil || len(got) != 1 || got["A"] == nil {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := canonical.Load(t.Context(), db.Pool, schema.Jushuitan, schema.EntityProduct, "A"); err != nil || len(got) != 0 {
		t.Errorf("another system's row was loaded: %v, %v", got, err)
	}
	if got, err := canonical.Load(t.Context(), db.Pool, schema.OneC, schema.EntityProduct); err != nil || len(got) != 0 {
		t.Errorf("no keys: %v, %v", got, err)
	}
	if _, err := canonical.Load(t.Context(), db.Pool, schema.OneC, "parcel", "A"); err == nil || !strings.Contains(err.Error(), "parcel") {
		t.Errorf("an unknown entity: %v", err)
	}
	_, err = canonical.LoadOne[*schema.Product](t.Context(), db.Pool, schema.OneC, "NONE")
	if !errors.Is(err, canonical.ErrNotFound) || !strings.Contains(err.Error(), "NONE") {
		t.Errorf("%v", err)
	}
}

func TestLoad_keeps_every_digit_and_letter(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	p := product("Ё-台灯 \"½\"", "Лампа 台灯 🪔 \\u0000 <&> 'x'\n\t", 1)
	p.WeightKg = 999_999_999_999_999_999
	p.Prices = []schema.ProductPrice{{PriceType: "retail", Amount: 999_999_999_999_999_999, Currency: "RUB"}, {PriceType: "Оптовая", Amount: 1, Currency: "CNY"}}
	p.Extra = schema.Extra{"ключ": "值 \"x\"", "": ""}
	p.DeletedAt, p.SourceModifiedAt, p.ExternalID = moment(30), moment(20), "42"
	p.ObservedAt = moment(1).Add(123456789) // Postgres keeps microseconds
	mustStage(t, db, p)
	got := mustLoad[*schema.Product](t, db, p.RecordKey())
	if schema.Hash(got) != schema.Hash(p) || got.RowHash != schema.Hash(p) {
		t.Errorf("staged %+v\nloaded %+v", p, got)
	}
	if got.WeightKg != p.WeightKg || got.Prices[0].Amount != p.Prices[0].Amount || got.Name != p.Name {
		t.Errorf("staged %+v\nloaded %+v", p, got)
	}
	if len(got.Extra) != 2 || got.Extra["ключ"] != `值 "x"` || !got.DeletedAt.Equal(p.DeletedAt) || !got.SourceModifiedAt.Equal(p.SourceModifiedAt) || got.ExternalID != "42" {
		t.Errorf("provenance %+v", got.Provenance)
	}
}

func TestStage_a_deletion_is_a_change_and_its_hour_is_not(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	mustStage(t, db, product("A", "a", 1))
	gone := product("A", "a", 2)
	gone.DeletedAt = moment(2)
	if counts := mustStage(t, db, gone); counts.Changed != 1 {
		t.Errorf("deletion: %+v", counts)
	}
	later := product("A", "a", 3)
	later.DeletedAt = moment(3)
	if counts := mustStage(t, db, later); counts.Unchanged != 1 {
		t.Errorf("another hour of the same deletion: %+v", counts)
	}
	if counts := mustStage(t, db, product("A", "a", 4)); counts.Changed != 1 {
		t.Errorf("back again: %+v", counts)
	}
	if p := mustLoad[*schema.Product](t, db, "A"); !p.DeletedAt.IsZero() {
		t.Errorf("still deleted: %v", p.DeletedAt)
	}
}

// A database with a language sorts "a" before "B"; digests are made in the order of bytes.
func TestLoad_orders_child_rows_alike_in_any_language(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	if _, err := db.Pool.Exec(t.Context(), `DROP VIEW analytics.product; ALTER TABLE canonical.product_price ALTER COLUMN price_type TYPE text COLLATE "und-x-icu"`); err != nil {
		t.Fatal(err)
	}
	p := product("A", "a", 1)
	p.Prices = []schema.ProductPrice{{PriceType: "B", Amount: 1, Currency: "RUB"}, {PriceType: "a", Amount: 2, Currency: "RUB"}}
	mustStage(t, db, p)
	if got := mustLoad[*schema.Product](t, db, "A"); schema.Hash(got) != schema.Hash(p) {
		t.Errorf("staged %v, loaded %v", p.Prices, got.Prices)
	}
}

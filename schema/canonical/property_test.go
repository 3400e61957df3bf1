package canonical_test

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"sverka/schema"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

// anyText is what people and systems write; Postgres holds everything but NUL.
func anyText() *rapid.Generator[string] {
	return rapid.Map(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "Ёлка", "台灯", "a/b", `"\u0000"`, "🪔", "'; --", "null", " "})),
		func(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "0") })
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		return at.In(time.FixedZone("any", rapid.IntRange(-12, 14).Draw(t, "zone")*3600))
	})
}

// fill sets every field of a struct to some value that its Go type can hold.
func fill(t *rapid.T, v reflect.Value) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(anyTime().Draw(t, name)))
			continue
		case schema.Amount, schema.Quantity:
			f.SetInt(rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, name))
			continue
		case schema.Extra:
			if m := rapid.MapOfN(anyText(), anyText(), 0, 3).Draw(t, name); len(m) > 0 {
				f.Set(reflect.ValueOf(schema.Extra(m)))
			}
			continue
		}
		switch f.Kind() {
		case reflect.Struct:
			fill(t, f)
		case reflect.String:
			f.SetString(anyText().Draw(t, name))
		case reflect.Bool:
			f.SetBool(rapid.Bool().Draw(t, name))
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(rapid.Int32().Draw(t, name)))
		case reflect.Slice:
			n := rapid.IntRange(0, 3).Draw(t, name)
			f.Set(reflect.MakeSlice(f.Type(), n, n))
			for j := range n {
				fill(t, f.Index(j))
			}
		default:
			t.Fatalf("field %s of kind %s: say here what it may hold", name, f.Kind())
		}
	}
}

// anyRecord is a record of an entity as Stage may meet it: with key, system and
// observation time, its child rows in order and told apart.
func anyRecord(t *rapid.T, table canonical.Table) schema.Record {
	r := schema.NewRecord(table.Entity)
	v := reflect.ValueOf(r).Elem()
	fill(t, v)
	p := r.Prov()
	p.System, p.ExchangeID = schema.OneC, 0
	if rapid.Bool().Draw(t, "alive") {
		p.DeletedAt = time.Time{}
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if n := slices.Index(table.Key, name); n >= 0 {
			key := rapid.StringMatching(`[A-Za-zА-я0-9][-A-Za-zА-я0-9 .]{0,8}`).Draw(t, name)
			if n == len(table.Key)-1 && rapid.Bool().Draw(t, "separator in the key") {
				key += "/" + key
			}
			v.Field(i).SetString(key)
		}
		for _, c := range table.Children {
			if c.Field == name {
				number(v.Field(i), c.Order)
			}
		}
	}
	return r
}

// number gives child rows their place.
func number(rows reflect.Value, column string) {
	for j := range rows.Len() {
		for k := range rows.Index(j).NumField() {
			name, _, _ := strings.Cut(rows.Index(j).Type().Field(k).Tag.Get("json"), ",")
			switch f := rows.Index(j).Field(k); {
			case name != column:
			case f.Kind() == reflect.String:
				f.SetString("type " + strconv.Itoa(j))
			default:
				f.SetInt(int64(j + 1))
			}
		}
	}
}

func TestStage_what_is_loaded_hashes_as_what_was_staged(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	ctx := context.WithoutCancel(t.Context())
	for _, table := range canonical.Tables() {
		t.Run(table.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				r := anyRecord(rt, table)
				hash := schema.Hash(r)
				tx, err := db.Pool.Begin(ctx)
				if err != nil {
					rt.Fatal(err)
				}
				defer tx.Rollback(ctx)
				requireStaged(ctx, rt, tx, r, canonical.Counts{New: 1})
				found, err := canonical.Load(ctx, tx, schema.OneC, table.Entity, r.RecordKey())
				if err != nil {
					rt.Fatal(err)
				}
				got := found[r.RecordKey()]
				if got == nil || schema.Hash(got) != hash || got.Prov().RowHash != hash {
					rt.Fatalf("staged %+v\nloaded %+v", r, got)
				}
				if !reflect.DeepEqual(got.Prov().Extra, r.Prov().Extra) {
					rt.Fatalf("extra %q became %q", r.Prov().Extra, got.Prov().Extra)
				}
				// What was loaded says nothing new, and another version replaces it whole.
				requireStaged(ctx, rt, tx, got, canonical.Counts{Unchanged: 1})
				next := anyRecord(rt, table)
				setKey(next, r, table)
				next.Prov().ObservedAt = r.Prov().ObservedAt.Add(time.Second)
				if schema.Hash(next) == hash {
					return
				}
				requireStaged(ctx, rt, tx, next, canonical.Counts{Changed: 1})
				if found, err = canonical.Load(ctx, tx, schema.OneC, table.Entity, r.RecordKey()); err != nil || schema.Hash(found[r.RecordKey()]) != schema.Hash(next) {
					rt.Fatalf("second version %+v\nloaded %+v, %v", next, found, err)
				}
			})
		})
	}
}

// setKey copies the business key.
func setKey(to, from schema.Record, table canonical.Table) {
	dst, src := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for i := range src.NumField() {
		if name, _, _ := strings.Cut(src.Type().Field(i).Tag.Get("json"), ","); slices.Contains(table.Key, name) {
			dst.Field(i).Set(src.Field(i))
		}
	}
}

func requireStaged(ctx context.Context, t *rapid.T, tx pgx.Tx, r schema.Record, want canonical.Counts) {
	got, err := canonical.Stage(ctx, tx, r)
	if err != nil {
		t.Fatalf("stage %+v: %v", r, err)
	}
	if got != want {
		t.Fatalf("stage %+v: %+v, want %+v", r, got, want)
	}
}

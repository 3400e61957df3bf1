package canonical

import (
	"fmt"
	"reflect"
	"strings"

	"sverka/schema"
)

// Table describes how one entity lies in the canonical schema.
type Table struct {
	Entity   schema.Entity
	Name     string   // inside schema canonical
	Key      []string // business key columns, after system
	Children []Child
}

// Child is a table of rows that belong to a parent's key.
type Child struct {
	Name  string // table
	Field string // name of the array in the parent's JSON
	Order string // last column of the primary key
}

// Tables lists every table of the canonical schema that holds records.
func Tables() []Table {
	return []Table{
		{schema.EntityProduct, "product", []string{"sku"}, []Child{{"product_price", "prices", "price_type"}, {"product_image", "images", "position"}}},
		{schema.EntityCustomer, "customer", []string{"customer_code"}, nil},
		{schema.EntityWarehouse, "warehouse", []string{"warehouse_code"}, nil},
		{schema.EntityAddress, "address", []string{"address_id"}, nil},
		{schema.EntityStockBalance, "stock_balance", []string{"warehouse_code", "sku"}, nil},
		{schema.EntitySalesOrder, "sales_order", []string{"order_number"}, []Child{{"sales_order_line", "lines", "line_no"}}},
		{schema.EntityOrderStatus, "order_status", []string{"order_number"}, nil},
		{schema.EntityPayment, "payment", []string{"payment_id"}, nil},
		{schema.EntityBankTransaction, "bank_transaction", []string{"transaction_id"}, nil},
		{schema.EntityShipment, "shipment", []string{"invoice_number"}, []Child{{"shipment_line", "lines", "line_no"}}},
		{schema.EntityJournalEntry, "journal_entry", []string{"entry_id"}, nil},
	}
}

// TableNames lists every table of [Tables] and its children, parents first: the
// tables that are published and kept in history.
func TableNames() []string {
	var names []string
	for _, t := range Tables() {
		names = append(names, t.Name)
		for _, c := range t.Children {
			names = append(names, c.Name)
		}
	}
	return names
}

// TableOf finds the table of an entity.
func TableOf(e schema.Entity) (Table, error) {
	for _, t := range Tables() {
		if t.Entity == e {
			return t, nil
		}
	}
	return Table{}, fmt.Errorf("entity %q has no canonical table", e)
}

// columns lists the columns of the parent table: the JSON names of the record
// that are not arrays of children.
func (t Table) columns() []string {
	child := map[string]bool{}
	for _, c := range t.Children {
		child[c.Field] = true
	}
	var cols []string
	var walk func(reflect.Type)
	walk = func(rt reflect.Type) {
		for i := range rt.NumField() {
			f := rt.Field(i)
			if f.Anonymous {
				walk(f.Type)
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && !child[name] {
				cols = append(cols, name)
			}
		}
	}
	walk(reflect.TypeOf(schema.NewRecord(t.Entity)).Elem())
	return cols
}

// stageSQL upserts parents from a JSON array ($1) and returns the keys of rows
// that were written. Row by row, an unchanged hash or an older observation
// writes nothing; extra alone is not a change.
func (t Table) stageSQL() string {
	cols := t.columns()
	sets := make([]string, 0, len(cols))
	for _, c := range cols {
		sets = append(sets, fmt.Sprintf("%s = excluded.%s", c, c))
	}
	return fmt.Sprintf(`INSERT INTO canonical.%[1]s AS t (%[2]s)
SELECT %[2]s FROM jsonb_populate_recordset(NULL::canonical.%[1]s, $1::jsonb)
ON CONFLICT (system, %[3]s) DO UPDATE SET %[4]s
WHERE t.row_hash <> excluded.row_hash AND t.observed_at <= excluded.observed_at
RETURNING t.system, concat_ws('%[5]s', %[6]s), (t.xmax = 0)`,
		t.Name, strings.Join(cols, ", "), strings.Join(t.Key, ", "), strings.Join(sets, ", "),
		schema.KeySeparator, prefixed("t.", t.Key))
}

// childSQL replaces the child rows of the parents in a JSON array ($1): rows that
// are gone are deleted, rows that differ are written, equal rows stay untouched.
func (t Table) childSQL(c Child) (del, put string) {
	cols := childColumns(t, c)
	key := append([]string{"system"}, t.Key...)
	pairs := make([]string, 0, len(key))
	same := make([]string, 0, len(key))
	for _, k := range key {
		pairs = append(pairs, fmt.Sprintf("'%s', p->>'%s'", k, k))
		same = append(same, fmt.Sprintf("d.%s = p->>'%s'", k, k))
	}
	del = fmt.Sprintf(`DELETE FROM canonical.%[1]s d USING jsonb_array_elements($1::jsonb) p
WHERE %[2]s AND NOT EXISTS (
  SELECT FROM jsonb_array_elements(CASE jsonb_typeof(p->'%[3]s') WHEN 'array' THEN p->'%[3]s' ELSE '[]' END) l
  WHERE l->>'%[4]s' = d.%[4]s::text)`, c.Name, strings.Join(same, " AND "), c.Field, c.Order)
	sets := make([]string, 0, len(cols))
	diff := make([]string, 0, len(cols))
	for _, col := range cols {
		sets = append(sets, fmt.Sprintf("%s = excluded.%s", col, col))
		diff = append(diff, fmt.Sprintf("t.%s IS DISTINCT FROM excluded.%s", col, col))
	}
	put = fmt.Sprintf(`INSERT INTO canonical.%[1]s AS t (%[2]s, %[3]s)
SELECT %[4]s, %[5]s
FROM jsonb_array_elements($1::jsonb) p,
     jsonb_array_elements(CASE jsonb_typeof(p->'%[6]s') WHEN 'array' THEN p->'%[6]s' ELSE '[]' END) l,
     jsonb_populate_record(NULL::canonical.%[1]s, l || jsonb_build_object(%[7]s)) r
ON CONFLICT (%[2]s, %[8]s) DO UPDATE SET %[9]s WHERE %[10]s`,
		c.Name, strings.Join(key, ", "), strings.Join(cols, ", "), prefixed("r.", key), prefixed("r.", cols),
		c.Field, strings.Join(pairs, ", "), c.Order, strings.Join(sets, ", "), strings.Join(diff, " OR "))
	return del, put
}

// collation makes Postgres sort a text column as Go does, whatever the database's
// language: the order of child rows is part of a record's digest.
func collation(t Table, c Child) string {
	rt := childType(t, c)
	for i := range rt.NumField() {
		name, _, _ := strings.Cut(rt.Field(i).Tag.Get("json"), ",")
		if name == c.Order && rt.Field(i).Type.Kind() == reflect.String {
			return ` COLLATE "C"`
		}
	}
	return ""
}

// childColumns lists the child's own columns.
func childColumns(t Table, c Child) []string {
	rt := childType(t, c)
	cols := make([]string, 0, rt.NumField())
	for i := range rt.NumField() {
		name, _, _ := strings.Cut(rt.Field(i).Tag.Get("json"), ",")
		cols = append(cols, name)
	}
	return cols
}

// childType is the element type of the parent's field.
func childType(t Table, c Child) reflect.Type {
	rt := reflect.TypeOf(schema.NewRecord(t.Entity)).Elem()
	for i := range rt.NumField() {
		f := rt.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == c.Field {
			return f.Type.Elem()
		}
	}
	return reflect.TypeFor[struct{}]() // no such field: a child without columns
}

// knownSQL reads digest and observation time of the rows with the given systems
// ($1) and keys; key columns come as arrays $2, $3 ….
func (t Table) knownSQL() string {
	args := make([]string, 0, 1+len(t.Key))
	for i := range len(t.Key) + 1 {
		args = append(args, fmt.Sprintf("$%d::text[]", i+1))
	}
	return fmt.Sprintf("SELECT t.system, concat_ws('%s', %s), t.row_hash, t.observed_at FROM canonical.%s t WHERE (t.system, %s) IN (SELECT * FROM unnest(%s))",
		schema.KeySeparator, prefixed("t.", t.Key), t.Name, prefixed("t.", t.Key), strings.Join(args, ", "))
}

// loadSQL reads whole records as JSON by system ($1) and keys; key columns come as arrays $2, $3 ….
func (t Table) loadSQL() string {
	doc := "to_jsonb(t)"
	for _, c := range t.Children {
		on := make([]string, 0, 1+len(t.Key))
		for _, k := range append([]string{"system"}, t.Key...) {
			on = append(on, fmt.Sprintf("l.%s = t.%s", k, k))
		}
		doc += fmt.Sprintf(` || jsonb_build_object('%s', (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.%s%s) FROM canonical.%s l WHERE %s))`,
			c.Field, c.Order, collation(t, c), c.Name, strings.Join(on, " AND "))
	}
	args := make([]string, 0, len(t.Key))
	for i := range t.Key {
		args = append(args, fmt.Sprintf("$%d::text[]", i+2))
	}
	return fmt.Sprintf("SELECT %s FROM canonical.%s t WHERE t.system = $1 AND (%s) IN (SELECT * FROM unnest(%s))",
		doc, t.Name, prefixed("t.", t.Key), strings.Join(args, ", "))
}

func prefixed(prefix string, names []string) string {
	return prefix + strings.Join(names, ", "+prefix)
}

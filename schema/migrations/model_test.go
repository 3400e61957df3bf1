package migrations_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sverka/schema"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

func mustList(t *testing.T, db *schematest.DB, sql string, args ...any) []string {
	t.Helper()
	rows, err := db.Pool.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSchema_everything_has_a_comment(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	const ours = `('canonical', 'ops', 'recon', 'history', 'analytics')`
	for kind, sql := range map[string]string{
		"schemas": `SELECT nspname FROM pg_namespace WHERE nspname IN ` + ours + ` AND obj_description(oid, 'pg_namespace') IS NULL`,
		"tables and views": `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ` + ours + ` AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND obj_description(c.oid, 'pg_class') IS NULL ORDER BY 1`,
		"columns": `SELECT c.oid::regclass || '.' || a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ` + ours + ` AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND col_description(c.oid, a.attnum) IS NULL ORDER BY 1`,
		"functions": `SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname IN ` + ours + ` AND obj_description(p.oid, 'pg_proc') IS NULL ORDER BY 1`,
	} {
		if bare := mustList(t, db, sql); len(bare) > 0 {
			t.Errorf("%s without a comment: %s", kind, strings.Join(bare, ", "))
		}
	}
	// The queries above must be able to find something.
	if _, err := db.Pool.Exec(t.Context(), `CREATE TABLE ops.bare (x integer)`); err != nil {
		t.Fatal(err)
	}
	if n := mustList(t, db, `SELECT c.oid::regclass::text FROM pg_class c WHERE c.relname = 'bare' AND obj_description(c.oid, 'pg_class') IS NULL`); len(n) != 1 {
		t.Errorf("a table without a comment is not found: %v", n)
	}
}

// jsonNames lists the JSON names of a record and, apart, those of its child rows.
func jsonNames(rt reflect.Type) (own []string, children map[string][]string) {
	children = map[string][]string{}
	for i := range rt.NumField() {
		f := rt.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			more, _ := jsonNames(f.Type)
			own = append(own, more...)
		case f.Type.Kind() == reflect.Slice:
			children[name], _ = jsonNames(f.Type.Elem())
		default:
			own = append(own, name)
		}
	}
	return own, children
}

func TestSchema_columns_are_the_records_JSON_names(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	require := func(schemaName, table string, want []string, beside ...string) {
		t.Helper()
		got := mustList(t, db, `SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2`, schemaName, table)
		want = append(slices.Clone(want), beside...)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s.%s\nhas   %v\nwants %v", schemaName, table, got, want)
		}
	}
	version := []string{"valid_from", "lsn", "seq", "op"}
	for _, e := range schema.Entities() {
		table, err := canonical.TableOf(e)
		if err != nil {
			t.Fatal(err)
		}
		own, children := jsonNames(reflect.TypeOf(schema.NewRecord(e)).Elem())
		require("canonical", table.Name, own)
		require("history", table.Name, own, version...)
		if len(children) != len(table.Children) {
			t.Errorf("%s has the lists %v and %d child tables", e, slices.Sorted(maps.Keys(children)), len(table.Children))
		}
		for _, c := range table.Children {
			key := append([]string{"system"}, table.Key...)
			require("canonical", c.Name, children[c.Field], key...)
			require("history", c.Name, children[c.Field], append(key, version...)...)
			primary := mustList(t, db, `SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = ('canonical.' || $1)::regclass AND i.indisprimary`, c.Name)
			want := append(key, c.Order)
			slices.Sort(primary)
			slices.Sort(want)
			if !slices.Equal(primary, want) {
				t.Errorf("primary key of %s is %v, want %v", c.Name, primary, want)
			}
		}
	}
}

func TestSchema_publication_holds_the_canonical_tables_and_no_other(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	var want []string
	for _, table := range canonical.Tables() {
		want = append(want, "canonical."+table.Name)
		for _, c := range table.Children {
			want = append(want, "canonical."+c.Name)
		}
	}
	slices.Sort(want)
	got := mustList(t, db, `SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = 'sverka'`)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("published: %v\nwant:      %v", got, want)
	}
}

// as runs a statement as a role and rolls it back.
func as(t *testing.T, db *schematest.DB, role, sql string) error {
	t.Helper()
	undo := errors.New("undo")
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "SET LOCAL ROLE "+pgx.Identifier{role}.Sanitize()); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			return err
		}
		return undo
	})
	if errors.Is(err, undo) {
		return nil
	}
	return err
}

func requireDenied(t *testing.T, db *schematest.DB, role, sql string) {
	t.Helper()
	var pg *pgconn.PgError
	if err := as(t, db, role, sql); !errors.As(err, &pg) || pg.Code != "42501" {
		t.Errorf("%s may run %q: %v", role, sql, err)
	}
}

func TestRoles_analyst_reads_what_is_meant_for_reading(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	const relations = `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'v', 'p', 'm') ORDER BY 1`
	open := mustList(t, db, relations, []string{"analytics", "recon"})
	if len(open) < 10 {
		t.Fatalf("only %d relations: %v", len(open), open)
	}
	for _, name := range open {
		if err := as(t, db, "sverka_analyst", "SELECT * FROM "+name+" LIMIT 1"); err != nil {
			t.Errorf("the analyst cannot read %s: %v", name, err)
		}
	}
	shut := mustList(t, db, relations, []string{"canonical", "ops", "history"})
	for _, name := range shut {
		requireDenied(t, db, "sverka_analyst", "SELECT * FROM "+name+" LIMIT 1")
	}
	writable := mustList(t, db, `SELECT name || ' ' || p FROM unnest($1::text[]) name, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p
WHERE has_table_privilege('sverka_analyst', name, p)`, slices.Concat(open, shut))
	if len(writable) > 0 {
		t.Errorf("the analyst may write: %v", writable)
	}
	requireDenied(t, db, "sverka_analyst", "DELETE FROM recon.run")
	requireDenied(t, db, "sverka_analyst", "SELECT * FROM history.product_as_of(now())")
	requireDenied(t, db, "sverka_analyst", "CREATE TABLE analytics.mine (x integer)")
}

func TestRoles_analyst_is_cut_off(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	config := mustList(t, db, `SELECT unnest(rolconfig) FROM pg_roles WHERE rolname = 'sverka_analyst'`)
	for _, want := range []string{"default_transaction_read_only=on", "statement_timeout=60s", "idle_in_transaction_session_timeout=60s", "lock_timeout=2s"} {
		if !slices.Contains(config, want) {
			t.Errorf("the analyst's settings %v lack %s", config, want)
		}
	}
	for _, role := range []string{"sverka_analyst", "sverka_app", "sverka_replication", "sverka_owner"} {
		if bad := mustList(t, db, `SELECT rolname::text FROM pg_roles WHERE rolname = $1 AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)`, role); len(bad) > 0 {
			t.Errorf("%s has more rights than its work needs", role)
		}
	}
}

func TestRoles_replication_reads_only_what_is_published(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	for _, name := range mustList(t, db, `SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = 'sverka'`) {
		if err := as(t, db, "sverka_replication", "SELECT * FROM "+name+" LIMIT 1"); err != nil {
			t.Errorf("replication cannot read %s: %v", name, err)
		}
		requireDenied(t, db, "sverka_replication", "DELETE FROM "+name)
	}
	requireDenied(t, db, "sverka_replication", "SELECT * FROM ops.delivery")
}

func TestRoles_app_keeps_history_as_it_was(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	schematest.Stage(t, db, &schema.Warehouse{Provenance: schema.Provenance{System: schema.OneC, ObservedAt: time.Now()}, WarehouseCode: "MAIN", Name: "Main"})
	for _, sql := range []string{"SELECT * FROM canonical.warehouse", "SELECT * FROM history.warehouse_as_of(now())", "SELECT nextval('ops.lease_token')", "SELECT * FROM recon.latest_finding"} {
		if err := as(t, db, "sverka_app", sql); err != nil {
			t.Errorf("the app cannot run %q: %v", sql, err)
		}
	}
	for _, sql := range []string{"UPDATE history.warehouse SET name = 'other'", "DELETE FROM history.warehouse", "TRUNCATE canonical.warehouse", "DROP TABLE canonical.warehouse"} {
		if err := as(t, db, "sverka_app", sql); err == nil {
			t.Errorf("the app may run %q", sql)
		}
	}
}

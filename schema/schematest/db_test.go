package schematest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
	"sverka/schema/schematest"
)

func count(t *testing.T, db *schematest.DB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := db.Pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNew_gives_every_test_a_migrated_database_of_its_own(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := schematest.New(t)
			if count(t, db, "SELECT count(*) FROM ops.migration WHERE version > 0") == 0 {
				t.Error("no migration is applied")
			}
			if _, err := db.Pool.Exec(t.Context(), "CREATE TABLE mine ()"); err != nil {
				t.Errorf("another test's table is here: %v", err)
			}
		})
	}
}

func TestNewEmpty_has_no_schema_of_ours(t *testing.T) {
	t.Parallel()
	db := schematest.NewEmpty(t)
	if n := count(t, db, "SELECT count(*) FROM pg_namespace WHERE nspname IN ('canonical', 'ops')"); n != 0 {
		t.Errorf("%d schemas of ours", n)
	}
}

func TestNew_cleans_up_a_database_in_use_with_its_replication_slots(t *testing.T) { //nolint:tparallel // the end of the subtest is looked at
	t.Parallel()
	watcher := schematest.NewEmpty(t)
	var name string
	t.Run("busy", func(t *testing.T) {
		db := schematest.New(t)
		name = db.Name
		// Outside the cleanup of the package on purpose: neither is closed by the test.
		if _, err := pgx.Connect(t.Context(), db.URL); err != nil {
			t.Fatal(err)
		}
		repl, err := pgx.Connect(t.Context(), db.ReplicationURL)
		if err != nil {
			t.Fatal(err)
		}
		slot := "slot_" + name[len(name)-12:] // slots belong to the whole cluster
		for _, suffix := range []string{"_a", "_b"} {
			if _, err := repl.PgConn().Exec(t.Context(), "CREATE_REPLICATION_SLOT "+slot+suffix+" LOGICAL pgoutput").ReadAll(); err != nil {
				t.Fatal(err)
			}
		}
		// An active slot: the server streams until it is told to stop.
		send := "START_REPLICATION SLOT " + slot + "_a LOGICAL 0/0 (proto_version '1', publication_names 'none')"
		repl.PgConn().Exec(t.Context(), send)
		waitUntil(t, func() bool {
			return count(t, watcher, "SELECT count(*) FROM pg_replication_slots WHERE database = $1 AND active", name) == 1
		})
	})
	if n := count(t, watcher, "SELECT count(*) FROM pg_database WHERE datname = $1", name); n != 0 {
		t.Error("the database is still there")
	}
	if n := count(t, watcher, "SELECT count(*) FROM pg_replication_slots WHERE database = $1", name); n != 0 {
		t.Errorf("%d replication slots are still there", n)
	}
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen within 10 seconds")
		case <-tick.C:
		}
	}
}

func TestDB_Conn_reaches_the_same_database(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	var name string
	if err := db.Conn(t).QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil || name != db.Name {
		t.Errorf("got %q, %v; want %q", name, err, db.Name)
	}
}

func TestStage_stages_records_as_intake_does(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	schematest.Stage(t, db, &schema.Warehouse{
		Provenance: schema.Provenance{System: schema.OneC, ExternalID: "w-1", ObservedAt: time.Now()}, WarehouseCode: "MAIN", Name: "Main",
	})
	if n := count(t, db, "SELECT count(*) FROM canonical.warehouse WHERE system = 'onec' AND warehouse_code = 'MAIN' AND row_hash <> ''"); n != 1 {
		t.Errorf("%d rows staged, want 1", n)
	}
}

func BenchmarkNew(b *testing.B) {
	schematest.New(b) // the first joins or starts the cluster
	for b.Loop() {
		schematest.New(b)
	}
}

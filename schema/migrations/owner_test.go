package migrations_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"sverka/schema/localpg"
	"sverka/schema/migrations"
)

// newCluster is a Postgres that no other test has put roles into.
func newCluster(t *testing.T) *localpg.Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "migrations-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil { // the server's own account must enter
		t.Fatal(err)
	}
	c, err := localpg.Start(t.Context(), localpg.Options{
		Dir: filepath.Join(dir, "cluster"), Fast: true, Binaries: localpg.Binaries{Dir: os.Getenv("SVERKA_TEST_PG_BIN")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func mustConnect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestApply_on_a_fresh_cluster_needs_no_superuser(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	super := mustConnect(t, c.URL("postgres"))
	for _, sql := range []string{
		"CREATE ROLE keeper LOGIN CREATEROLE REPLICATION", // as docker-compose.yml makes it
		"CREATE DATABASE sverka OWNER keeper",
	} {
		if _, err := super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	address, err := url.Parse(c.URL("sverka"))
	if err != nil {
		t.Fatal(err)
	}
	q := address.Query()
	q.Set("user", "keeper")
	address.RawQuery = q.Encode()
	keeper := mustConnect(t, address.String())
	if r, err := migrations.Apply(t.Context(), keeper, migrations.Options{}); err != nil || len(r.Applied) == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := migrations.Apply(t.Context(), keeper, migrations.Options{}); err != nil || len(r.Applied) != 0 {
		t.Errorf("repeated: %+v, %v", r, err)
	}
}

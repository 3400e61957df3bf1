package schematest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/schema"
	"sverka/schema/canonical"
)

// cleanupTimeout bounds the end of a test's database.
const cleanupTimeout = 30 * time.Second

// DB is the database of one test.
type DB struct {
	Name           string
	URL            string // superuser over the Unix socket, no password
	ReplicationURL string // the same, speaking the replication protocol too
	Pool           *pgxpool.Pool
}

// New makes a migrated database that lives as long as the test. It fails the test
// where Postgres is missing or a migration is wrong.
func New(t testing.TB) *DB {
	t.Helper()
	s := hold(t)
	return newDB(t, s, s.template)
}

// NewEmpty makes a database without any migration, for tests of migrations.
func NewEmpty(t testing.TB) *DB {
	t.Helper()
	return newDB(t, hold(t), "template0")
}

func hold(t testing.TB) *shared {
	t.Helper()
	s, err := process()
	if err != nil {
		t.Fatalf("no test database: %v", err)
	}
	return s
}

func newDB(t testing.TB, s *shared, template string) *DB {
	t.Helper()
	name := databaseName(t.Name())
	if err := s.create(t.Context(), name, template); err != nil {
		t.Fatalf("no test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	db := &DB{Name: name, URL: s.cluster.URL(name), ReplicationURL: s.cluster.ReplicationURL(name)}
	cfg, err := pgxpool.ParseConfig(db.URL)
	if err != nil {
		t.Fatalf("no test database: %v", err)
	}
	cfg.MaxConns = 16 // several workers of one test, many tests in one cluster
	if db.Pool, err = pgxpool.NewWithConfig(t.Context(), cfg); err != nil {
		t.Fatalf("no test database: %v", err)
	}
	t.Cleanup(func() { closePool(t, db.Pool) })
	return db
}

// closePool waits for connections that are still in use, but not for ever: one that
// nobody returned is a mistake of the code under test.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(cleanupTimeout):
		t.Errorf("%d connections were not returned to the pool", pool.Stat().AcquiredConns())
	}
}

// Conn opens a connection outside the pool, closed when the test ends.
func (db *DB) Conn(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.URL)
	if err != nil {
		t.Fatalf("connect to %s: %v", db.Name, err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Errorf("close the connection to %s: %v", db.Name, err)
		}
	})
	return conn
}

// Stage stages records in one transaction, as intake does.
func Stage(t testing.TB, db *DB, records ...schema.Record) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		_, err := canonical.Stage(t.Context(), tx, records...)
		return err
	})
	if err != nil {
		t.Fatalf("stage %d records: %v", len(records), err)
	}
}

package wal_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator/wal"
	"sverka/schema/schematest"
)

// A process that waits for the slot looks at it and at the stored position while
// another one goes on; what it sees is no gap.
func TestStream_takes_a_slot_that_moves_while_it_looks(t *testing.T) {
	t.Parallel()
	for _, look := range []string{"FROM ops.stream_position", "FROM pg_replication_slots"} {
		t.Run("after "+look, func(t *testing.T) {
			t.Parallel()
			db := schematest.New(t)
			for _, sql := range []string{
				`SELECT pg_create_logical_replication_slot(current_database(), 'pgoutput')`,
				`INSERT INTO ops.stream_position (slot_name, system_identifier, timeline, position)
SELECT slot_name, (SELECT system_identifier FROM pg_control_system()), 1, confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = current_database()`,
			} {
				if _, err := db.Pool.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			other := &otherProcess{t: t, db: db, look: look}
			if err := runUntilStarted(t, db, other); err != nil {
				t.Fatalf("the stream stopped: %v", err)
			}
			if !other.moved {
				t.Error("the other process had no chance to move")
			}
		})
	}
}

// runUntilStarted runs a stream until it has taken the slot.
func runUntilStarted(t *testing.T, db *schematest.DB, tracer pgx.QueryTracer) error {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	everyRow := func(context.Context, pgx.Tx) error { t.Error("every row is wished for again"); return nil }
	// The slot is ours when the stream says so.
	log := slog.New(slog.NewTextHandler(whenSaid{"replication started", cancel}, nil))
	err = wal.New(wal.Config{URL: db.ReplicationURL, Slot: db.Name}, pool, log, everyRow, func() {}).Run(ctx)
	if ctx.Err() != nil && context.Cause(ctx) == context.DeadlineExceeded { //nolint:errorlint // the cause itself
		t.Fatal("the stream did not start within 20 s")
	}
	return err
}

// whenSaid calls do when a text is logged.
type whenSaid struct {
	text string
	do   func()
}

func (w whenSaid) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.do()
	}
	return len(p), nil
}

// otherProcess stores a later position and confirms it, in this order, as soon as
// somebody has looked.
type otherProcess struct {
	t     *testing.T
	db    *schematest.DB
	look  string
	once  sync.Once
	moved bool
}

type sqlKey struct{}

func (o *otherProcess) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, sqlKey{}, q.SQL)
}

func (o *otherProcess) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if sql, ok := ctx.Value(sqlKey{}).(string); !ok || !strings.Contains(sql, o.look) {
		return
	}
	o.once.Do(func() {
		for _, sql := range []string{
			`CREATE TABLE moved ()`,
			`UPDATE ops.stream_position SET position = pg_current_wal_lsn()`,
			`SELECT pg_replication_slot_advance(slot_name, position) FROM ops.stream_position`,
		} {
			if _, err := o.db.Pool.Exec(ctx, sql); err != nil {
				o.t.Error(err)
			}
		}
		o.moved = true
	})
}

package wal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"sverka/replicator"
	"sverka/replicator/wal"
	"sverka/schema/schematest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

// bench is a database with a stream whose hook remembers.
type bench struct {
	t   *testing.T
	db  *schematest.DB
	cfg wal.Config

	mu      sync.Mutex
	changes []replicator.Change
	pieces  []int // length of each hook call
	every   int   // calls of everyRow
	fail    error // what the hook answers
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, db: schematest.New(t)}
	b.cfg = wal.Config{URL: b.db.ReplicationURL, Slot: "wal_" + b.db.Name[len(b.db.Name)-12:], Tables: []string{"warehouse", "product"}, Chunk: 1000, IdleEvery: 50 * time.Millisecond}
	return b
}

func (b *bench) stream() *wal.Stream {
	every := func(context.Context, pgx.Tx) error {
		b.mu.Lock()
		b.every++
		b.mu.Unlock()
		return nil
	}
	return wal.New(b.cfg, b.db.Pool, slog.New(slog.DiscardHandler), every, func() {}, func(_ context.Context, _ pgx.Tx, changes []replicator.Change) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changes, b.pieces = append(b.changes, changes...), append(b.pieces, len(changes))
		return b.fail
	})
}

// start runs a stream until the returned function is called, and waits for its slot.
func (b *bench) start() (stop func() error) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan error, 1)
	go func() { // the connection before may hold the slot a moment longer
		err := b.stream().Run(ctx)
		for pgErr := (*pgconn.PgError)(nil); errors.As(err, &pgErr) && pgErr.Code == "55006"; {
			err = b.stream().Run(ctx)
		}
		ended <- err
	}()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	b.t.Cleanup(func() { _ = stop() })
	b.eventually("the slot is read", func() bool {
		return b.number(`SELECT count(*) FROM pg_replication_slots s JOIN ops.stream_position USING (slot_name) WHERE s.active`) == 1
	})
	return stop
}

func (b *bench) exec(sql ...string) {
	b.t.Helper()
	for _, s := range sql {
		if _, err := b.db.Pool.Exec(b.t.Context(), s); err != nil {
			b.t.Fatalf("%s: %v", s, err)
		}
	}
}

func (b *bench) number(sql string, args ...any) int {
	b.t.Helper()
	var n int
	if err := b.db.Pool.QueryRow(b.t.Context(), sql, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("never came true: %s; came: %v", what, b.codes())
		}
	}
}

// codes are the changes so far, as operation and code of the warehouse.
func (b *bench) codes() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]string, 0, len(b.changes))
	for i := range b.changes {
		out = append(out, fmt.Sprintf("%c %s", b.changes[i].Op, b.changes[i].Text("warehouse_code")))
	}
	return out
}

func insert(code string) string {
	return `INSERT INTO canonical.warehouse (system, warehouse_code, name, observed_at, row_hash) VALUES ('onec', '` + code + `', 'w', now(), 'h')`
}

// until waits for the marker and tells what came before it.
func (b *bench) until(marker string) []string {
	b.t.Helper()
	b.exec(insert(marker))
	b.eventually("the marker "+marker+" came", func() bool { return slices.Contains(b.codes(), "I "+marker) })
	all := b.codes()
	return all[:slices.Index(all, "I "+marker)]
}

func TestStream_brings_what_was_committed_and_nothing_else(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	b.exec(
		"BEGIN; "+insert("ABORTED")+"; ROLLBACK",
		"BEGIN; "+insert("KEPT")+"; SAVEPOINT s; "+insert("UNDONE")+"; ROLLBACK TO s; "+insert("AFTER")+"; COMMIT",
		"UPDATE canonical.warehouse SET name = 'renamed' WHERE warehouse_code = 'KEPT'",
		"UPDATE canonical.warehouse SET warehouse_code = 'MOVED' WHERE warehouse_code = 'AFTER'",
		"DELETE FROM canonical.warehouse WHERE warehouse_code = 'KEPT'",
		"INSERT INTO ops.stock_owner VALUES ('X', 'onec')",
		"CREATE TABLE canonical.unpublished (x integer); INSERT INTO canonical.unpublished VALUES (1)",
		"TRUNCATE canonical.warehouse",
	)
	want := []string{"I KEPT", "I AFTER", "U KEPT", "D AFTER", "I MOVED", "D KEPT", "T "}
	if got := b.until("MARKER"); !slices.Equal(got, want) {
		t.Errorf("came %q, want %q", got, want)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 1; i < len(b.changes); i++ {
		if p, c := &b.changes[i-1], &b.changes[i]; c.LSN < p.LSN || c.LSN == p.LSN && c.Seq <= p.Seq {
			t.Errorf("change %d (%d.%d) comes after %d.%d", i, c.LSN, c.Seq, p.LSN, p.Seq)
		}
	}
}

func TestStream_follows_a_column_that_is_added_meanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	b.exec(insert("BEFORE"), "ALTER TABLE canonical.warehouse ADD COLUMN colour text DEFAULT 'red'", insert("AFTER"))
	b.until("MARKER")
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, want := range []string{"", "red"} {
		if got := b.changes[i].Text("colour"); got != want {
			t.Errorf("%s has the colour %q, want %q", b.changes[i].Text("warehouse_code"), got, want)
		}
	}
}

func TestStream_large_value_that_did_not_change_is_marked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	b.exec(
		`INSERT INTO canonical.product (system, sku, name, description, observed_at, row_hash) SELECT 'onec', 'A', 'a', string_agg(md5(n::text), ''), now(), 'h' FROM generate_series(1, 1000) n`,
		`UPDATE canonical.product SET name = 'b'`,
	)
	b.until("MARKER")
	b.mu.Lock()
	defer b.mu.Unlock()
	c := &b.changes[1]
	at := slices.Index(c.Columns, "description")
	if len(b.changes[0].Text("description")) != 32000 || c.Unchanged == nil || !c.Unchanged[at] || c.Text("name") != "b" {
		t.Errorf("the update is %q with unchanged %v", c.Text("name"), c.Unchanged)
	}
}

func TestStream_hands_a_large_transaction_over_in_pieces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	b.exec(`INSERT INTO canonical.warehouse (system, warehouse_code, name, observed_at, row_hash) SELECT 'onec', 'W' || n, 'w', now(), 'h' FROM generate_series(1, 20000) n`)
	if got := b.until("MARKER"); len(got) != 20000 || got[0] != "I W1" || got[19999] != "I W20000" {
		t.Errorf("%d changes came", len(got))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if longest := slices.Max(b.pieces); longest > 2*b.cfg.Chunk {
		t.Errorf("a piece of %d changes, want about %d", longest, b.cfg.Chunk)
	}
}

func TestStream_what_a_failed_hook_staged_comes_again_whole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stop := b.start()
	b.exec(insert("FIRST"))
	var first string
	if err := b.db.Pool.QueryRow(t.Context(), `SELECT pg_current_wal_lsn()::text`).Scan(&first); err != nil {
		t.Fatal(err)
	}
	b.eventually("the first is stored", func() bool {
		return b.number(`SELECT count(*) FROM ops.stream_position WHERE position >= $1::text::pg_lsn`, first) == 1
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.changes, b.fail = nil, errors.New("disk full")
	b.mu.Unlock()
	b.exec(`INSERT INTO canonical.warehouse (system, warehouse_code, name, observed_at, row_hash) SELECT 'onec', 'W' || n, 'w', now(), 'h' FROM generate_series(1, 2500) n`)
	if err := b.stream().Run(t.Context()); !errors.Is(err, b.fail) {
		t.Fatalf("the stream ended with %v", err)
	}
	b.mu.Lock()
	b.changes, b.fail = nil, nil
	b.mu.Unlock()
	b.start()
	if got := b.until("MARKER"); len(got) != 2500 {
		t.Errorf("%d changes came again, want 2500: %v", len(got), got[:min(3, len(got))])
	}
	if b.every != 1 {
		t.Errorf("every row was wished for %d times", b.every)
	}
}

func TestStream_idle_slot_moves_while_others_write(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	for range 3 {
		b.exec(`INSERT INTO ops.stock_owner SELECT 'X' || g || random(), 'onec' FROM generate_series(1, 1000) g`)
		var now string
		if err := b.db.Pool.QueryRow(t.Context(), `SELECT pg_current_wal_lsn()::text`).Scan(&now); err != nil {
			t.Fatal(err)
		}
		b.eventually("the slot moved beyond "+now, func() bool {
			return b.number(`SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn >= $2::text::pg_lsn`, b.cfg.Slot, now) == 1
		})
	}
	if got := b.codes(); len(got) > 0 {
		t.Errorf("unpublished rows came: %v", got)
	}
	if n := b.number(`SELECT count(*) FROM ops.stream_position p JOIN pg_replication_slots s USING (slot_name) WHERE s.confirmed_flush_lsn > p.position`); n != 0 {
		t.Error("the slot was confirmed beyond the stored position")
	}
}

func TestStream_names_the_tables_that_a_publication_lacks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec("ALTER PUBLICATION sverka DROP TABLE canonical.warehouse")
	err := b.stream().Run(t.Context())
	var setupError *wal.SetupError
	if !errors.As(err, &setupError) {
		t.Fatalf("the stream ended with %v", err)
	}
	if !strings.Contains(setupError.Error(), "warehouse") || strings.Contains(setupError.Error(), "product") || !strings.Contains(setupError.Hint(), "ADD TABLE canonical.warehouse") {
		t.Errorf("%q, hint %q", setupError.Error(), setupError.Hint())
	}
	if n := b.number(`SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1`, b.cfg.Slot); n != 0 {
		t.Error("a slot was made for a publication that is not whole")
	}
	b.cfg.Publication = `no "such" one's`
	if err := b.stream().Run(t.Context()); !errors.As(err, &setupError) || !strings.Contains(setupError.Error(), "product") {
		t.Errorf("a publication that is not there: %v", err)
	}
}

func TestStream_quotes_what_it_names(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Publication = `odd "name"'s`
	b.exec(`CREATE PUBLICATION "odd ""name""'s" FOR TABLE canonical.warehouse, canonical.product`)
	b.start()
	if got := b.until("MARKER"); len(got) != 0 {
		t.Errorf("%v came before", got)
	}
}

func TestStream_stops_within_a_second(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stop := b.start()
	b.until("MARKER")
	started := time.Now()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took > 3*time.Second { // a second, on a busy machine
		t.Errorf("stopping took %s", took)
	}
}

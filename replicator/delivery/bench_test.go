package delivery

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/schematest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

const (
	productFlow = replicator.FlowID("product:jushuitan>onec")
	releaseFlow = replicator.FlowID("sales_order:onec>jushuitan")
	intakeFlow  = replicator.FlowID("sales_order:openshop>onec")
)

// memory is a system that keeps what it is told; answer may refuse.
type memory struct {
	system schema.System
	limit  int
	answer func(batch []replicator.Delivery) error // nil or what Write answers

	mu      sync.Mutex
	calls   int
	writes  map[schema.Key]int
	busy    map[schema.Key]bool
	overlap []schema.Key
	asked   []schema.Key
}

func newMemory(system schema.System) *memory {
	return &memory{system: system, limit: 10, writes: map[schema.Key]int{}, busy: map[schema.Key]bool{}}
}

func (m *memory) Name() schema.System          { return m.system }
func (m *memory) BatchLimit(schema.Entity) int { return m.limit }

func (m *memory) Project(d *replicator.Delivery) (schema.Record, error) {
	wanted := schema.Clone(d.Source)
	*wanted.Prov() = schema.Provenance{System: m.system, ObservedAt: d.Source.Prov().ObservedAt}
	return wanted, nil
}

func (m *memory) enter(batch []replicator.Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	for _, d := range batch {
		if m.busy[d.Key] {
			m.overlap = append(m.overlap, d.Key)
		}
		m.busy[d.Key] = true
		m.writes[d.Key]++
		if d.AskFirst {
			m.asked = append(m.asked, d.Key)
		}
	}
}

func (m *memory) leave(batch []replicator.Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range batch {
		delete(m.busy, d.Key)
	}
}

func (m *memory) Write(_ context.Context, batch []replicator.Delivery) ([]replicator.Confirmation, error) {
	m.enter(batch)
	defer m.leave(batch)
	out := make([]replicator.Confirmation, len(batch))
	for i, d := range batch {
		out[i] = replicator.Confirmation{Observed: []schema.Record{d.Wanted}, ExternalID: "doc-" + string(d.Key)}
	}
	if m.answer != nil {
		return out, m.answer(batch)
	}
	return out, nil
}

// bench is a database with an engine that does not run: tests take its steps one by one.
type bench struct {
	t    *testing.T
	db   *schematest.DB
	onec *memory
	jst  *memory
	e    *Engine
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, db: schematest.New(t), onec: newMemory(schema.OneC), jst: newMemory(schema.Jushuitan)}
	modes := map[replicator.FlowID]replicator.Mode{}
	for _, f := range replicator.Flows() {
		modes[f.ID()] = replicator.ModeLive
	}
	if err := EnsureFlows(t.Context(), b.db.Pool, modes); err != nil {
		t.Fatal(err)
	}
	b.e = b.engine(Config{RetryMin: 20 * time.Millisecond, RetryMax: time.Minute, HoldRecheck: time.Hour, Poll: 10 * time.Millisecond, Grace: time.Second})
	return b
}

func (b *bench) engine(cfg Config) *Engine {
	return New(cfg, b.db.Pool, slog.New(slog.DiscardHandler), b.onec, b.jst, newMemory(schema.OpenShop))
}

// wish wishes for the keys of a flow as a change of the source would.
func (b *bench) wish(flow replicator.FlowID, lsn uint64, keys ...schema.Key) {
	b.t.Helper()
	err := pgx.BeginFunc(b.t.Context(), b.db.Pool, func(tx pgx.Tx) error {
		wishes := map[wishKey]uint64{}
		for _, k := range keys {
			wishes[wishKey{flow, k}] = lsn
		}
		return b.e.wish(b.t.Context(), tx, inOrder(wishes))
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) wake(topics ...string) {
	b.t.Helper()
	if err := pgx.BeginFunc(b.t.Context(), b.db.Pool, func(tx pgx.Tx) error { return b.e.wake(b.t.Context(), tx, wishList{}, topics) }); err != nil {
		b.t.Fatal(err)
	}
}

// round makes everything of a flow due and carries one batch.
func (b *bench) round(flow replicator.FlowID) int {
	b.t.Helper()
	b.exec(`UPDATE ops.delivery SET due_at = now() WHERE flow = $1 AND state IN ('pending', 'retry', 'unknown', 'held')`, flow)
	n, err := b.e.round(b.t.Context(), b.e.flows[flow], replicator.ModeLive)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Pool.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

// row is one delivery as the ledger holds it.
type row struct {
	State, Reason, Failure, Hint, Outcome, Reference string
	Attempts                                         int
	Wait                                             float64 // seconds until it is due
	Newer                                            bool    // something newer is wanted
	WaitsFor                                         []string
}

func (b *bench) row(flow replicator.FlowID, key schema.Key) row {
	b.t.Helper()
	rows, err := b.db.Pool.Query(b.t.Context(), `SELECT state, reason, failure, hint, outcome, target_reference, attempts,
  extract(epoch FROM due_at - now())::float8, wanted_lsn > delivered_lsn, waits_for FROM ops.delivery WHERE flow = $1 AND key = $2`, flow, key)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[row])
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) number(sql string, args ...any) int {
	b.t.Helper()
	var n int
	if err := b.db.Pool.QueryRow(b.t.Context(), sql, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) stage(records ...schema.Record) {
	b.t.Helper()
	schematest.Stage(b.t, b.db, records...)
}

// reset empties the database for the next case of a table.
func (b *bench) reset() {
	b.t.Helper()
	b.exec(`DO $$ DECLARE t text; BEGIN
FOR t IN SELECT tablename FROM pg_publication_tables WHERE pubname = 'sverka' LOOP EXECUTE 'DELETE FROM canonical.' || t; END LOOP;
DELETE FROM ops.stock_owner; DELETE FROM ops.intake_source; DELETE FROM ops.delivery;
END $$`)
}

func seen(system schema.System) schema.Provenance {
	return schema.Provenance{System: system, ObservedAt: time.Now()}
}

func product(sku string) *schema.Product {
	return &schema.Product{Provenance: seen(schema.Jushuitan), SKU: sku, Name: "product " + sku, UnitCode: "796", Enabled: true}
}

// eventually waits until the condition holds.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("never came true: %s", what)
		}
	}
}

// run runs an engine until the returned function is called.
func (b *bench) run(e *Engine) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				b.t.Error(err)
			}
		})
	}
	b.t.Cleanup(stop)
	return stop
}

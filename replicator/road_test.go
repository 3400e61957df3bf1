package replicator_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/replicator/history"
	"sverka/replicator/wal"
	"sverka/schema"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

// target is a system in memory: it holds records, can fail, block and count.
type target struct {
	system schema.System
	limit  int

	mu      sync.Mutex
	held    map[schema.Key]schema.Record
	writes  map[schema.Key]int
	asked   map[schema.Key]int // deliveries that came with AskFirst
	under   map[schema.Key]bool
	overlap bool
	fail    func(d replicator.Delivery) error
	block   chan struct{} // when not nil, Write waits until it is closed
}

func newTarget(system schema.System) *target {
	return &target{
		system: system, limit: 100, held: map[schema.Key]schema.Record{}, writes: map[schema.Key]int{},
		asked: map[schema.Key]int{}, under: map[schema.Key]bool{},
	}
}

func (s *target) Name() schema.System { return s.system }

func (s *target) BatchLimit(schema.Entity) int { return s.limit }

func (s *target) Project(d *replicator.Delivery) (schema.Record, error) {
	wanted := schema.Clone(d.Source)
	*wanted.Prov() = schema.Provenance{System: s.system, ObservedAt: d.Source.Prov().ObservedAt}
	return wanted, nil
}

func (s *target) Write(ctx context.Context, batch []replicator.Delivery) ([]replicator.Confirmation, error) {
	s.mu.Lock()
	block := s.block
	for _, d := range batch {
		if s.under[d.Key] {
			s.overlap = true
		}
		s.under[d.Key] = true
	}
	s.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed replicator.BatchError
	confirmations := make([]replicator.Confirmation, len(batch))
	for i, d := range batch {
		delete(s.under, d.Key)
		s.writes[d.Key]++
		if d.AskFirst {
			s.asked[d.Key]++
		}
		if s.fail != nil {
			if err := s.fail(d); err != nil {
				failed.Fail(i, err)
				continue
			}
		}
		s.held[d.Key] = schema.Clone(d.Wanted)
		confirmations[i] = replicator.Confirmation{Observed: []schema.Record{d.Wanted}, ExternalID: "doc-" + string(d.Key)}
	}
	return confirmations, failed.OrNil()
}

func (s *target) count(key schema.Key) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes[key]
}

func (s *target) name(key schema.Key) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.held[key].(*schema.Product); ok {
		return p.Name
	}
	return ""
}

func (s *target) set(fail func(replicator.Delivery) error, block chan struct{}) {
	s.mu.Lock()
	s.fail, s.block = fail, block
	s.mu.Unlock()
}

const (
	productFlow = replicator.FlowID("product:jushuitan>onec")
	shopFlow    = replicator.FlowID("product:onec>openshop")
)

// bench is a database with a road of its own.
type bench struct {
	t    *testing.T
	db   *schematest.DB
	cfg  delivery.Config
	onec *target
	shop *target
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		t: t, db: schematest.New(t), onec: newTarget(schema.OneC), shop: newTarget(schema.OpenShop),
		cfg: delivery.Config{RetryMin: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond, HoldRecheck: 50 * time.Millisecond, Poll: 20 * time.Millisecond, Grace: time.Second},
	}
	modes := map[replicator.FlowID]replicator.Mode{}
	for _, f := range replicator.Flows() {
		modes[f.ID()] = replicator.ModeLive
	}
	if err := delivery.EnsureFlows(t.Context(), b.db.Pool, modes); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) engine() *delivery.Engine {
	return delivery.New(b.cfg, b.db.Pool, slog.New(slog.DiscardHandler), b.onec, b.shop)
}

func (b *bench) stream(e *delivery.Engine, hooks ...wal.Hook) *wal.Stream {
	return wal.New(wal.Config{URL: b.db.ReplicationURL, Slot: "road_" + b.slot(), Tables: canonical.TableNames(), Chunk: 500, IdleEvery: 100 * time.Millisecond},
		b.db.Pool, slog.New(slog.DiscardHandler), everyRow, e.Committed, append([]wal.Hook{e.Hook, history.Append}, hooks...)...)
}

// slot names are unique in the cluster, which tests share.
func (b *bench) slot() string {
	var name string
	if err := b.db.Pool.QueryRow(b.t.Context(), `SELECT regexp_replace(current_database(), '[^a-z0-9_]', '_', 'g')`).Scan(&name); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// start runs stream and engine until the returned function is called; it returns their error.
func (b *bench) start(hooks ...wal.Hook) (stop func() error) {
	b.t.Helper()
	e := b.engine()
	s := b.stream(e, hooks...)
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	streamEnd, engineEnd := make(chan error, 1), make(chan error, 1)
	go func() {
		err := follow(ctx, s)
		if err != nil && ctx.Err() == nil {
			b.t.Logf("the stream ended: %v", err)
		}
		streamEnd <- err
	}()
	go func() { engineEnd <- e.Run(ctx) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() {
			cancel()
			err = <-streamEnd
			if e := <-engineEnd; err == nil {
				err = e
			}
		})
		return err
	}
	b.t.Cleanup(func() { _ = stop() })
	b.eventually("the stream has a position", func() bool { return b.number(`SELECT count(*) FROM ops.stream_position`) == 1 })
	return stop
}

// follow runs the stream as a service does: again when the slot is still held by the
// connection before, or when Postgres sacrificed a transaction to another one.
func follow(ctx context.Context, s *wal.Stream) error {
	for {
		err := s.Run(ctx)
		var pgErr *pgconn.PgError
		if !errors.As(err, &pgErr) || pgErr.Code != "55006" && !strings.HasPrefix(pgErr.Code, "40") {
			return err
		}
	}
}

func everyRow(ctx context.Context, tx pgx.Tx) error {
	if err := history.Baseline(ctx, tx); err != nil {
		return err
	}
	return delivery.WishAll(ctx, tx)
}

func product(sku, name string) *schema.Product {
	p := &schema.Product{SKU: sku, Name: name, UnitCode: "796", Enabled: true, Prices: []schema.ProductPrice{{PriceType: schema.PriceRetail, Amount: 19990, Currency: "RUB"}}}
	p.System, p.ObservedAt = schema.Jushuitan, time.Now()
	return p
}

func (b *bench) stage(records ...schema.Record) {
	b.t.Helper()
	err := pgx.BeginFunc(b.t.Context(), b.db.Pool, func(tx pgx.Tx) error {
		_, err := canonical.Stage(b.t.Context(), tx, records...)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
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
			b.t.Fatalf("never came true: %s; deliveries: %s", what, b.ledger())
		}
	}
}

func (b *bench) ledger() string {
	list, err := delivery.List(context.WithoutCancel(b.t.Context()), b.db.Pool, "", "", 20)
	return fmt.Sprintf("%+v %v", list, err)
}

func (b *bench) state(flow replicator.FlowID, key schema.Key) (state, reason string) {
	b.t.Helper()
	_ = b.db.Pool.QueryRow(b.t.Context(), `SELECT state, reason FROM ops.delivery WHERE flow = $1 AND key = $2`, flow, key).Scan(&state, &reason)
	return state, reason
}

func (b *bench) number(sql string, args ...any) int {
	b.t.Helper()
	var n int
	if err := b.db.Pool.QueryRow(b.t.Context(), sql, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestRoad_ChangeTravelsTwoHops(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	b.stage(product("A1", "Лампа"))
	b.eventually("the product is in the shop", func() bool { return b.shop.name("A1") == "Лампа" })
	if n := b.onec.count("A1"); n != 1 {
		t.Errorf("1C was written %d times, want 1", n)
	}
	b.eventually("the shop's own row is staged", func() bool {
		p, err := canonical.LoadOne[*schema.Product](t.Context(), b.db.Pool, schema.OpenShop, "A1")
		return err == nil && len(p.Prices) == 1 && p.Prices[0].Amount == 19990
	})
}

func TestRoad_RestartLosesNothingAndSendsNothingTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stop := b.start()
	b.stage(product("A1", "one"))
	b.eventually("first product arrived", func() bool { return b.shop.name("A1") == "one" })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	b.stage(product("A2", "two")) // committed while nobody reads
	b.start()
	b.eventually("second product arrived", func() bool { return b.shop.name("A2") == "two" })
	if n := b.onec.count("A1"); n != 1 {
		t.Errorf("A1 was sent %d times, want 1", n)
	}
}

func TestRoad_RowsOlderThanTheSlotAreDelivered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("OLD", "before the slot"))
	b.start()
	b.eventually("the old row arrived", func() bool { return b.shop.name("OLD") == "before the slot" })
	if n := b.number(`SELECT count(*) FROM history.product WHERE system = 'jushuitan'`); n != 1 {
		t.Errorf("history begins with %d versions, want 1", n)
	}
}

func TestRoad_UnchangedRowCausesNoCall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	b.stage(product("A1", "same"))
	b.eventually("arrived", func() bool { return b.shop.name("A1") == "same" })
	b.stage(product("A1", "same"), product("A2", "marker"))
	b.eventually("marker arrived", func() bool { return b.shop.name("A2") == "marker" })
	if n := b.onec.count("A1"); n != 1 {
		t.Errorf("an unchanged row was sent %d times, want 1", n)
	}
}

func TestRoad_LargeTransactionIsStagedInPieces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var records []schema.Record
	for i := range 2300 {
		records = append(records, product(fmt.Sprintf("B%05d", i), "bulk"))
	}
	b.start()
	b.stage(records...)
	b.eventually("all arrived", func() bool {
		return b.number(`SELECT count(*) FROM ops.delivery WHERE flow = $1 AND state = 'delivered'`, shopFlow) == 2300
	})
	if n := b.number(`SELECT count(*) FROM history.product WHERE system = 'jushuitan'`); n != 2300 {
		t.Errorf("history holds %d versions, want 2300", n)
	}
}

func TestRoad_ShadowComposesAndSendsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := func(m replicator.Mode) {
		if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error {
			return delivery.SetMode(t.Context(), tx, productFlow, m, "test")
		}); err != nil {
			t.Fatal(err)
		}
	}
	set(replicator.ModeShadow)
	b.start()
	b.stage(product("A1", "shadowed"))
	b.eventually("parked by shadow mode", func() bool { _, r := b.state(productFlow, "A1"); return r == "shadow" })
	if n := b.onec.count("A1"); n != 0 {
		t.Fatalf("shadow mode sent %d times", n)
	}
	if n := b.number(`SELECT count(*) FROM ops.attempt WHERE key = 'A1' AND outcome = 'shadow' AND wanted->>'name' = 'shadowed'`); n != 1 {
		t.Errorf("%d attempts record what would be sent, want 1", n)
	}
	set(replicator.ModeLive)
	b.eventually("sent once live", func() bool { return b.onec.name("A1") == "shadowed" })
}

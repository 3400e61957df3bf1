package intake

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
	"sverka/schema/schematest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

type bench struct {
	t  *testing.T
	db *schematest.DB
}

func setup(t *testing.T) *bench {
	t.Helper()
	return &bench{t: t, db: schematest.New(t)}
}

func (b *bench) number(sql string, args ...any) int {
	b.t.Helper()
	var n int
	if err := b.db.Pool.QueryRow(b.t.Context(), sql, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) text(sql string, args ...any) string {
	b.t.Helper()
	var s string
	if err := b.db.Pool.QueryRow(b.t.Context(), sql, args...).Scan(&s); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.db.Pool.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

// page stages one page of Jushuitan's products.
func (b *bench) page(p replicator.Page, exchanges ...apicall.Exchange) Summary {
	b.t.Helper()
	sum, err := StagePage(b.t.Context(), b.db.Pool, Origin{System: schema.Jushuitan, Source: "products", File: "f.xml"}, p, "", exchanges)
	if err != nil {
		b.t.Fatal(err)
	}
	return sum
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
			b.t.Fatalf("never came true: %s", what)
		}
	}
}

// background runs something until the test ends.
func (b *bench) background(run func(context.Context) error) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	b.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
	})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func product(sku, name string) *schema.Product {
	return &schema.Product{Provenance: schema.Provenance{System: schema.Jushuitan, ObservedAt: time.Now()}, SKU: sku, Name: name, UnitCode: "796", Enabled: true}
}

// reader answers reads with pages and failures and remembers what it was asked and told.
type reader struct {
	answer func(read int, cursor string) ([]replicator.Page, error)
	ack    func(cursor string) error

	mu      sync.Mutex
	cursors []string
	acks    []string
	at      []time.Time
}

func (r *reader) Read(_ context.Context, cursor string) iter.Seq2[replicator.Page, error] {
	return func(yield func(replicator.Page, error) bool) {
		r.mu.Lock()
		r.cursors, r.at = append(r.cursors, cursor), append(r.at, time.Now())
		n := len(r.cursors)
		r.mu.Unlock()
		pages, err := r.answer(n, cursor)
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
		if err != nil {
			yield(replicator.Page{}, err)
		}
	}
}

func (r *reader) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.cursors)
}

// acknowledging is a reader whose system wants to know what was kept.
type acknowledging struct{ *reader }

func (r acknowledging) Acknowledge(_ context.Context, cursor string) error {
	r.mu.Lock()
	r.acks = append(r.acks, cursor)
	r.mu.Unlock()
	if r.ack != nil {
		return r.ack(cursor)
	}
	return nil
}

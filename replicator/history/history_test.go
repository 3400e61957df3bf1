package history_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"sverka/replicator"
	"sverka/replicator/history"
	"sverka/replicator/wal"
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

func (b *bench) append(changes ...replicator.Change) {
	b.t.Helper()
	if err := pgx.BeginFunc(b.t.Context(), b.db.Pool, func(tx pgx.Tx) error { return history.Append(b.t.Context(), tx, changes) }); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) list(sql string, args ...any) []string {
	b.t.Helper()
	rows, err := b.db.Pool.Query(b.t.Context(), sql, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// versions shows the history of products, oldest first.
func (b *bench) versions() []string {
	b.t.Helper()
	return b.list(`SELECT op || ' ' || sku || ' ' || coalesce(name, '-') || ' ' || coalesce(left(description, 5), '-') FROM history.product ORDER BY lsn, seq`)
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
			b.t.Fatalf("never came true: %s; history: %v", what, b.versions())
		}
	}
}

// change is one change of a product; a nil description was not sent again.
func change(op replicator.Op, lsn uint64, seq int, sku, name string, description *string) replicator.Change {
	c := replicator.Change{
		Table: "product", Op: op, LSN: lsn, Seq: seq, CommittedAt: time.Date(2026, 3, 14, 9, 0, int(lsn), 0, time.UTC),
		Columns: []string{"system", "sku", "name", "description", "extra"}, Values: [][]byte{[]byte("onec"), []byte(sku), []byte(name), nil, nil},
	}
	if op == replicator.OpDelete {
		c.Values[2] = nil
		return c
	}
	if description == nil {
		c.Unchanged = []bool{false, false, false, true, false}
	} else {
		c.Values[3] = []byte(*description)
	}
	c.Values[4] = []byte(`{"ключ": "值"}`)
	return c
}

func TestAppend_each_change_is_one_version(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("long ", 1000)
	all := []replicator.Change{
		change(replicator.OpInsert, 1, 1, "A", "one", &long), change(replicator.OpInsert, 1, 2, "B", "two", &long),
		change(replicator.OpUpdate, 2, 1, "A", "renamed", nil),
		{Table: "product", Op: replicator.OpTruncate, LSN: 2, Seq: 2},
		change(replicator.OpUpdate, 3, 1, "A", "again", nil), change(replicator.OpDelete, 4, 1, "B", "", nil),
	}
	want := []string{"insert A one long ", "insert B two long ", "update A renamed long ", "update A again long ", "delete B - -"}
	b.append(all...)
	if got := b.versions(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	b.append(all...) // the same transactions come again
	if got := b.versions(); !slices.Equal(got, want) {
		t.Errorf("after a replay %q", got)
	}
	if got := b.list(`SELECT extra->>'ключ' FROM history.product WHERE sku = 'A' AND lsn = '0/3' AND valid_from = '2026-03-14 09:00:03+00'`); !slices.Equal(got, []string{"值"}) {
		t.Errorf("extra and moment of the third version: %q", got)
	}
}

func TestAppend_a_value_that_was_not_sent_again_is_filled(t *testing.T) {
	t.Parallel()
	first, second := "first text", "second text"
	for name, c := range map[string]struct {
		before  []replicator.Change
		staged  string // description of the canonical row
		changes []replicator.Change
		want    string
	}{
		"from the same call":                 {nil, "", []replicator.Change{change(replicator.OpInsert, 1, 1, "A", "a", &first), change(replicator.OpUpdate, 2, 1, "A", "b", nil)}, first},
		"from an earlier call":               {[]replicator.Change{change(replicator.OpInsert, 1, 1, "A", "a", &first)}, "", []replicator.Change{change(replicator.OpUpdate, 2, 1, "A", "b", nil)}, first},
		"from the newest earlier":            {[]replicator.Change{change(replicator.OpInsert, 1, 1, "A", "a", &first), change(replicator.OpUpdate, 2, 1, "A", "a", &second)}, "", []replicator.Change{change(replicator.OpUpdate, 3, 1, "A", "b", nil)}, second},
		"from the row older than the stream": {nil, first, []replicator.Change{change(replicator.OpUpdate, 3, 1, "A", "b", nil)}, first},
		"from nowhere":                       {nil, "", []replicator.Change{change(replicator.OpUpdate, 3, 1, "A", "b", nil)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if c.staged != "" {
				schematest.Stage(t, b.db, &schema.Product{Provenance: schema.Provenance{System: schema.OneC, ObservedAt: time.Now()}, SKU: "A", Name: "a", Description: c.staged})
			}
			b.append(c.before...)
			b.append(c.changes...)
			if got := b.list(`SELECT coalesce(description, '') FROM history.product WHERE sku = 'A' ORDER BY lsn DESC, seq DESC LIMIT 1`); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// run reads the slot with history and one more hook until the returned function is called.
func (b *bench) run(more wal.Hook) (stop func() error) {
	b.t.Helper()
	s := wal.New(wal.Config{URL: b.db.ReplicationURL, Slot: "history_" + b.db.Name[len(b.db.Name)-12:], IdleEvery: 50 * time.Millisecond},
		b.db.Pool, slog.New(slog.DiscardHandler), history.Baseline, func() {}, history.Append, more)
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	return func() error { cancel(); return <-ended }
}

func TestHistory_every_version_stands_once_whatever_fails(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := &schema.Product{
		Provenance: schema.Provenance{System: schema.OneC, ObservedAt: time.Now()}, SKU: "A", Name: "old", Description: strings.Repeat("0123456789", 2000),
		Prices: []schema.ProductPrice{{PriceType: "retail", Amount: 100, Currency: "RUB"}},
	}
	stage := func(name string) {
		t.Helper()
		p.Name, p.ObservedAt = name, time.Now()
		schematest.Stage(t, b.db, p)
	}
	stage("before the slot")
	broken := errors.New("disk full")
	var breaks atomic.Int32
	hook := func(context.Context, pgx.Tx, []replicator.Change) error {
		if breaks.Add(-1) >= 0 {
			return broken
		}
		return nil
	}
	stop := b.run(hook)
	b.eventually("the first version stands", func() bool { return len(b.versions()) == 1 })
	for i := range 3 {
		stage(fmt.Sprint("version ", i))
		b.eventually("the version came", func() bool { return len(b.versions()) == 2+2*i })
		breaks.Store(1)
		stage(fmt.Sprint("broken ", i))
		b.eventually("the hook broke", func() bool { return breaks.Load() < 1 })
		if err := stop(); !errors.Is(err, broken) {
			t.Fatalf("the stream ended with %v", err)
		}
		breaks.Store(0)
		stop = b.run(hook)
		b.eventually("the version came after the repair", func() bool { return len(b.versions()) == 3+2*i })
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"insert A before the slot 01234", "update A version 0 01234", "update A broken 0 01234", "update A version 1 01234",
		"update A broken 1 01234", "update A version 2 01234", "update A broken 2 01234",
	}
	if got := b.versions(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := b.list(`SELECT sku FROM history.product WHERE length(description) <> 20000`); len(n) > 0 {
		t.Errorf("%d versions lost their large value", len(n))
	}
	if n := b.list(`SELECT price_type FROM history.product_price`); len(n) != 1 {
		t.Errorf("%d versions of a price that never changed", len(n))
	}
	same := b.list(`SELECT x::text FROM (TABLE canonical.product EXCEPT SELECT * FROM history.product_as_of(now())) x`)
	if len(same) > 0 {
		t.Errorf("the present differs from history as of now: %v", same)
	}
}

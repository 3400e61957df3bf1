package replicator_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/replicator/intake"
	"sverka/replicator/wal"
	"sverka/schema"
	"sverka/schema/canonical"
)

func TestInvariant1_DeliveriesAndPositionCommitTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// A hook that fails after the wishes were written: nothing of it may stay.
	broken := errors.New("disk full")
	var seen atomic.Int32
	stop := b.start(func(context.Context, pgx.Tx, []replicator.Change) error {
		seen.Add(1)
		return broken
	})
	b.eventually("slot exists", func() bool {
		return b.number(`SELECT count(*) FROM ops.stream_position`) == 1
	})
	var before string
	_ = b.db.Pool.QueryRow(t.Context(), `SELECT position::text FROM ops.stream_position`).Scan(&before)
	b.stage(product("A1", "lost?"))
	b.eventually("the hook ran", func() bool { return seen.Load() > 0 })
	if err := stop(); !errors.Is(err, broken) {
		t.Fatalf("the stream ended with %v, want the hook's error", err)
	}
	if n := b.number(`SELECT count(*) FROM ops.delivery WHERE key = 'A1'`); n != 0 {
		t.Errorf("%d wishes stayed without their position", n)
	}
	confirmed := b.number(`SELECT count(*) FROM pg_replication_slots s, ops.stream_position p
WHERE s.slot_name = p.slot_name AND s.confirmed_flush_lsn > p.position`)
	if confirmed != 0 {
		t.Error("the slot was confirmed beyond the stored position")
	}
	b.start()
	b.eventually("delivered after the repair", func() bool { return b.onec.name("A1") == "lost?" })
}

func TestInvariant2_EveryChangeEndsInADelivery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.start()
	for i := range 40 {
		b.stage(product(fmt.Sprintf("K%02d", i%10), fmt.Sprintf("version %d", i)))
	}
	b.eventually("every key holds its newest version", func() bool {
		for k := range 10 {
			if b.shop.name(schema.Key(fmt.Sprintf("K%02d", k))) != fmt.Sprintf("version %d", 30+k) {
				return false
			}
		}
		return true
	})
	b.eventually("no wish is left open", func() bool {
		return b.number(`SELECT count(*) FROM ops.delivery d JOIN ops.flow f USING (flow)
WHERE d.flow = ANY ($1) AND (d.state <> 'delivered' OR d.wanted_lsn > d.delivered_lsn)`, []string{string(productFlow), string(shopFlow)}) == 0
	})
}

func TestInvariant3_OneCallPerKeyAndTheNewestStateWins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Workers = 4
	gate := make(chan struct{})
	b.onec.set(nil, gate)
	b.start()
	b.stage(product("A1", "first"))
	b.eventually("the first call is under way", func() bool { s, _ := b.state(productFlow, "A1"); return s == "sending" })
	b.stage(product("A1", "second"))
	b.eventually("the newer wish is stored", func() bool {
		return b.number(`SELECT count(*) FROM canonical.product WHERE system = 'jushuitan' AND name = 'second'`) == 1
	})
	b.onec.set(nil, nil)
	close(gate)
	b.eventually("the newest state arrived", func() bool { return b.onec.name("A1") == "second" })
	b.onec.mu.Lock()
	defer b.onec.mu.Unlock()
	if b.onec.overlap {
		t.Error("two calls for one key were under way at once")
	}
}

func TestInvariant4_UnknownOutcomeIsAskedForFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var once atomic.Bool
	b.onec.set(func(d replicator.Delivery) error {
		if once.CompareAndSwap(false, true) {
			return &replicator.Failure{Kind: replicator.Unknown, System: "onec", Operation: "write"}
		}
		return nil
	}, nil)
	b.start()
	b.stage(product("A1", "perhaps"))
	b.eventually("arrived", func() bool { return b.onec.name("A1") == "perhaps" })
	b.onec.mu.Lock()
	defer b.onec.mu.Unlock()
	if b.onec.asked["A1"] != 1 {
		t.Errorf("the repeat came %d times with AskFirst, want 1", b.onec.asked["A1"])
	}
}

func TestInvariant4_LeaseThatRanOutIsAskedForFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stop := b.start()
	b.stage(product("A1", "one"))
	b.eventually("arrived", func() bool { s, _ := b.state(productFlow, "A1"); return s == "delivered" })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// As if a process had died in the middle of its call.
	if _, err := b.db.Pool.Exec(t.Context(), `UPDATE ops.delivery SET state = 'sending', lease_until = now() - interval '1 s', due_at = now()
WHERE flow = $1 AND key = 'A1'`, productFlow); err != nil {
		t.Fatal(err)
	}
	b.stage(product("A1", "two"))
	b.start()
	b.eventually("the newer state arrived", func() bool { return b.onec.name("A1") == "two" })
	b.onec.mu.Lock()
	defer b.onec.mu.Unlock()
	if b.onec.asked["A1"] != 1 {
		t.Errorf("the repeat came %d times with AskFirst, want 1", b.onec.asked["A1"])
	}
}

func TestInvariant5_OneBadRecordStopsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.onec.set(func(d replicator.Delivery) error {
		if d.Key == "BAD" {
			return &replicator.Failure{Kind: replicator.Rejected, System: "onec", Operation: "write", Code: "9", Message: "no such unit", Hint: "correct the unit"}
		}
		return nil
	}, nil)
	b.start()
	records := []schema.Record{product("BAD", "poison")}
	for i := range 300 {
		records = append(records, product(fmt.Sprintf("G%03d", i), "good"))
	}
	b.stage(records...)
	b.eventually("all good ones arrived", func() bool {
		return b.number(`SELECT count(*) FROM ops.delivery WHERE flow = $1 AND state = 'delivered'`, productFlow) == 300
	})
	b.eventually("the bad one is dead", func() bool { s, _ := b.state(productFlow, "BAD"); return s == "dead" })
	entry := `SELECT count(*) FROM canonical.journal_entry WHERE system = 'sverka' AND subject_key = 'BAD' AND hint = 'correct the unit' AND resolved_at IS NULL`
	if n := b.number(entry); n != 1 {
		t.Errorf("%d journal entries tell of it, want 1", n)
	}
	// A newer version wakes it; once it arrives the journal entry is resolved.
	b.onec.set(nil, nil)
	b.stage(product("BAD", "cured"))
	b.eventually("the cured one arrived", func() bool { return b.onec.name("BAD") == "cured" })
	b.eventually("the entry is resolved", func() bool { return b.number(entry) == 0 })
}

func TestInvariant6_SleepingTargetDelaysNobodyAndHoldsNoWAL(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asleep := make(chan struct{})
	b.shop.set(nil, asleep)
	b.start()
	for i := range 50 {
		b.stage(product(fmt.Sprintf("S%02d", i), "awake"))
	}
	b.eventually("1C got everything while the shop sleeps", func() bool {
		return b.number(`SELECT count(*) FROM ops.delivery WHERE flow = $1 AND state = 'delivered'`, productFlow) == 50
	})
	var now string
	if err := b.db.Pool.QueryRow(t.Context(), `SELECT pg_current_wal_lsn()::text`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	b.eventually("the slot moved on", func() bool {
		return b.number(`SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn >= $2::text::pg_lsn`, "road_"+b.slot(), now) == 1
	})
	b.shop.set(nil, nil)
	close(asleep)
	b.eventually("the shop caught up", func() bool { return b.shop.name("S49") == "awake" })
}

func TestInvariant7_GapStopsWithAHint(t *testing.T) {
	t.Parallel()
	var gap *wal.GapError
	var lost *wal.SlotLostError
	var other *wal.OtherClusterError
	for name, c := range map[string]struct {
		damage string
		as     any
	}{
		"slot moved on without us": {`SELECT pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) FROM ops.stream_position`, &gap},
		"slot is gone":             {`SELECT pg_drop_replication_slot(slot_name) FROM ops.stream_position`, &lost},
		"other cluster":            {`UPDATE ops.stream_position SET system_identifier = '42'`, &other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			stop := b.start()
			b.stage(product("A1", "before"))
			b.eventually("arrived", func() bool { return b.shop.name("A1") == "before" })
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			b.stage(product("A2", "missed"))
			// The test cluster commits without waiting for the disk; the slot only moves over what is on it.
			for _, sql := range []string{"CHECKPOINT", c.damage} {
				if _, err := b.db.Pool.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			err := b.stream(b.engine()).Run(ctx)
			if err == nil || !errors.As(err, c.as) {
				t.Fatalf("the stream ended with %v", err)
			}
			if h, ok := err.(interface{ Hint() string }); !ok || h.Hint() == "" {
				t.Error("the error carries no hint")
			}
			if err := b.stream(b.engine()).Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.start()
			b.eventually("what was missed arrived after the reset", func() bool { return b.shop.name("A2") == "missed" })
			if n := b.onec.count("A1"); n != 1 {
				t.Errorf("what the target already held was sent %d times, want 1", n)
			}
		})
	}
}

// reader pages through what a test gives it.
type reader struct {
	pages []replicator.Page
	fail  error // after the pages
}

func (r reader) Read(context.Context, string) iter.Seq2[replicator.Page, error] {
	return func(yield func(replicator.Page, error) bool) {
		for _, p := range r.pages {
			if !yield(p, nil) {
				return
			}
		}
		if r.fail != nil {
			yield(replicator.Page{}, r.fail)
		}
	}
}

func (b *bench) read(r replicator.Reader) (intake.Summary, error) {
	return intake.ReadOnce(b.t.Context(), b.db.Pool, intake.Source{System: schema.Jushuitan, Name: "products", Entity: schema.EntityProduct, Reader: r, Every: time.Hour})
}

func TestInvariant8_MissingIsNotDeleted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.read(reader{pages: []replicator.Page{{Records: []schema.Record{product("A1", "one"), product("A2", "two")}, Read: 2, Cursor: "1"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.read(reader{pages: []replicator.Page{{Records: []schema.Record{product("A1", "one, renamed")}, Read: 1, Cursor: "2"}}}); err != nil {
		t.Fatal(err)
	}
	p, err := canonical.LoadOne[*schema.Product](t.Context(), b.db.Pool, schema.Jushuitan, "A2")
	if err != nil || p.Name != "two" || !p.DeletedAt.IsZero() {
		t.Errorf("a row that a page did not mention was touched: %+v, %v", p, err)
	}
}

func TestInvariant9_CursorAndRowsCommitTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broken := errors.New("connection reset")
	_, err := b.read(reader{pages: []replicator.Page{
		{Records: []schema.Record{product("A1", "one")}, Read: 1, Cursor: "after page 1"},
		{Records: []schema.Record{product("A2", "two")}, Read: 1, Cursor: "after page 2"},
	}, fail: broken})
	if !errors.Is(err, broken) {
		t.Fatalf("the read ended with %v", err)
	}
	cursor := func() (c string) {
		_ = b.db.Pool.QueryRow(t.Context(), `SELECT cursor FROM ops.intake_source WHERE name = 'products'`).Scan(&c)
		return c
	}
	if cursor() != "after page 2" || b.number(`SELECT count(*) FROM canonical.product`) != 2 {
		t.Errorf("cursor %q with %d rows", cursor(), b.number(`SELECT count(*) FROM canonical.product`))
	}
	// A page that cannot be staged moves no cursor.
	impossible := []replicator.Identifier{{Entity: schema.EntityProduct, ExternalID: "\x00", Key: "A3"}}
	if _, err := b.read(reader{pages: []replicator.Page{{Records: []schema.Record{product("A3", "three")}, Identifiers: impossible, Read: 1, Cursor: "after page 3"}}}); err == nil {
		t.Fatal("a page with an impossible value was staged")
	}
	if cursor() != "after page 2" {
		t.Errorf("the cursor moved to %q without its rows", cursor())
	}
	if n := b.number(`SELECT count(*) FROM ops.intake_source WHERE last_failure <> ''`); n != 1 {
		t.Error("the failure was not noted")
	}
}

func TestIntake_RefusedRecordIsJournalledAndResolved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	page := replicator.Page{Records: []schema.Record{product("A1", "fine"), product("A2", "")}, Read: 2, Cursor: "1"}
	sum, err := b.read(reader{pages: []replicator.Page{page}})
	if err != nil || sum.New != 1 || sum.Refused != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	entry := `SELECT count(*) FROM canonical.journal_entry WHERE system = 'sverka' AND subject_key = 'A2' AND field = 'name' AND occurrences = $1 AND (resolved_at IS NULL) = $2`
	if b.number(entry, 1, true) != 1 {
		t.Error("the refusal is not in the journal")
	}
	if _, err := b.read(reader{pages: []replicator.Page{page}}); err != nil {
		t.Fatal(err)
	}
	if b.number(entry, 2, true) != 1 {
		t.Error("the repeat is not counted")
	}
	page.Records[1] = product("A2", "named")
	if _, err := b.read(reader{pages: []replicator.Page{page}}); err != nil {
		t.Fatal(err)
	}
	if b.number(entry, 2, false) != 1 {
		t.Error("the entry is not resolved")
	}
}

func TestIntake_OlderObservationNeverOverwrites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	newer, older := product("A1", "newer"), product("A1", "older")
	older.ObservedAt = newer.ObservedAt.Add(-time.Second)
	b.stage(newer)
	b.stage(older)
	p, err := canonical.LoadOne[*schema.Product](t.Context(), b.db.Pool, schema.Jushuitan, "A1")
	if err != nil || p.Name != "newer" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestEngine_HeldDeliveryIsWokenByItsTopic(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.HoldRecheck = time.Hour // only the topic can wake it
	topic := replicator.Subject{Entity: schema.EntityProduct, System: schema.Jushuitan, Key: "PARENT"}.Topic()
	b.onec.set(func(d replicator.Delivery) error {
		if d.Key == "CHILD" && d.Attempt < 2 && b.onec.held["PARENT"] == nil {
			return &replicator.HoldError{Reason: "parent_missing", Message: "waits for PARENT", WaitsFor: []string{topic}}
		}
		return nil
	}, nil)
	b.start()
	b.stage(product("CHILD", "child"))
	b.eventually("held", func() bool { s, r := b.state(productFlow, "CHILD"); return s == "held" && r == "parent_missing" })
	b.stage(product("PARENT", "parent"))
	b.eventually("parent arrived", func() bool { return b.onec.name("PARENT") == "parent" })
	b.stage(product("PARENT", "parent again")) // the parent is there now; its change wakes the child
	b.eventually("child arrived", func() bool { return b.onec.name("CHILD") == "child" })
}

func TestEngine_StopsCleanlyWhileATargetHangs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Grace = 50 * time.Millisecond
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	b.onec.set(nil, hang)
	e := b.engine()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	b.stage(product("A1", "hangs"))
	if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error { return delivery.WishAll(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	b.eventually("the call is under way", func() bool { s, _ := b.state(productFlow, "A1"); return s == "sending" })
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the engine did not stop")
	}
}

func TestEngine_WaitsUntilTheTargetWasReadOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	source := intake.Source{System: schema.OneC, Name: "products", Entity: schema.EntityProduct, Reader: reader{}, Every: time.Hour}
	if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error { return intake.Register(t.Context(), tx, source) }); err != nil {
		t.Fatal(err)
	}
	b.start()
	b.stage(product("A1", "the same"))
	b.eventually("the wish is stored", func() bool { s, _ := b.state(productFlow, "A1"); return s == "pending" })
	// The first read shows that 1C holds it already: nothing has to be sent.
	held := product("A1", "the same")
	held.System = schema.OneC
	source.Reader = reader{pages: []replicator.Page{{Records: []schema.Record{held}, Read: 1}}}
	if n := b.onec.count("A1"); n != 0 {
		t.Fatalf("sent %d times before it was known what the target holds", n)
	}
	if _, err := intake.ReadOnce(t.Context(), b.db.Pool, source); err != nil {
		t.Fatal(err)
	}
	b.eventually("compared", func() bool { s, _ := b.state(productFlow, "A1"); return s == "delivered" })
	if n := b.onec.count("A1"); n != 0 {
		t.Errorf("what the target holds was sent %d times", n)
	}
}

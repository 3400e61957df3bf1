package intake

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

func source(name string, r replicator.Reader, every time.Duration) Source {
	return Source{System: schema.Jushuitan, Name: name, Entity: schema.EntityProduct, Reader: r, Every: every}
}

func one(name, cursor string) replicator.Page {
	return replicator.Page{Records: []schema.Record{product("A", name)}, Read: 1, Cursor: cursor}
}

func TestReadOnce_continues_at_its_cursor_and_whole_sources_begin_anew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := &reader{answer: func(n int, _ string) ([]replicator.Page, error) {
		return []replicator.Page{one("a", "c"+string(rune('0'+n)))}, nil
	}}
	for _, s := range []Source{source("some", r, time.Hour), {System: schema.Jushuitan, Name: "all", Entity: schema.EntityProduct, Reader: r, Every: time.Hour, Whole: true}} {
		for range 2 {
			if _, err := ReadOnce(t.Context(), b.db.Pool, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := []string{"", "c1", "", ""}; !slices.Equal(r.cursors, want) {
		t.Errorf("read from %q, want %q", r.cursors, want)
	}
	if n := b.number(`SELECT count(*) FROM ops.intake_source WHERE last_failure = '' AND last_complete_started_at = last_started_at AND last_complete_finished_at >= last_started_at AND rows_read = 1`); n != 2 {
		t.Errorf("%d sources are noted as complete", n)
	}
}

func TestReadOnce_observes_at_the_moment_before_the_request(t *testing.T) {
	t.Parallel()
	b := setup(t)
	future := one("a", "1")
	future.Records[0].Prov().ObservedAt = time.Now().Add(24 * time.Hour) // the system's clock runs ahead
	r := &reader{answer: func(int, string) ([]replicator.Page, error) { return []replicator.Page{future}, nil }}
	if _, err := ReadOnce(t.Context(), b.db.Pool, source("s", r, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := b.number(`SELECT count(*) FROM canonical.product WHERE observed_at <= $1`, r.at[0]); n != 1 {
		t.Error("the observation is dated after its request")
	}
}

func TestReadOnce_acknowledges_only_what_is_durable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	impossible := one("b", "2")
	impossible.Identifiers = []replicator.Identifier{{Entity: schema.EntityProduct, ExternalID: "\x00", Key: "A"}}
	r := acknowledging{&reader{answer: func(int, string) ([]replicator.Page, error) {
		return []replicator.Page{one("a", "1"), impossible, one("c", "3")}, nil
	}}}
	r.ack = func(cursor string) error {
		if got := b.text(`SELECT cursor FROM ops.intake_source WHERE name = 's'`); got != cursor {
			t.Errorf("%s was acknowledged while the cursor is %q", cursor, got)
		}
		return nil
	}
	if _, err := ReadOnce(t.Context(), b.db.Pool, source("s", r, time.Hour)); err == nil {
		t.Fatal("an impossible page was read")
	}
	if !slices.Equal(r.acks, []string{"1"}) {
		t.Errorf("acknowledged %q, want only the staged page", r.acks)
	}
	if got := b.text(`SELECT last_failure FROM ops.intake_source WHERE name = 's'`); !strings.Contains(got, "read s of jushuitan") {
		t.Errorf("the failure is noted as %q", got)
	}
	refusing := acknowledging{&reader{answer: r.answer, ack: func(string) error { return errors.New("not now\x00") }}}
	if _, err := ReadOnce(t.Context(), b.db.Pool, source("t", refusing, time.Hour)); err == nil || !strings.Contains(err.Error(), "acknowledge") {
		t.Errorf("a failed acknowledgement: %v", err)
	}
}

func TestRunner_a_failing_source_waits_longer_and_disturbs_nobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const every = 10 * time.Millisecond
	bad := &reader{answer: func(int, string) ([]replicator.Page, error) { return nil, errors.New("down") }}
	good := &reader{answer: func(int, string) ([]replicator.Page, error) { return []replicator.Page{one("a", "")}, nil }}
	b.background(NewRunner(b.db.Pool, quiet(), source("bad", bad, every), source("good", good, every)).Run)
	b.eventually("the bad source was tried six times", func() bool { return bad.count() >= 6 })
	if good.count() <= 6 {
		t.Errorf("the good source was read %d times beside it", good.count())
	}
	bad.mu.Lock()
	defer bad.mu.Unlock()
	for i, atLeast := range []time.Duration{2, 4, 8, 10, 10} {
		if pause := bad.at[i+1].Sub(bad.at[i]); pause < atLeast*every {
			t.Errorf("pause %d was %s, want at least %s", i+1, pause, atLeast*every)
		}
	}
}

func TestRunner_reads_at_once_when_asked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broken := errors.New("refused")
	asked := make(chan struct{}, 10)
	first := &reader{answer: func(int, string) ([]replicator.Page, error) {
		asked <- struct{}{}
		return []replicator.Page{one("a", "")}, nil
	}}
	second := &reader{answer: func(n int, _ string) ([]replicator.Page, error) {
		if n > 1 {
			return nil, broken
		}
		return nil, nil
	}}
	r := NewRunner(b.db.Pool, quiet(), source("first", first, time.Hour), source("second", second, time.Hour))
	b.background(r.Run)
	b.eventually("both were read once", func() bool { return first.count() == 1 && second.count() == 1 })
	if err := r.ReadNow(t.Context(), schema.Jushuitan, "first"); err != nil || first.count() != 2 {
		t.Errorf("%v after %d reads", err, first.count())
	}
	if failures := r.Refresh(t.Context()); len(failures) != 1 || !errors.Is(failures["jushuitan/second"], broken) || first.count() != 3 {
		t.Errorf("%v after %d reads", failures, first.count())
	}
	if err := r.ReadNow(t.Context(), schema.Jushuitan, "third"); err == nil || !strings.Contains(err.Error(), "jushuitan/third") {
		t.Errorf("a source that is not read here: %v", err)
	}
}

func TestRunner_nobody_waits_for_a_runner_that_does_not_run(t *testing.T) {
	t.Parallel()
	r := NewRunner(nil, quiet(), source("s", &reader{}, time.Hour))
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if err := r.ReadNow(ctx, schema.Jushuitan, "s"); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

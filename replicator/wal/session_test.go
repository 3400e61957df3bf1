package wal

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema/schematest"
)

// newSession is a session without a server: messages are handed to it by the test.
func newSession(t *testing.T, staged *[]string) *session {
	t.Helper()
	db := schematest.New(t)
	hook := func(_ context.Context, _ pgx.Tx, changes []replicator.Change) error {
		for i := range changes {
			*staged = append(*staged, changes[i].Text("sku"))
		}
		return nil
	}
	st := New(Config{Slot: "none"}, db.Pool, nil, nil, func() {}, hook)
	s := &session{Stream: st, net: &coalescingConn{}, decoder: newDecoder("canonical"), lastState: time.Now(), sys: pglogrepl.IdentifySystemResult{SystemID: "1", Timeline: 1}}
	t.Cleanup(func() { s.rollback(context.Background()) })
	return s
}

// feed hands messages to the session as the walsender frames them.
func feed(t *testing.T, s *session, messages ...message) {
	t.Helper()
	for _, m := range messages {
		if err := s.data(append(message(nil).u64(1).u64(1).u64(0), m...)); err != nil {
			t.Fatal(err)
		}
	}
}

func insertOf(sku string) message { return row('I', 1).u8('N').tuple("onec", sku) }

func TestSession_commits_finished_transactions_and_keeps_the_unfinished(t *testing.T) {
	t.Parallel()
	var staged []string
	s := newSession(t, &staged)
	// Transaction ids that any snapshot takes for ended.
	feed(t, s, describe(1, "canonical", "product", "system", "sku"),
		begin(100, 1), insertOf("A1"), insertOf("A2"), commitAt(108),
		begin(200, 2), insertOf("B1"), commitAt(208),
		begin(300, 3), insertOf("C1"), insertOf("C2"))
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"A1", "A2", "B1"}; !slices.Equal(staged, want) || s.position != 208 || len(s.buf) != 2 {
		t.Errorf("staged %v up to %s, %d stay buffered", staged, s.position, len(s.buf))
	}
	p, err := loadPosition(t.Context(), s.pool, "none")
	if err != nil || p.lsn != 208 || p.systemIdentifier != "1" {
		t.Errorf("%+v, %v", p, err)
	}
	feed(t, s, insertOf("C3"), commitAt(308))
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"A1", "A2", "B1", "C1", "C2", "C3"}; !slices.Equal(staged, want) || s.position != 308 || len(s.buf) != 0 {
		t.Errorf("staged %v up to %s, %d stay buffered", staged, s.position, len(s.buf))
	}
}

func TestSession_skips_what_the_server_sends_again(t *testing.T) {
	t.Parallel()
	var staged []string
	s := newSession(t, &staged)
	s.position = 208
	feed(t, s, describe(1, "canonical", "product", "system", "sku"),
		begin(200, 2), insertOf("OLD"), commitAt(208),
		begin(208, 3), insertOf("NEW"), commitAt(308))
	if err := s.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"NEW"}; !slices.Equal(staged, want) || s.position != 308 {
		t.Errorf("staged %v up to %s", staged, s.position)
	}
}

func TestSession_bounds_a_piece_that_cannot_become_visible(t *testing.T) {
	t.Parallel()
	var staged []string
	s := newSession(t, &staged)
	s.cfg.StageTimeout = 50 * time.Millisecond
	tx, err := s.pool.Begin(t.Context()) // under way, as a commit that waits for a standby
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	var xid uint32
	if err := tx.QueryRow(t.Context(), `SELECT pg_current_xact_id()::text::bigint % 4294967296`).Scan(&xid); err != nil {
		t.Fatal(err)
	}
	feed(t, s, describe(1, "canonical", "product", "system", "sku"), begin(100, xid), insertOf("A"), commitAt(108))
	if err := s.flush(t.Context()); err == nil {
		t.Fatal("a change that nobody can see was committed as a wish")
	}
	if s.position != 0 {
		t.Errorf("the position moved to %s", s.position)
	}
}

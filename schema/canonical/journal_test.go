package canonical_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

func fault(key string, second int) *schema.JournalEntry {
	return &schema.JournalEntry{
		EntryID: schema.JournalID("test", key), Severity: schema.SeverityError, Code: "validation", SourceSystem: schema.OneC,
		SubjectEntity: schema.EntityProduct, SubjectKey: key, Message: "name: is empty", LastSeenAt: moment(second),
	}
}

func mustReport(t *testing.T, db *schematest.DB, entries ...*schema.JournalEntry) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error { return canonical.Report(t.Context(), tx, entries...) }); err != nil {
		t.Fatal(err)
	}
}

func mustResolve(t *testing.T, db *schematest.DB, flow string, at time.Time, keys ...string) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		return canonical.ResolveJournal(t.Context(), tx, flow, schema.OneC, schema.EntityProduct, keys, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func entry(t *testing.T, db *schematest.DB, key string) *schema.JournalEntry {
	t.Helper()
	e, err := canonical.LoadOne[*schema.JournalEntry](t.Context(), db.Pool, schema.Sverka, schema.Key(schema.JournalID("test", key)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestReport_the_same_fault_is_one_entry_that_counts(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	mustReport(t, db, fault("A", 1))
	mustReport(t, db, fault("A", 2), fault("B", 2), fault("A", 3))
	if e := entry(t, db, "A"); e.Occurrences != 3 || !e.FirstSeenAt.Equal(moment(1)) || !e.LastSeenAt.Equal(moment(3)) || !e.ResolvedAt.IsZero() {
		t.Errorf("%+v", e)
	}
	if e := entry(t, db, "B"); e.Occurrences != 1 || !e.FirstSeenAt.Equal(moment(2)) {
		t.Errorf("%+v", e)
	}
}

func TestReport_opens_again_what_was_resolved(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	mustReport(t, db, fault("A", 1))
	mustResolve(t, db, "", moment(5), "A")
	if e := entry(t, db, "A"); !e.ResolvedAt.Equal(moment(5)) {
		t.Fatalf("not resolved: %+v", e)
	}
	mustReport(t, db, fault("A", 3)) // by a clock that lies behind
	if e := entry(t, db, "A"); !e.ResolvedAt.IsZero() || e.Occurrences != 2 || !e.FirstSeenAt.Equal(moment(1)) {
		t.Errorf("%+v", e)
	}
}

func TestResolveJournal_closes_only_what_came_right(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	flow := fault("F", 1)
	flow.Flow = "product:onec>openshop"
	mustReport(t, db, fault("A", 1), fault("B", 1), flow)
	mustResolve(t, db, "", moment(5), "A", "F", "UNKNOWN")
	mustResolve(t, db, "", moment(5))
	for key, resolved := range map[string]bool{"A": true, "B": false, "F": false} {
		if e := entry(t, db, key); e.ResolvedAt.IsZero() == resolved {
			t.Errorf("%s: resolved at %v", key, e.ResolvedAt)
		}
	}
	mustResolve(t, db, "", moment(9), "A")
	if e := entry(t, db, "A"); !e.ResolvedAt.Equal(moment(5)) {
		t.Errorf("resolved twice: %v", e.ResolvedAt)
	}
	mustResolve(t, db, "product:onec>openshop", moment(6), "F")
	if e := entry(t, db, "F"); e.ResolvedAt.IsZero() {
		t.Error("the flow's entry is open")
	}
}

package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/schema"
	"sverka/schema/schematest"
)

// night is one run some days after the common instant, with fresh sources.
func night(t *testing.T, db *pgxpool.Pool, days int) reconcile.Summary {
	t.Helper()
	when := asOf.Add(time.Duration(days) * 24 * time.Hour)
	_, err := db.Exec(t.Context(), `UPDATE ops.intake_source SET last_complete_started_at = $1, last_complete_finished_at = $1`, when.Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return run(t, db, func(o *reconcile.Options) {
		o.AsOf, o.Now = when, func() time.Time { return when }
	})
}

// set changes the balance of Jushuitan as a later reading would.
func set(t *testing.T, db *pgxpool.Pool, sku string, quantity int64) {
	t.Helper()
	_, err := db.Exec(t.Context(), `UPDATE canonical.stock_balance SET quantity = $2 WHERE system = 'jushuitan' AND sku = $1`, sku, schema.Pieces(quantity).String())
	if err != nil {
		t.Fatal(err)
	}
}

func resolve(t *testing.T, db *pgxpool.Pool, r reconcile.Resolution) int {
	t.Helper()
	r.Author, r.At = "accountant", asOf
	added := 0
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		var err error
		added, err = reconcile.AddResolutions(t.Context(), tx, r)
		return err
	})
	if err != nil {
		t.Fatalf("resolve: %v", err)
	}
	return added
}

// only is the one finding of a run.
func only(t *testing.T, db *pgxpool.Pool, s reconcile.Summary) reconcile.Finding {
	t.Helper()
	got := listed(t, db, s.ID)
	if len(got) != 1 {
		t.Fatalf("run %d: got %d findings, want one: %+v", s.ID, len(got), got)
	}
	return got[0]
}

func TestFinding_KeepsItsIdAndHistoryFromNightToNight(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(3, 0)
	w.balances("L1", 10, 7)
	w.write(t, db)
	requireState := func(f reconcile.Finding, state string, times, age int) {
		t.Helper()
		if f.State != state || f.TimesSeen != times || f.AgeDays() != age {
			t.Errorf("run %d: state %s, seen %d times, %d days old; want %s, %d, %d", f.RunID, f.State, f.TimesSeen, f.AgeDays(), state, times, age)
		}
	}
	first := only(t, db, night(t, db, 0))
	requireState(first, reconcile.StateNew, 1, 0)
	second := only(t, db, night(t, db, 1))
	requireState(second, reconcile.StateOpen, 2, 1)
	if second.ID != first.ID || !second.FirstSeenAt.Equal(asOf) {
		t.Errorf("id %s since %s became %s since %s", first.ID, first.FirstSeenAt, second.ID, second.FirstSeenAt)
	}

	set(t, db, "L1", 10)
	gone := night(t, db, 2)
	if gone.FindingCount != 0 || gone.Closed != 1 {
		t.Errorf("got %d findings and %d closed, want 0 and 1", gone.FindingCount, gone.Closed)
	}
	for f, err := range reconcile.Closed(t.Context(), db, gone.ID) {
		if err != nil || f.ID != first.ID || f.Unexplained != schema.Pieces(-3) {
			t.Errorf("closed: got %+v, %v", f, err)
		}
	}

	set(t, db, "L1", 8)
	requireState(only(t, db, night(t, db, 3)), reconcile.StateReopened, 3, 3)
	old := only(t, db, night(t, db, 20))
	requireState(old, reconcile.StateOpen, 4, 20)
	if old.Severity != reconcile.SeverityHigh {
		t.Errorf("a finding of 20 days is %s, want high", old.Severity)
	}
}

func TestFinding_IsNotReopenedByANightThatDidNotCompareIt(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(3, 0)
	w.balances("L2", 10, 7)
	w.write(t, db)
	night(t, db, 0)
	when := asOf.Add(24 * time.Hour)
	stale := run(t, db, func(o *reconcile.Options) { o.AsOf = when }) // nothing was read since yesterday
	if stale.Closed != 0 || stale.Count("", reconcile.ClassStale) == 0 {
		t.Errorf("a night that compared nothing closed %d findings", stale.Closed)
	}
	if f := only(t, db, night(t, db, 2)); f.State != reconcile.StateOpen || f.TimesSeen != 2 {
		t.Errorf("got state %s seen %d times, want open and 2", f.State, f.TimesSeen)
	}
}

func TestResolution_HoldsUntilTheFiguresMove(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(3, 0)
	w.balances("L3", 10, 7)
	w.write(t, db)
	first := only(t, db, night(t, db, 0))
	until := asOf.Add(60 * time.Hour)
	accept := reconcile.Resolution{FindingID: first.ID, RunID: first.RunID, Resolution: reconcile.ResolutionAccept, Comment: "known loss", AcceptedUntil: &until}
	if n := resolve(t, db, accept); n != 1 {
		t.Errorf("added %d, want 1", n)
	}
	if n := resolve(t, db, accept); n != 0 {
		t.Errorf("reading the same workbook again added %d, want 0", n)
	}
	accepted := night(t, db, 1)
	if f := only(t, db, accepted); f.State != reconcile.StateAccepted {
		t.Errorf("got %s, want accepted", f.State)
	}
	notes, err := reconcile.Notes(t.Context(), db, accepted.ID)
	if err != nil || len(notes[first.ID]) != 1 || notes[first.ID][0].Comment != "known loss" {
		t.Errorf("notes: got %+v, %v", notes, err)
	}
	if f := only(t, db, night(t, db, 3)); f.State != reconcile.StateOpen {
		t.Errorf("after its time an acceptance is %s, want open", f.State)
	}
	accept.AcceptedUntil, accept.Comment = nil, "known loss for good"
	resolve(t, db, accept)
	if f := only(t, db, night(t, db, 4)); f.State != reconcile.StateAccepted {
		t.Errorf("got %s, want accepted", f.State)
	}
	set(t, db, "L3", 5)
	if f := only(t, db, night(t, db, 5)); f.State != reconcile.StateChanged {
		t.Errorf("after the figures moved: got %s, want changed", f.State)
	}
	resolve(t, db, reconcile.Resolution{FindingID: first.ID, Resolution: reconcile.ResolutionRecount, Owner: "warehouse"})
	if f := only(t, db, night(t, db, 6)); f.State != reconcile.StateInWork {
		t.Errorf("got %s, want in_work", f.State)
	}
}

func TestAddResolutions_RefusesWhatNoRunListed(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	for _, c := range []struct {
		r    reconcile.Resolution
		want string
	}{
		{reconcile.Resolution{FindingID: "feedfacefeedface", Resolution: "accept", Author: "a", At: asOf}, "no run ever listed it"},
		{reconcile.Resolution{FindingID: "x", Resolution: "perhaps", Author: "a", At: asOf}, `resolution "perhaps"`},
		{reconcile.Resolution{FindingID: "x", Resolution: "accept", At: asOf}, "author: is empty"},
	} {
		err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
			_, err := reconcile.AddResolutions(t.Context(), tx, c.r)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.r.FindingID) {
			t.Errorf("got %v, want an error that says %q and names the finding", err, c.want)
		}
	}
}

func TestPreviousRuns_TellTheTrendByDay(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(3, 0)
	w.balances("L4", 10, 7)
	w.balances("L5", 10, 4)
	w.write(t, db)
	night(t, db, 0)
	set(t, db, "L5", 10)
	night(t, db, 1)
	night(t, db, 1) // a second run of the day counts instead of the first
	set(t, db, "L5", 3)
	last := night(t, db, 2)
	days, err := reconcile.PreviousRuns(t.Context(), db, last.ID, 90)
	if err != nil {
		t.Fatal(err)
	}
	type figures struct {
		open, fresh, reopened, closed int64
		oldest                        int
		amount                        string
	}
	want := []figures{{2, 2, 0, 0, 0, "900.00"}, {1, 0, 0, 0, 1, "300.00"}, {2, 0, 1, 0, 2, "1000.00"}}
	if len(days) != len(want) {
		t.Fatalf("got %d days, want %d", len(days), len(want))
	}
	for i, d := range days {
		if got := (figures{d.Open, d.New, d.Reopened, d.Closed, d.OldestDays, d.Amount["RUB"]}); got != want[i] {
			t.Errorf("day %s: got %+v, want %+v", d.Date.Format(time.DateOnly), got, want[i])
		}
		if d.Pairs == 0 || d.Equal == 0 || d.ByClass[reconcile.ClassQuantity] != d.Open {
			t.Errorf("day %s: %d pairs, %d equal, classes %v", d.Date.Format(time.DateOnly), d.Pairs, d.Equal, d.ByClass)
		}
	}
	if short, err := reconcile.PreviousRuns(t.Context(), db, last.ID, 2); err != nil || len(short) != 2 || short[1].RunID != last.ID {
		t.Errorf("two days: got %+v, %v", short, err)
	}
}

func TestRun_IsNeverChangedAfterwards(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(2, 0)
	w.balances("L6", 10, 7)
	w.write(t, db)
	s := run(t, db)
	f := only(t, db, s)
	resolve(t, db, reconcile.Resolution{FindingID: f.ID, RunID: s.ID, Comment: "seen"})
	for _, sql := range []string{
		"UPDATE recon.run SET findings = 0", "DELETE FROM recon.run", "TRUNCATE recon.run CASCADE",
		"UPDATE recon.finding SET class = 'equal'", "DELETE FROM recon.finding", "TRUNCATE recon.finding",
		"INSERT INTO recon.finding SELECT (jsonb_populate_record(f, '{\"finding_id\": \"late\"}')).* FROM recon.finding AS f",
		"UPDATE recon.tally SET pairs = 0", "DELETE FROM recon.tally", "INSERT INTO recon.tally SELECT run_id, area, comparison, system_a, system_b, 'late', class, 1 FROM recon.tally",
		"UPDATE recon.control_total SET left_value = 0", "DELETE FROM recon.control_total",
		"UPDATE recon.resolution SET comment = ''", "DELETE FROM recon.resolution",
	} {
		if _, err := db.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: must be refused", sql)
		}
	}
	after, err := reconcile.LoadRun(t.Context(), db, reconcile.Latest)
	if err != nil || after.ResultHash != s.ResultHash || after.FindingCount != 1 {
		t.Errorf("the run changed: %+v, %v", after, err)
	}
}

func TestRecon_EveryTableColumnAndFunctionIsDescribed(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	rows, err := db.Query(t.Context(), `
		SELECT c.relname || coalesce('.' || a.attname, '')
		FROM pg_class AS c
		LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'recon'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
			AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)
		UNION ALL
		SELECT proname::text FROM pg_proc WHERE pronamespace = 'recon'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL`)
	if err != nil {
		t.Fatal(err)
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) > 0 {
		t.Errorf("without COMMENT: %s", strings.Join(missing, ", "))
	}
	var described int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM pg_class WHERE relnamespace = 'recon'::regnamespace AND relkind IN ('r', 'v')`).Scan(&described); err != nil || described < 9 {
		t.Errorf("got %d tables and views of recon, %v", described, err)
	}
}

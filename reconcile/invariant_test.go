package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/schema"
	"sverka/schema/schematest"
)

// Invariant 8: missing is not deleted. What was not read to the end is neither equal
// nor missing, and is said once per source.
func TestInvariant8_AStaleSourceIsNeitherEqualNorMissing(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(10, 5)
	for _, r := range append([]schema.Record(nil), w.records...) {
		if r.Prov().System == schema.Jushuitan && (r.RecordEntity() == schema.EntityStockBalance || r.RecordEntity() == schema.EntitySalesOrder) {
			w.remove(r.RecordEntity(), schema.Jushuitan, r.RecordKey())
		}
	}
	w.stale = []reconcile.Source{{System: schema.Jushuitan, Entity: schema.EntityStockBalance}, {System: schema.Jushuitan, Entity: schema.EntitySalesOrder}}
	w.write(t, db)
	s := run(t, db)
	requireFindings(t, listed(t, db, s.ID), []expectation{
		{"source", "jushuitan:sales_order", "stale", "", zero, zero, zero, zero, "", "source_too_old"},
		{"source", "jushuitan:stock_balance", "stale", "", zero, zero, zero, zero, "", "source_too_old"},
	})
	for _, tally := range s.Tallies {
		if tally.SystemB == schema.Jushuitan && (tally.Comparison == "quantity" || tally.Comparison == "document") && tally.Class != reconcile.ClassStale {
			t.Errorf("pairs of a stale source must not be %s: %+v", tally.Class, tally)
		}
	}
	if n := len(s.StaleSources()); n != 2 {
		t.Errorf("got %d stale sources, want 2", n)
	}
}

func TestInvariant8_ASourceThatNeverCompletedIsNotCompared(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(3, 0)
	w.write(t, db)
	if _, err := db.Exec(t.Context(), `UPDATE ops.intake_source SET last_complete_started_at = NULL, last_complete_finished_at = NULL WHERE system = 'openshop' AND entity = 'stock_balance'`); err != nil {
		t.Fatal(err)
	}
	requireFindings(t, listed(t, db, run(t, db).ID), []expectation{
		{"source", "openshop:stock_balance", "stale", "", zero, zero, zero, zero, "", "source_never_completed"},
	})
	confirmed := run(t, db, func(o *reconcile.Options) {
		o.Confirmed = []reconcile.Source{{System: schema.OpenShop, Entity: schema.EntityStockBalance}}
	})
	requireFindings(t, listed(t, db, confirmed.ID), nil)
}

// Invariant 10: quantities and money are exact.
func TestInvariant10_TheSmallestDifferenceIsExact(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(1, 0)
	big := schema.Quantity(900_000_000_000_001)
	w.product("EXACT", 3, schema.OneC, schema.Jushuitan, schema.OpenShop)
	w.stock(schema.OneC, "MAIN", "EXACT", 0, 0).Quantity = big
	w.stock(schema.Jushuitan, "MAIN", "EXACT", 0, 0).Quantity = big + 1
	w.stock(schema.OpenShop, "MAIN", "EXACT", 0, 0).Quantity = big
	w.write(t, db)
	requireFindings(t, listed(t, db, run(t, db).ID), []expectation{
		{"quantity", "MAIN/EXACT", "quantity", jst, "0.001", zero, zero, "0.001", "0.00", "unknown"},
	})
}

// Invariant 11: no personal data in findings.
func TestInvariant11_FindingsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(2, 1)
	secrets := []string{"Иванов Пётр", "+79161234567", "Тверская", "по договору с Ивановым"}
	w.seededOrder("PD-1", "SKU-0001", 2, longAgo, schema.OpenShop)
	o := find[*schema.SalesOrder](t, w, schema.OpenShop, "PD-1")
	o.ReceiverName, o.ReceiverPhone, o.AddressText, o.Comment = secrets[0], secrets[1], secrets[2], secrets[3]
	b := w.bankLine("PD-2", "PD-2", 5_00, longAgo)
	b.PayerName, b.Purpose = secrets[0], secrets[3]
	w.write(t, db)
	s := run(t, db)
	var dump string
	err := db.QueryRow(t.Context(), `SELECT string_agg(f::text, ' ') || (SELECT string_agg(r::text, ' ') FROM recon.run AS r) FROM recon.finding AS f WHERE run_id = $1`, s.ID).Scan(&dump)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(dump, "PD-1") || !strings.Contains(dump, "PD-2") {
		t.Fatal("the findings that could hold personal data are not there")
	}
	for _, secret := range secrets {
		if strings.Contains(dump, secret) {
			t.Errorf("findings hold personal data: %q", secret)
		}
	}
}

func TestGrace_EndsToTheMicrosecond(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age  time.Duration
		want string
	}{
		"exactly the grace":        {30 * time.Minute, "in_flight"},
		"a microsecond beyond":     {30*time.Minute + time.Microsecond, "overdue"},
		"shorter grace of its own": {6 * time.Minute, "overdue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := schematest.New(t).Pool
			w := cleanWorld(1, 0)
			w.balances("E", 10, 7)
			w.known("SO-E")
			w.shipment(schema.Jushuitan, "I-E", "SO-E", "MAIN", asOf.Add(-c.age), shipped("E", 3))
			w.deliveries = []delivery{{flow: "shipment:jushuitan>onec", key: "I-E", state: "retry", since: asOf.Add(-c.age)}}
			w.write(t, db)
			s := run(t, db, func(o *reconcile.Options) {
				if name == "shorter grace of its own" {
					o.LaneGrace = map[string]time.Duration{"shipment:jushuitan>onec": 10 * time.Minute}
					o.GraceFactor = 50
				}
			})
			for _, f := range listed(t, db, s.ID) {
				if string(f.Class) != c.want {
					t.Errorf("%s is %s, want %s", f.Comparison, f.Class, c.want)
				}
			}
			if s.FindingCount != 2 {
				t.Errorf("got %d findings, want the balance and the shipment", s.FindingCount)
			}
		})
	}
}

// Random movements with random delays: below the grace no discrepancy at all, above it
// each article that moved is overdue, and nothing is ever left unexplained.
func TestGrace_RandomMovementsNeverLeaveARest(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(1, 0)
	late := map[string]bool{}
	for i := range 60 {
		sku, gone := fmt.Sprintf("RM-%02d", i), int64(0)
		delays := make([]time.Duration, 1+rand.IntN(4))
		for n := range delays {
			q := 1 + rand.Int64N(9)
			gone += q
			delays[n] = time.Duration(rand.Int64N(int64(30 * time.Minute)))
			if i%2 == 1 && n == 0 {
				delays[n] += 31 * time.Minute
				late[sku] = true
			}
			id := fmt.Sprintf("%s-%d", sku, n)
			w.known("SO-" + id)
			w.shipment(schema.Jushuitan, "I-"+id, "SO-"+id, "MAIN", asOf.Add(-delays[n]), shipped(sku, q))
		}
		w.balances(sku, 500, 500-gone)
	}
	w.readAt = map[reconcile.Source]time.Time{}
	for _, s := range []schema.System{schema.OneC, schema.Jushuitan} {
		for _, e := range []schema.Entity{schema.EntityStockBalance, schema.EntityShipment} {
			w.readAt[reconcile.Source{System: s, Entity: e}] = asOf
		}
	}
	w.write(t, db)
	for _, f := range listed(t, db, run(t, db).ID) {
		if f.Comparison != "quantity" {
			continue
		}
		want := reconcile.ClassInFlight
		if late[f.SKU] {
			want = reconcile.ClassOverdue
		}
		if f.Class != want || f.Unexplained != 0 {
			t.Errorf("%s is %s with %s unexplained, want %s: %+v", f.SKU, f.Class, f.Unexplained, want, f.Evidence)
		}
		delete(late, f.SKU)
	}
	if len(late) > 0 {
		t.Errorf("not listed as overdue: %v", late)
	}
}

// A shipment that both have, while the balances were read before and after it, is time
// and no discrepancy.
func TestSnapshotsAtDifferentTimesAreBroughtTogether(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(1, 0)
	w.balances("SN", 95, 100) // 1C already holds the shipment, the balance of Jushuitan is older
	w.known("SO-SN")
	for _, s := range []schema.System{schema.OneC, schema.Jushuitan} {
		w.shipment(s, "I-SN", "SO-SN", "MAIN", asOf.Add(-20*time.Minute), shipped("SN", 5))
	}
	w.readAt = map[reconcile.Source]time.Time{
		{System: schema.Jushuitan, Entity: schema.EntityStockBalance}: asOf.Add(-40 * time.Minute),
		{System: schema.OneC, Entity: schema.EntityStockBalance}:      asOf.Add(-5 * time.Minute),
	}
	w.write(t, db)
	requireFindings(t, listed(t, db, run(t, db).ID), []expectation{
		{"quantity", "MAIN/SN", "in_flight", jst, "5.000", "5.000", zero, zero, "500.00", "snapshot_between"},
	})
}

// Each random part of the faults causes exactly its own findings: faults do not
// hide or colour one another.
func TestRun_FindsAnyMixOfFaults(t *testing.T) {
	t.Parallel()
	for i := range 6 {
		t.Run(fmt.Sprintf("mix %d", i), func(t *testing.T) {
			t.Parallel()
			db := schematest.New(t).Pool
			w := cleanWorld(5, 3)
			var want []expectation
			var names []string
			for _, s := range allSeeds() {
				if rand.IntN(3) == 0 {
					s.spoil(w)
					want, names = append(want, s.want...), append(names, s.name)
				}
			}
			w.write(t, db)
			requireFindings(t, listed(t, db, run(t, db).ID), want)
			if t.Failed() {
				t.Logf("faults: %s", strings.Join(names, "; "))
			}
		})
	}
}

func TestRun_SameDataGivesTheSameFindings(t *testing.T) {
	t.Parallel()
	w := cleanWorld(5, 3)
	for _, s := range allSeeds() {
		s.spoil(w)
	}
	var texts, fingerprints, hashes []string
	for range 2 { // each in a random physical order
		db := schematest.New(t).Pool
		w.write(t, db)
		s := run(t, db)
		var text strings.Builder
		for _, f := range listed(t, db, s.ID) {
			fmt.Fprintf(&text, "%s %s %+v %s\n", f.ID, f.Severity, describe(&f), f.State)
		}
		texts, fingerprints, hashes = append(texts, text.String()), append(fingerprints, s.Fingerprint), append(hashes, s.ResultHash)
	}
	if texts[0] != texts[1] {
		t.Errorf("findings differ:\n%s\nand\n%s", texts[0], texts[1])
	}
	if fingerprints[0] != fingerprints[1] || fingerprints[0] == "" {
		t.Errorf("fingerprints differ: %q and %q", fingerprints[0], fingerprints[1])
	}
	if hashes[0] != hashes[1] {
		t.Errorf("result hashes differ: %q and %q", hashes[0], hashes[1])
	}
}

// runError runs and returns the error, for runs that must fail.
func runError(ctx context.Context, db *pgxpool.Pool) (reconcile.Summary, error) {
	return reconcile.Run(ctx, db, reconcile.Options{AsOf: asOf, Now: func() time.Time { return asOf }})
}

func TestRun_FailsWhenATotalDoesNotTie(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(3, 1)
	w.balances("LOST", 10, 4)
	w.write(t, db)
	// A finding that gets lost on its way into the run must not go unnoticed.
	_, err := db.Exec(t.Context(), `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
		CREATE TRIGGER lose BEFORE INSERT ON recon.finding FOR EACH ROW WHEN (NEW.sku = 'LOST') EXECUTE FUNCTION lose()`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := runError(t.Context(), db)
	if !errors.Is(err, reconcile.ErrTotals) || !strings.Contains(err.Error(), "findings listed") {
		t.Fatalf("got error %v, want one that names the total", err)
	}
	if s.Status != reconcile.StatusFailed || s.TotalsTie || len(broken(s.Totals)) != 1 {
		t.Errorf("got status %s and broken totals %+v", s.Status, broken(s.Totals))
	}
	if _, err := reconcile.LoadRun(t.Context(), db, reconcile.Latest); !errors.Is(err, reconcile.ErrNoRun) {
		t.Errorf("a failed run must not be the latest, got %v", err)
	}
}

func TestRun_RecordsWhyItFailed(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	cleanWorld(2, 0).write(t, db)
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended('sverka reconcile', 0))`); err != nil {
		t.Fatal(err)
	}
	if _, err := runError(t.Context(), db); !errors.Is(err, reconcile.ErrBusy) {
		t.Fatalf("got %v, want ErrBusy", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), `SELECT status || ': ' || failure FROM recon.run`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(got) != 1 || got[0] != "failed: another run is under way" {
		t.Errorf("got %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runError(ctx, db); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}

func TestOptions_AreRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	o := reconcile.Options{
		Grace: -1, LaneGrace: map[string]time.Duration{"no:such>lane": 1},
		Materiality: map[string]reconcile.Limits{"RUB": {Accept: 5, List: 1}},
	}
	err := o.Validate()
	if err == nil {
		t.Fatal("bad options must be refused")
	}
	for _, part := range []string{"grace -1ns", `lane "no:such>lane"`, `materiality "RUB"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

package reconcile_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/schema/schematest"
)

func TestRun_AgreesOnACleanWorld(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	cleanWorld(30, 20).write(t, db)
	s := run(t, db)
	if got := listed(t, db, s.ID); len(got) != 0 {
		t.Fatalf("a clean world must have no finding, got %d, first %+v", len(got), got[0])
	}
	if s.Count("", reconcile.ClassEqual) == 0 {
		t.Fatal("a clean world must have equal pairs")
	}
}

// describe is a finding in the words of an expectation.
func describe(f *reconcile.Finding) expectation {
	e := expectation{
		comparison: f.Comparison, class: string(f.Class), systemB: string(f.SystemB), cause: f.Cause,
		difference: f.Difference.String(), inFlight: f.InFlight.String(), overdue: f.Overdue.String(), unexplained: f.Unexplained.String(),
	}
	if f.Amount != nil {
		e.amount = f.Amount.String()
	}
	switch {
	case f.Comparison == "source":
		e.key = string(f.SystemA) + ":" + f.Document
	case f.Comparison == "shipped" || f.Comparison == "identity":
		e.key = f.Document
	case f.Area == reconcile.AreaStock:
		e.key = f.WarehouseCode + "/" + f.SKU
	default:
		e.key = f.OrderNumber
	}
	return e
}

// requireFindings compares what was found with what was seeded, both ways.
func requireFindings(t *testing.T, got []reconcile.Finding, want []expectation) {
	t.Helper()
	name := func(e expectation) string { return fmt.Sprintf("%s %s onec>%s", e.comparison, e.key, e.systemB) }
	found := map[string]expectation{}
	for i := range got {
		e := describe(&got[i])
		if twice, ok := found[name(e)]; ok {
			t.Errorf("pair listed twice: %+v and %+v", twice, e)
		}
		found[name(e)] = e
	}
	for _, w := range want {
		g, ok := found[name(w)]
		if !ok {
			t.Errorf("not found: %+v", w)
		} else if g != w {
			t.Errorf("%s:\n got %+v\nwant %+v", name(w), g, w)
		}
		delete(found, name(w))
	}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		t.Errorf("false finding: %+v", found[k])
	}
}

func allSeeds() []seed { return slices.Concat(stockSeeds(), orderSeeds(), moneyAndGoodsSeeds()) }

func TestRun_FindsEveryFaultAndNothingElse(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(30, 20)
	var want []expectation
	for _, s := range allSeeds() {
		s.spoil(w)
		want = append(want, s.want...)
	}
	w.write(t, db)
	requireFindings(t, listed(t, db, run(t, db).ID), want)
}

func TestRun_NeedsNoMoreThanTheRightsOfTheApp(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	w := cleanWorld(3, 1)
	w.balances("RIGHTS", 10, 7)
	w.write(t, db.Pool)
	cfg, err := pgxpool.ParseConfig(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET ROLE sverka_app")
		return err
	}
	app, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	for range 2 { // the second run meets the first one's prepared statements
		if s := run(t, app); s.FindingCount != 1 {
			t.Errorf("got %d findings, want one", s.FindingCount)
		}
	}
}

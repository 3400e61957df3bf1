package main

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
	"sverka/schema/schematest"
)

func TestBuildReport(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	observed := time.Now().Add(-48 * time.Hour)
	balance := func(s schema.System, n int64) *schema.StockBalance {
		return &schema.StockBalance{
			Provenance: schema.Provenance{System: s, ObservedAt: observed}, WarehouseCode: "MAIN", SKU: "SKU-1", UnitCode: "796", Quantity: schema.Pieces(n),
		}
	}
	schematest.Stage(t, db, balance(schema.OneC, 10), balance(schema.Jushuitan, 3), balance(schema.OpenShop, 10))
	for _, s := range []schema.System{schema.OneC, schema.Jushuitan, schema.OpenShop} {
		schematest.Stage(t, db, &schema.Warehouse{
			Provenance: schema.Provenance{System: s, ObservedAt: observed}, WarehouseCode: "MAIN", Name: "Name in " + string(s), Active: true,
		}, &schema.Product{Provenance: schema.Provenance{System: s, ObservedAt: observed}, SKU: "SKU-1", Name: "Kettle", UnitCode: "796", Enabled: true})
	}
	mustExec(t, db, `INSERT INTO ops.intake_source (system, name, entity, last_started_at, last_complete_started_at, last_complete_finished_at)
SELECT s, e, e, now(), now(), now() FROM unnest('{onec,jushuitan,openshop}'::text[]) s, unnest('{stock_balance,sales_order}'::text[]) e`)
	mustExec(t, db, `INSERT INTO ops.delivery (flow, key, wanted_lsn, state, attempts, reason, failure) VALUES
('stock_balance:onec>openshop', 'MAIN/SKU-9', '0/1', 'held', 2, 'product_missing', 'the shop does not know the product'),
('sales_order:onec>jushuitan', 'OS-5', '0/1', 'delivered', 1, '', '')`)

	first := mustReconcile(t, db)
	report := mustBuild(t, db, first)
	found := findingsOf(t, report)
	if len(found) != 1 || found[0].Class != workbook.ClassQuantity || found[0].Product != "Kettle" {
		t.Fatalf("findings %+v, want the one quantity of SKU-1", found)
	}
	if report.Run.Verdict != workbook.Differences || report.Stated.Findings != 1 || report.Stated.Open != 1 {
		t.Errorf("verdict %s, stated %+v; want differences, one of one open", report.Run.Verdict, report.Stated)
	}
	if len(report.Warehouses) != 1 || report.Warehouses[0].Name != "Name in onec" || report.Warehouses[0].Compared == 0 {
		t.Errorf("warehouses %+v, want MAIN by its name in 1C with what was compared", report.Warehouses)
	}
	if len(report.Held) != 1 || report.Held[0].SKU != "SKU-9" || report.Held[0].To != schema.OpenShop || report.Held[0].Attempts != 2 {
		t.Errorf("held %+v, want the delivery of SKU-9", report.Held)
	}
	for _, c := range report.Controls {
		if !c.Ties {
			t.Errorf("control total %s: %s and %s do not tie", c.Name, c.Left, c.Right)
		}
	}
	if len(report.Controls) == 0 || len(report.Sources) < 6 || len(report.Parameters) == 0 || report.Run.PreviousID != "" {
		t.Errorf("%d controls, %d sources, %d parameters, previous run %q", len(report.Controls), len(report.Sources), len(report.Parameters), report.Run.PreviousID)
	}

	// What a person says about a finding is carried into the next workbook.
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		_, err := reconcile.AddResolutions(t.Context(), tx, reconcile.Resolution{
			FindingID: found[0].ID, RunID: first.ID, Resolution: reconcile.ResolutionRecount, Comment: "count it", Author: "Anna", At: time.Now(),
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	second := mustReconcile(t, db)
	next := mustBuild(t, db, second)
	if found := findingsOf(t, next); len(found) != 1 || found[0].CarriedNote == "" {
		t.Errorf("findings %+v, want Anna's note carried", found)
	}
	if next.Run.PreviousID == "" || next.Run.PreviousHash != first.ResultHash || len(next.Trend) == 0 {
		t.Errorf("previous run %q %q, trend of %d days; want the first run", next.Run.PreviousID, next.Run.PreviousHash, len(next.Trend))
	}
	// An earlier run says nothing about what waits today.
	if again := mustBuild(t, db, first); len(again.Held) != 0 {
		t.Errorf("held %+v in the workbook of an earlier run", again.Held)
	}
}

func mustExec(t *testing.T, db *schematest.DB, sql string) {
	t.Helper()
	if _, err := db.Pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func mustReconcile(t *testing.T, db *schematest.DB) reconcile.RunInfo {
	t.Helper()
	cfg := defaultConfig()
	s, err := reconcile.Run(t.Context(), db.Pool, cfg.reconcileOptions())
	if err != nil {
		t.Fatal(err)
	}
	return s.RunInfo
}

func mustBuild(t *testing.T, db *schematest.DB, run reconcile.RunInfo) workbook.Report {
	t.Helper()
	r, err := buildReport(t.Context(), db.Pool, run, reportIn(workbook.English))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func findingsOf(t *testing.T, r workbook.Report) []workbook.Finding {
	t.Helper()
	var out []workbook.Finding
	for f, err := range r.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

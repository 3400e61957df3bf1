package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// reconcile runs the whole reconciliation over three systems' stock, half a percent
// of it different, next to the bare full join of the same rows.
func (b *bench) reconcile(ctx context.Context) error {
	pool, err := b.database(ctx, "reconciliation")
	if err != nil {
		return err
	}
	defer pool.Close()
	perWarehouse := max(b.opts.stock/20, 1)
	for _, sql := range []string{
		`INSERT INTO canonical.warehouse (system, warehouse_code, name, observed_at, row_hash)
SELECT s, 'W' || lpad(w::text, 2, '0'), 'W', now(), '' FROM unnest('{onec,jushuitan,openshop}'::text[]) s, generate_series(1, 20) w`,
		fmt.Sprintf(`INSERT INTO canonical.product (system, sku, name, observed_at, row_hash)
SELECT s, 'SKU-' || lpad(i::text, 7, '0'), 'name', now(), '' FROM unnest('{onec,jushuitan,openshop}'::text[]) s, generate_series(1, %d) i`, perWarehouse),
		fmt.Sprintf(`INSERT INTO canonical.stock_balance (system, warehouse_code, sku, quantity, reserved, observed_at, row_hash)
SELECT s, 'W' || lpad(w::text, 2, '0'), 'SKU-' || lpad(i::text, 7, '0'),
  (i * 7 + w) %% 500 + CASE WHEN s = 'jushuitan' AND (i * 20 + w) %% 200 = 7 THEN 3 ELSE 0 END, 0, now() - interval '1 day', ''
FROM unnest('{onec,jushuitan,openshop}'::text[]) s, generate_series(1, 20) w, generate_series(1, %d) i`, perWarehouse),
		`INSERT INTO ops.intake_source (system, name, entity, last_started_at, last_complete_started_at, last_complete_finished_at)
SELECT s, e, e, now(), now(), now() FROM unnest('{onec,jushuitan,openshop}'::text[]) s,
  unnest('{stock_balance,sales_order,order_status,payment,shipment}'::text[]) e`,
		`ANALYZE`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	bare := func() (time.Duration, error) {
		started := time.Now()
		var n int64
		err := pool.QueryRow(ctx, `SELECT count(*) FROM (SELECT warehouse_code, sku, quantity FROM canonical.stock_balance WHERE system = 'onec') o
FULL JOIN (SELECT warehouse_code, sku, quantity FROM canonical.stock_balance WHERE system = 'jushuitan') j USING (warehouse_code, sku)
FULL JOIN (SELECT warehouse_code, sku, quantity FROM canonical.stock_balance WHERE system = 'openshop') s USING (warehouse_code, sku)
WHERE o.quantity IS DISTINCT FROM j.quantity OR o.quantity IS DISTINCT FROM s.quantity`).Scan(&n)
		return time.Since(started), err
	}
	if _, err := bare(); err != nil { // warms the cache for both
		return fmt.Errorf("bare join: %w", err)
	}
	joined, err := bare()
	if err != nil {
		return fmt.Errorf("bare join: %w", err)
	}
	started := time.Now()
	run, err := reconcile.Run(ctx, pool, reconcile.Options{})
	if err != nil {
		return err
	}
	took := time.Since(started)
	b.result["reconcile_rows_per_system"] = perWarehouse * 20
	b.result["reconcile_findings"] = run.FindingCount
	b.result["reconcile_s"], b.result["reconcile_bare_join_s"] = took.Seconds(), joined.Seconds()
	b.result["reconcile_vs_bare_sql"] = took.Seconds() / joined.Seconds()
	return nil
}

// workbook writes the Excel file of many findings.
func (b *bench) workbook(ctx context.Context) error {
	runtime.GC()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // resets the peak, where the kernel allows it
		b.result["workbook_peak_note"] = "peak memory counts the parts before"
	}
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		return fmt.Errorf("read CPU time: %w", err)
	}
	started := time.Now()
	now := time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC)
	written, err := workbook.Write(ctx, b.dir, workbook.Report{
		Run: workbook.RunInfo{ID: "1", AsOf: now, Started: now, Finished: now, RuleVersion: reconcile.RulesVersion, Language: workbook.Russian, Zone: time.UTC, Currency: "RUB"},
		Findings: func() iter.Seq2[workbook.Finding, error] {
			return func(yield func(workbook.Finding, error) bool) {
				for i := range b.opts.findings {
					if !yield(benchFinding(i, now), nil) {
						return
					}
				}
			}
		},
	})
	if err != nil {
		return err
	}
	took := time.Since(started)
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		return fmt.Errorf("read CPU time: %w", err)
	}
	cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	b.result["workbook_findings"] = b.opts.findings
	b.result["workbook_s"], b.result["workbook_cpu_s"] = took.Seconds(), cpu.Seconds()
	b.result["workbook_mb"] = float64(written.Bytes) / (1 << 20)
	if mb, err := peakRSS(); err == nil {
		b.result["workbook_peak_rss_mb"] = mb
	}
	return os.Remove(filepath.Clean(written.Path))
}

func benchFinding(i int, now time.Time) workbook.Finding {
	q := schema.Pieces(int64(i % 400))
	return workbook.Finding{
		ID: fmt.Sprintf("%08x", i), Severity: workbook.Medium, Class: "QTY", Area: workbook.AreaStock, State: workbook.Open,
		Left: schema.OneC, Right: schema.Jushuitan, Warehouse: fmt.Sprintf("W%02d", i%20), SKU: fmt.Sprintf("SKU-%07d", i), Product: "Куртка зимняя, чёрная & белая",
		Unit: "шт", QtyOneC: workbook.Known(q), QtyJushuitan: workbook.Known(q + 3000), QtyOpenShop: workbook.Known(q), Unexplained: workbook.Known(schema.Pieces(3)),
		Amount: schema.Amount(59970 + i), Currency: "RUB", AgeDays: i % 30, Cause: "нет объяснения", FirstSeen: now.AddDate(0, 0, -i%30),
	}
}

// peakRSS is the highest resident memory of this process, in MiB.
func peakRSS() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("read peak memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				return 0, fmt.Errorf("read peak memory: %w", err)
			}
			return float64(kb) / 1024, nil
		}
	}
	return 0, fmt.Errorf("read peak memory: the kernel does not tell")
}

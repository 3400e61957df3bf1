package reconcile

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/schema/schematest"
)

// bareSQL is the least that finds keys that differ over three systems: the measure
// of the compare statement.
const bareSQL = `SELECT count(*)
FROM (SELECT * FROM canonical.stock_balance WHERE system = 'onec') AS o
FULL JOIN (SELECT * FROM canonical.stock_balance WHERE system = 'jushuitan') AS j USING (warehouse_code, sku)
FULL JOIN (SELECT * FROM canonical.stock_balance WHERE system = 'openshop') AS s USING (warehouse_code, sku)
WHERE o.quantity IS DISTINCT FROM j.quantity OR o.quantity IS DISTINCT FROM s.quantity`

// fillSQL makes balances of three systems in a random physical order: about 0.5 %
// of the keys differ, 0.05 % are missing in one system.
const fillSQL = `INSERT INTO canonical.stock_balance (system, warehouse_code, sku, quantity, reserved, observed_at, row_hash)
SELECT s.system, 'W' || lpad((i / 50000)::text, 2, '0'), 'SKU-' || lpad((i % 50000)::text, 6, '0'),
    CASE s.system WHEN 'openshop' THEN 100 + i % 977 - i % 7 ELSE 100 + i % 977 END
        + CASE WHEN abs(hashint8(i * 31 + s.n)) % 1000 < 2 THEN 1 ELSE 0 END,
    CASE s.system WHEN 'openshop' THEN 0 ELSE i % 7 END, now() - interval '1 day', md5(i::text)
FROM generate_series(0, $1::bigint - 1) AS i
CROSS JOIN (VALUES ('onec', 1), ('jushuitan', 2), ('openshop', 3)) AS s (system, n)
WHERE abs(hashint8(i * 17 + s.n)) % 2000 <> 0
ORDER BY hashint8(i + s.n)`

const readersSQL = `INSERT INTO ops.intake_source (system, name, entity, last_complete_started_at, last_complete_finished_at)
SELECT system, entity, entity, now(), now()
FROM unnest(ARRAY['onec', 'jushuitan', 'openshop']) AS system CROSS JOIN unnest(ARRAY['stock_balance', 'sales_order']) AS entity`

func benchmarkRows(b *testing.B) int64 {
	b.Helper()
	if text, ok := os.LookupEnv("SVERKA_BENCH_ROWS"); ok {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			b.Fatalf("SVERKA_BENCH_ROWS: %v", err)
		}
		return n
	}
	return 1_000_000
}

// BenchmarkCompare fills three systems with balances and measures the compare
// statement against the bare full join in the same session, and a whole run.
func BenchmarkCompare(b *testing.B) {
	db := schematest.New(b).Pool
	ctx := b.Context()
	for _, sql := range []string{fillSQL, readersSQL, "VACUUM (ANALYZE) canonical.stock_balance"} {
		var args []any
		if sql == fillSQL {
			args = append(args, benchmarkRows(b))
		}
		if _, err := db.Exec(ctx, sql, args...); err != nil {
			b.Fatalf("fill: %v", err)
		}
	}
	b.Run("statement", func(b *testing.B) { benchmarkStatement(b, db) })
	b.Run("run", func(b *testing.B) {
		for b.Loop() {
			s, err := Run(ctx, db, Options{})
			if err != nil {
				b.Fatalf("run: %v", err)
			}
			for _, t := range s.Timings {
				if t.Took > 100*time.Millisecond {
					b.Logf("%-20s %s", t.Step, t.Took.Round(time.Millisecond))
				}
			}
			b.ReportMetric(float64(s.FindingCount), "findings")
		}
	})
}

func benchmarkStatement(b *testing.B, db *pgxpool.Pool) {
	b.Helper()
	ctx := b.Context()
	tx, err := db.Begin(ctx)
	if err != nil {
		b.Fatalf("begin: %v", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := claim(ctx, tx); err != nil {
		b.Fatal(err)
	}
	args, err := Options{}.withDefaults().args(0)
	if err != nil {
		b.Fatal(err)
	}
	var s Summary
	if err := s.take(ctx, tx, sourceSteps(), args); err != nil {
		b.Fatal(err)
	}
	if err := addScope(ctx, tx, args); err != nil {
		b.Fatal(err)
	}
	ours, bare := time.Duration(1<<62), time.Duration(1<<62)
	for b.Loop() {
		bare = min(bare, timeBare(b, tx))
		if _, err := tx.Exec(ctx, "TRUNCATE w_stock"); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := (step{name: "compare_stock"}).run(ctx, tx, args); err != nil {
			b.Fatal(err)
		}
		ours = min(ours, time.Since(began))
	}
	b.ReportMetric(float64(bare.Milliseconds()), "bare-ms")
	b.ReportMetric(float64(ours.Milliseconds()), "ours-ms")
	b.ReportMetric(float64(ours)/float64(bare), "ratio")
}

// documentsSQL makes orders of two lines in three systems, paid and shipped; one in
// a hundred has another sum in Jushuitan.
const documentsSQL = `
WITH numbers AS (SELECT i, 'SO-' || lpad(i::text, 8, '0') AS n FROM generate_series(1, 100000) AS i),
parties AS (SELECT unnest(ARRAY['onec', 'jushuitan', 'openshop']) AS system),
orders AS (
    INSERT INTO canonical.sales_order (system, order_number, ordered_at, currency, total, warehouse_code, external_id, observed_at, row_hash)
    SELECT system, n, now() - interval '3 days', 'RUB', 300 + CASE WHEN system = 'jushuitan' AND i % 100 = 0 THEN 5 ELSE 0 END, 'W00', system || n, now() - interval '2 days', md5(n)
    FROM numbers CROSS JOIN parties
),
statuses AS (
    INSERT INTO canonical.order_status (system, order_number, phase, changed_at, observed_at, row_hash)
    SELECT system, n, 'shipped', now() - interval '2 days', now() - interval '2 days', md5(n) FROM numbers CROSS JOIN parties
),
payments AS (
    INSERT INTO canonical.payment (system, payment_id, order_number, amount, currency, method, status, paid_at, observed_at, row_hash)
    SELECT system, 'P' || n, n, 300, 'RUB', 'card', 'paid', now() - interval '2 days', now() - interval '2 days', md5(n) FROM numbers CROSS JOIN parties
)
INSERT INTO canonical.shipment (system, invoice_number, order_number, warehouse_code, shipped_at, status, observed_at, row_hash)
SELECT system, 'I' || n, n, 'W00', now() - interval '2 days', 'shipped', now() - interval '2 days', md5(n) FROM numbers CROSS JOIN parties WHERE system <> 'openshop';
INSERT INTO canonical.sales_order_line (system, order_number, line_no, sku, quantity, price, amount)
SELECT system, order_number, line_no, 'SKU-' || line_no, line_no, 100, 100 * line_no FROM canonical.sales_order CROSS JOIN generate_series(1, 2) AS line_no;
INSERT INTO canonical.shipment_line (system, invoice_number, line_no, sku, quantity)
SELECT system, invoice_number, line_no, 'SKU-' || line_no, line_no FROM canonical.shipment CROSS JOIN generate_series(1, 2) AS line_no;
ANALYZE`

// BenchmarkDocuments measures a whole run over 100 000 orders in three systems.
func BenchmarkDocuments(b *testing.B) {
	db := schematest.New(b).Pool
	for _, sql := range []string{documentsSQL, readersSQL} {
		if _, err := db.Exec(b.Context(), sql); err != nil {
			b.Fatalf("fill: %v", err)
		}
	}
	for b.Loop() {
		s, err := Run(b.Context(), db, Options{})
		if err != nil {
			b.Fatalf("run: %v", err)
		}
		for _, t := range s.Timings {
			if t.Took > 100*time.Millisecond {
				b.Logf("%-20s %s", t.Step, t.Took.Round(time.Millisecond))
			}
		}
		b.ReportMetric(float64(s.FindingCount), "findings")
	}
}

// timeBare takes the better plan of the two that the planner has for the bare join.
func timeBare(b *testing.B, tx pgx.Tx) time.Duration {
	b.Helper()
	best := time.Duration(1 << 62)
	for _, hash := range []string{"on", "off"} {
		if _, err := tx.Exec(b.Context(), "SET LOCAL enable_hashjoin = "+hash); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := tx.Exec(b.Context(), bareSQL); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	if _, err := tx.Exec(b.Context(), "SET LOCAL enable_hashjoin = on"); err != nil {
		b.Fatal(err)
	}
	return best
}

package replicator_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/replicator/wal"
	"sverka/schema/canonical"
	"sverka/schema/schematest"
)

// BenchmarkRoad_SlotToCommittedDeliveries measures changes of stock, in transactions
// of 1 000 rows, from the slot to their deliveries committed with the position.
// "sverka bench drain" measures the same beside pg_recvlogical.
func BenchmarkRoad_SlotToCommittedDeliveries(b *testing.B) {
	const perRound = 20_000
	db := schematest.New(b)
	if _, err := db.Pool.Exec(b.Context(), `INSERT INTO canonical.stock_balance (system, warehouse_code, sku, quantity, observed_at, row_hash)
SELECT 'jushuitan', 'W', 'S' || i, i, now(), '' FROM generate_series(1, $1::int) i`, perRound); err != nil {
		b.Fatal(err)
	}
	engine := delivery.New(delivery.Config{}, db.Pool, slog.New(slog.DiscardHandler))
	marks := make(chan string, 16)
	seen := ""
	watch := func(_ context.Context, _ pgx.Tx, changes []replicator.Change) error {
		if m := changes[len(changes)-1].Text("external_id"); m != "" {
			seen = m
		}
		return nil
	}
	committed := func() {
		if seen != "" {
			marks <- seen
			seen = ""
		}
	}
	stream := wal.New(wal.Config{URL: db.ReplicationURL, Slot: "bench_" + db.Name, Tables: canonical.TableNames()}, db.Pool, slog.New(slog.DiscardHandler),
		func(context.Context, pgx.Tx) error { return nil }, committed, engine.Hook, watch)
	if err := stream.Reset(b.Context()); err != nil {
		b.Fatal(err)
	}
	var spent time.Duration
	rounds := 0
	for b.Loop() {
		b.StopTimer()
		rounds++
		mark := fmt.Sprintf("round %d", rounds)
		for from := 1; from <= perRound; from += 1000 {
			if _, err := db.Pool.Exec(b.Context(), `UPDATE canonical.stock_balance SET quantity = quantity + 1, external_id = CASE WHEN sku = 'S' || $2::int THEN $3 ELSE '' END
WHERE sku IN (SELECT 'S' || i FROM generate_series($1::int, $1::int + 999) i)`, from, perRound, mark); err != nil {
				b.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		b.StartTimer()
		started := time.Now()
		go func() { ended <- stream.Run(ctx) }()
		for got := ""; got != mark; {
			select {
			case got = <-marks:
			case err := <-ended:
				b.Fatal("the stream ended early: ", err)
			}
		}
		spent += time.Since(started)
		b.StopTimer()
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(rounds*perRound)/spent.Seconds(), "changes/s")
}

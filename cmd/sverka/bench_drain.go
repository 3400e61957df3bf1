package main

import (
	"context"
	"fmt"
	"log/slog"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/replicator/wal"
	"sverka/schema/canonical"
)

// drainBatch is how many rows one transaction of the workload changes.
const drainBatch = 1000

// drain fills two slots with the same changes and empties one with pg_recvlogical
// and the other with our stream, staged as deliveries with their position.
func (b *bench) drain(ctx context.Context) error {
	tool, err := findRecvlogical()
	if err != nil {
		return err
	}
	pool, err := b.database(ctx, "drain")
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := seedStock(ctx, pool, 50_000); err != nil {
		return err
	}
	// Over TCP, as a real installation reads.
	url, err := b.cluster.TCPURL("drain")
	if err != nil {
		return fmt.Errorf("address for the drain: %w", err)
	}
	quiet := slog.New(slog.DiscardHandler)
	engine := delivery.New(delivery.Config{}, pool, quiet)
	stream := func(done func(), hooks ...wal.Hook) *wal.Stream {
		return wal.New(wal.Config{URL: url, Slot: "bench_ours", Tables: canonical.TableNames()}, pool, quiet,
			func(context.Context, pgx.Tx) error { return nil }, done, hooks...)
	}
	if err := stream(func() {}, engine.Hook).Reset(ctx); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, `SELECT pg_create_logical_replication_slot('bench_theirs', 'pgoutput')`); err != nil {
		return fmt.Errorf("make the slot of pg_recvlogical: %w", err)
	}
	var ours, theirs []time.Duration
	for round := range b.opts.rounds {
		marker := fmt.Sprintf("end of round %d", round)
		end, err := b.fill(ctx, pool, marker)
		if err != nil {
			return err
		}
		t, err := recvlogical(ctx, tool, url, end)
		if err != nil {
			return err
		}
		theirs = append(theirs, t)
		if t, err = drainOurs(ctx, pool, stream, engine, marker); err != nil {
			return err
		}
		ours = append(ours, t)
	}
	b.result["drain_rows"] = b.opts.rows
	b.result["drain_staged_rows_per_s"] = float64(b.opts.rows) / median(ours)
	b.result["drain_pg_recvlogical_rows_per_s"] = float64(b.opts.rows) / median(theirs)
	b.result["staged_vs_pg_recvlogical"] = median(theirs) / median(ours)
	return nil
}

func findRecvlogical() (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_recvlogical"); len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	path, err := exec.LookPath("pg_recvlogical")
	if err != nil {
		return "", &environmentError{err: err, hint: "install pg_recvlogical: apt-get install postgresql"}
	}
	return path, nil
}

// seedStock stages n balances of Jushuitan.
func seedStock(ctx context.Context, pool *pgxpool.Pool, n int) error {
	_, err := pool.Exec(ctx, `INSERT INTO canonical.stock_balance (system, warehouse_code, sku, quantity, reserved, observed_at, row_hash)
SELECT 'jushuitan', 'W' || i % 20, 'SKU-' || i, i % 500, 0, now(), 'seed' FROM generate_series(1, $1::int) i`, n)
	if err != nil {
		return fmt.Errorf("seed stock: %w", err)
	}
	return nil
}

// fill commits the workload and returns where it ends.
func (b *bench) fill(ctx context.Context, pool *pgxpool.Pool, marker string) (string, error) {
	for done := 0; done < b.opts.rows; done += drainBatch {
		_, err := pool.Exec(ctx, `UPDATE canonical.stock_balance SET quantity = quantity + 1, row_hash = md5(random()::text)
WHERE system = 'jushuitan' AND (warehouse_code, sku) IN (SELECT 'W' || i % 20, 'SKU-' || i FROM generate_series($1::int, $1::int + $2::int - 1) i)`,
			done%49_000+1, min(drainBatch, b.opts.rows-done))
		if err != nil {
			return "", fmt.Errorf("commit the workload: %w", err)
		}
	}
	// The last change is marked, so that our side knows when it has everything.
	_, err := pool.Exec(ctx, `UPDATE canonical.stock_balance SET external_id = $1, row_hash = $1 WHERE system = 'jushuitan' AND warehouse_code = 'W1' AND sku = 'SKU-1'`, marker)
	if err != nil {
		return "", fmt.Errorf("commit the mark: %w", err)
	}
	var end string
	if err := pool.QueryRow(ctx, `SELECT pg_current_wal_insert_lsn()::text`).Scan(&end); err != nil {
		return "", fmt.Errorf("mark the end of the workload: %w", err)
	}
	// Something must follow, or pg_recvlogical waits for it.
	if _, err := pool.Exec(ctx, `SELECT pg_logical_emit_message(true, 'bench', 'after')`); err != nil {
		return "", fmt.Errorf("mark the end of the workload: %w", err)
	}
	return end, nil
}

func recvlogical(ctx context.Context, tool, url, end string) (time.Duration, error) {
	u, err := neturl.Parse(url)
	if err != nil {
		return 0, fmt.Errorf("address for pg_recvlogical: %w", err)
	}
	password, _ := u.User.Password()
	u.User = neturl.User(u.User.Username()) // arguments can be seen by everybody on the machine
	started := time.Now()
	cmd := exec.CommandContext(ctx, tool, "--start", "--slot=bench_theirs", "--endpos="+end, "--no-loop", "-f", "/dev/null",
		"-o", "proto_version=1", "-o", "publication_names=sverka", "-d", u.String())
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("pg_recvlogical: %w: %s", err, out)
	}
	return time.Since(started), nil
}

// drainOurs runs the stream until the marked change is committed as a delivery.
func drainOurs(ctx context.Context, pool *pgxpool.Pool, stream func(func(), ...wal.Hook) *wal.Stream, engine *delivery.Engine, marker string) (time.Duration, error) {
	if _, err := pool.Exec(ctx, `TRUNCATE ops.delivery`); err != nil {
		return 0, fmt.Errorf("empty the ledger: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := false // only the stream's goroutine looks at it
	passed := make(chan struct{}, 1)
	watch := func(_ context.Context, _ pgx.Tx, changes []replicator.Change) error {
		seen = seen || changes[len(changes)-1].Text("external_id") == marker
		return nil
	}
	committed := func() {
		if seen {
			select {
			case passed <- struct{}{}:
			default:
			}
		}
	}
	started := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- stream(committed, engine.Hook, watch).Run(ctx) }()
	select {
	case <-passed:
		took := time.Since(started)
		cancel()
		return took, <-ended
	case err := <-ended:
		return 0, fmt.Errorf("the stream ended early: %w", err)
	}
}

// latency commits single changes at a steady pace and measures, on one clock, the
// time from before each commit until its delivery is committed.
func (b *bench) latency(ctx context.Context) error {
	const perSecond, seconds = 500, 8
	pool, err := b.database(ctx, "latency")
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := seedStock(ctx, pool, 5000); err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler)
	engine := delivery.New(delivery.Config{}, pool, quiet)
	var batch []int // index of the change, carried in external_id
	arrived := make([]time.Time, perSecond*seconds)
	collect := func(_ context.Context, _ pgx.Tx, changes []replicator.Change) error {
		for i := range changes {
			var n int
			if _, err := fmt.Sscan(changes[i].Text("external_id"), &n); err == nil {
				batch = append(batch, n)
			}
		}
		return nil
	}
	stream := wal.New(wal.Config{URL: b.cluster.ReplicationURL("latency"), Slot: "bench_latency", Tables: canonical.TableNames()}, pool, quiet,
		func(context.Context, pgx.Tx) error { return nil },
		func() {
			now := time.Now()
			for _, n := range batch {
				arrived[n] = now
			}
			batch = batch[:0]
			engine.Committed()
		}, engine.Hook, collect)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- stream.Run(ctx) }()
	sent := make([]time.Time, perSecond*seconds)
	begin := time.Now().Add(500 * time.Millisecond)
	for i := range sent {
		if !pause(ctx, time.Until(begin.Add(time.Duration(i)*time.Second/perSecond))) {
			return context.Cause(ctx)
		}
		sent[i] = time.Now()
		_, err := pool.Exec(ctx, `UPDATE canonical.stock_balance SET quantity = quantity + 1, external_id = $1, row_hash = $1
WHERE system = 'jushuitan' AND warehouse_code = $2 AND sku = $3`, fmt.Sprint(i), fmt.Sprintf("W%d", (i%5000+1)%20), fmt.Sprintf("SKU-%d", i%5000+1))
		if err != nil {
			return fmt.Errorf("commit change %d: %w", i, err)
		}
	}
	pause(ctx, time.Second)
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	took := make([]time.Duration, 0, len(sent))
	for i, t := range arrived {
		if !t.IsZero() {
			took = append(took, t.Sub(sent[i]))
		}
	}
	if len(took) != len(sent) {
		return fmt.Errorf("%d of %d changes became deliveries", len(took), len(sent))
	}
	slices.Sort(took)
	ms := func(p int) float64 { return float64(took[len(took)*p/100].Microseconds()) / 1000 }
	b.result["commit_to_delivery_p50_ms"], b.result["commit_to_delivery_p99_ms"] = ms(50), ms(99)
	return nil
}

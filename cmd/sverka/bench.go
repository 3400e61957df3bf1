package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"sverka/schema/localpg"
	"sverka/schema/migrations"
)

// benchOptions are the flags of the benchmarks.
type benchOptions struct {
	parts    []string
	data     string
	rows     int
	stock    int
	findings int
	rounds   int
	json     bool
}

// bench is what every part measures with.
type bench struct {
	app     *app
	opts    benchOptions
	dir     string
	cluster *localpg.Cluster
	result  map[string]any
}

func newBenchCommand(a *app) *cobra.Command {
	o := benchOptions{}
	cmd := &cobra.Command{
		Use:   "bench [PART…]",
		Short: "Measure replication, latency, reconciliation and the workbook on this machine",
		Long: `bench starts a private Postgres and measures, each against a yardstick of the same run:

  drain      changes/s from the slot to committed deliveries, next to pg_recvlogical
  latency    commit to committed delivery at 500 changes a second
  reconcile  one whole reconciliation run, next to the bare join of the same rows
  workbook   the Excel file of many findings: time and peak memory

Without PART all of them are measured.`,
		ValidArgs: []string{"drain", "latency", "reconcile", "workbook"},
		Args:      cobra.OnlyValidArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.parts = args
			return runBench(cmd.Context(), a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.data, "data", "", "directory for the private Postgres (default: a temporary one, removed afterwards)")
	f.IntVar(&o.rows, "rows", 200_000, "row changes of the drain")
	f.IntVar(&o.stock, "stock", 1_000_000, "stock rows per system of the reconciliation")
	f.IntVar(&o.findings, "findings", 100_000, "findings of the workbook")
	f.IntVar(&o.rounds, "rounds", 3, "rounds of the drain; medians are printed")
	f.BoolVar(&o.json, "json", false, "print one JSON object")
	return cmd
}

func runBench(ctx context.Context, a *app, o benchOptions) (err error) {
	b := &bench{app: a, opts: o, dir: o.data, result: map[string]any{
		"go": runtime.Version(), "cpus": runtime.NumCPU(), "os": runtime.GOOS + "/" + runtime.GOARCH,
	}}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "sverka-bench-"); err != nil {
			return &environmentError{err: fmt.Errorf("make a directory: %w", err)}
		}
		if err := os.Chmod(b.dir, 0o755); err != nil { // another user runs Postgres there
			return &environmentError{err: fmt.Errorf("open the directory to Postgres: %w", err)}
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	}
	b.cluster, err = localpg.Start(ctx, localpg.Options{
		Dir: filepath.Join(b.dir, "postgres"), Fast: true, Logger: a.logger,
		Settings: map[string]string{"shared_buffers": "1GB", "work_mem": "256MB", "max_wal_size": "8GB", "jit": "off"},
	})
	if err != nil {
		return &environmentError{err: err, hint: "install Postgres: apt-get install postgresql"}
	}
	defer func() { err = errors.Join(err, b.cluster.Stop(context.WithoutCancel(ctx))) }()
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{{"drain", b.drain}, {"latency", b.latency}, {"reconcile", b.reconcile}, {"workbook", b.workbook}} {
		if len(o.parts) > 0 && !slices.Contains(o.parts, part.name) {
			continue
		}
		fmt.Fprintf(a.stderr, "measuring %s …\n", part.name)
		if err := part.run(ctx); err != nil {
			return fmt.Errorf("measure %s: %w", part.name, err)
		}
	}
	return b.print(a.stdout)
}

// database makes a migrated database of its own for one part.
func (b *bench) database(ctx context.Context, name string) (*pgxpool.Pool, error) {
	conn, err := pgx.Connect(ctx, b.cluster.URL("postgres"))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return nil, fmt.Errorf("make database %s: %w", name, err)
		}
	}
	mine, err := pgx.Connect(ctx, b.cluster.URL(name))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer mine.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way
	if _, err := migrations.Apply(ctx, mine, migrations.Options{}); err != nil {
		return nil, err
	}
	var version string
	if err := mine.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return nil, fmt.Errorf("read the version: %w", err)
	}
	b.result["postgres"] = version
	pool, err := pgxpool.New(ctx, b.cluster.URL(name))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return pool, nil
}

func (b *bench) print(w io.Writer) error {
	if b.opts.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(b.result)
	}
	names := make([]string, 0, len(b.result))
	for n := range b.result {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		v := b.result[n]
		if f, ok := v.(float64); ok {
			v = strings.TrimSuffix(fmt.Sprintf("%.2f", f), ".00")
		}
		fmt.Fprintf(w, "%-34s %v\n", n, v)
	}
	return nil
}

// median of durations in seconds.
func median(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}

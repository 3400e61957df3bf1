package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/schema"
	"sverka/schema/localpg"
	"sverka/schema/migrations"
)

// demoFactor is how many seconds of the demo's day pass in a real one: ten
// hours of business in 25 seconds. Rate limits and token lives shrink with it.
const demoFactor = 1440

// demoHistory is how old anything of the demo's world is at most.
const demoHistory = 60 * 24 * time.Hour

// demoDatabase is the demo's database; it is made anew by every run.
const demoDatabase = "sverka"

// demo is everything the demo runs on.
type demo struct {
	app     *app
	opts    demoOptions
	show    *demoShow
	cluster *localpg.Cluster
	pool    *pgxpool.Pool
	road    *road
	stop    func() error // ends the road and returns its error

	*simulated // nil until the world is open
}

// openDemo starts Postgres and the simulators and wires the road, without starting it.
func openDemo(ctx context.Context, a *app, o demoOptions, show *demoShow) (_ *demo, err error) {
	d := &demo{app: a, opts: o, show: show}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close(context.WithoutCancel(ctx)))
		}
	}()
	show.step("A private Postgres in %s", filepath.Join(o.data, "postgres"))
	if err := d.openDatabase(ctx); err != nil {
		return nil, err
	}
	show.step("A world of %d products, 3 warehouses and %d past orders; 1C, Jushuitan, OpenShop, bank and geocoder are simulated", o.products, o.orders)
	if err := d.openWorld(ctx); err != nil {
		return nil, err
	}
	return d, d.wire(ctx)
}

func (d *demo) openDatabase(ctx context.Context) error {
	var err error
	d.cluster, err = localpg.Start(ctx, localpg.Options{
		Dir: filepath.Join(d.opts.data, "postgres"), Fast: true, Logger: d.app.logger,
		Binaries: localpg.Binaries{Dir: d.opts.pgBin, Mirror: d.opts.pgMirror},
	})
	if err != nil {
		return postgresError(err, "--data")
	}
	if err := d.freshDatabase(ctx); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, d.cluster.URL(demoDatabase))
	if err != nil {
		return fmt.Errorf("connect to the demo's database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way
	if _, err := migrations.Apply(ctx, conn, migrations.Options{}); err != nil {
		return err
	}
	cfg, err := pgxpool.ParseConfig(d.cluster.URL(demoDatabase))
	if err != nil {
		return fmt.Errorf("the demo's database: %w", err)
	}
	cfg.MaxConns = 40
	if d.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return fmt.Errorf("connect to the demo's database: %w", err)
	}
	return nil
}

// freshDatabase drops what an earlier run left and makes the database anew.
func (d *demo) freshDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, d.cluster.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private Postgres: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way
	for _, sql := range []string{
		`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '` + demoDatabase + `' AND NOT active`,
		`DROP DATABASE IF EXISTS ` + demoDatabase + ` WITH (FORCE)`,
		`CREATE DATABASE ` + demoDatabase,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make the demo's database anew: %w", err)
		}
	}
	return nil
}

// openWorld starts the simulators a day before the day that will be played.
func (d *demo) openWorld(ctx context.Context) error {
	var err error
	d.simulated, err = startSimulated(ctx, simulatedOptions{
		host: "127.0.0.1", bankDir: filepath.Join(d.opts.data, "simulated-bank"), seed: d.opts.seed, products: d.opts.products, orders: d.opts.orders,
		start: demoMorning(time.Now()).AddDate(0, 0, -1), factor: demoFactor,
	})
	return err
}

// wire makes the connectors and the road between them; every flow is live.
func (d *demo) wire(ctx context.Context) error {
	systems, err := connectSystems(d.config(), worldTime{now: d.clock.Now, factor: demoFactor, history: demoHistory})
	if err != nil {
		return err
	}
	modes := map[replicator.FlowID]replicator.Mode{}
	for _, f := range replicator.Flows() {
		modes[f.ID()] = replicator.ModeLive
	}
	owners := map[string]schema.System{}
	for _, w := range d.world.Warehouses {
		owners[w.Code] = w.Runs
	}
	d.road, err = newRoad(ctx, d.pool, d.app.logger, roadConfig{
		replicationURL: d.cluster.ReplicationURL(demoDatabase), idleEvery: 200 * time.Millisecond, sinks: systems.sinks, sources: systems.sources,
		resolver: systems.resolver, resolveEvery: 200 * time.Millisecond, modes: modes, owners: owners,
		delivery: delivery.Config{
			Workers: 2, Lease: 30 * time.Second, RetryMin: 200 * time.Millisecond, RetryMax: 2 * time.Second,
			HoldRecheck: time.Second, Poll: 500 * time.Millisecond, StockSettle: 500 * time.Millisecond, Grace: 5 * time.Second,
		},
	})
	return err
}

// demoMorning is the newest nine o'clock in Moscow from which a whole day of the
// demo ends before now: what is reconciled must not lie in the future.
func demoMorning(now time.Time) time.Time {
	local := now.In(demoZone())
	morning := time.Date(local.Year(), local.Month(), local.Day(), 9, 0, 0, 0, demoZone())
	if now.Sub(morning) < 14*time.Hour {
		morning = morning.AddDate(0, 0, -1)
	}
	return morning
}

// startRoad lets changes flow until d.stop.
func (d *demo) startRoad(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.road.run(ctx) }()
	d.stop = func() error { cancel(); return <-ended }
}

// close ends everything the demo started, in the opposite order.
func (d *demo) close(ctx context.Context) error {
	var problems []error
	if d.stop != nil {
		problems = append(problems, d.stop())
	}
	if d.simulated != nil {
		problems = append(problems, d.simulated.close())
	}
	if d.pool != nil {
		d.pool.Close()
	}
	if d.cluster != nil {
		problems = append(problems, d.cluster.Stop(ctx))
	}
	return errors.Join(problems...)
}

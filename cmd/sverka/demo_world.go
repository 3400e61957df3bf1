package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile/banksim"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/onec/onecsim"
	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/connector/yandexmaps/yandexmapssim"
	"sverka/replicator/delivery"
	"sverka/schema"
	"sverka/schema/localpg"
	"sverka/schema/migrations"
)

// demoFactor is how many seconds of the demo's day pass in a real one: ten
// hours of business in 25 seconds. Rate limits and token lives shrink with it.
const demoFactor = 1440

// demoDatabase is the demo's database; it is made anew by every run.
const demoDatabase = "sverka"

// demo is everything the demo runs on.
type demo struct {
	app     *app
	opts    demoOptions
	show    *demoShow
	clock   *simworld.Clock
	world   *simworld.World
	cluster *localpg.Cluster
	pool    *pgxpool.Pool
	road    *road
	stop    func() error // ends the road and returns its error

	onec      *onecsim.Sim
	jushuitan *jushuitansim.Sim
	openshop  *openshopsim.Sim
	bank      *banksim.Sim
	onecFault *simworld.Faults
	servers   []*http.Server
	urls      map[string]string
	bankDir   string
}

// openDemo starts Postgres and the simulators and wires the road, without starting it.
func openDemo(ctx context.Context, a *app, o demoOptions, show *demoShow) (_ *demo, err error) {
	d := &demo{app: a, opts: o, show: show, urls: map[string]string{}}
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
		return &environmentError{err: err, hint: "install Postgres (apt-get install postgresql) or name its binaries with --pg-bin"}
	}
	if err := d.freshDatabase(ctx); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, d.cluster.URL(demoDatabase))
	if err != nil {
		return fmt.Errorf("connect to the demo's database: %w", err)
	}
	defer conn.Close(ctx)
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
	defer conn.Close(ctx)
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

func (d *demo) openWorld(ctx context.Context) error {
	start := time.Now().UTC().Truncate(24 * time.Hour).Add(6 * time.Hour) // 09:00 in Moscow
	d.world = simworld.New(simworld.Options{
		Seed: d.opts.seed, Products: d.opts.products, Warehouses: 3, Customers: 60, Orders: d.opts.orders, NewProducts: d.opts.products / 50, Start: start,
	})
	d.clock = simworld.NewClock(start, demoFactor)
	d.onecFault = &simworld.Faults{}
	d.onec = onecsim.New(d.world, onecsim.Options{Clock: d.clock, Faults: d.onecFault, User: "sverka", Password: "demo", PaymentID: simworld.Order.PastPaymentID})
	d.jushuitan = jushuitansim.New(d.world, jushuitansim.Options{Clock: d.clock})
	d.openshop = openshopsim.New(d.world, openshopsim.Options{Clock: d.clock, User: "sverka", Password: "demo", Zip: true})
	d.bankDir = filepath.Join(d.opts.data, "bank")
	if err := os.RemoveAll(d.bankDir); err != nil {
		return fmt.Errorf("clear the folder of bank statements: %w", err)
	}
	if err := os.MkdirAll(d.bankDir, 0o755); err != nil {
		return fmt.Errorf("make the folder of bank statements: %w", err)
	}
	if err := d.openBank(); err != nil {
		return err
	}
	for name, h := range map[string]http.Handler{
		"onec": d.onec, "jushuitan": d.jushuitan, "openshop": d.openshop,
		"geocoder": yandexmapssim.New(d.world, yandexmapssim.Options{APIKey: "demo"}),
	} {
		if err := d.serve(ctx, name, h); err != nil {
			return err
		}
	}
	return nil
}

// openBank opens our account with what past transfers brought in.
func (d *demo) openBank() error {
	d.bank = banksim.New(d.world, banksim.Options{Dir: d.bankDir})
	days := map[time.Time]bool{}
	for _, o := range d.world.Orders {
		if o.PaymentMethod != schema.MethodBankTransfer {
			continue
		}
		payer := d.world.CustomerByCode(o.Customer)
		d.bank.Pay(o.Number, o.Total, banksim.Payer{Name: payer.Name, INN: payer.INN}, o.PastPaidAt())
		days[o.PastPaidAt().Truncate(24*time.Hour)] = true
	}
	for day := range days {
		if _, err := d.bank.WriteStatement(day); err != nil {
			return fmt.Errorf("write a past bank statement: %w", err)
		}
	}
	return nil
}

// serve puts a simulator on a free port of the loopback interface.
func (d *demo) serve(ctx context.Context, name string, h http.Handler) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return &environmentError{err: fmt.Errorf("listen for the simulator of %s: %w", name, err)}
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	d.servers = append(d.servers, s)
	d.urls[name] = "http://" + l.Addr().String()
	go func() { _ = s.Serve(l) }() // ends with Close, which reports what matters
	return nil
}

// wire makes the connectors and the road between them; every flow is live.
func (d *demo) wire(ctx context.Context) error {
	systems, err := connectSystems(d.config(), worldTime{now: d.clock.Now, factor: demoFactor})
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
		replicationURL: d.cluster.ReplicationURL(demoDatabase), sinks: systems.sinks, sources: systems.sources,
		resolver: systems.resolver, resolveEvery: 200 * time.Millisecond, modes: modes, owners: owners,
		delivery: delivery.Config{
			Workers: 2, Lease: 30 * time.Second, RetryMin: 200 * time.Millisecond, RetryMax: 2 * time.Second,
			HoldRecheck: time.Second, Poll: 500 * time.Millisecond, StockSettle: 500 * time.Millisecond, Grace: 5 * time.Second,
		},
	})
	return err
}

// config is what an operator would write for these systems.
func (d *demo) config() *Config {
	cfg := defaultConfig()
	cfg.OneC.URL, cfg.OneC.User, cfg.OneC.Password = d.urls["onec"], "sverka", "demo"
	cfg.OneC.StockCorrection = "post"
	cfg.OneC.Poll = time.Second
	cfg.Jushuitan.URL, cfg.Jushuitan.AppKey, cfg.Jushuitan.AppSecret, cfg.Jushuitan.ShopID = d.urls["jushuitan"], "sim_app_key", "sim_app_secret", "10000001"
	cfg.Jushuitan.Poll = 500 * time.Millisecond
	cfg.OpenShop.URL, cfg.OpenShop.User, cfg.OpenShop.Password = d.urls["openshop"]+"/1c_exchange", "sverka", "demo"
	cfg.OpenShop.ReadBackURL = d.urls["openshop"] + "/api"
	cfg.OpenShop.Poll = 500 * time.Millisecond
	cfg.Bank.Folder, cfg.Bank.OrderPattern, cfg.Bank.Poll = d.bankDir, "", time.Second
	cfg.Geocoder.URL, cfg.Geocoder.APIKey, cfg.Geocoder.PerDay = d.urls["geocoder"]+"/v1", "demo", 100_000
	cfg.Geocoder.MinPrecision = "near"
	cfg.OneC.Warehouses, cfg.Jushuitan.Warehouses, cfg.OpenShop.Warehouses = map[string]string{}, map[string]string{}, map[string]string{}
	for _, w := range d.world.Warehouses {
		cfg.OneC.Warehouses[w.Name] = w.Code
		cfg.Jushuitan.Warehouses[strconv.Itoa(w.JushuitanID)] = w.Code
		cfg.OpenShop.Warehouses[openshopsim.WarehouseID(w.Code)] = w.Code
		if w.IsMain {
			cfg.OneC.DefaultWarehouse = w.Code
		}
	}
	return &cfg
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
	for _, s := range d.servers {
		problems = append(problems, s.Close())
	}
	if d.pool != nil {
		d.pool.Close()
	}
	if d.cluster != nil {
		problems = append(problems, d.cluster.Stop(ctx))
	}
	return errors.Join(problems...)
}

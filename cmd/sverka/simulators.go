package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"sverka/replicator/connector/bankfile/banksim"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/onec/onecsim"
	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/connector/yandexmaps/yandexmapssim"
	"sverka/schema"
)

// simulatedOptions size a simulated world.
type simulatedOptions struct {
	host     string // the simulators listen on a free port each of this host
	bankDir  string // emptied first
	seed     uint64
	products int
	orders   int       // of the past
	start    time.Time // the world's first moment
	factor   int       // how many seconds of the world pass in a real one
	// unlimited lifts Jushuitan's limits: at 100 calls a minute the first reading of
	// its catalogue takes longer than somebody who tries things out likes to wait.
	unlimited bool
}

// simulated is every outside system, simulated: one world, and each system's part
// of it behind an address of its own.
type simulated struct {
	host  string
	clock *simworld.Clock
	world *simworld.World

	onec      *onecsim.Sim
	jushuitan *jushuitansim.Sim
	openshop  *openshopsim.Sim
	bank      *banksim.Sim
	onecFault *simworld.Faults
	servers   []*http.Server
	urls      map[string]string
	bankDir   string
}

// startSimulated opens a world and serves it until close.
func startSimulated(ctx context.Context, o simulatedOptions) (_ *simulated, err error) {
	s := &simulated{host: o.host, urls: map[string]string{}, bankDir: o.bankDir, onecFault: &simworld.Faults{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	s.world = simworld.New(simworld.Options{
		Seed: o.seed, Products: o.products, Warehouses: 3, Customers: 60, Orders: o.orders, NewProducts: o.products / 50, Start: o.start,
	})
	s.clock = simworld.NewClock(o.start, o.factor)
	limits := jushuitansim.Options{Clock: s.clock}
	if o.unlimited {
		limits.PerSecond, limits.PerMinute = -1, -1
	}
	s.onec = onecsim.New(s.world, onecsim.Options{Clock: s.clock, Faults: s.onecFault, User: "sverka", Password: "demo", PaymentID: simworld.Order.PastPaymentID})
	s.jushuitan = jushuitansim.New(s.world, limits)
	s.openshop = openshopsim.New(s.world, openshopsim.Options{Clock: s.clock, User: "sverka", Password: "demo", Zip: true})
	if err := s.openBank(); err != nil {
		return nil, err
	}
	for name, h := range map[string]http.Handler{
		"onec": s.onec, "jushuitan": s.jushuitan, "openshop": s.openshop,
		"geocoder": yandexmapssim.New(s.world, yandexmapssim.Options{APIKey: "demo"}),
	} {
		if err := s.serve(ctx, name, h); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// openBank opens our account with what past transfers brought in.
func (s *simulated) openBank() error {
	if err := os.RemoveAll(s.bankDir); err != nil {
		return fmt.Errorf("clear the folder of bank statements: %w", err)
	}
	if err := os.MkdirAll(s.bankDir, 0o755); err != nil {
		return fmt.Errorf("make the folder of bank statements: %w", err)
	}
	s.bank = banksim.New(s.world, banksim.Options{Dir: s.bankDir})
	days := map[time.Time]bool{}
	for _, o := range s.world.Orders {
		if o.PaymentMethod != schema.MethodBankTransfer {
			continue
		}
		payer := s.world.CustomerByCode(o.Customer)
		s.bank.Pay(o.Number, o.Total, banksim.Payer{Name: payer.Name, INN: payer.INN}, o.PastPaidAt())
		days[o.PastPaidAt().Truncate(24*time.Hour)] = true
	}
	for day := range days {
		if _, err := s.bank.WriteStatement(day); err != nil {
			return fmt.Errorf("write a past bank statement: %w", err)
		}
	}
	return nil
}

// serve puts a simulator on a free port.
func (s *simulated) serve(ctx context.Context, name string, h http.Handler) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(s.host, "0"))
	if err != nil {
		return &environmentError{err: fmt.Errorf("listen for the simulator of %s: %w", name, err)}
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return errors.Join(fmt.Errorf("listen for the simulator of %s: %w", name, err), l.Close())
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.urls[name] = "http://" + net.JoinHostPort(s.host, port)
	go func() { _ = server.Serve(l) }() // ends with Close, which reports what matters
	return nil
}

// config is what an operator would write for these systems. Flows and database
// are left to the caller.
func (s *simulated) config() *Config {
	cfg := defaultConfig()
	cfg.OneC.URL, cfg.OneC.User, cfg.OneC.Password = s.urls["onec"], "sverka", "demo"
	cfg.OneC.StockCorrection = "post"
	cfg.OneC.Poll = time.Second
	cfg.Jushuitan.URL, cfg.Jushuitan.AppKey, cfg.Jushuitan.AppSecret, cfg.Jushuitan.ShopID = s.urls["jushuitan"], "sim_app_key", "sim_app_secret", "10000001"
	cfg.Jushuitan.Poll = 500 * time.Millisecond
	cfg.OpenShop.URL, cfg.OpenShop.User, cfg.OpenShop.Password = s.urls["openshop"]+"/1c_exchange", "sverka", "demo"
	cfg.OpenShop.ReadBackURL = s.urls["openshop"] + "/api"
	cfg.OpenShop.Poll = 500 * time.Millisecond
	cfg.Bank.Folder, cfg.Bank.OrderPattern, cfg.Bank.Poll = s.bankDir, "", time.Second
	cfg.Geocoder.URL, cfg.Geocoder.APIKey, cfg.Geocoder.PerDay = s.urls["geocoder"]+"/v1", "demo", 100_000
	cfg.Geocoder.MinPrecision = "near"
	if !loopback(s.host) { // the simulators speak no TLS
		cfg.OneC.Insecure, cfg.Jushuitan.Insecure, cfg.OpenShop.Insecure, cfg.Geocoder.Insecure = true, true, true, true
	}
	cfg.OneC.Warehouses, cfg.Jushuitan.Warehouses, cfg.OpenShop.Warehouses = map[string]string{}, map[string]string{}, map[string]string{}
	cfg.Stock.Owners = map[string]string{}
	for _, w := range s.world.Warehouses {
		cfg.OneC.Warehouses[w.Name] = w.Code
		cfg.Jushuitan.Warehouses[strconv.Itoa(w.JushuitanID)] = w.Code
		cfg.OpenShop.Warehouses[openshopsim.WarehouseID(w.Code)] = w.Code
		cfg.Stock.Owners[w.Code] = string(w.Runs)
		if w.IsMain {
			cfg.OneC.DefaultWarehouse = w.Code
		}
	}
	return &cfg
}

// close ends the simulators.
func (s *simulated) close() error {
	var problems []error
	for _, server := range s.servers {
		problems = append(problems, server.Close())
	}
	return errors.Join(problems...)
}

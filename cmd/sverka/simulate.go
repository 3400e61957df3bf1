package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// simulateOptions are the flags of simulate.
type simulateOptions struct {
	host      string
	configOut string
	seed      uint64
	products  int
	orders    int
	factor    int
}

func newSimulateCommand(a *app) *cobra.Command {
	o := simulateOptions{}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Run simulators of all systems and write a configuration for serve",
		Long: `simulate runs simulators of 1C, Jushuitan, OpenShop, the geocoder and a bank, and
writes a configuration with which "sverka serve" works against them, with a private
Postgres and every flow live. Buyers order and pay and the warehouse ships until the
command is interrupted.

Every start begins a new world, therefore with an empty database; what an earlier one
kept in sverka-simulated beside the configuration is removed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.simulate(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.IntVar(&o.products, "products", 300, "products of the world")
	f.IntVar(&o.orders, "orders", 50, "orders of the past")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the world")
	f.IntVar(&o.factor, "factor", 60, "how many times faster than in life people act, 0 to 1440; 0: nobody does anything")
	f.StringVar(&o.host, "listen-host", "127.0.0.1", "host that the simulators listen on, each on a free port")
	f.StringVar(&o.configOut, "config-out", defaultConfigFile, "configuration to write")
	return cmd
}

func (o *simulateOptions) validate() error {
	switch {
	case o.products < 1 || o.orders < 1:
		return &usageError{errors.New("--products and --orders must be at least 1")}
	case o.factor < 0 || o.factor > 1440:
		return &usageError{fmt.Errorf("--factor %d: must be 0 to 1440", o.factor)}
	case o.host == "" || (net.ParseIP(o.host) != nil && net.ParseIP(o.host).IsUnspecified()):
		return &usageError{fmt.Errorf("--listen-host %q: must be a host that serve can call, such as 127.0.0.1", o.host)}
	}
	return nil
}

// simulate serves the simulators until ctx ends.
func (a *app) simulate(ctx context.Context, o simulateOptions) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	place, err := newSimulatedPlace(ctx, o.configOut)
	if err != nil {
		return err
	}
	s, err := startSimulated(ctx, simulatedOptions{
		host: o.host, bankDir: filepath.Join(place.dir, "bank"), seed: o.seed, products: o.products, orders: o.orders,
		// serve lives in real time, so the world does too: a token or a change from a
		// day that runs faster would lie in its future.
		start: time.Now().UTC().Truncate(time.Second), factor: 1, unlimited: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := place.write(s); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.urls)) {
		fmt.Fprintf(a.stdout, "%-10s %s\n", name, s.urls[name])
	}
	fmt.Fprintf(a.stdout, "%-10s %s\n\nNow run, beside this: sverka serve --config %s\n", "bank", s.bankDir, place.config)

	g, ctx := errgroup.WithContext(ctx)
	if o.factor > 0 {
		people := newDay(s, o.seed)
		g.Go(func() error { return people.goOn(ctx, dayTick/time.Duration(o.factor)) })
	}
	<-ctx.Done()
	return g.Wait()
}

// dayTick is how long one step of a business day takes in life: buyers place one or
// two orders in it.
const dayTick = 8 * time.Minute

const (
	dayOpenOrders = 200 // as many orders may be open at once; nobody waits in a longer queue
	dayPatience   = 60  // ticks after which an undecided buyer gives up
)

// newDay is a day on which nothing has happened yet.
func newDay(s *simulated, seed uint64) *day {
	return &day{simulated: s, rand: rand.New(rand.NewPCG(seed, 0xda7)), number: 200000}
}

// goOn lets people act, one step every so often, until ctx ends.
func (p *day) goOn(ctx context.Context, every time.Duration) error {
	for tick := 0; pause(ctx, every); tick++ {
		if err := p.step(tick); err != nil {
			return err
		}
	}
	return nil
}

// step is what happens in one tick of a day without special events.
func (p *day) step(tick int) error {
	for range 1 + tick%2 {
		if len(p.orders) >= dayOpenOrders {
			break
		}
		if err := p.place(tick); err != nil {
			return err
		}
	}
	if err := p.pay(tick); err != nil {
		return err
	}
	p.warehouse(tick)
	if err := p.giveUp(tick); err != nil {
		return err
	}
	if tick%10 != 9 {
		return nil
	}
	if _, err := p.bank.WriteStatement(p.clock.Now()); err != nil {
		return fmt.Errorf("write the bank statement: %w", err)
	}
	return nil
}

// giveUp cancels what nobody will pay any more and forgets what is over.
func (p *day) giveUp(tick int) error {
	for _, o := range p.orders {
		if o.undecided() && !o.done && tick >= o.tick+dayPatience {
			if err := p.openshop.Cancel(o.Number); err != nil {
				return fmt.Errorf("cancel an order that nobody pays: %w", err)
			}
			o.done = true
		}
	}
	p.orders = slices.DeleteFunc(p.orders, func(o *dayOrder) bool { return o.done })
	return nil
}

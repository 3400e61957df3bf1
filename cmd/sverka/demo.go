package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// demoOptions are the demo's flags.
type demoOptions struct {
	data     string
	out      string
	language string
	keep     bool
	seed     uint64
	products int
	orders   int
	pgBin    string
	pgMirror string
}

func newDemoCommand(a *app) *cobra.Command {
	o := demoOptions{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a day of business through simulators, reconcile it and write the workbook",
		Long: `demo starts a private Postgres and simulators of 1C, Jushuitan, OpenShop, the bank
and the geocoder, replicates between them, plays a day's business in seconds, damages
some figures on purpose, reconciles and writes the Excel workbook.

It exits 0 only if every injected discrepancy, and no other, was found.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.out == "" {
				o.out = filepath.Join(o.data, "reports")
			}
			return runDemo(cmd.Context(), a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.data, "data", "sverka-demo", "directory for everything the demo keeps")
	f.StringVar(&o.out, "out", "", "directory for the workbook (default DATA/reports)")
	f.StringVar(&o.language, "lang", "ru", "language of the workbook: ru, en or zh")
	f.BoolVar(&o.keep, "keep", false, "keep serving after the summary, until interrupted")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the world")
	f.IntVar(&o.products, "products", 3000, "products of the world")
	f.IntVar(&o.orders, "orders", 520, "orders of the past")
	f.StringVar(&o.pgBin, "pg-bin", "", "directory of the Postgres binaries (default: found on this machine, else fetched)")
	f.StringVar(&o.pgMirror, "pg-mirror", "", "address that portable Postgres binaries are fetched from")
	return cmd
}

// runDemo is the whole demo, step by step.
func runDemo(ctx context.Context, a *app, o demoOptions) (err error) {
	if o.language != "ru" && o.language != "en" && o.language != "zh" {
		return &usageError{fmt.Errorf("--lang %q: must be ru, en or zh", o.language)}
	}
	if o.products < 200 || o.orders < 10 {
		return &usageError{errors.New("--products must be at least 200 and --orders at least 10")}
	}
	if err := os.MkdirAll(o.data, 0o755); err != nil {
		return &environmentError{err: fmt.Errorf("make the data directory: %w", err), hint: "choose another one with --data"}
	}
	show := newDemoShow(a.stdout)
	d, err := openDemo(ctx, a, o, show)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close(context.WithoutCancel(ctx))) }()

	show.step("First read: everything the three systems hold is staged and compared")
	d.startRoad(ctx)
	if err := d.settle(ctx, 90*time.Second); err != nil {
		return err
	}
	if err := d.playDay(ctx); err != nil {
		return err
	}
	show.step("The day is over: waiting until every system holds what it should")
	if err := d.settle(ctx, 60*time.Second); err != nil {
		return err
	}
	injected, err := d.damage(ctx)
	if err != nil {
		return err
	}
	if err := d.settle(ctx, 30*time.Second); err != nil {
		return err
	}
	show.step("The night: reconciliation and the workbook")
	night, err := d.reconcile(ctx)
	if err != nil {
		return err
	}
	if err := d.summary(ctx, night, injected); err != nil {
		return err
	}
	verdict := compareFindings(night.findings, injected)
	if o.keep && verdict == nil {
		d.keepServing(ctx)
	}
	return verdict
}

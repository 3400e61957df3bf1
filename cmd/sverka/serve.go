package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/schema"
)

func newServeCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the exchange: read the systems, deliver changes, reconcile every night",
		Long: `serve reads the configured systems, streams committed changes to the others and
reconciles every night at schedule.reconcile. Flows that the configuration does not
name are off. The first signal stops claiming work and finishes what is under way;
the second ends at once, which is safe.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDatabase(cmd.Context(), a.serve)
		},
	}
}

func (a *app) serve(ctx context.Context, cfg *loadedConfig, db *database) error {
	if err := cfg.requireServe(); err != nil {
		return err
	}
	systems, err := connectSystems(&cfg.Config, worldTime{})
	if err != nil {
		return &configError{Problems: []string{err.Error()}}
	}
	r, err := newRoad(ctx, db.pool, a.logger, roadOf(&cfg.Config, db, systems))
	if err != nil {
		return err
	}
	listener, err := listen(ctx, cfg.HTTP)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveHealth(ctx, listener, cfg.HTTP, db.pool) })
	g.Go(func() error { return r.run(ctx) })
	g.Go(func() error { return a.nightly(ctx, cfg, db, r) })
	g.Go(func() error { a.preflight(ctx, systems.sinks); return nil }) // beside the rest: a system that hangs delays nobody
	a.logger.InfoContext(ctx, "serving", slog.String("listen", listener.Addr().String()), slog.Int("sinks", len(systems.sinks)), slog.Int("sources", len(systems.sources)))
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	a.logger.InfoContext(context.WithoutCancel(ctx), "stopped")
	return nil
}

// roadOf turns the configuration into what the road needs.
func roadOf(cfg *Config, db *database, systems systems) roadConfig {
	modes := map[replicator.FlowID]replicator.Mode{}
	for id, mode := range cfg.Flows {
		modes[replicator.FlowID(id)] = replicator.Mode(mode) // both were validated
	}
	owners := map[string]schema.System{}
	for code, owner := range cfg.Stock.Owners {
		owners[code] = schema.System(owner)
	}
	return roadConfig{
		replicationURL: db.replicationURL, slot: cfg.Database.Slot, publication: cfg.Database.Publication,
		sinks: systems.sinks, sources: systems.sources, resolver: systems.resolver, resolveEvery: 2 * time.Second,
		modes: modes, owners: owners,
		delivery: delivery.Config{
			Workers: cfg.Delivery.Workers, Lease: cfg.Delivery.Lease, RetryMin: cfg.Delivery.RetryMin, RetryMax: cfg.Delivery.RetryMax,
			HoldRecheck: cfg.Delivery.HoldRecheck, StockSettle: cfg.Stock.Settle, Grace: cfg.Delivery.Grace,
		},
	}
}

// preflight tells early what will not work. It stops nothing: a system that is down
// now may be up in a minute.
func (a *app) preflight(ctx context.Context, sinks []replicator.Sink) {
	for _, s := range sinks {
		p, ok := s.(replicator.Preflighter)
		if !ok {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		if err := p.Preflight(ctx); err != nil {
			a.logger.WarnContext(ctx, "system is not ready", slog.String("system", string(s.Name())), slog.Any("err", err), slog.String("hint", hintOf(err)))
		}
		cancel()
	}
}

// nightly reconciles at the configured time of day, after reading every source whole.
func (a *app) nightly(ctx context.Context, cfg *loadedConfig, db *database, r *road) error {
	for {
		now := time.Now()
		next := cfg.Schedule.Reconcile.next(now, cfg.Schedule.Zone.Location)
		a.logger.InfoContext(ctx, "next reconciliation", slog.Time("at", next))
		if !pause(ctx, next.Sub(now)) {
			return nil
		}
		for source, err := range r.runner.Refresh(ctx) {
			// What was not read whole is reported as not compared, never as equal.
			a.logger.WarnContext(ctx, "source not refreshed before reconciliation", slog.String("reader", source), slog.Any("err", err))
		}
		if err := a.nightlyRun(ctx, cfg, db, next); err != nil && ctx.Err() == nil {
			a.logger.ErrorContext(ctx, "nightly reconciliation", slog.Any("err", err), slog.String("hint", hintOf(err)))
		}
	}
}

// listen takes the address before anything else begins.
func listen(ctx context.Context, cfg HTTPConfig) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, &environmentError{fmt.Errorf("listen on %s: %w", cfg.Listen, err), "choose another address with http.listen"}
	}
	return l, nil
}

// serveHealth answers /healthz (the process lives) and /readyz (the change stream moves).
func serveHealth(ctx context.Context, l net.Listener, cfg HTTPConfig, pool *pgxpool.Pool) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
		defer cancel()
		var fresh bool
		err := pool.QueryRow(ctx, `SELECT coalesce(bool_or(updated_at > now() - interval '1 minute'), false) FROM ops.stream_position`).Scan(&fresh)
		if err != nil || !fresh {
			http.Error(w, "the change stream has not moved for a minute", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	var err error
	if cfg.Certificate != "" {
		err = s.ServeTLS(l, cfg.Certificate, cfg.Key)
	} else {
		err = s.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve health: %w", err)
}

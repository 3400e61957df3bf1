package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/replicator/history"
	"sverka/replicator/intake"
	"sverka/replicator/wal"
	"sverka/schema"
	"sverka/schema/canonical"
)

// roadConfig is everything the road of a change needs, already made.
type roadConfig struct {
	replicationURL string
	slot           string
	publication    string
	idleEvery      time.Duration // how often an idle stream moves its position; zero: the default
	sinks          []replicator.Sink
	sources        []intake.Source
	resolver       intake.Resolver // nil: addresses are not resolved
	resolveEvery   time.Duration
	delivery       delivery.Config
	modes          map[replicator.FlowID]replicator.Mode
	owners         map[string]schema.System // warehouse → who runs it
}

// road is the way of a change from one system to the others.
type road struct {
	pool      *pgxpool.Pool
	log       *slog.Logger
	stream    *wal.Stream
	engine    *delivery.Engine
	runner    *intake.Runner
	addresses *intake.Addresses
}

// newRoad wires intake, change stream and deliveries together and writes the
// settings that live in the database.
func newRoad(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger, cfg roadConfig) (*road, error) {
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if err := delivery.EnsureFlows(ctx, tx, cfg.modes); err != nil {
			return err
		}
		if err := intake.Register(ctx, tx, cfg.sources...); err != nil {
			return err
		}
		return setStockOwners(ctx, tx, cfg.owners)
	})
	if err != nil {
		return nil, err
	}
	r := &road{pool: pool, log: log}
	r.engine = delivery.New(cfg.delivery, pool, log, cfg.sinks...)
	r.stream = newStream(pool, log, cfg, r.engine)
	r.runner = intake.NewRunner(pool, log, cfg.sources...)
	if cfg.resolver != nil {
		r.addresses = intake.NewAddresses(pool, log, cfg.resolver, cfg.resolveEvery)
	}
	return r, nil
}

// newStream reads the slot into the engine's ledger and into history.
func newStream(pool *pgxpool.Pool, log *slog.Logger, cfg roadConfig, engine *delivery.Engine) *wal.Stream {
	return wal.New(wal.Config{
		URL: cfg.replicationURL, Slot: cfg.slot, Publication: cfg.publication, Tables: canonical.TableNames(), IdleEvery: cfg.idleEvery,
	}, pool, log, everyRow, engine.Committed, engine.Hook, history.Append)
}

// everyRow is what a new slot begins with: first versions and a wish for each row.
func everyRow(ctx context.Context, tx pgx.Tx) error {
	if err := history.Baseline(ctx, tx); err != nil {
		return err
	}
	return delivery.WishAll(ctx, tx)
}

func setStockOwners(ctx context.Context, tx pgx.Tx, owners map[string]schema.System) error {
	codes, systems := make([]string, 0, len(owners)), make([]string, 0, len(owners))
	for code, system := range owners {
		codes, systems = append(codes, code), append(systems, string(system))
	}
	if _, err := tx.Exec(ctx, `DELETE FROM ops.stock_owner WHERE warehouse_code <> ALL ($1)`, codes); err != nil {
		return fmt.Errorf("set stock owners: %w", err)
	}
	_, err := tx.Exec(ctx, `INSERT INTO ops.stock_owner (warehouse_code, system) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (warehouse_code) DO UPDATE SET system = excluded.system`, codes, systems)
	if err != nil {
		return fmt.Errorf("set stock owners: %w", err)
	}
	return nil
}

// run carries changes until ctx ends. It returns an error only for what a person
// must mend.
func (r *road) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.follow(ctx) })
	g.Go(func() error { return r.engine.Run(ctx) })
	g.Go(func() error { return r.runner.Run(ctx) })
	if r.addresses != nil {
		g.Go(func() error { return r.addresses.Run(ctx) })
	}
	return g.Wait()
}

// slotPatience is how long after the end of the process that held the slot another
// one takes it over, at the latest.
const slotPatience = time.Second

// follow keeps the change stream running: a broken connection is made again, a
// slot that another process holds is waited for, what lost changes stops.
func (r *road) follow(ctx context.Context) error {
	wait := 100 * time.Millisecond
	for {
		started := time.Now()
		err := r.stream.Run(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if needsPerson(err) {
			return err
		}
		if time.Since(started) > time.Minute {
			wait = 100 * time.Millisecond
		}
		var pgErr *pgconn.PgError
		if errors.As(err, &pgErr) && pgErr.Code == objectInUse {
			r.log.DebugContext(ctx, "slot is held by another process, waiting")
			wait = min(wait, slotPatience)
		} else {
			r.log.WarnContext(ctx, "replication interrupted, will be resumed", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, 10*time.Second)
	}
}

// needsPerson tells errors that repeating does not mend.
func needsPerson(err error) bool {
	var lost *wal.SlotLostError
	var gap *wal.GapError
	var other *wal.OtherClusterError
	var setup *wal.SetupError
	return errors.As(err, &lost) || errors.As(err, &gap) || errors.As(err, &other) || errors.As(err, &setup)
}

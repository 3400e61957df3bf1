package intake

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// Runner reads every source on its timetable.
type Runner struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	sources []Source
	now     map[string]chan chan error
}

// NewRunner makes a runner; Run starts it.
func NewRunner(pool *pgxpool.Pool, log *slog.Logger, sources ...Source) *Runner {
	r := &Runner{pool: pool, log: log, sources: sources, now: map[string]chan chan error{}}
	for _, s := range sources {
		r.now[s.id()] = make(chan chan error)
	}
	return r
}

func (s Source) id() string { return string(s.System) + "/" + s.Name }

// Run reads until ctx ends. A source that fails is read again after its pause,
// doubled up to ten times while it keeps failing; the others do not notice.
func (r *Runner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range r.sources {
		g.Go(func() error { return r.repeat(ctx, s) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	return nil
}

func (r *Runner) repeat(ctx context.Context, s Source) error {
	failures := 0
	var reply chan error
	for {
		_, err := ReadOnce(ctx, r.pool, s)
		if reply != nil {
			reply <- err
			reply = nil
		}
		if ctx.Err() != nil {
			return nil
		}
		wait := s.Every
		if err != nil {
			failures = min(failures+1, 4)
			wait = min(s.Every<<failures, 10*s.Every)
			r.log.WarnContext(ctx, "read failed, will be repeated", slog.String("source", s.id()), slog.Any("err", err))
		} else {
			failures = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		case reply = <-r.now[s.id()]:
		}
	}
}

// ReadNow reads one source without waiting for its time and returns how it ended.
func (r *Runner) ReadNow(ctx context.Context, system schema.System, name string) error {
	ask, ok := r.now[string(system)+"/"+name]
	if !ok {
		return fmt.Errorf("source %s/%s is not read here", system, name)
	}
	reply := make(chan error, 1)
	select {
	case ask <- reply:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Refresh reads now, side by side, the sources whose main entity is named, or all
// when none is, and returns the failures by source.
func (r *Runner) Refresh(ctx context.Context, entities ...schema.Entity) map[string]error {
	failures := make([]error, len(r.sources))
	var g errgroup.Group
	for i, s := range r.sources {
		if len(entities) > 0 && !slices.Contains(entities, s.Entity) {
			continue
		}
		g.Go(func() error { failures[i] = r.ReadNow(ctx, s.System, s.Name); return nil })
	}
	_ = g.Wait() // the functions return nil; failures are gathered by source
	out := map[string]error{}
	for i, err := range failures {
		if err != nil {
			out[r.sources[i].id()] = err
		}
	}
	return out
}

// ReadOnce reads a source from its cursor to its end. Every page is durable before
// the next is asked for; a failure leaves what was staged and the cursor after it.
func ReadOnce(ctx context.Context, pool *pgxpool.Pool, s Source) (Summary, error) {
	cursor, err := loadCursor(ctx, pool, s)
	if err != nil {
		return Summary{}, err
	}
	ctx, recorder := apicall.WithRecorder(ctx)
	var sum Summary
	asked := time.Now()
	for page, err := range s.Reader.Read(ctx, cursor) {
		var one Summary
		if err == nil {
			// The moment before the request, on the clock of all our own timestamps:
			// a system's clock may run differently.
			for _, r := range page.Records {
				r.Prov().ObservedAt = asked
			}
			one, err = StagePage(ctx, pool, Origin{System: s.System, Source: s.Name}, page, s.Name, recorder.Take())
		}
		if err == nil {
			sum.Add(one)
			err = acknowledge(ctx, s.Reader, page.Cursor)
			asked = time.Now()
		}
		if err != nil {
			err = fmt.Errorf("read %s of %s: %w", s.Name, s.System, err)
			if ctx.Err() == nil {
				if noted := saveFailure(ctx, pool, s, err); noted != nil {
					return sum, noted
				}
			}
			return sum, err
		}
	}
	return sum, saveComplete(ctx, pool, s, sum)
}

// acknowledge tells the system that a page is durably ours, where it wants to know.
func acknowledge(ctx context.Context, reader replicator.Reader, cursor string) error {
	if a, ok := reader.(replicator.Acknowledger); ok {
		if err := a.Acknowledge(ctx, cursor); err != nil {
			return fmt.Errorf("acknowledge: %w", err)
		}
	}
	return nil
}

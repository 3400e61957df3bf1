package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/schema"
)

// Engine claims deliveries and makes their targets hold what is wanted.
type Engine struct {
	cfg    Config
	pool   *pgxpool.Pool
	log    *slog.Logger
	router *replicator.Router
	sinks  map[schema.System]replicator.Sink
	flows  map[replicator.FlowID]*flowState

	mu        sync.Mutex
	announced map[replicator.FlowID]bool // wished for in the staging transaction under way
}

// flowState is what the workers of one flow share.
type flowState struct {
	replicator.Flow

	sink   replicator.Sink
	limit  int
	wakers []chan struct{}

	mu       sync.Mutex
	mode     replicator.Mode
	readAt   time.Time
	pausedTo time.Time
	strikes  int // whole batches that failed in a row
}

// New makes an engine for the flows whose target has a sink; wishes of other
// flows are kept and wait.
func New(cfg Config, pool *pgxpool.Pool, log *slog.Logger, sinks ...replicator.Sink) *Engine {
	e := &Engine{
		cfg: cfg.withDefaults(), pool: pool, log: log, router: replicator.NewRouter(replicator.Flows()),
		sinks: map[schema.System]replicator.Sink{}, flows: map[replicator.FlowID]*flowState{}, announced: map[replicator.FlowID]bool{},
	}
	for _, s := range sinks {
		e.sinks[s.Name()] = s
	}
	for _, f := range replicator.Flows() {
		sink, ok := e.sinks[f.Target]
		if !ok {
			continue
		}
		st := &flowState{Flow: f, sink: sink, limit: 1}
		if l, ok := sink.(replicator.BatchLimiter); ok {
			st.limit = max(1, l.BatchLimit(f.Entity))
		}
		for range e.cfg.Workers {
			st.wakers = append(st.wakers, make(chan struct{}, 1))
		}
		e.flows[f.ID()] = st
	}
	return e
}

// announce notes that a flow has work once the staging transaction commits.
func (e *Engine) announce(f replicator.FlowID) {
	e.mu.Lock()
	e.announced[f] = true
	e.mu.Unlock()
}

// Committed wakes the workers of the flows that were wished for since the last call.
func (e *Engine) Committed() {
	e.mu.Lock()
	flows := e.announced
	e.announced = map[replicator.FlowID]bool{}
	e.mu.Unlock()
	for id := range flows {
		e.Wake(id)
	}
}

// Wake makes the workers of a flow look for work now.
func (e *Engine) Wake(id replicator.FlowID) {
	st, ok := e.flows[id]
	if !ok {
		return
	}
	for _, w := range st.wakers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// Run delivers until ctx ends, then lets calls under way finish within the grace
// time. It returns nil after a clean stop.
func (e *Engine) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, st := range e.flows {
		for _, waker := range st.wakers {
			g.Go(func() error { return e.work(ctx, st, waker) })
		}
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	return nil
}

// work is one worker's life.
func (e *Engine) work(ctx context.Context, st *flowState, waker <-chan struct{}) error {
	// Calls under way outlive ctx by the grace time: a cancelled call would be an
	// unknown outcome for nothing.
	calls, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	defer context.AfterFunc(ctx, func() {
		time.AfterFunc(e.cfg.Grace, func() { stop(fmt.Errorf("stopping: grace time of %s is over", e.cfg.Grace)) })
	})()
	for ctx.Err() == nil {
		wait := e.cfg.Poll
		switch mode, paused := e.state(ctx, st); {
		case mode == replicator.ModeOff:
		case paused > 0:
			wait = min(paused, e.cfg.Poll)
		default:
			n, err := e.round(calls, st, mode)
			if err != nil && ctx.Err() == nil {
				e.log.ErrorContext(ctx, "delivery round failed", slog.String("flow", string(st.ID())), slog.Any("err", err))
			} else if n > 0 {
				continue
			}
		}
		select {
		case <-ctx.Done():
		case <-waker:
		case <-time.After(wait):
		}
	}
	return nil
}

// state reads the flow's mode, at most once in a poll interval, and how long it is paused.
func (e *Engine) state(ctx context.Context, st *flowState) (replicator.Mode, time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if time.Since(st.readAt) >= e.cfg.Poll {
		s, err := readFlow(ctx, e.pool, st.Flow)
		if err != nil {
			return replicator.ModeOff, 0 // without the database nothing can be claimed either
		}
		// The stored pause counts: a person may have ended it by setting the mode.
		st.mode, st.readAt, st.pausedTo = s.mode, time.Now(), s.paused
		if s.unread {
			st.pausedTo = time.Now().Add(e.cfg.Poll) // looked at again with the next reading of the flow
		}
	}
	return st.mode, time.Until(st.pausedTo)
}

// pause stops the whole flow for a while: its target asked for it, or failed as a whole.
func (e *Engine) pause(ctx context.Context, st *flowState, d time.Duration, reason string) {
	if err := writePause(ctx, e.pool, st.ID(), d, reason); err != nil {
		e.log.WarnContext(ctx, "pause not stored", slog.String("flow", string(st.ID())), slog.Any("err", err))
	}
	// After storing it: a worker that read the flow before must not forget it again.
	st.mu.Lock()
	st.pausedTo = time.Now().Add(d)
	st.mu.Unlock()
}

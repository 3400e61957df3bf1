package delivery

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

//go:embed sql/claim.sql
var claimSQL string

// claimed is a delivery that this worker holds the lease of.
type claimed struct {
	Key          schema.Key
	LSN          string // the wish that is being served
	DeliveredLSN string
	Attempt      int
	Token        int64
	AskFirst     bool // an earlier call's outcome is not known
	Reason       string
	Failure      string
}

// item is a claimed delivery on its way through a round.
type item struct {
	claimed

	delivery replicator.Delivery
	settled  *settlement // nil while it still has to be sent
}

// round claims one batch and carries it to its end; it tells how many it claimed.
func (e *Engine) round(ctx context.Context, st *flowState, mode replicator.Mode) (int, error) {
	claims, err := e.claim(ctx, st)
	if err != nil || len(claims) == 0 {
		return 0, err
	}
	started := time.Now()
	items, err := e.compose(ctx, st, claims)
	if err != nil {
		return 0, fmt.Errorf("compose %d deliveries of %s: %w", len(claims), st.ID(), err)
	}
	for _, it := range items {
		if it.settled == nil {
			e.project(st, mode, it)
		}
	}
	exchanges, results := e.send(ctx, st, items)
	return len(items), e.settle(ctx, st, items, exchanges, results, started)
}

func (e *Engine) claim(ctx context.Context, st *flowState) ([]claimed, error) {
	rows, err := e.pool.Query(ctx, claimSQL, st.ID(), st.limit, e.cfg.Lease.Milliseconds())
	if err != nil {
		return nil, fmt.Errorf("claim deliveries of %s: %w", st.ID(), err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[claimed])
	if err != nil {
		return nil, fmt.Errorf("claim deliveries of %s: %w", st.ID(), err)
	}
	return out, nil
}

// project asks the sink what the target would hold and settles what needs no call.
func (e *Engine) project(st *flowState, mode replicator.Mode, it *item) {
	d := &it.delivery
	wanted, err := st.sink.Project(d)
	var hold *replicator.HoldError
	switch {
	case errors.As(err, &hold):
		it.settled = e.held(hold)
		return
	case err != nil:
		it.settled = e.failed(it, &replicator.Failure{Kind: replicator.Rejected, System: string(st.Target), Operation: "compose", Err: err})
		return
	case wanted == nil:
		it.settled = done("nothing_to_tell")
		return
	}
	hash := schema.Hash(wanted)
	d.Wanted = wanted
	d.Reference = reference(st.ID(), it.Key, hash, it.DeliveredLSN)
	if d.Held != nil && schema.Hash(d.Held) == hash {
		it.settled = done("equal") // no echo: what the target already holds is not sent
		it.settled.hash = hash
		return
	}
	if mode == replicator.ModeShadow {
		it.settled = &settlement{state: "held", reason: "shadow", outcome: "shadow", wait: foreverWait, attempt: "shadow"}
	}
}

// send writes what is left of the batch in one call of the sink.
func (e *Engine) send(ctx context.Context, st *flowState, items []*item) ([]apicall.Exchange, []replicator.Confirmation) {
	var batch []replicator.Delivery
	var sent []*item
	for _, it := range items {
		if it.settled == nil {
			batch, sent = append(batch, it.delivery), append(sent, it)
		}
	}
	if len(batch) == 0 {
		return nil, nil
	}
	// A call that outlives the lease could overlap with the next claimant's.
	ctx, cancel := context.WithTimeoutCause(ctx, e.cfg.Lease*3/4, fmt.Errorf("write batch to %s timed out after %s", st.Target, e.cfg.Lease*3/4))
	defer cancel()
	ctx, recorder := apicall.WithRecorder(ctx)
	confirmations, err := st.sink.Write(ctx, batch)
	var partial *replicator.BatchError
	if err != nil && !errors.As(err, &partial) {
		partial = &replicator.BatchError{}
		for i := range batch {
			partial.Fail(i, err)
		}
	}
	results := make([]replicator.Confirmation, 0, len(sent))
	for i, it := range sent {
		if partial != nil && partial.Failed[i] != nil {
			it.settled = e.verdict(st, it, partial.Failed[i])
			continue
		}
		it.settled = done("sent")
		it.settled.attempt, it.settled.hash = "sent", schema.Hash(it.delivery.Wanted)
		if i < len(confirmations) {
			it.settled.reference = confirmations[i].ExternalID
			results = append(results, confirmations[i])
		}
	}
	e.afterBatch(ctx, st, sent)
	return recorder.Take(), results
}

// verdict turns a sink's error about one delivery into its settlement.
func (e *Engine) verdict(st *flowState, it *item, err error) *settlement {
	var hold *replicator.HoldError
	if errors.As(err, &hold) {
		return e.held(hold)
	}
	var failure *replicator.Failure
	if !errors.As(err, &failure) {
		failure = &replicator.Failure{Kind: replicator.Unknown, System: string(st.Target), Operation: "write", Err: err}
	}
	return e.failed(it, failure)
}

// afterBatch pauses the flow when the target asked for patience, or when it failed
// as a whole, so that a sleeping target costs one call per pause and not one per delivery.
func (e *Engine) afterBatch(ctx context.Context, st *flowState, sent []*item) {
	var worst *settlement
	whole := true
	for _, it := range sent {
		s := it.settled
		switch {
		case s.attempt != "failed" || s.kind == replicator.Rejected:
			whole = false
		case worst == nil || s.kind == replicator.Throttled && (worst.kind != replicator.Throttled || s.wait > worst.wait):
			worst = s
		}
	}
	if worst == nil || !whole && worst.kind != replicator.Throttled {
		st.strike(false)
		return
	}
	n := st.strike(whole)
	switch worst.kind {
	case replicator.Throttled:
		e.pause(ctx, st, worst.wait, "throttled by "+string(st.Target))
	case replicator.Unauthorised:
		e.pause(ctx, st, e.cfg.RetryMax, string(st.Target)+" refuses our credentials")
	case replicator.Transient, replicator.Unknown:
		e.pause(ctx, st, backoff(e.cfg, n), string(st.Target)+" does not answer")
	case replicator.Rejected:
	}
}

// strike counts whole batches that failed in a row.
func (st *flowState) strike(failed bool) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	if failed {
		st.strikes++
	} else {
		st.strikes = 0
	}
	return st.strikes
}

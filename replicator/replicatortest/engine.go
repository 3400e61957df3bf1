package replicatortest

import (
	"context"
	"errors"
	"testing"

	"sverka/replicator"
	"sverka/schema"
)

// result is what became of one delivery.
type result struct {
	confirmation replicator.Confirmation
	err          error // *replicator.Failure, *replicator.HoldError, or nil when confirmed
}

// deliver does what the engine does with deliveries of one flow: project each,
// cut batches at the sink's limit, write them in order, read results by index.
func deliver(ctx context.Context, tb testing.TB, sink replicator.Sink, deliveries []replicator.Delivery) []result {
	tb.Helper()
	results := make([]result, len(deliveries))
	var ready []int
	for i := range deliveries {
		d := &deliveries[i]
		wanted, err := sink.Project(d)
		switch {
		case err != nil:
			results[i].err = err
		case wanted == nil:
			tb.Fatalf("delivery %d (%s): Project wants nothing to be told; give deliveries that change something", i, d.Key)
		default:
			d.Wanted = wanted
			ready = append(ready, i)
		}
	}
	limit := 1
	if l, ok := sink.(replicator.BatchLimiter); ok {
		limit = max(1, l.BatchLimit(deliveries[0].Flow.Entity))
	}
	for len(ready) > 0 {
		n := min(limit, len(ready))
		writeBatch(ctx, tb, sink, deliveries, ready[:n], results)
		ready = ready[n:]
	}
	return results
}

// writeBatch writes the chosen deliveries as one batch and files the results.
func writeBatch(ctx context.Context, tb testing.TB, sink replicator.Sink, all []replicator.Delivery, chosen []int, results []result) {
	tb.Helper()
	batch := make([]replicator.Delivery, len(chosen))
	for n, i := range chosen {
		batch[n] = all[i]
	}
	confirmations, err := sink.Write(ctx, batch)
	var failed *replicator.BatchError
	if err != nil && !errors.As(err, &failed) {
		tb.Fatalf("Write returned %T (%v), want *replicator.BatchError", err, err)
	}
	if failed != nil && len(failed.Failed) == 0 {
		tb.Fatalf("Write returned a BatchError that names no delivery")
	}
	if len(confirmations) != len(batch) && (failed == nil || len(failed.Failed) < len(batch)) {
		tb.Fatalf("Write returned %d confirmations for %d deliveries; they must be indexed like the batch", len(confirmations), len(batch))
	}
	for n, i := range chosen {
		if failed != nil {
			results[i].err = failed.Failed[n]
		}
		if n < len(confirmations) {
			results[i].confirmation = confirmations[n]
		}
	}
	if failed == nil {
		return
	}
	for n, cause := range failed.Failed {
		if n < 0 || n >= len(batch) {
			tb.Errorf("BatchError names delivery %d of a batch of %d", n, len(batch))
		}
		requireClassified(tb, cause)
	}
}

// requireClassified fails unless an error is a *Failure or a *HoldError with its names filled.
func requireClassified(tb testing.TB, err error) {
	tb.Helper()
	var f *replicator.Failure
	var h *replicator.HoldError
	switch {
	case errors.As(err, &f):
		if f.System == "" || f.Operation == "" {
			tb.Errorf("failure %q names no system or no operation", err)
		}
	case errors.As(err, &h):
		if h.Reason == "" || h.Message == "" {
			tb.Errorf("hold %q has no reason or no message", err)
		}
	default:
		tb.Errorf("error %q is a %T, want *replicator.Failure or *replicator.HoldError", err, err)
	}
}

// deliverAll delivers and fails unless everything was confirmed.
func deliverAll(tb testing.TB, sink replicator.Sink, deliveries []replicator.Delivery) []result {
	tb.Helper()
	results := deliver(tb.Context(), tb, sink, deliveries)
	for i, r := range results {
		if r.err != nil {
			tb.Fatalf("delivery %d (%s) failed: %v", i, deliveries[i].Key, r.err)
		}
	}
	return results
}

// observedOf finds the confirmed record of the delivery's own entity and key.
func observedOf(d replicator.Delivery, c replicator.Confirmation) schema.Record {
	for _, r := range c.Observed {
		if r.RecordEntity() == d.Flow.Entity && r.RecordKey() == d.Wanted.RecordKey() {
			return r
		}
	}
	return nil
}

// requireOne fails unless the target holds exactly one document of each delivery.
func requireOne(tb testing.TB, target Target, deliveries []replicator.Delivery) {
	tb.Helper()
	for _, d := range deliveries {
		if n := target.Documents(d.Key); n != 1 {
			tb.Errorf("the target holds %d documents of %s, want exactly 1 (invariant 4)", n, d.Key)
		}
	}
}

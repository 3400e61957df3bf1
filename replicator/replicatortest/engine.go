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
func deliver(ctx context.Context, t testing.TB, sink replicator.Sink, deliveries []replicator.Delivery) []result {
	t.Helper()
	results := make([]result, len(deliveries))
	var ready []int
	for i := range deliveries {
		d := &deliveries[i]
		wanted, err := sink.Project(d)
		switch {
		case err != nil:
			results[i].err = err
		case wanted == nil:
			t.Fatalf("delivery %d (%s): Project wants nothing to be told; give deliveries that change something", i, d.Key)
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
		writeBatch(ctx, t, sink, deliveries, ready[:n], results)
		ready = ready[n:]
	}
	return results
}

// writeBatch writes the chosen deliveries as one batch and files the results.
func writeBatch(ctx context.Context, t testing.TB, sink replicator.Sink, all []replicator.Delivery, chosen []int, results []result) {
	t.Helper()
	batch := make([]replicator.Delivery, len(chosen))
	for n, i := range chosen {
		batch[n] = all[i]
	}
	confirmations, err := sink.Write(ctx, batch)
	var failed *replicator.BatchError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("Write returned %T (%v), want *replicator.BatchError", err, err)
	}
	if failed != nil && len(failed.Failed) == 0 {
		t.Fatalf("Write returned a BatchError that names no delivery")
	}
	if len(confirmations) != len(batch) && (failed == nil || len(failed.Failed) < len(batch)) {
		t.Fatalf("Write returned %d confirmations for %d deliveries; they must be indexed like the batch", len(confirmations), len(batch))
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
			t.Errorf("BatchError names delivery %d of a batch of %d", n, len(batch))
		}
		requireClassified(t, cause)
	}
}

// requireClassified fails unless an error is a *Failure or a *HoldError with its names filled.
func requireClassified(t testing.TB, err error) {
	t.Helper()
	var f *replicator.Failure
	var h *replicator.HoldError
	switch {
	case errors.As(err, &f):
		if f.System == "" || f.Operation == "" {
			t.Errorf("failure %q names no system or no operation", err)
		}
	case errors.As(err, &h):
		if h.Reason == "" || h.Message == "" {
			t.Errorf("hold %q has no reason or no message", err)
		}
	default:
		t.Errorf("error %q is a %T, want *replicator.Failure or *replicator.HoldError", err, err)
	}
}

// deliverAll delivers and fails unless everything was confirmed.
func deliverAll(t testing.TB, sink replicator.Sink, deliveries []replicator.Delivery) []result {
	t.Helper()
	results := deliver(t.Context(), t, sink, deliveries)
	for i, r := range results {
		if r.err != nil {
			t.Fatalf("delivery %d (%s) failed: %v", i, deliveries[i].Key, r.err)
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
func requireOne(t testing.TB, target Target, deliveries []replicator.Delivery) {
	t.Helper()
	for _, d := range deliveries {
		if n := target.Documents(d.Key); n != 1 {
			t.Errorf("the target holds %d documents of %s, want exactly 1 (invariant 4)", n, d.Key)
		}
	}
}

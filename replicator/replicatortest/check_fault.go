package replicatortest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"sverka/replicator"
)

func checkThrottling(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 1)
	told := o.Throttle == nil
	if told {
		target.Faults.Throttle(nil, 1, 2)
	} else {
		o.Throttle(target.Faults)
	}
	r := deliver(tb.Context(), tb, target.Sink, deliveries)[0]
	var f *replicator.Failure
	switch {
	case r.err == nil:
		tb.Errorf("the target asked for patience and the delivery was confirmed: the sink must not retry by itself")
	case !errors.As(r.err, &f) || f.Kind != replicator.Throttled:
		tb.Errorf("the target asked for patience: got %v, want the kind throttled", r.err)
	case told && f.RetryAfter != 2*time.Second:
		tb.Errorf("the target asked for 2s of patience, the failure says %s", f.RetryAfter)
	}
	deliveries[0].Attempt = 2
	deliverAll(tb, target.Sink, deliveries)
	requireOne(tb, target, deliveries)
}

func checkLostAnswer(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	target.Faults.DropAfterCommit(o.Commits, 1)
	askAfterLoss(tb, o, target)
}

func checkLostRequest(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	target.Faults.DropBeforeCommit(o.Commits, 1)
	askAfterLoss(tb, o, target)
}

// askAfterLoss delivers into a broken connection and then asks: whatever became
// of the first call, exactly one document must stand (invariant 4).
func askAfterLoss(tb testing.TB, o Options, target Target) {
	tb.Helper()
	deliveries := o.Deliveries(tb, 1)
	r := deliver(tb.Context(), tb, target.Sink, deliveries)[0]
	if r.err != nil && replicator.KindOf(r.err) != replicator.Unknown {
		tb.Errorf("the answer was lost: the kind is %s, want unknown: %v", replicator.KindOf(r.err), r.err)
	}
	deliveries[0].AskFirst, deliveries[0].Attempt = true, 2
	deliverAll(tb, target.Sink, deliveries)
	requireOne(tb, target, deliveries)
}

func checkServerError(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 1)
	target.Faults.Fail(o.Commits, 1, http.StatusInternalServerError, "internal error")
	r := deliver(tb.Context(), tb, target.Sink, deliveries)[0]
	kind := replicator.KindOf(r.err)
	if r.err != nil && kind != replicator.Unknown && kind != replicator.Transient {
		tb.Errorf("status 500 is %s, want unknown or transient: %v", kind, r.err)
	}
	deliveries[0].AskFirst, deliveries[0].Attempt = kind == replicator.Unknown, 2
	deliverAll(tb, target.Sink, deliveries)
	requireOne(tb, target, deliveries)
}

func checkUnauthorised(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 1)
	target.Faults.Fail(nil, 10, http.StatusUnauthorized, "no")
	r := deliver(tb.Context(), tb, target.Sink, deliveries)[0]
	if kind := replicator.KindOf(r.err); r.err == nil || kind != replicator.Unauthorised {
		tb.Errorf("status 401 gives %v, want the kind unauthorised", r.err)
	}
	if n := target.Documents(deliveries[0].Key); n != 0 {
		tb.Errorf("the target holds %d documents although it refused the credentials", n)
	}
}

func checkCancellation(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 1)
	arrived := make(chan struct{})
	var once sync.Once
	watch(target, func(*http.Request) { once.Do(func() { close(arrived) }) })
	target.Faults.SetLatency(4 * time.Second)
	ctx, cancel := context.WithCancel(tb.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := errors.New("the check ended early")
		defer func() { done <- err }()
		err = deliver(ctx, tb, target.Sink, deliveries)[0].err
	}()
	select {
	case <-arrived:
	case err := <-done:
		tb.Errorf("the call ended before any request reached the target: %v", err)
		return
	case <-time.After(10 * time.Second):
		tb.Errorf("no request reached the target in 10s")
		return
	}
	cancel()
	select {
	case err := <-done:
		requireCancelled(tb, err)
	case <-time.After(time.Second):
		tb.Errorf("the call did not return within a second after its context ended")
		tb.Logf("it returned later: %v", <-done)
	}
}

// requireCancelled fails when a cancelled call was confirmed or blamed on the record.
func requireCancelled(tb testing.TB, err error) {
	tb.Helper()
	if err == nil {
		tb.Errorf("a cancelled call was confirmed")
		return
	}
	if kind := replicator.KindOf(err); kind != replicator.Unknown && kind != replicator.Transient {
		tb.Errorf("a cancelled call is %s, want unknown or transient: %v", kind, err)
	}
}

func isFailure(err error) bool {
	var f *replicator.Failure
	return errors.As(err, &f)
}

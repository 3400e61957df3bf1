package replicatortest

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"sverka/replicator"
	"sverka/schema"
)

func checkIdempotentRepeat(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 3)
	for range 2 {
		deliverAll(tb, target.Sink, deliveries)
		requireOne(tb, target, deliveries)
	}
	for i := range deliveries {
		deliveries[i].AskFirst, deliveries[i].Attempt = true, 2
	}
	deliverAll(tb, target.Sink, deliveries)
	requireOne(tb, target, deliveries)
}

func checkOrder(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 7)
	results := deliverAll(tb, target.Sink, deliveries)
	var sent []schema.Key
	for i, d := range deliveries {
		sent = append(sent, d.Key)
		c := results[i].confirmation
		if len(c.Observed) > 0 && observedOf(d, c) == nil {
			tb.Errorf("confirmation %d observes nothing of %s %s: it belongs to another delivery", i, d.Flow.Entity, d.Wanted.RecordKey())
		}
	}
	if target.Arrivals == nil {
		return
	}
	if got := target.Arrivals(); !slices.Equal(got, sent) {
		tb.Errorf("the target took in %v, want the order of commits %v (invariant 3)", got, sent)
	}
}

func checkPartialBatch(tb testing.TB, o Options) {
	tb.Helper()
	const bad = 4
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 10)
	deliveries[bad] = o.Break(deliveries[bad])
	results := deliver(tb.Context(), tb, target.Sink, deliveries)
	for i, r := range results {
		if i == bad {
			continue
		}
		if r.err != nil {
			tb.Errorf("delivery %d failed beside the bad one: %v (invariant 5)", i, r.err)
		}
	}
	requireOne(tb, target, slices.Concat(deliveries[:bad], deliveries[bad+1:]))
	if results[bad].err == nil {
		tb.Errorf("the bad delivery %d was confirmed", bad)
		return
	}
	requireClassified(tb, results[bad].err)
	if kind := replicator.KindOf(results[bad].err); isFailure(results[bad].err) && kind != replicator.Rejected {
		tb.Errorf("the bad delivery is %s, want rejected: %v", kind, results[bad].err)
	}
}

func checkComesToRest(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 3)
	results := deliverAll(tb, target.Sink, deliveries)
	for i, d := range deliveries {
		observed := observedOf(d, results[i].confirmation)
		if observed == nil {
			tb.Errorf("%s: the confirmation observes nothing of %s", d.Key, d.Flow.Entity)
			continue
		}
		if s := observed.Prov().System; s != d.Flow.Target {
			tb.Errorf("%s: the confirmed record belongs to %q, want %q", d.Key, s, d.Flow.Target)
		}
		if problems := observed.Validate(); len(problems) > 0 {
			tb.Errorf("%s: the confirmed record could not be staged: %v", d.Key, problems)
		}
		if schema.Hash(observed) != schema.Hash(d.Wanted) {
			tb.Errorf("%s: the target confirmed something else than was wanted, so the flow never comes to rest", d.Key)
		}
		d.Held = observed
		again, err := target.Sink.Project(&d)
		if err != nil {
			tb.Errorf("%s: project on what is held: %v", d.Key, err)
			continue
		}
		if again != nil && schema.Hash(again) != schema.Hash(observed) {
			tb.Errorf("%s: Project wants a change of what was just confirmed, so the flow never comes to rest", d.Key)
		}
	}
}

func checkEmptyBatch(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	var requests atomic.Int64
	watch(target, func(*http.Request) { requests.Add(1) })
	confirmations, err := target.Sink.Write(tb.Context(), nil)
	if err != nil || len(confirmations) != 0 {
		tb.Errorf("Write of nothing returned %d confirmations and %v, want none and nil", len(confirmations), err)
	}
	if n := requests.Load(); n != 0 {
		tb.Errorf("Write of nothing made %d requests", n)
	}
}

func checkUnicode(tb testing.TB, o Options) {
	tb.Helper()
	target := o.New(tb)
	deliveries := o.Deliveries(tb, 1)
	o.SetText(&deliveries[0], o.Text)
	results := deliverAll(tb, target.Sink, deliveries)
	d := deliveries[0]
	requireOne(tb, target, deliveries)
	if observed := observedOf(d, results[0].confirmation); observed != nil && schema.Hash(observed) != schema.Hash(d.Wanted) {
		tb.Errorf("the text came back changed: the confirmed record differs from the wanted one")
	}
	if target.Holds != nil && !target.Holds(d.Key, o.Text) {
		tb.Errorf("the target does not hold the text %q as it was sent", o.Text)
	}
}

func checkConcurrency(tb testing.TB, o Options) {
	tb.Helper()
	const writers = 4
	target := o.New(tb)
	deliveries := o.Deliveries(tb, writers*2)
	results := make([][]result, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { results[w] = deliver(tb.Context(), tb, target.Sink, deliveries[w*2:w*2+2]) })
	}
	wg.Wait()
	for w, rs := range results {
		if rs == nil {
			tb.Errorf("writer %d gave up", w)
		}
		for i, r := range rs {
			if r.err != nil {
				tb.Errorf("writer %d, delivery %d failed beside other writers: %v", w, i, r.err)
			}
		}
	}
	requireOne(tb, target, deliveries)
}

// watch shows every request that reaches the target's faults to look, which must
// be safe for concurrent use; nothing is spoilt.
func watch(target Target, look func(*http.Request)) {
	target.Faults.DropBeforeCommit(func(r *http.Request) bool {
		look(r)
		return false
	}, 1)
}

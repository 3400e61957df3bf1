package replicatortest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"sverka/replicator/connector/simworld"
	"sverka/replicator/replicatortest"
)

// listener is a testing.TB that remembers failures instead of failing.
type listener struct {
	testing.TB
	mu       sync.Mutex
	messages []string
}

func (l *listener) Helper() {}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = append(l.messages, fmt.Sprintf(format, args...))
}

func (l *listener) Fatalf(format string, args ...any) {
	l.Errorf(format, args...)
	runtime.Goexit()
}

func (l *listener) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.messages, "\n")
}

// hear runs a check in its own goroutine, which Fatalf may end, and returns what it said.
func hear(t *testing.T, name replicatortest.Check, o replicatortest.Options) string {
	t.Helper()
	l := &listener{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		replicatortest.RunCheck(l, name, o)
	}()
	<-done
	return l.text()
}

func TestExerciseSink_passes_a_sink_that_keeps_its_promises(t *testing.T) {
	t.Parallel()
	replicatortest.ExerciseSink(t, fakeOptions(flaws{}))
}

func TestEveryCheckFailsOnASinkThatBreaksItsPromise(t *testing.T) {
	t.Parallel()
	cases := []struct {
		check replicatortest.Check
		flaw  string
		flaws flaws
		says  string
	}{
		{replicatortest.IdempotentRepeat, "creates always", flaws{createsAlways: true}, "holds 2 documents"},
		{replicatortest.Order, "reverses the batch", flaws{reverses: true}, "order of commits"},
		{replicatortest.Order, "returns a short list", flaws{shortList: true}, "indexed like the batch"},
		{replicatortest.Order, "confirms another key", flaws{namesOther: true}, "belongs to another delivery"},
		{replicatortest.PartialBatch, "fails the whole batch", flaws{failsWhole: true}, "failed beside the bad one"},
		{replicatortest.PartialBatch, "returns a plain error", flaws{plainError: true}, "want *replicator.BatchError"},
		{replicatortest.ComesToRest, "confirms something else", flaws{confirmsOther: true}, "never comes to rest"},
		{replicatortest.ComesToRest, "wants a change for ever", flaws{wantsForever: true}, "Project wants a change"},
		{replicatortest.Throttling, "retries by itself", flaws{createsAlways: true, retries: true}, "must not retry by itself"},
		{replicatortest.Throttling, "forgets how long to wait", flaws{dropsRetryAfter: true}, "2s of patience"},
		{replicatortest.LostAnswer, "calls the loss transient", flaws{callsLossTransient: true}, "want unknown"},
		{replicatortest.LostAnswer, "does not ask", flaws{createsAlways: true}, "holds 2 documents"},
		{replicatortest.LostRequest, "takes asking for having", flaws{trustsAsking: true}, "holds 0 documents"},
		{replicatortest.ServerError, "rejects on a server error", flaws{rejectsServerErrors: true}, "want unknown or transient"},
		{replicatortest.Unauthorised, "rejects on bad credentials", flaws{rejectsCredentials: true}, "want the kind unauthorised"},
		{replicatortest.Cancellation, "ignores its context", flaws{ignoresCancel: true}, "within a second"},
		{replicatortest.EmptyBatch, "sends an empty batch", flaws{sendsEmpty: true}, "made 1 requests"},
		{replicatortest.Unicode, "loses letters", flaws{foldsText: true}, "does not hold the text"},
		{replicatortest.Concurrency, "bears one caller only", flaws{oneAtATime: true}, "failed beside other writers"},
		{replicatortest.SecretsAbsent, "tells the token in a hint", flaws{tellsSecret: true}, "refused credentials: the error"},
		{replicatortest.SecretsAbsent, "quotes what the target echoes", flaws{quotesVendor: true}, "echoes: the error"},
		{replicatortest.SecretsAbsent, "sends the token in a body", flaws{sendsSecretInBody: true}, "the record of create"},
	}
	covered := map[replicatortest.Check]bool{}
	for _, c := range cases {
		covered[c.check] = true
		t.Run(string(c.check)+"/"+strings.ReplaceAll(c.flaw, " ", "_"), func(t *testing.T) {
			t.Parallel()
			if got := hear(t, c.check, fakeOptions(c.flaws)); !strings.Contains(got, c.says) {
				t.Errorf("the check said %q, want something with %q", got, c.says)
			}
		})
	}
	for _, name := range replicatortest.Checks() {
		if !covered[name] {
			t.Errorf("no broken sink proves that %s can fail", name)
		}
	}
}

func TestEveryCheckIsSilentOnAGoodSink(t *testing.T) {
	t.Parallel()
	for _, name := range replicatortest.Checks() {
		if got := hear(t, name, fakeOptions(flaws{})); got != "" {
			t.Errorf("%s said %q about a sink without flaws", name, got)
		}
	}
}

func TestOptionsAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	good := fakeOptions(flaws{})
	cases := map[string]struct {
		spoil func(o *replicatortest.Options)
		says  string
	}{
		"no factory":     {func(o *replicatortest.Options) { o.New = nil }, "New and Deliveries"},
		"nothing broken": {func(o *replicatortest.Options) { o.Break = nil }, "Break must be given"},
		"no secrets":     {func(o *replicatortest.Options) { o.Secrets = nil }, "Secrets must be given"},
		"reason missing": {func(o *replicatortest.Options) {
			o.LeaveOut = map[replicatortest.Check]string{replicatortest.Order: "no"}
		}, "without a written reason"},
		"check not known": {func(o *replicatortest.Options) {
			o.LeaveOut = map[replicatortest.Check]string{"speed": "it is slow enough"}
		}, "no check"},
		"a reason is fine": {func(o *replicatortest.Options) {
			o.Break, o.LeaveOut = nil, map[replicatortest.Check]string{replicatortest.PartialBatch: "the target refuses nothing"}
		}, ""},
	}
	for name, c := range cases {
		o := good
		c.spoil(&o)
		got := strings.Join(replicatortest.Problems(o), "; ")
		if (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: problems %q, want %q", name, got, c.says)
		}
	}
}

func TestCustomThrottleIsUsed(t *testing.T) {
	t.Parallel()
	o := fakeOptions(flaws{})
	o.Throttle = func(*simworld.Faults) {}
	if got := hear(t, replicatortest.Throttling, o); !strings.Contains(got, "was confirmed") {
		t.Errorf("a throttle that does nothing must fail the check, it said %q", got)
	}
}

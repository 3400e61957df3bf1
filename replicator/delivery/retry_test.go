package delivery

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sverka/replicator"
	"sverka/schema"
)

func TestBackoff_stays_within_its_bounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := Config{
			RetryMin: time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(time.Minute)).Draw(t, "min")),
			RetryMax: time.Duration(rapid.Int64Range(int64(time.Minute), int64(1000*time.Hour)).Draw(t, "max")),
		}
		attempt := rapid.IntRange(0, 1_000_000).Draw(t, "attempt")
		plain := c.RetryMin
		for i := 1; i < attempt && plain < c.RetryMax; i++ {
			plain *= 2
		}
		plain = min(plain, c.RetryMax)
		got := backoff(c, attempt)
		if got < plain-plain/10 || got > plain+plain/10+1 {
			t.Fatalf("attempt %d waits %s, want a tenth around %s", attempt, got, plain)
		}
	})
}

func TestReference_is_stable_for_a_wish_and_another_for_the_next(t *testing.T) {
	t.Parallel()
	base := reference(productFlow, "A", "hash", "0/1")
	if again := reference(productFlow, "A", "hash", "0/1"); again != base {
		t.Errorf("%s and %s for one wish", base, again)
	}
	if len(base) != 32 || strings.Trim(base, "0123456789abcdef") != "" {
		t.Errorf("reference %q", base)
	}
	for name, other := range map[string]string{
		"flow": reference(intakeFlow, "A", "hash", "0/1"), "key": reference(productFlow, "B", "hash", "0/1"),
		"content": reference(productFlow, "A", "other", "0/1"), "state delivered before": reference(productFlow, "A", "hash", "0/2"),
	} {
		if other == base {
			t.Errorf("another %s has the same reference", name)
		}
	}
}

type hinted struct{}

func (hinted) Error() string { return "no certificate" }
func (hinted) Hint() string  { return "renew the certificate" }

func TestFailed_says_what_each_kind_means(t *testing.T) {
	t.Parallel()
	e := &Engine{cfg: Config{}.withDefaults()}
	for _, c := range []struct {
		kind      replicator.Kind
		ask       bool
		state     string
		uncounted bool
	}{
		{replicator.Unknown, false, "unknown", false},
		{replicator.Unknown, true, "unknown", false},
		{replicator.Transient, false, "retry", false},
		{replicator.Transient, true, "unknown", false},
		{replicator.Throttled, false, "retry", true},
		{replicator.Throttled, true, "unknown", true},
		{replicator.Unauthorised, false, "retry", true},
		{replicator.Unauthorised, true, "unknown", true},
		{replicator.Rejected, false, "dead", false},
		{replicator.Rejected, true, "dead", false},
	} {
		s := e.failed(&item{claimed: claimed{Attempt: 3, AskFirst: c.ask}}, &replicator.Failure{Kind: c.kind, System: "onec", RetryAfter: 7 * time.Second})
		if s.state != c.state || s.uncounted != c.uncounted || s.kind != c.kind || s.attempt != "failed" {
			t.Errorf("%s, ask first %v: %+v", c.kind, c.ask, s)
		}
		if c.kind == replicator.Throttled && s.wait != 7*time.Second {
			t.Errorf("throttled for 7 s waits %s", s.wait)
		}
	}
}

func TestFailed_keeps_only_what_can_be_stored(t *testing.T) {
	t.Parallel()
	e := &Engine{cfg: Config{}.withDefaults()}
	s := e.failed(&item{}, &replicator.Failure{Kind: replicator.Rejected, System: "onec", Message: "bad\x00\xff" + strings.Repeat("ж", 3000)})
	if strings.Contains(s.failure, "\x00") || !utf8.ValidString(s.failure) || len([]rune(s.failure)) > 1001 {
		t.Errorf("%d letters: %q", len([]rune(s.failure)), s.failure[:40])
	}
	s = e.failed(&item{}, &replicator.Failure{Kind: replicator.Transient, System: "onec", Err: hinted{}})
	if s.hint != "renew the certificate" {
		t.Errorf("hint %q", s.hint)
	}
}

func TestVerdict_takes_an_unclassified_error_for_unknown(t *testing.T) {
	t.Parallel()
	e := &Engine{cfg: Config{}.withDefaults()}
	st := &flowState{Flow: replicator.Flow{Entity: schema.EntityProduct, Source: schema.Jushuitan, Target: schema.OneC}}
	if s := e.verdict(st, &item{}, errors.New("something")); s.state != "unknown" || s.kind != replicator.Unknown {
		t.Errorf("%+v", s)
	}
	if s := e.verdict(st, &item{}, &replicator.HoldError{Reason: "unmapped", Message: "no counterpart", WaitsFor: []string{"x"}}); s.state != "held" || s.reason != "unmapped" || !s.uncounted {
		t.Errorf("%+v", s)
	}
}

package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// foreverWait parks what only a person or a mode change wakes.
const foreverWait = 365 * 24 * time.Hour

// settlement is how a claimed delivery ended.
type settlement struct {
	state     string
	outcome   string // sent, equal, nothing_to_tell, not_owner, shadow; "" when not delivered
	wait      time.Duration
	reason    string
	failure   string
	hint      string
	waitsFor  []string
	hash      string
	reference string
	kind      replicator.Kind
	attempt   string // outcome of the attempt row, "" when none is written
	uncounted bool   // the target asked for patience: not an attempt
}

func done(outcome string) *settlement { return &settlement{state: "delivered", outcome: outcome} }

// held parks a delivery until one of its topics changes, or the recheck.
func (e *Engine) held(h *replicator.HoldError) *settlement {
	return &settlement{
		state: "held", reason: clip(h.Reason), failure: clip(h.Message), hint: clip(h.Hint), waitsFor: h.WaitsFor,
		wait: e.cfg.HoldRecheck, attempt: "held", uncounted: true,
	}
}

// failed decides what a classified failure means for the delivery.
func (e *Engine) failed(it *item, f *replicator.Failure) *settlement {
	s := &settlement{state: "retry", failure: clip(f.Error()), hint: clip(f.Hint), kind: f.Kind, attempt: "failed", wait: backoff(e.cfg, it.Attempt)}
	switch f.Kind {
	case replicator.Rejected:
		s.state, s.wait = "dead", foreverWait
	case replicator.Unknown:
		s.state = "unknown" // invariant 4: asked for before anything is sent again
	case replicator.Throttled:
		s.wait, s.uncounted = max(f.RetryAfter, e.cfg.RetryMin), true
	case replicator.Unauthorised:
		s.wait, s.uncounted = e.cfg.RetryMin, true // the flow is paused; the record is not at fault
	case replicator.Transient:
	}
	if it.AskFirst && s.state == "retry" {
		s.state = "unknown" // the question itself failed; the earlier outcome is still not known
	}
	if s.hint == "" {
		var hinted interface{ Hint() string }
		if errors.As(f.Err, &hinted) {
			s.hint = clip(hinted.Hint())
		}
	}
	return s
}

// backoff grows from RetryMin to RetryMax by doubling, with a fifth of jitter so
// that what failed together does not come back together.
func backoff(c Config, attempt int) time.Duration {
	d := c.RetryMin
	for range min(attempt, 40) - 1 {
		if d >= c.RetryMax {
			break
		}
		d *= 2
	}
	d = min(d, c.RetryMax)
	return d - d/10 + rand.N(d/5+1)
}

// reference is the same for every retry of one wish and another one once the
// target held something else in between.
func reference(flow replicator.FlowID, key schema.Key, hash, deliveredLSN string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(flow), string(key), hash, deliveredLSN}, "\x1f")))
	return hex.EncodeToString(sum[:16])
}

// clip makes a text of another system storable and bounded: one that Postgres
// refuses would keep the whole batch from being settled.
func clip(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if r := []rune(s); len(r) > 1000 {
		return string(r[:1000]) + "…"
	}
	return s
}

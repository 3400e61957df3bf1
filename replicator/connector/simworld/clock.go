package simworld

import (
	"sync/atomic"
	"time"
)

// Clock is a world's time. It runs Factor times faster than real time, so that
// rate limits, token lives and schedules shrink together with a compressed day.
type Clock struct {
	start  time.Time // world time at birth
	born   time.Time // real time at birth, with its monotonic reading
	factor int64
	skip   atomic.Int64 // world time that was skipped, in nanoseconds
}

// NewClock starts a clock at the given world time.
func NewClock(start time.Time, factor int) *Clock {
	if factor < 1 {
		factor = 1
	}
	return &Clock{start: start, born: time.Now(), factor: int64(factor)}
}

// Now is the world's time.
func (c *Clock) Now() time.Time {
	return c.start.Add(time.Since(c.born)*time.Duration(c.factor) + time.Duration(c.skip.Load()))
}

// SkipTo moves the world forward to a moment, as if the time until then had passed
// in no time; a moment of the past changes nothing.
func (c *Clock) SkipTo(t time.Time) {
	if d := t.Sub(c.Now()); d > 0 {
		c.skip.Add(int64(d))
	}
}

// Real is how long a span of world time takes in real time.
func (c *Clock) Real(world time.Duration) time.Duration { return world / time.Duration(c.factor) }

// Factor is how many world seconds pass in a real one.
func (c *Clock) Factor() int { return int(c.factor) }

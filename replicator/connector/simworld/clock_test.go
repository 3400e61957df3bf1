package simworld_test

import (
	"testing"
	"time"

	"sverka/replicator/connector/simworld"
)

func TestClock_SkipTo_moves_forward_and_never_back(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	c := simworld.NewClock(start, 1)
	noon := start.Add(6 * time.Hour)
	c.SkipTo(noon)
	if now := c.Now(); now.Before(noon) || now.After(noon.Add(time.Minute)) {
		t.Errorf("after the skip it is %s, want about %s", now, noon)
	}
	c.SkipTo(start)
	if now := c.Now(); now.Before(noon) {
		t.Errorf("a moment of the past moved the clock back to %s", now)
	}
}

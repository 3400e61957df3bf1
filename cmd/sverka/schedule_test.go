package main

import (
	"testing"
	"time"
)

func TestTimeOfDay_NextIsTheFirstMomentAfterNow(t *testing.T) {
	t.Parallel()
	berlin := mustZone("Europe/Berlin").Location
	moscow := mustZone("Europe/Moscow").Location
	for name, c := range map[string]struct {
		at   timeOfDay
		zone *time.Location
		now  string
		want string
	}{
		"later today":              {timeOfDay{6, 30}, moscow, "2026-11-23T01:00:00Z", "2026-11-23T03:30:00Z"},
		"already past":             {timeOfDay{6, 30}, moscow, "2026-11-23T03:31:00Z", "2026-11-24T03:30:00Z"},
		"exactly now is past":      {timeOfDay{6, 30}, moscow, "2026-11-23T03:30:00Z", "2026-11-24T03:30:00Z"},
		"the day changes in zone":  {timeOfDay{0, 15}, moscow, "2026-11-23T22:00:00Z", "2026-11-24T21:15:00Z"},
		"night of the spring jump": {timeOfDay{6, 30}, berlin, "2026-03-28T06:00:00Z", "2026-03-29T04:30:00Z"},
		"last day of the month":    {timeOfDay{6, 30}, moscow, "2026-11-30T04:00:00Z", "2026-12-01T03:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.at.next(now, c.zone).UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("next after %s = %s, want %s", c.now, got, c.want)
			}
		})
	}
}

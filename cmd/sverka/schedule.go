package main

import "time"

// next is the first moment after now at this time of day in the zone. A time that
// the clocks skip is taken one hour later, as time.Date does.
func (t timeOfDay) next(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), t.Hour, t.Minute, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()+1, t.Hour, t.Minute, 0, 0, zone)
	}
	return at
}

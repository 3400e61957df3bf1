package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCompareFindings_AcceptsExactlyWhatWasInjected(t *testing.T) {
	t.Parallel()
	a := injected{area: "stock", class: "quantity", key: "MAIN/A"}
	b := injected{area: "order", class: "amount", key: "OS-1"}
	for name, c := range map[string]struct {
		found, want []injected
		says        []string // "" means no error
	}{
		"same in another order": {[]injected{b, a}, []injected{a, b}, nil},
		"nothing at all":        {nil, nil, nil},
		"one is missing":        {[]injected{a}, []injected{a, b}, []string{"missing: order amount OS-1", "not injected: none"}},
		"one too many":          {[]injected{a, b}, []injected{a}, []string{"missing: none", "not injected: order amount OS-1"}},
		"other class":           {[]injected{{area: "stock", class: "unit", key: "MAIN/A"}}, []injected{a}, []string{"missing: stock quantity MAIN/A", "not injected: stock unit MAIN/A"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := compareFindings(c.found, c.want)
			var differences *differencesError
			if len(c.says) == 0 {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			if !errors.As(err, &differences) {
				t.Fatalf("got %v, want differences", err)
			}
			for _, text := range c.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q does not say %q", err, text)
				}
			}
		})
	}
}

func TestDemoMorning_TheWholeDayLiesBeforeNow(t *testing.T) {
	t.Parallel()
	for hour := range 48 {
		now := time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC).Add(time.Duration(hour) * time.Hour)
		morning := demoMorning(now)
		if end := morning.Add(14 * time.Hour); end.After(now) || now.Sub(morning) > 38*time.Hour {
			t.Errorf("at %s the day begins at %s", now, morning)
		}
		if got := morning.In(demoZone()).Format("15:04"); got != "09:00" {
			t.Errorf("at %s the day begins at %s, want 09:00", now, got)
		}
	}
}

package jushuitan

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sverka/schema"
)

func TestWire_takes_numbers_in_every_spelling(t *testing.T) {
	t.Parallel()
	type row struct {
		T text    `json:"t"`
		N integer `json:"n"`
		M money   `json:"m"`
		F truth   `json:"f"`
	}
	for name, c := range map[string]struct {
		in   string
		want row
	}{
		"as they should be": {`{"t":"a","n":7042403203,"m":59.5,"f":true}`, row{"a", 7042403203, 5950, true}},
		"as strings":        {`{"t":"a","n":"7042403203","m":"59.50","f":"true"}`, row{"a", 7042403203, 5950, true}},
		"empty":             {`{"t":"","n":"","m":"","f":""}`, row{}},
		"null":              {`{"t":null,"n":null,"m":null,"f":null}`, row{}},
		"absent":            {`{}`, row{}},
		"other types":       {`{"t":15,"n":3.0,"m":"5","f":1}`, row{"15", 3, 500, true}},
		"negative":          {`{"t":"-","n":-2,"m":-0.05}`, row{"-", -2, -5, false}},
	} {
		var got row
		if err := json.Unmarshal([]byte(c.in), &got); err != nil || got != c.want {
			t.Errorf("%s: %+v and %v, want %+v", name, got, err, c.want)
		}
	}
	for _, bad := range []string{`{"n":1.5}`, `{"n":"x"}`, `{"m":1.005}`, `{"m":1e2}`, `{"t":{}}`, `{"n":[1]}`} {
		var got row
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s was taken as %+v", bad, got)
		}
	}
}

func TestRounded_keeps_what_is_exact_and_says_what_is_not(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		v     schema.Amount
		exact bool
	}{
		"21.5": {2150, true}, "21.5000": {2150, true}, "21.5049": {2150, false}, "21.505": {2151, false}, "-21.505": {-2151, false}, "0.999": {100, false},
	} {
		v, exact, err := rounded(in, schema.AmountScale, schema.ParseAmount)
		if err != nil || v != want.v || exact != want.exact {
			t.Errorf("%s gives %s exact %v and %v, want %s exact %v", in, v, exact, err, want.v, want.exact)
		}
	}
	if _, _, err := rounded("1.2x45", schema.AmountScale, schema.ParseAmount); !errors.Is(err, schema.ErrDecimal) {
		t.Errorf("letters give %v, want an error of the decimal parser", err)
	}
}

// The limits are promises to the vendor about any second and any minute, not
// about averages.
func TestLimiters_never_pass_more_than_the_vendor_allows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ perSecond, perMinute, factor int }{{5, 100, 1}, {5, 100, 60}, {50, 1000, 1440}, {1, 3, 1}} {
		synctest.Test(t, func(t *testing.T) {
			waiters := limiters(Config{PerSecond: c.perSecond, PerMinute: c.perMinute, TimeFactor: c.factor})
			var passed []time.Time
			for range 4 * c.perMinute {
				for _, w := range waiters {
					if err := w.Wait(t.Context()); err != nil {
						t.Fatalf("wait: %v", err)
					}
				}
				passed = append(passed, time.Now())
			}
			for span, limit := range map[time.Duration]int{time.Second: c.perSecond, time.Minute: c.perMinute} {
				if n := busiest(passed, span/time.Duration(c.factor)); n > limit {
					t.Errorf("%d calls passed in one %s of world time at factor %d, the vendor allows %d", n, span, c.factor, limit)
				}
			}
		})
	}
}

// busiest is the greatest number of moments in any span.
func busiest(at []time.Time, span time.Duration) int {
	most := 0
	for i := range at {
		n := 0
		for j := i; j < len(at) && at[j].Sub(at[i]) < span; j++ {
			n++
		}
		most = max(most, n)
	}
	return most
}

func TestConfig_names_every_problem_at_once(t *testing.T) {
	t.Parallel()
	_, err := New(Config{BaseURL: "ftp://x", AuthCode: "abc", Warehouses: map[string]string{"main": "A", "2": "A", "3": ""}, PerSecond: -1})
	if err == nil {
		t.Fatal("an empty configuration was accepted")
	}
	for _, want := range []string{"base URL", "application key", "application secret", "authorisation code", "shop id", `"main"`, `code "A"`, `"3": has no code`, "cannot be negative"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the problems do not name %s:\n%v", want, err)
		}
	}
}

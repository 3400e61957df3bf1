package replicatortest

import "testing"

// RunCheck runs one check, for the suite's own test.
func RunCheck(tb testing.TB, name Check, o Options) {
	tb.Helper()
	for _, c := range checks() {
		if c.name == name {
			c.run(tb, o.withDefaults())
		}
	}
}

// Problems are what ExerciseSink refuses options for.
func Problems(o Options) []string { return o.problems() }

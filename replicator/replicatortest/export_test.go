package replicatortest

import "testing"

// RunCheck runs one check, for the suite's own test.
func RunCheck(t testing.TB, name Check, o Options) {
	for _, c := range checks() {
		if c.name == name {
			c.run(t, o.withDefaults())
		}
	}
}

// Problems are what ExerciseSink refuses options for.
func Problems(o Options) []string { return o.problems() }

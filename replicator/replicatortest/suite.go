package replicatortest

import "testing"

// Check names one promise of the suite; it is the name of its sub-test.
type Check string

// The checks, in the order in which they run.
const (
	IdempotentRepeat Check = "the_same_deliveries_twice_make_one_document"
	Order            Check = "confirmations_and_arrivals_keep_the_order_of_the_batch"
	PartialBatch     Check = "one_bad_delivery_of_ten_fails_alone"
	ComesToRest      Check = "what_is_confirmed_equals_what_was_wanted"
	Throttling       Check = "throttling_is_told_and_nothing_is_sent_twice"
	LostAnswer       Check = "an_answer_lost_after_the_commit_is_asked_for"
	LostRequest      Check = "a_request_lost_before_the_commit_is_asked_for_then_sent"
	ServerError      Check = "a_server_error_is_never_a_refusal_of_the_record"
	Unauthorised     Check = "refused_credentials_stop_the_connection"
	Cancellation     Check = "a_cancelled_call_returns_within_a_second"
	EmptyBatch       Check = "an_empty_batch_sends_nothing"
	Unicode          Check = "text_of_any_script_arrives_unchanged"
	Concurrency      Check = "concurrent_batches_do_not_disturb_each_other"
	SecretsAbsent    Check = "secrets_and_personal_data_stay_out_of_errors_and_records"
)

// check is one promise as code: it reports through testing.TB so that the suite
// can be tested against sinks that are broken on purpose.
type check struct {
	name Check
	run  func(tb testing.TB, o Options)
}

func checks() []check {
	return []check{
		{IdempotentRepeat, checkIdempotentRepeat},
		{Order, checkOrder},
		{PartialBatch, checkPartialBatch},
		{ComesToRest, checkComesToRest},
		{Throttling, checkThrottling},
		{LostAnswer, checkLostAnswer},
		{LostRequest, checkLostRequest},
		{ServerError, checkServerError},
		{Unauthorised, checkUnauthorised},
		{Cancellation, checkCancellation},
		{EmptyBatch, checkEmptyBatch},
		{Unicode, checkUnicode},
		{Concurrency, checkConcurrency},
		{SecretsAbsent, checkSecretsAbsent},
	}
}

// Checks lists the names of all checks.
func Checks() []Check {
	var names []Check
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// ExerciseSink runs every check that is not left out as a parallel sub-test, each
// against a fresh target.
func ExerciseSink(t *testing.T, o Options) {
	t.Helper()
	if problems := o.problems(); len(problems) > 0 {
		t.Fatalf("the acceptance suite cannot run: %v", problems)
	}
	o = o.withDefaults()
	for _, c := range checks() {
		if reason, out := o.LeaveOut[c.name]; out {
			t.Logf("%s is left out: %s", c.name, reason)
			continue
		}
		t.Run(string(c.name), func(t *testing.T) {
			t.Parallel()
			c.run(t, o)
		})
	}
}

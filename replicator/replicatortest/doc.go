// Package replicatortest is the acceptance suite that every sink must pass over
// real HTTP against its simulator.
//
// [ExerciseSink] does what the delivery engine does: it projects, cuts batches at
// the sink's limit, writes, and reads confirmations and errors by index. Each
// promise of [replicator.Sink] is one named sub-test. A promise that a target
// cannot keep is left out only with a written reason, which the test log shows.
package replicatortest

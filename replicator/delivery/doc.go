// Package delivery makes the target of a flow hold what its source holds.
//
// The ledger ops.delivery holds one row per (flow, key). A change of the source's
// row raises wanted_lsn (Hook); workers claim due rows, read the canonical rows
// as they are now, ask the sink what the target would hold (Project) and send only
// when it holds something else.
//
//	pending → sending → delivered
//	                  → retry    certainly not carried out; back-off
//	                  → unknown  perhaps carried out; the next attempt asks first (invariant 4)
//	                  → held     waits for something that is not an error; woken by topics
//	                  → dead     the target refuses the record; a person must act
//
// A newer wish wakes held and dead rows; what is being sent stays sent and the
// newer wish is served afterwards (invariant 3). A claim is a lease with a fencing
// token: when the claimant dies, the row is claimed again as "outcome not known".
//
// Each flow has its own workers, so a slow target delays nobody else (invariant 6).
package delivery

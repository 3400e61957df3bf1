package replicator

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind tells the delivery engine what to do about a failure. The boundary
// classifies, the centre decides.
type Kind int

// The kinds. The zero Kind is Unknown: what was not classified is asked about
// before it is sent again.
const (
	Unknown      Kind = iota // the request may have been carried out; ask before sending again
	Transient                // certainly not carried out; try again later
	Throttled                // the system asks for patience; see RetryAfter
	Unauthorised             // credentials or rights; stop this connection until they change
	Rejected                 // the system refuses this record; a person must act
)

// String names the kind in lower case, as journals and metrics show it.
func (k Kind) String() string {
	switch k {
	case Unknown:
		return "unknown"
	case Transient:
		return "transient"
	case Throttled:
		return "throttled"
	case Unauthorised:
		return "unauthorised"
	case Rejected:
		return "rejected"
	}
	return fmt.Sprintf("kind(%d)", int(k))
}

// Failure is a classified error of an outside system. Its text never holds a
// secret or personal data (invariant 11).
type Failure struct {
	Kind       Kind
	System     string        // whose answer
	Operation  string        // what was asked: "post Document_ЗаказКлиента"
	Code       string        // the system's own code, verbatim
	Message    string        // the system's own words, shortened
	Hint       string        // what an operator can do
	RetryAfter time.Duration // zero when the system did not say
	Err        error         // cause, may be nil
}

// Error reads "onec: post Document_ЗаказКлиента: rejected: code 9: not found".
func (f *Failure) Error() string {
	parts := []string{f.System}
	if f.Operation != "" {
		parts = append(parts, f.Operation)
	}
	parts = append(parts, f.Kind.String())
	if f.Code != "" {
		parts = append(parts, "code "+f.Code)
	}
	if f.Message != "" {
		parts = append(parts, f.Message)
	}
	if f.Err != nil {
		parts = append(parts, f.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// KindOf classifies any error: the Kind of the first [Failure] in its chain, else Unknown.
func KindOf(err error) Kind {
	var f *Failure
	if errors.As(err, &f) {
		return f.Kind
	}
	return Unknown
}

// HoldError says that a delivery must wait for something that is not an error:
// a parent that has not arrived, a mapping that a person must make, a door that
// does not exist. The delivery is parked as held and looked at again when one
// of WaitsFor changes, and from time to time.
type HoldError struct {
	Reason   string   // stable word: product_missing, warehouse_unmapped, not_paid …
	Message  string   // for people, no personal data
	Hint     string   // what to do, "" when time will do it
	WaitsFor []string // topics, see Subject.Topic and OrderTopic
}

// Error implements error.
func (h *HoldError) Error() string { return "held: " + h.Reason + ": " + h.Message }

// BatchError tells which deliveries of a batch failed; the others were confirmed.
type BatchError struct {
	Failed map[int]error // index in the batch → *Failure or *HoldError
}

// Error implements error.
func (b *BatchError) Error() string {
	for i, err := range b.Failed {
		if len(b.Failed) == 1 {
			return fmt.Sprintf("delivery %d of the batch: %v", i, err)
		}
		return fmt.Sprintf("%d deliveries of the batch failed, one of them %d: %v", len(b.Failed), i, err)
	}
	return "batch failed"
}

// Fail records the failure of one delivery, making the map when needed.
func (b *BatchError) Fail(i int, err error) {
	if b.Failed == nil {
		b.Failed = map[int]error{}
	}
	b.Failed[i] = err
}

// OrNil is nil when nothing failed, so that a sink can end with "return confirmations, be.OrNil()".
func (b *BatchError) OrNil() error {
	if len(b.Failed) == 0 {
		return nil
	}
	return b
}

package replicator

import (
	"context"

	"sverka/schema"
)

// Delivery asks a sink to make its system hold what Source says for one key.
type Delivery struct {
	Flow      Flow
	Key       schema.Key
	Reference string // stable for this wish, at most 32 characters [0-9a-f]: the same on every retry of it
	Attempt   int    // 1 for the first
	// AskFirst is set when an earlier attempt's outcome is not known: look the
	// document up by its reference before anything is sent (invariant 4).
	AskFirst bool
	Source   schema.Record // what the source system holds
	Held     schema.Record // what the target is known to hold, nil when nothing is known
	Wanted   schema.Record // what Project made of Source and Held; nil while projecting
	Related  Related
}

// Related carries the rows around an order that some targets need in one call.
type Related struct {
	Order     *schema.SalesOrder // the source system's order, for payments, statuses and shipments
	HeldOrder *schema.SalesOrder // the target's row of the same order
	Customer  *schema.Customer   // the order's customer as the source system holds it
	Address   *schema.Address    // the geocoder's reading of the order's address
	Payments  []*schema.Payment  // the source system's payments of the order
	Status    *schema.OrderStatus
}

// Sink makes one system hold what deliveries ask for.
//
// Implementations are safe for concurrent use by several goroutines, obey ctx
// within a second and never retry by themselves beyond one repeat of a call
// that was certainly not sent.
type Sink interface {
	Name() schema.System
	// Project returns what the target would hold after the delivery, in the
	// target's own terms: fields that the target cannot hold or that the flow
	// does not own keep the value of Held. A nil record with a nil error means
	// that the target has nothing to be told; Outcome texts say why. Pure: no I/O.
	Project(d *Delivery) (schema.Record, error)
	// Write sends a batch of deliveries of ONE flow, in order of commit. It may be
	// called again with the same deliveries and must then find, not create twice.
	// The error is nil only when every delivery was confirmed by the system;
	// otherwise it is a *[BatchError] that names each failed index, and the
	// confirmations of the others are valid. Confirmations are indexed like the batch.
	Write(ctx context.Context, batch []Delivery) ([]Confirmation, error)
}

// Confirmation is what the target confirmed of one delivery. Its records are
// staged at once as the target's own rows, so the next hop need not wait for a poll.
type Confirmation struct {
	Observed   []schema.Record // what the target now holds, read back or as acknowledged
	ExternalID string          // the target's own id of the document, "" when it gave none
	Note       string          // for people: "created", "already there", "carried by orders"
}

// BatchLimiter is an optional capability of a sink: how many deliveries of an
// entity one Write may carry. Without it the limit is 1.
type BatchLimiter interface {
	BatchLimit(e schema.Entity) int
}

// Preflighter is an optional capability: check credentials, reach and rights
// without changing anything. Errors carry a hint.
type Preflighter interface {
	Preflight(ctx context.Context) error
}

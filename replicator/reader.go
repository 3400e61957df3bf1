package replicator

import (
	"context"
	"iter"

	"sverka/schema"
)

// Page is one answer of an outside system, ready to be staged in one transaction
// together with its cursor (invariant 9).
type Page struct {
	Records []schema.Record
	Refused []Refusal // records of this page that could not be read; they go to the journal
	Cursor  string    // where the next read begins once this page is staged; "" keeps the old one
	Read    int       // rows the system sent, = len(Records)+len(Refused) unless one row makes several records
	// Identifiers maps the system's own ids to business keys, staged with the page.
	Identifiers []Identifier
}

// Identifier is a row of canonical.identifier.
type Identifier struct {
	Entity     schema.Entity
	ExternalID string
	Key        schema.Key
}

// Refusal is a record that could not be read or mapped. It never stops the page.
type Refusal struct {
	Entity     schema.Entity
	Key        schema.Key // "" when not even the key could be read
	ExternalID string
	Code       string // stable word: validation, unmapped, malformed
	Problems   []schema.Problem
}

// Reader reads one kind of record out of one system, from a cursor on. Reading
// fails whole on a failed page: the sequence ends with the error and nothing of
// that page (invariant 8). ObservedAt of every record is the moment before the
// request that returned it.
type Reader interface {
	Read(ctx context.Context, cursor string) iter.Seq2[Page, error]
}

// ReaderFunc makes a function a Reader.
type ReaderFunc func(ctx context.Context, cursor string) iter.Seq2[Page, error]

// Read implements [Reader].
func (f ReaderFunc) Read(ctx context.Context, cursor string) iter.Seq2[Page, error] {
	return f(ctx, cursor)
}

// Acknowledger is an optional capability of a reader: tell the system that what
// it sent is durably ours (CommerceML mode=success, NotifyChangesReceived). It is
// called only after the page's transaction committed.
type Acknowledger interface {
	Acknowledge(ctx context.Context, cursor string) error
}

package replicator

import (
	"time"

	"sverka/schema"
)

// Op is what a change did to a row.
type Op byte

// Operations of logical replication.
const (
	OpInsert   Op = 'I'
	OpUpdate   Op = 'U'
	OpDelete   Op = 'D'
	OpTruncate Op = 'T'
)

// Change is one committed row change of a published table.
type Change struct {
	Table       string // name inside schema canonical
	Op          Op
	LSN         uint64 // of the transaction's commit record
	Seq         int    // order inside the transaction
	XID         uint32
	CommittedAt time.Time
	// Columns and Values hold the new row (for OpDelete: the old key), in the
	// text form of Postgres. A nil value is NULL or, when Unchanged says so, a
	// large value that was not sent again.
	Columns   []string
	Values    [][]byte
	Unchanged []bool // nil when every value was sent
}

// Text returns a column's value as text, "" when it is NULL or absent.
func (c *Change) Text(column string) string {
	for i, name := range c.Columns {
		if name == column && i < len(c.Values) {
			return string(c.Values[i])
		}
	}
	return ""
}

// Subject is the canonical row that a change is about.
type Subject struct {
	Entity schema.Entity
	System schema.System
	Key    schema.Key
}

// Topic is the word under which a waiting delivery can be woken by a subject.
func (s Subject) Topic() string {
	return string(s.Entity) + ":" + string(s.System) + ":" + string(s.Key)
}

// OrderTopic wakes what waits for anything that concerns an order: a payment, a
// bank line, a status.
func OrderTopic(orderNumber string) string { return "order:" + orderNumber }

package wal

import (
	"fmt"

	"github.com/jackc/pglogrepl"
)

// SlotLostError says that the slot is gone or was invalidated while a position is
// stored: changes committed since then cannot be read any more.
type SlotLostError struct {
	Slot     string
	Position pglogrepl.LSN
	Reason   string
}

// Error implements error.
func (e *SlotLostError) Error() string {
	return fmt.Sprintf("slot %s %s; changes since %s cannot be read any more", e.Slot, e.Reason, e.Position)
}

// Hint says what mends it.
func (e *SlotLostError) Hint() string {
	return "run 'sverka backfill --accept-gap': it makes a new slot and sends every row again that the targets do not hold yet"
}

// GapError says that the slot moved past our position (invariant 7).
type GapError struct {
	Slot      string
	Position  pglogrepl.LSN
	Confirmed pglogrepl.LSN
}

// Error implements error.
func (e *GapError) Error() string {
	return fmt.Sprintf("slot %s stands at %s, our position is %s: the changes between were never turned into deliveries", e.Slot, e.Confirmed, e.Position)
}

// Hint says what mends it.
func (e *GapError) Hint() string {
	return "run 'sverka backfill --accept-gap': it takes the slot's position and sends every row again that the targets do not hold yet"
}

// OtherClusterError says that the stored position belongs to another database cluster.
type OtherClusterError struct {
	Stored, Found string
}

// Error implements error.
func (e *OtherClusterError) Error() string {
	return fmt.Sprintf("the stored position belongs to cluster %s, this is cluster %s", e.Stored, e.Found)
}

// Hint says what mends it.
func (e *OtherClusterError) Hint() string {
	return "if this database was restored or copied on purpose, run 'sverka backfill --accept-gap'; otherwise correct database.url"
}

// SetupError says that the database is not ready to be read from.
type SetupError struct {
	What string
	Mend string
}

// Error implements error.
func (e *SetupError) Error() string { return e.What }

// Hint says what mends it.
func (e *SetupError) Hint() string { return e.Mend }

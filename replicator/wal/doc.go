// Package wal reads committed changes of the published tables from a logical
// replication slot and hands them, in order of commit, to hooks that make them
// durable in the same transaction as the stream position.
//
// Life of a change:
//
//	walsender → coalescing reads → decode → buffer → hooks + position: ONE transaction → LSN confirmed
//
// What happens at the start, from our stored position and the slot's:
//
//	other system identifier        ErrOtherCluster  the position belongs to another database
//	slot missing, position stored  ErrSlotLost      changes since the position are gone
//	position < slot's flush LSN    ErrGap           the slot moved on without us (invariant 7)
//	position ≥ slot's flush LSN    continue at the position; what the server sends again is skipped
//	no position, no slot           the slot is made and every canonical row is wished for once
//
// A transaction of any size is handed over in pieces of Config.Chunk changes
// inside the same open database transaction, so memory is bounded; nothing of it
// is visible before its commit record arrived.
//
// One goroutine reads, stages and confirms: staging is bounded by Config.StageTimeout,
// well under the walsender's timeout, so feedback cannot starve.
package wal

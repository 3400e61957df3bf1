package wal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// stage hands the buffered changes to the hooks inside the open transaction.
func (s *session) stage(ctx context.Context) error {
	ctx, cancel := s.bounded(ctx, "stage changes")
	defer cancel()
	if s.tx == nil {
		tx, err := s.pool.Begin(ctx)
		if err != nil {
			return fmt.Errorf("begin staging: %w", err)
		}
		s.tx = tx
	}
	if len(s.buf) == 0 {
		return nil
	}
	for _, hook := range s.hooks {
		if err := hook(ctx, s.tx, s.buf); err != nil {
			return fmt.Errorf("stage %d changes up to %s: %w", len(s.buf), s.received, err)
		}
	}
	clear(s.buf)
	s.buf = s.buf[:0]
	return nil
}

// flush stages the finished transactions in the buffer and commits them with the
// position. What belongs to a transaction whose commit record has not arrived stays
// buffered: its rows may not be visible yet to those who compose deliveries.
func (s *session) flush(ctx context.Context) error {
	unfinished := s.buf[s.whole:]
	s.buf = s.buf[:s.whole]
	if err := s.stage(ctx); err != nil {
		return err
	}
	s.buf, s.whole = append(s.buf, unfinished...), 0
	ctx, cancel := s.bounded(ctx, "commit staged changes")
	defer cancel()
	if err := waitVisible(ctx, s.pool, s.xids); err != nil {
		return err
	}
	// Invariant 1: deliveries and position commit together; the LSN is confirmed only after.
	if err := savePosition(ctx, s.tx, s.cfg.Slot, s.sys, s.done); err != nil {
		return err
	}
	tx := s.tx
	s.tx = nil
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit staged changes up to %s: %w", s.done, err)
	}
	s.position, s.xids = s.done, s.xids[:0]
	s.committed()
	if time.Since(s.lastState) > 200*time.Millisecond {
		return s.status(ctx)
	}
	return nil
}

func (s *session) rollback(ctx context.Context) {
	if s.tx != nil {
		_ = s.tx.Rollback(context.WithoutCancel(ctx)) // the connection is thrown away when this fails
	}
}

func (s *session) bounded(ctx context.Context, what string) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.cfg.StageTimeout, fmt.Errorf("%s timed out after %s", what, s.cfg.StageTimeout))
}

// waitVisible waits until the transactions are visible to a new snapshot: the
// stream may bring a change before its commit is visible, and a delivery that is
// composed then would read the state before the change.
func waitVisible(ctx context.Context, pool *pgxpool.Pool, xids []uint32) error {
	if len(xids) == 0 {
		return nil
	}
	for {
		var xmax int64
		var running []int64
		err := pool.QueryRow(ctx, `SELECT pg_snapshot_xmax(s)::text::bigint, ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip(s) x)
FROM pg_current_snapshot() s`).Scan(&xmax, &running)
		if err != nil {
			return fmt.Errorf("read the current snapshot: %w", err)
		}
		if visible(xmax, running, xids) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for transactions to become visible: %w", context.Cause(ctx))
		case <-time.After(time.Millisecond):
		}
	}
}

// visible tells whether none of the 32-bit xids is running or lies in the future
// of a snapshot.
func visible(xmax int64, running []int64, xids []uint32) bool {
	busy := make(map[uint32]bool, len(running))
	for _, x := range running {
		busy[uint32(x)] = true
	}
	for _, x := range xids {
		if busy[x] || int32(uint32(xmax)-x) <= 0 {
			return false
		}
	}
	return true
}

// Reset accepts that changes were missed: it makes the slot anew when it is lost,
// takes its position as ours and wishes for every row, in one transaction. No
// other process may read the slot meanwhile.
func (s *Stream) Reset(ctx context.Context) error {
	conn, _, err := connect(ctx, s.cfg.URL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way
	ses := &session{Stream: s, conn: conn}
	if ses.sys, err = pglogrepl.IdentifySystem(ctx, conn); err != nil {
		return fmt.Errorf("identify the server: %w", err)
	}
	slot, err := readSlot(ctx, s.pool, s.cfg.Slot)
	if err != nil {
		return err
	}
	if slot.exists && slot.walStatus == "lost" {
		if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return dropSlot(ctx, tx, s.cfg.Slot) }); err != nil {
			return err
		}
		slot = slotState{}
	}
	_, err = ses.firstStart(ctx, slot, true)
	return err
}

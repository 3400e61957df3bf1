package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
)

// Execer runs a statement: a pool, a connection or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// standing is how a flow stands in the database.
type standing struct {
	mode   replicator.Mode
	paused time.Time // no attempt before it
	// unread: what the target holds has never been read whole, although somebody reads
	// it. What is not known cannot be compared, and would be sent for nothing.
	unread bool
}

func readFlow(ctx context.Context, pool *pgxpool.Pool, f replicator.Flow) (standing, error) {
	var s standing
	var paused *time.Time
	// A reader that was taken out of the configuration stops counting after an hour.
	err := pool.QueryRow(ctx, `SELECT mode, paused_until, EXISTS (
  SELECT FROM ops.intake_source WHERE system = $2 AND entity = $3 AND last_complete_started_at IS NULL AND last_started_at > now() - interval '1 hour')
FROM ops.flow WHERE flow = $1`, f.ID(), f.Target, f.Entity).Scan(&s.mode, &paused, &s.unread)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return standing{mode: replicator.ModeOff}, nil
	case err != nil:
		return standing{mode: replicator.ModeOff}, fmt.Errorf("read flow %s: %w", f.ID(), err)
	case paused != nil:
		s.paused = *paused
	}
	return s, nil
}

func writePause(ctx context.Context, pool *pgxpool.Pool, id replicator.FlowID, d time.Duration, reason string) error {
	_, err := pool.Exec(ctx, `UPDATE ops.flow SET paused_until = now() + $2 * interval '1 millisecond', pause_reason = $3 WHERE flow = $1`,
		id, d.Milliseconds(), reason)
	if err != nil {
		return fmt.Errorf("pause flow %s: %w", id, err)
	}
	return nil
}

// EnsureFlows gives every flow of the table its row; a flow that has one keeps its mode.
func EnsureFlows(ctx context.Context, q Execer, modes map[replicator.FlowID]replicator.Mode) error {
	for _, f := range replicator.Flows() {
		mode := modes[f.ID()]
		if mode == "" {
			mode = replicator.ModeOff
		}
		if _, err := q.Exec(ctx, `INSERT INTO ops.flow (flow, mode, changed_by) VALUES ($1, $2, 'configuration') ON CONFLICT (flow) DO NOTHING`, f.ID(), mode); err != nil {
			return fmt.Errorf("register flow %s: %w", f.ID(), err)
		}
	}
	return nil
}

// SetMode rolls a flow out or back. What shadow mode had parked is sent once the
// flow is live.
func SetMode(ctx context.Context, tx pgx.Tx, id replicator.FlowID, mode replicator.Mode, by string) error {
	_, err := tx.Exec(ctx, `INSERT INTO ops.flow (flow, mode, changed_by) VALUES ($1, $2, $3)
ON CONFLICT (flow) DO UPDATE SET mode = excluded.mode, changed_by = excluded.changed_by, changed_at = now(), paused_until = NULL, pause_reason = ''`, id, mode, by)
	if err != nil {
		return fmt.Errorf("set flow %s to %s: %w", id, mode, err)
	}
	if mode != replicator.ModeLive {
		return nil
	}
	_, err = tx.Exec(ctx, `UPDATE ops.delivery SET state = CASE state WHEN 'held' THEN 'pending' ELSE state END, due_at = now()
WHERE flow = $1 AND state IN ('held', 'unknown') AND reason = 'shadow'`, id)
	if err != nil {
		return fmt.Errorf("wake what shadow mode parked in %s: %w", id, err)
	}
	return nil
}

// FlowInfo is one line of the flow list.
type FlowInfo struct {
	Flow        replicator.FlowID `json:"flow"`
	Mode        replicator.Mode   `json:"mode"`
	PausedUntil *time.Time        `json:"paused_until,omitempty"`
	PauseReason string            `json:"pause_reason,omitempty"`
	Waiting     int64             `json:"waiting"` // pending, retry, unknown, sending
	Held        int64             `json:"held"`
	Dead        int64             `json:"dead"`
	Delivered   int64             `json:"delivered"`
	Oldest      *time.Time        `json:"oldest,omitempty"` // oldest wish not yet delivered
}

// ListFlows tells how every flow stands.
func ListFlows(ctx context.Context, pool *pgxpool.Pool) ([]FlowInfo, error) {
	rows, err := pool.Query(ctx, `SELECT f.flow, f.mode, CASE WHEN f.paused_until > now() THEN f.paused_until END,
  CASE WHEN f.paused_until > now() THEN f.pause_reason ELSE '' END,
  count(*) FILTER (WHERE d.state IN ('pending', 'retry', 'unknown', 'sending')), count(*) FILTER (WHERE d.state = 'held'),
  count(*) FILTER (WHERE d.state = 'dead'), count(*) FILTER (WHERE d.state = 'delivered'),
  min(d.changed_at) FILTER (WHERE d.state <> 'delivered')
FROM ops.flow f LEFT JOIN ops.delivery d USING (flow) GROUP BY f.flow ORDER BY f.flow`)
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[FlowInfo])
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	return out, nil
}

// Info is one line of the delivery list.
type Info struct {
	Flow      replicator.FlowID `json:"flow"`
	Key       string            `json:"key"`
	State     string            `json:"state"`
	Attempts  int               `json:"attempts"`
	Reason    string            `json:"reason,omitempty"`
	Failure   string            `json:"failure,omitempty"`
	Hint      string            `json:"hint,omitempty"`
	ChangedAt time.Time         `json:"changed_at"`
	DueAt     time.Time         `json:"due_at"`
}

// List shows deliveries, newest first; an empty flow or state means all.
func List(ctx context.Context, pool *pgxpool.Pool, flow, state string, limit int) ([]Info, error) {
	rows, err := pool.Query(ctx, `SELECT flow, key, state, attempts, reason, failure, hint, changed_at, due_at FROM ops.delivery
WHERE ($1 = '' OR flow = $1) AND ($2 = '' OR state = $2) ORDER BY changed_at DESC, flow, key LIMIT $3`, flow, state, limit)
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Info])
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return out, nil
}

// Retry makes a parked delivery due now; with an empty key all dead ones of the
// flow, with an empty flow all dead ones. It tells how many.
func Retry(ctx context.Context, q Execer, flow, key string) (int64, error) {
	tag, err := q.Exec(ctx, `UPDATE ops.delivery SET state = CASE WHEN state = 'unknown' THEN 'unknown' ELSE 'pending' END, attempts = 0, due_at = now()
WHERE ($1 = '' OR flow = $1) AND CASE WHEN $2 = '' THEN state = 'dead' ELSE key = $2 AND state IN ('dead', 'held', 'retry', 'unknown') END`, flow, key)
	if err != nil {
		return 0, fmt.Errorf("retry deliveries: %w", err)
	}
	return tag.RowsAffected(), nil
}

package wal

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
)

// position is the row of ops.stream_position for our slot.
type position struct {
	stored           bool
	systemIdentifier string
	lsn              pglogrepl.LSN
}

func loadPosition(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, slot string,
) (position, error) {
	var p position
	var lsn string
	err := q.QueryRow(ctx, `SELECT system_identifier, position::text FROM ops.stream_position WHERE slot_name = $1`, slot).Scan(&p.systemIdentifier, &lsn)
	if errors.Is(err, pgx.ErrNoRows) {
		return position{}, nil
	}
	if err != nil {
		return position{}, fmt.Errorf("load the position of slot %s: %w", slot, err)
	}
	if p.lsn, err = pglogrepl.ParseLSN(lsn); err != nil {
		return position{}, fmt.Errorf("load the position of slot %s: %w", slot, err)
	}
	p.stored = true
	return p, nil
}

func savePosition(ctx context.Context, tx pgx.Tx, slot string, sys pglogrepl.IdentifySystemResult, lsn pglogrepl.LSN) error {
	_, err := tx.Exec(ctx, `INSERT INTO ops.stream_position (slot_name, system_identifier, timeline, position) VALUES ($1, $2, $3, $4::text::pg_lsn)
ON CONFLICT (slot_name) DO UPDATE SET system_identifier = excluded.system_identifier, timeline = excluded.timeline,
  position = excluded.position, updated_at = now()`, slot, sys.SystemID, sys.Timeline, lsn.String())
	if err != nil {
		return fmt.Errorf("save the position of slot %s: %w", slot, err)
	}
	return nil
}

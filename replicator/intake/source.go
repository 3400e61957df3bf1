package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/schema"
)

// Source is one reader of one system with its timetable.
type Source struct {
	System schema.System
	Name   string        // unique inside the system: products, stock, orders …
	Entity schema.Entity // the main entity it reads
	Reader replicator.Reader
	Every  time.Duration // pause between reads
	Whole  bool          // always read from the beginning: the cursor only tells a page inside one read
}

// Register makes the sources known before the first of them is read, so that nothing
// is sent to a system whose own figures are about to be read for the first time.
func Register(ctx context.Context, tx pgx.Tx, sources ...Source) error {
	for _, s := range sources {
		_, err := tx.Exec(ctx, `INSERT INTO ops.intake_source (system, name, entity, last_started_at) VALUES ($1, $2, $3, clock_timestamp())
ON CONFLICT (system, name) DO NOTHING`, s.System, s.Name, s.Entity)
		if err != nil {
			return fmt.Errorf("register %s %s: %w", s.System, s.Name, err)
		}
	}
	return nil
}

func loadCursor(ctx context.Context, pool *pgxpool.Pool, s Source) (string, error) {
	var cursor string
	err := pool.QueryRow(ctx, `INSERT INTO ops.intake_source (system, name, entity, last_started_at) VALUES ($1, $2, $3, clock_timestamp())
ON CONFLICT (system, name) DO UPDATE SET last_started_at = clock_timestamp(), entity = excluded.entity
RETURNING cursor`, s.System, s.Name, s.Entity).Scan(&cursor)
	if err != nil {
		return "", fmt.Errorf("load the cursor of %s %s: %w", s.System, s.Name, err)
	}
	if s.Whole {
		return "", nil
	}
	return cursor, nil
}

func saveCursor(ctx context.Context, tx pgx.Tx, system schema.System, name, cursor string) error {
	_, err := tx.Exec(ctx, `UPDATE ops.intake_source SET cursor = $3 WHERE system = $1 AND name = $2`, system, name, cursor)
	if err != nil {
		return fmt.Errorf("save the cursor of %s %s: %w", system, name, err)
	}
	return nil
}

func saveComplete(ctx context.Context, pool *pgxpool.Pool, s Source, sum Summary) error {
	_, err := pool.Exec(ctx, `UPDATE ops.intake_source SET last_complete_started_at = last_started_at, last_complete_finished_at = clock_timestamp(),
  rows_read = $3, rows_refused = $4, last_failure = '' WHERE system = $1 AND name = $2`, s.System, s.Name, sum.Read, sum.Refused)
	if err != nil {
		return fmt.Errorf("note the complete read of %s %s: %w", s.System, s.Name, err)
	}
	return nil
}

func saveFailure(ctx context.Context, pool *pgxpool.Pool, s Source, failure error) error {
	_, err := pool.Exec(ctx, `UPDATE ops.intake_source SET last_failure = $3, last_failure_at = clock_timestamp() WHERE system = $1 AND name = $2`,
		s.System, s.Name, storable(failure.Error()))
	if err != nil {
		return fmt.Errorf("note the failed read of %s %s: %w", s.System, s.Name, err)
	}
	return nil
}

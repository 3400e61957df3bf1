package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sverka/schema"
)

// settle waits until everything the systems say is staged and every delivery that
// can be made has been made. What is held for a reason of business stays held.
func (d *demo) settle(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the systems did not come to rest within %s", limit))
	defer cancel()
	before := int64(-1)
	for round := 0; ; round++ {
		// Catalogues are read whole once; they do not change while deliveries settle.
		var entities []schema.Entity
		if round > 0 {
			entities = movingEntities()
		}
		if failed := d.road.runner.Refresh(ctx, entities...); len(failed) > 0 {
			if ctx.Err() != nil {
				return d.restless(ctx)
			}
			d.show.status("%d sources do not answer yet", len(failed))
			before = -1
			if !pause(ctx, 300*time.Millisecond) {
				return d.restless(ctx)
			}
			continue
		}
		if err := d.waitStaged(ctx); err != nil {
			return d.restless(ctx)
		}
		changes, err := d.waitDelivered(ctx)
		if err != nil {
			return d.restless(ctx)
		}
		if changes == before {
			return nil // a whole round of reading brought nothing new
		}
		before = changes
	}
}

// movingEntities are those that deliveries and warehouses change.
func movingEntities() []schema.Entity {
	return []schema.Entity{
		schema.EntityStockBalance, schema.EntitySalesOrder, schema.EntityOrderStatus, schema.EntityPayment,
		schema.EntityShipment, schema.EntityBankTransaction,
	}
}

// waitStaged waits until the change stream has passed everything committed so far.
func (d *demo) waitStaged(ctx context.Context) error {
	var now string
	if err := d.pool.QueryRow(ctx, `SELECT pg_current_wal_insert_lsn()::text`).Scan(&now); err != nil {
		return fmt.Errorf("read the position of the log: %w", err)
	}
	for {
		var passed bool
		err := d.pool.QueryRow(ctx, `SELECT coalesce(bool_and(position >= $1::text::pg_lsn), false) FROM ops.stream_position`, now).Scan(&passed)
		if err != nil {
			return fmt.Errorf("read the stream position: %w", err)
		}
		if passed {
			return nil
		}
		// A change of our own moves an otherwise quiet stream past the mark.
		if _, err := d.pool.Exec(ctx, `SELECT pg_logical_emit_message(true, 'sverka', 'rest')`); err != nil {
			return fmt.Errorf("move the stream: %w", err)
		}
		if !pause(ctx, 50*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

// waitDelivered waits until no delivery has work to do, and tells how many changes
// the ledger has seen.
func (d *demo) waitDelivered(ctx context.Context) (int64, error) {
	for {
		var open, seen int64
		err := d.pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state IN ('pending', 'sending', 'retry', 'unknown') OR (state = 'held' AND reason IN ('stock_unsettled', 'address_pending'))),
  coalesce(max(wanted_lsn) - '0/0', 0)::bigint FROM ops.delivery`).Scan(&open, &seen)
		if err != nil {
			return 0, fmt.Errorf("read the ledger: %w", err)
		}
		if open == 0 {
			return seen, nil
		}
		d.progress(ctx)
		if !pause(ctx, 100*time.Millisecond) {
			return 0, context.Cause(ctx)
		}
	}
}

// progress shows how far the deliveries are.
func (d *demo) progress(ctx context.Context) {
	var done, open, held, dead int64
	err := d.pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state = 'delivered'), count(*) FILTER (WHERE state IN ('pending', 'sending', 'retry', 'unknown')),
  count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'dead') FROM ops.delivery`).Scan(&done, &open, &held, &dead)
	if err == nil {
		d.show.status("deliveries: %d done, %d to do, %d held, %d refused", done, open, held, dead)
	}
}

// restless says what did not come to rest.
func (d *demo) restless(ctx context.Context) error {
	cause := context.Cause(ctx)
	rows, err := d.pool.Query(context.WithoutCancel(ctx), `SELECT format('%s %s %s (%s) %s', flow, key, state, attempts, coalesce(nullif(failure, ''), reason))
FROM ops.delivery WHERE state IN ('pending', 'sending', 'retry', 'unknown') OR reason = 'stock_unsettled' ORDER BY changed_at LIMIT 10`)
	if err != nil {
		return cause
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if rows.Scan(&line) == nil {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return cause
	}
	return fmt.Errorf("%w; still open:\n  %s", cause, strings.Join(lines, "\n  "))
}

// pause waits, and is false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

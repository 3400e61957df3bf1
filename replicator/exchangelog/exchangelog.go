// Package exchangelog keeps every call in ops.exchange, the raw proof for disputes.
package exchangelog

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"sverka/replicator/connector/apicall"
)

// Direction tells whether we read or wrote.
type Direction string

// Directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Reserve gives the id that the last of the exchanges will have once it is stored,
// so that rows can refer to it before it is known whether they say anything new.
func Reserve(ctx context.Context, tx pgx.Tx) (int64, error) {
	var id int64
	if err := tx.QueryRow(ctx, `SELECT nextval(pg_get_serial_sequence('ops.exchange', 'id'))`).Scan(&id); err != nil {
		return 0, fmt.Errorf("reserve an exchange id: %w", err)
	}
	return id, nil
}

// Store keeps calls and returns the id of the last, 0 for none.
func Store(ctx context.Context, tx pgx.Tx, direction Direction, exchanges []apicall.Exchange) (int64, error) {
	if len(exchanges) == 0 {
		return 0, nil
	}
	id, err := Reserve(ctx, tx)
	if err != nil {
		return 0, err
	}
	return id, StoreAs(ctx, tx, direction, exchanges, id)
}

// StoreAs keeps calls, the last of them under a reserved id.
func StoreAs(ctx context.Context, tx pgx.Tx, direction Direction, exchanges []apicall.Exchange, last int64) error {
	batch := &pgx.Batch{}
	for i, x := range exchanges {
		var id *int64
		if i == len(exchanges)-1 {
			id = &last
		}
		batch.Queue(`INSERT INTO ops.exchange (id, system, operation, direction, method, path, started_at, duration_ms, status, request, response, failure)
VALUES (coalesce($1, nextval(pg_get_serial_sequence('ops.exchange', 'id'))), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			id, x.System, x.Operation, direction, x.Method, textOf([]byte(x.Path)), x.StartedAt, float64(x.Duration.Microseconds())/1000, x.Status,
			textOf(x.Request), textOf(x.Response), textOf([]byte(x.Err)))
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("store %d exchanges: %w", len(exchanges), err)
	}
	return nil
}

// textOf makes a body storable as text: what is not UTF-8 or holds NUL is marked, not lost in silence.
func textOf(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
}

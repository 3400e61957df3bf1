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

// Store keeps calls and returns the id of the last, 0 for none.
func Store(ctx context.Context, tx pgx.Tx, direction Direction, exchanges []apicall.Exchange) (int64, error) {
	var id int64
	for _, x := range exchanges {
		err := tx.QueryRow(ctx, `INSERT INTO ops.exchange (system, operation, direction, method, path, started_at, duration_ms, status, request, response, failure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
			x.System, x.Operation, direction, x.Method, x.Path, x.StartedAt, float64(x.Duration.Microseconds())/1000, x.Status,
			textOf(x.Request), textOf(x.Response), x.Err).Scan(&id)
		if err != nil {
			return 0, fmt.Errorf("store exchange %q: %w", x.Operation, err)
		}
	}
	return id, nil
}

// textOf makes a body storable as text: what is not UTF-8 or holds NUL is marked, not lost in silence.
func textOf(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
}

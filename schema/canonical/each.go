package canonical

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sverka/schema"
)

// Unstorable is a record that the database cannot hold: a number too large for its
// column, a NUL in a text. Reason holds no value of the record.
type Unstorable struct {
	Record schema.Record
	Reason string
}

// StageGood stages like [Stage], but one record that the database cannot hold does not
// keep the others out (invariant 5): it is returned. Only when there is such a record
// are the records staged one by one.
func StageGood(ctx context.Context, tx pgx.Tx, records ...schema.Record) (Counts, []Unstorable, error) {
	counts, err := stageInside(ctx, tx, records)
	if err == nil {
		return counts, nil, nil
	}
	if _, bad := unstorable(err); !bad {
		return Counts{}, nil, err
	}
	var out []Unstorable
	var sum Counts
	for _, r := range records {
		counts, err := stageInside(ctx, tx, []schema.Record{r})
		if reason, bad := unstorable(err); bad {
			out = append(out, Unstorable{Record: r, Reason: reason})
			continue
		}
		if err != nil {
			return Counts{}, nil, err
		}
		sum.Add(counts)
	}
	return sum, out, nil
}

// stageInside stages in a savepoint, so that a refusal leaves the transaction usable.
func stageInside(ctx context.Context, tx pgx.Tx, records []schema.Record) (Counts, error) {
	var counts Counts
	err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
		var err error
		counts, err = Stage(ctx, inner, records...)
		return err
	})
	if err != nil {
		return Counts{}, err
	}
	return counts, nil
}

// unstorable tells whether the database refused the data itself. The server's own words
// may quote a value, so only its code and the column are passed on.
func unstorable(err error) (string, bool) {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || len(pg.Code) != 5 {
		return "", false
	}
	switch pg.Code[:2] {
	case "22", "23":
		return fmt.Sprintf("the database cannot hold it (%s %s)", pg.Code, pg.ColumnName), true
	}
	return "", false
}

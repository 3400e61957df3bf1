package canonical

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
)

// Querier is what loading needs: a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Load reads what a system holds for the given keys, child rows included. Keys
// that the system does not hold are absent from the result.
func Load(ctx context.Context, q Querier, system schema.System, e schema.Entity, keys ...schema.Key) (map[schema.Key]schema.Record, error) {
	out := make(map[schema.Key]schema.Record, len(keys))
	if len(keys) == 0 {
		return out, nil
	}
	t, err := TableOf(e)
	if err != nil {
		return nil, err
	}
	args := []any{string(system)}
	for i := range t.Key {
		part := make([]string, 0, len(keys))
		for _, k := range keys {
			if s := k.Split(len(t.Key)); i < len(s) {
				part = append(part, s[i])
			} else {
				part = append(part, "")
			}
		}
		args = append(args, part)
	}
	rows, err := q.Query(ctx, t.loadSQL(), args...)
	if err != nil {
		return nil, fmt.Errorf("load %s of %s: %w", e, system, err)
	}
	var doc []byte
	_, err = pgx.ForEachRow(rows, []any{&doc}, func() error {
		r := schema.NewRecord(e)
		if err := json.Unmarshal(doc, r); err != nil {
			return fmt.Errorf("row of %s: %w", t.Name, err)
		}
		out[r.RecordKey()] = r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load %s of %s: %w", e, system, err)
	}
	return out, nil
}

// LoadOne reads what a system holds for one key; [ErrNotFound] when it holds nothing.
func LoadOne[T schema.Record](ctx context.Context, q Querier, system schema.System, key schema.Key) (T, error) {
	var zero T
	found, err := Load(ctx, q, system, zero.RecordEntity(), key)
	if err != nil {
		return zero, err
	}
	r, ok := found[key].(T)
	if !ok {
		return zero, fmt.Errorf("%s %q of %s: %w", zero.RecordEntity(), key, system, ErrNotFound)
	}
	return r, nil
}

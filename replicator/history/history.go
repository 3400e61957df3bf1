// Package history keeps every past version of canonical rows: each change of the
// stream becomes one appended row, in the transaction that stores the stream
// position, so each is there exactly once.
package history

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema/canonical"
)

// Append is a hook of the change stream.
func Append(ctx context.Context, tx pgx.Tx, changes []replicator.Change) error {
	byTable := map[string][]*replicator.Change{}
	for i := range changes {
		if c := &changes[i]; c.Op != replicator.OpTruncate {
			byTable[c.Table] = append(byTable[c.Table], c)
		}
	}
	tables := make([]string, 0, len(byTable))
	for t := range byTable {
		tables = append(tables, t)
	}
	sort.Strings(tables)
	for _, t := range tables {
		if err := appendTable(ctx, tx, t, byTable[t]); err != nil {
			return fmt.Errorf("history of %s: %w", t, err)
		}
	}
	return nil
}

// Baseline appends the rows as they are now as first versions: what was there
// before the slot never comes by the stream. Call it once the slot exists.
func Baseline(ctx context.Context, tx pgx.Tx) error {
	// Taken before the rows are looked at: a change that is committed meanwhile comes by
	// the stream with a higher LSN and must count as the newer version.
	var lsn string
	if err := tx.QueryRow(ctx, `SELECT pg_current_wal_insert_lsn()::text`).Scan(&lsn); err != nil {
		return fmt.Errorf("read the position of first versions: %w", err)
	}
	for _, n := range canonical.TableNames() {
		_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO history.%[1]s SELECT t.*, now(), $1::text::pg_lsn, 0, 'insert' FROM canonical.%[1]s t
ON CONFLICT DO NOTHING`, pgx.Identifier{n}.Sanitize()), lsn)
		if err != nil {
			return fmt.Errorf("first versions of %s: %w", n, err)
		}
	}
	return nil
}

func appendTable(ctx context.Context, tx pgx.Tx, table string, changes []*replicator.Change) error {
	docs := make([]map[string]any, 0, len(changes))
	newest := map[string]map[string]any{} // by key, of this call
	keys := keyColumns(table)
	for _, c := range changes {
		doc := document(c)
		key := keyOf(c, keys)
		if c.Unchanged != nil && c.Op != replicator.OpDelete {
			before := newest[key]
			if before == nil {
				var err error
				if before, err = load(ctx, tx, table, keys, c); err != nil {
					return err
				}
			}
			for i, col := range c.Columns {
				if c.Unchanged[i] {
					doc[col] = before[col] // a large value that was not sent again
				}
			}
		}
		newest[key] = doc
		docs = append(docs, doc)
	}
	all, err := json.Marshal(docs)
	if err != nil {
		return fmt.Errorf("marshal %d rows: %w", len(docs), err)
	}
	name := pgx.Identifier{"history", table}.Sanitize()
	_, err = tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s SELECT * FROM jsonb_populate_recordset(NULL::%[1]s, $1::jsonb)
ON CONFLICT DO NOTHING`, name), string(all))
	if err != nil {
		return fmt.Errorf("append %d rows: %w", len(docs), err)
	}
	return nil
}

// document is a change as the history row it becomes.
func document(c *replicator.Change) map[string]any {
	row := make(map[string]any, len(c.Columns)+4)
	for i, col := range c.Columns {
		switch {
		case i >= len(c.Values) || c.Values[i] == nil:
		case col == "extra":
			row[col] = json.RawMessage(c.Values[i])
		default:
			row[col] = string(c.Values[i])
		}
	}
	row["op"] = opName(c.Op)
	row["lsn"] = pglogrepl.LSN(c.LSN).String()
	row["seq"] = c.Seq
	row["valid_from"] = c.CommittedAt.Format(time.RFC3339Nano)
	return row
}

func opName(op replicator.Op) string {
	switch op {
	case replicator.OpInsert:
		return "insert"
	case replicator.OpDelete:
		return "delete"
	case replicator.OpUpdate, replicator.OpTruncate:
	}
	return "update"
}

// load reads the newest version of the change's key: from history, or, for a row
// older than the stream, from the canonical table.
func load(ctx context.Context, tx pgx.Tx, table string, keys []string, c *replicator.Change) (map[string]any, error) {
	conds := make([]string, 0, len(keys))
	args := make([]any, 0, len(keys))
	for i, k := range keys {
		conds = append(conds, fmt.Sprintf("%s::text = $%d", pgx.Identifier{k}.Sanitize(), i+1))
		args = append(args, c.Text(k))
	}
	where := strings.Join(conds, " AND ")
	var doc []byte
	err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT coalesce(
  (SELECT to_jsonb(h) FROM history.%[1]s h WHERE %[2]s ORDER BY lsn DESC, seq DESC LIMIT 1),
  (SELECT to_jsonb(t) FROM canonical.%[1]s t WHERE %[2]s))`, pgx.Identifier{table}.Sanitize(), where), args...).Scan(&doc)
	if err != nil {
		return nil, fmt.Errorf("load the version before: %w", err)
	}
	row := map[string]any{}
	if doc != nil {
		if err := json.Unmarshal(doc, &row); err != nil {
			return nil, fmt.Errorf("load the version before: %w", err)
		}
	}
	return row, nil
}

// keyColumns lists the primary key of a canonical table.
func keyColumns(table string) []string {
	for _, t := range canonical.Tables() {
		key := append([]string{"system"}, t.Key...)
		if t.Name == table {
			return key
		}
		for _, child := range t.Children {
			if child.Name == table {
				return append(key, child.Order)
			}
		}
	}
	return nil
}

func keyOf(c *replicator.Change, keys []string) string {
	parts := make([]string, 0, len(keys))
	for _, k := range keys {
		parts = append(parts, c.Text(k))
	}
	return strings.Join(parts, "\x1f")
}

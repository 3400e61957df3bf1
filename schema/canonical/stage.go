package canonical

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
)

// Counts tells what staging did.
type Counts struct {
	New       int // rows that were not there
	Changed   int // rows that said something else
	Unchanged int // rows that said the same, or a newer observation; nothing was written
}

// Add sums counts.
func (c *Counts) Add(o Counts) {
	c.New += o.New
	c.Changed += o.Changed
	c.Unchanged += o.Unchanged
}

// Total is how many records were staged.
func (c *Counts) Total() int { return c.New + c.Changed + c.Unchanged }

// Stage upserts records of any entities inside the caller's transaction. It fills
// their RowHash. When a key stands twice, the newer observation wins, the later
// one in the slice between equals. A record without system, key or observation
// time is an error and nothing of the call is staged.
//
// Rows are written in key order per table, so that two writers cannot deadlock.
func Stage(ctx context.Context, tx pgx.Tx, records ...schema.Record) (Counts, error) {
	byEntity := map[schema.Entity][]schema.Record{}
	for _, r := range records {
		p := r.Prov()
		if p.System == "" || r.RecordKey() == "" || p.ObservedAt.IsZero() {
			return Counts{}, fmt.Errorf("stage %s %q of %q: system, key and observation time must be set", r.RecordEntity(), r.RecordKey(), p.System)
		}
		p.RowHash = schema.Hash(r)
		byEntity[r.RecordEntity()] = append(byEntity[r.RecordEntity()], r)
	}
	var counts Counts
	for _, e := range schema.Entities() {
		rows := newestPerKey(byEntity[e])
		if len(rows) == 0 {
			continue
		}
		c, err := stageEntity(ctx, tx, e, rows)
		if err != nil {
			return Counts{}, fmt.Errorf("stage %d rows of %s: %w", len(rows), e, err)
		}
		c.Unchanged += len(byEntity[e]) - len(rows)
		counts.Add(c)
	}
	return counts, nil
}

type rowID struct {
	system schema.System
	key    schema.Key
}

func idOf(r schema.Record) rowID { return rowID{r.Prov().System, r.RecordKey()} }

func newestPerKey(records []schema.Record) []schema.Record {
	newest := make(map[rowID]schema.Record, len(records))
	for _, r := range records {
		old, ok := newest[idOf(r)]
		if !ok || !r.Prov().ObservedAt.Before(old.Prov().ObservedAt) {
			newest[idOf(r)] = r
		}
	}
	out := make([]schema.Record, 0, len(newest))
	for _, r := range newest {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := idOf(out[i]), idOf(out[j])
		if a.system != b.system {
			return a.system < b.system
		}
		return a.key < b.key
	})
	return out
}

func stageEntity(ctx context.Context, tx pgx.Tx, e schema.Entity, rows []schema.Record) (Counts, error) {
	t, err := TableOf(e)
	if err != nil {
		return Counts{}, err
	}
	all := len(rows)
	if rows, err = newsOnly(ctx, tx, t, rows); err != nil || len(rows) == 0 {
		return Counts{Unchanged: all}, err
	}
	doc, err := json.Marshal(rows)
	if err != nil {
		return Counts{}, fmt.Errorf("marshal: %w", err)
	}
	found, err := tx.Query(ctx, t.stageSQL(), string(doc))
	if err != nil {
		return Counts{}, fmt.Errorf("upsert: %w", err)
	}
	written := map[rowID]bool{}
	counts := Counts{Unchanged: all}
	var id rowID
	var inserted bool
	_, err = pgx.ForEachRow(found, []any{&id.system, &id.key, &inserted}, func() error {
		written[id] = true
		counts.Unchanged--
		if inserted {
			counts.New++
		} else {
			counts.Changed++
		}
		return nil
	})
	if err != nil {
		return Counts{}, fmt.Errorf("upsert: %w", err)
	}
	if len(written) == 0 || len(t.Children) == 0 {
		return counts, nil
	}
	return counts, stageChildren(ctx, tx, t, rows, written)
}

// newsOnly drops rows that say nothing new. Most of what is polled is unchanged;
// an upsert that changes nothing would still lock the row and write WAL.
func newsOnly(ctx context.Context, tx pgx.Tx, t Table, rows []schema.Record) ([]schema.Record, error) {
	args := make([]any, 1+len(t.Key))
	columns := make([][]string, 1+len(t.Key))
	for i := range columns {
		columns[i] = make([]string, len(rows))
		args[i] = columns[i]
	}
	for n, r := range rows {
		columns[0][n] = string(r.Prov().System)
		for i, part := range r.RecordKey().Split(len(t.Key)) {
			columns[i+1][n] = part
		}
	}
	found, err := tx.Query(ctx, t.knownSQL(), args...)
	if err != nil {
		return nil, fmt.Errorf("read what is known: %w", err)
	}
	type known struct {
		hash string
		at   time.Time
	}
	have := make(map[rowID]known, len(rows))
	var id rowID
	var k known
	_, err = pgx.ForEachRow(found, []any{&id.system, &id.key, &k.hash, &k.at}, func() error { have[id] = k; return nil })
	if err != nil {
		return nil, fmt.Errorf("read what is known: %w", err)
	}
	news := rows[:0:0]
	for _, r := range rows {
		if k, ok := have[idOf(r)]; ok && (k.hash == r.Prov().RowHash || k.at.After(r.Prov().ObservedAt)) {
			continue
		}
		news = append(news, r)
	}
	return news, nil
}

func stageChildren(ctx context.Context, tx pgx.Tx, t Table, rows []schema.Record, written map[rowID]bool) error {
	changed := make([]schema.Record, 0, len(written))
	for _, r := range rows {
		if written[idOf(r)] {
			changed = append(changed, r)
		}
	}
	doc, err := json.Marshal(changed)
	if err != nil {
		return fmt.Errorf("marshal: %w", err)
	}
	for _, c := range t.Children {
		del, put := t.childSQL(c)
		for _, sql := range []string{del, put} {
			if _, err := tx.Exec(ctx, sql, string(doc)); err != nil {
				return fmt.Errorf("rows of %s: %w", c.Name, err)
			}
		}
	}
	return nil
}

// StageIdentifiers upserts rows of canonical.identifier; of an id that stands twice the
// later key counts.
func StageIdentifiers(ctx context.Context, tx pgx.Tx, system schema.System, entities, externalIDs, keys []string) error {
	if len(entities) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO canonical.identifier AS i (system, entity, external_id, key)
SELECT DISTINCT ON (e, x) $1, e, x, k FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS u (e, x, k, n)
ORDER BY e, x, n DESC
ON CONFLICT (system, entity, external_id) DO UPDATE SET key = excluded.key WHERE i.key <> excluded.key`,
		system, entities, externalIDs, keys)
	if err != nil {
		return fmt.Errorf("stage identifiers of %s: %w", system, err)
	}
	return nil
}

// ErrNotFound says that a system holds nothing for a key.
var ErrNotFound = errors.New("not found")

package canonical

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
)

// Report writes entries into the error journal. The same fault seen again is the
// same entry with one more occurrence, opened again when it had been resolved.
// FirstSeenAt, Occurrences and provenance are filled here; LastSeenAt must be set.
func Report(ctx context.Context, tx pgx.Tx, entries ...*schema.JournalEntry) error {
	byID := map[schema.Key]*schema.JournalEntry{}
	for _, e := range entries {
		if first, ok := byID[e.RecordKey()]; ok {
			first.Occurrences++
			first.LastSeenAt = e.LastSeenAt
			continue
		}
		e.Occurrences = 1
		byID[e.RecordKey()] = e
	}
	keys := make([]schema.Key, 0, len(byID))
	for k := range byID {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	known, err := Load(ctx, tx, schema.Sverka, schema.EntityJournalEntry, keys...)
	if err != nil {
		return err
	}
	records := make([]schema.Record, 0, len(keys))
	for _, k := range keys {
		e := byID[k]
		e.System, e.ObservedAt, e.FirstSeenAt = schema.Sverka, e.LastSeenAt, e.LastSeenAt
		if old, ok := known[k].(*schema.JournalEntry); ok {
			e.FirstSeenAt = old.FirstSeenAt
			e.Occurrences += old.Occurrences
			if old.ObservedAt.After(e.ObservedAt) {
				e.ObservedAt = old.ObservedAt
			}
		}
		records = append(records, e)
	}
	if _, err := Stage(ctx, tx, records...); err != nil {
		return fmt.Errorf("write %d journal entries: %w", len(records), err)
	}
	return nil
}

// ResolveJournal closes the open entries of records that came right: of a flow's
// deliveries, or of intake when flow is "".
func ResolveJournal(ctx context.Context, tx pgx.Tx, flow string, system schema.System, entity schema.Entity, keys []string, at time.Time) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT entry_id FROM canonical.journal_entry
WHERE system = 'sverka' AND source_system = $1 AND subject_entity = $2 AND subject_key = ANY($3) AND flow = $4 AND resolved_at IS NULL
ORDER BY entry_id FOR UPDATE`, system, entity, keys, flow)
	if err != nil {
		return fmt.Errorf("find open journal entries: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[schema.Key])
	if err != nil || len(ids) == 0 {
		return err
	}
	open, err := Load(ctx, tx, schema.Sverka, schema.EntityJournalEntry, ids...)
	if err != nil {
		return err
	}
	records := make([]schema.Record, 0, len(open))
	for _, r := range open {
		if e, ok := r.(*schema.JournalEntry); ok {
			e.ResolvedAt = at
			if at.After(e.ObservedAt) {
				e.ObservedAt = at
			}
			records = append(records, e)
		}
	}
	if _, err := Stage(ctx, tx, records...); err != nil {
		return fmt.Errorf("resolve %d journal entries: %w", len(records), err)
	}
	return nil
}

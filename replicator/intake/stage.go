package intake

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/exchangelog"
	"sverka/schema"
	"sverka/schema/canonical"
)

// Origin says where a page came from.
type Origin struct {
	System schema.System
	Source string // reader, or "file"
	File   string // name of the file, for the journal; "" for calls
}

// Summary tells what staging pages did.
type Summary struct {
	canonical.Counts

	Read     int
	Refused  int
	Refusals []replicator.Refusal // the first hundred
}

// Add sums summaries.
func (s *Summary) Add(o Summary) {
	s.Counts.Add(o.Counts)
	s.Read += o.Read
	s.Refused += o.Refused
	if room := 100 - len(s.Refusals); room > 0 {
		s.Refusals = append(s.Refusals, o.Refusals[:min(room, len(o.Refusals))]...)
	}
}

// StagePage stages one page in one transaction. With a non-empty cursorOf the
// page's cursor is stored as that reader's. Records that do not pass their own
// validation are refused, not staged.
func StagePage(ctx context.Context, pool *pgxpool.Pool, o Origin, page replicator.Page, cursorOf string, exchanges []apicall.Exchange) (Summary, error) {
	good, refused := sift(page)
	if len(good)+len(refused)+len(page.Identifiers) == 0 && (cursorOf == "" || page.Cursor == "") {
		return Summary{Read: page.Read}, nil
	}
	sum := Summary{Read: page.Read}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var id int64 // none for a page without calls, as from a file
		var err error
		if len(exchanges) > 0 && len(good)+len(refused) > 0 {
			if id, err = exchangelog.Reserve(ctx, tx); err != nil {
				return err
			}
		}
		for _, r := range good {
			r.Prov().ExchangeID = id
		}
		var bad []canonical.Unstorable
		if sum.Counts, bad, err = canonical.StageGood(ctx, tx, good...); err != nil {
			return err
		}
		good, refused = without(good, bad), append(refused, refusals(bad)...)
		sum.Refused, sum.Refusals = len(refused), refused[:min(100, len(refused))]
		// A poll that brought nothing new proves nothing and is not kept.
		if sum.New+sum.Changed+sum.Refused > 0 && id != 0 {
			if err := exchangelog.StoreAs(ctx, tx, exchangelog.In, exchanges, id); err != nil {
				return err
			}
		}
		if err := stageIdentifiers(ctx, tx, o.System, page.Identifiers); err != nil {
			return err
		}
		if err := journal(ctx, tx, o, good, refused); err != nil {
			return err
		}
		if cursorOf == "" || page.Cursor == "" {
			return nil
		}
		// Invariant 9: the cursor and the rows it passes commit together.
		return saveCursor(ctx, tx, o.System, cursorOf, page.Cursor)
	})
	if err != nil {
		return Summary{}, fmt.Errorf("stage a page of %s %s: %w", o.System, o.Source, err)
	}
	return sum, nil
}

// sift parts the records that can be staged from those that cannot.
func sift(page replicator.Page) (good []schema.Record, refused []replicator.Refusal) {
	refused = append(refused, page.Refused...)
	good = make([]schema.Record, 0, len(page.Records))
	for _, r := range page.Records {
		// Invariant 5: a bad record is refused by itself; the others are staged.
		if problems := r.Validate(); len(problems) > 0 {
			refused = append(refused, replicator.Refusal{
				Entity: r.RecordEntity(), Key: r.RecordKey(), ExternalID: r.Prov().ExternalID, Code: "validation", Problems: problems,
			})
			continue
		}
		good = append(good, r)
	}
	return good, refused
}

// refusals words what the database cannot hold as refused records.
func refusals(bad []canonical.Unstorable) []replicator.Refusal {
	out := make([]replicator.Refusal, 0, len(bad))
	for _, b := range bad {
		out = append(out, replicator.Refusal{
			Entity: b.Record.RecordEntity(), Key: b.Record.RecordKey(), ExternalID: b.Record.Prov().ExternalID, Code: "validation",
			Problems: []schema.Problem{{Field: "record", Reason: b.Reason, Hint: "look for characters that cannot be printed and for numbers that are too large"}},
		})
	}
	return out
}

func without(records []schema.Record, bad []canonical.Unstorable) []schema.Record {
	for _, b := range bad {
		records = slices.DeleteFunc(records, func(r schema.Record) bool { return r == b.Record })
	}
	return records
}

func stageIdentifiers(ctx context.Context, tx pgx.Tx, system schema.System, ids []replicator.Identifier) error {
	var entities, externals, keys []string
	for _, id := range ids {
		entities, externals, keys = append(entities, string(id.Entity)), append(externals, id.ExternalID), append(keys, string(id.Key))
	}
	return canonical.StageIdentifiers(ctx, tx, system, entities, externals, keys)
}

func journal(ctx context.Context, tx pgx.Tx, o Origin, good []schema.Record, refused []replicator.Refusal) error {
	now := time.Now()
	entries := make([]*schema.JournalEntry, 0, len(refused))
	for _, r := range refused {
		entries = append(entries, entryOf(o, r, now))
	}
	if len(entries) > 0 {
		if err := canonical.Report(ctx, tx, entries...); err != nil {
			return err
		}
	}
	return resolve(ctx, tx, o.System, good, now)
}

// resolve closes the open entries of records that were read well this time.
func resolve(ctx context.Context, tx pgx.Tx, system schema.System, good []schema.Record, now time.Time) error {
	if len(good) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT DISTINCT subject_entity FROM canonical.journal_entry WHERE system = 'sverka' AND source_system = $1 AND flow = '' AND resolved_at IS NULL`, system)
	if err != nil {
		return fmt.Errorf("find open journal entries: %w", err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[schema.Entity])
	if err != nil {
		return fmt.Errorf("find open journal entries: %w", err)
	}
	for _, e := range open {
		var keys []string
		for _, r := range good {
			if r.RecordEntity() == e {
				keys = append(keys, string(r.RecordKey()))
			}
		}
		if err := canonical.ResolveJournal(ctx, tx, "", system, e, keys, now); err != nil {
			return err
		}
	}
	return nil
}

// severityOf is a warning for what was said about a file but lost no record of it.
func severityOf(code string) string {
	switch code {
	case "control_total", "oddity", "not_booked":
		return schema.SeverityWarning
	}
	return schema.SeverityError
}

// storable replaces what no text column holds, so that a broken value can be told of.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// entryOf words a refusal as a journal entry; the same refusal tomorrow is the same entry.
func entryOf(o Origin, r replicator.Refusal, now time.Time) *schema.JournalEntry {
	e := &schema.JournalEntry{
		Severity: severityOf(r.Code), Code: r.Code, SourceSystem: o.System, SubjectEntity: r.Entity, SubjectKey: storable(string(r.Key)),
		SourceFile: storable(o.File), LastSeenAt: now, Message: "refused",
	}
	fields := make([]string, 0, len(r.Problems))
	for i, p := range r.Problems {
		fields = append(fields, p.Field)
		if i == 0 {
			e.Field, e.Hint = storable(p.Field), storable(p.Hint)
			p.Hint = ""
			e.Message = storable(p.Error())
		}
	}
	if n := len(r.Problems); n > 1 {
		e.Message += fmt.Sprintf(" (and %d more problems)", n-1)
	}
	if r.ExternalID != "" && r.ExternalID != string(r.Key) {
		e.Message += fmt.Sprintf(" [id %s]", storable(r.ExternalID))
	}
	sort.Strings(fields)
	parts := append([]string{"intake", string(o.System), o.File, string(r.Entity), string(r.Key), r.ExternalID, r.Code}, fields...)
	e.EntryID = schema.JournalID(parts...)
	return e
}

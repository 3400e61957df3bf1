package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"sverka/schema"
)

// journalFilter says which entries are listed; empty fields mean all.
type journalFilter struct {
	system, entity, code string
	resolved             bool // also what is resolved
	limit                int
}

func newJournalCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "Show the error journal",
		Args:  cobra.NoArgs,
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newJournalListCommand(a))
	return cmd
}

func newJournalListCommand(a *app) *cobra.Command {
	var f journalFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the open entries of the error journal, last seen first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return &usageError{err}
			}
			return a.withDatabase(cmd.Context(), func(ctx context.Context, cfg *loadedConfig, db *database) error {
				entries, err := listJournal(ctx, db, f)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(a.stdout, orEmpty(entries))
				}
				t := newTable(a.stdout, "LAST SEEN", "TIMES", "SEVERITY", "CODE", "SYSTEM", "RECORD", "FIELD", "MESSAGE", "HINT", "RESOLVED")
				for _, e := range entries {
					t.row(moment(&e.LastSeenAt, cfg.Schedule.Zone), e.Occurrences, e.Severity, e.Code, e.SourceSystem,
						string(e.SubjectEntity)+" "+e.SubjectKey, e.Field, e.Message, e.Hint, moment(&e.ResolvedAt, cfg.Schedule.Zone))
				}
				return t.flush()
			})
		},
	}
	cmd.Flags().StringVar(&f.system, "system", "", "only records of this system: onec, jushuitan, openshop, bank or yandex")
	cmd.Flags().StringVar(&f.entity, "entity", "", "only this kind of record, such as sales_order")
	cmd.Flags().StringVar(&f.code, "code", "", "only this code, such as validation, unmapped or rejected")
	cmd.Flags().BoolVar(&f.resolved, "resolved", false, "also entries that are resolved")
	cmd.Flags().IntVar(&f.limit, "limit", 100, "at most so many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (f journalFilter) check() error {
	var problems []error
	systems := []schema.System{"", schema.OneC, schema.Jushuitan, schema.OpenShop, schema.Bank, schema.Yandex, schema.Sverka}
	if !slices.Contains(systems, schema.System(f.system)) {
		problems = append(problems, fmt.Errorf("system %q: must be onec, jushuitan, openshop, bank, yandex or sverka", f.system))
	}
	if f.entity != "" && !slices.Contains(schema.Entities(), schema.Entity(f.entity)) {
		problems = append(problems, fmt.Errorf("entity %q: must be one of %v", f.entity, schema.Entities()))
	}
	if f.limit < 1 {
		problems = append(problems, fmt.Errorf("limit %d: must be 1 or more", f.limit))
	}
	return errors.Join(problems...)
}

func listJournal(ctx context.Context, db *database, f journalFilter) ([]schema.JournalEntry, error) {
	rows, err := db.pool.Query(ctx, `SELECT to_jsonb(j) FROM canonical.journal_entry j
WHERE system = 'sverka' AND ($1 = '' OR source_system = $1) AND ($2 = '' OR subject_entity = $2) AND ($3 = '' OR code = $3)
  AND ($4 OR resolved_at IS NULL)
ORDER BY last_seen_at DESC, entry_id LIMIT $5`, f.system, f.entity, f.code, f.resolved, f.limit)
	if err != nil {
		return nil, fmt.Errorf("list the journal: %w", err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (schema.JournalEntry, error) {
		var doc []byte
		var e schema.JournalEntry
		if err := row.Scan(&doc); err != nil {
			return e, err
		}
		return e, json.Unmarshal(doc, &e)
	})
	if err != nil {
		return nil, fmt.Errorf("list the journal: %w", err)
	}
	return entries, nil
}

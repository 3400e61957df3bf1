package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Resolutions that a person may choose.
const (
	ResolutionNone           = "" // a comment only
	ResolutionExplained      = "explained"
	ResolutionFixInOneC      = "fix_in_onec"
	ResolutionFixInJushuitan = "fix_in_jushuitan"
	ResolutionFixInOpenShop  = "fix_in_openshop"
	ResolutionWriteOff       = "write_off"
	ResolutionRecount        = "recount"
	ResolutionFixMapping     = "fix_mapping"
	ResolutionAccept         = "accept"
)

// Resolution is what a person decided or wrote about a finding. It belongs to the
// finding's id and so stays with the pair in all later runs.
type Resolution struct {
	FindingID     string
	RunID         int64 // the run they had before them, 0 when not known
	Resolution    string
	Comment       string
	Owner         string
	AcceptedUntil *time.Time // nil: for as long as the figures do not move
	Author        string
	Origin        string // file, sheet and row of a returned workbook, or console
	At            time.Time
}

// Validate lists what is wrong with a resolution.
func (r Resolution) Validate() error {
	var problems []error
	if r.FindingID == "" {
		problems = append(problems, errors.New("finding id: is empty"))
	}
	if r.Author == "" {
		problems = append(problems, errors.New("author: is empty; a decision needs a name"))
	}
	if r.At.IsZero() {
		problems = append(problems, errors.New("time: is empty"))
	}
	switch r.Resolution {
	case ResolutionNone, ResolutionExplained, ResolutionFixInOneC, ResolutionFixInJushuitan, ResolutionFixInOpenShop,
		ResolutionWriteOff, ResolutionRecount, ResolutionFixMapping, ResolutionAccept:
	default:
		problems = append(problems, fmt.Errorf("resolution %q: is not one of the list", r.Resolution))
	}
	if r.Resolution == ResolutionNone && r.Comment == "" && r.Owner == "" {
		problems = append(problems, errors.New("resolution: has neither decision, comment nor owner"))
	}
	return errors.Join(problems...)
}

// AddResolutions appends resolutions inside the caller's transaction and tells how
// many were new: one that repeats the newest of its finding word for word is left
// out, so that a workbook may be read back twice. A bad one is an error that names
// its finding, and nothing of the call is written.
func AddResolutions(ctx context.Context, tx pgx.Tx, resolutions ...Resolution) (int, error) {
	text, err := statements.ReadFile("sql/add_resolution.sql")
	if err != nil {
		return 0, fmt.Errorf("read statement: %w", err)
	}
	for _, r := range resolutions {
		if err := r.Validate(); err != nil {
			return 0, fmt.Errorf("resolution of finding %q: %w", r.FindingID, err)
		}
	}
	if err := requireKnown(ctx, tx, resolutions); err != nil {
		return 0, err
	}
	added := 0
	for _, r := range resolutions {
		tag, err := tx.Exec(ctx, string(text), pgx.NamedArgs{
			"finding_id": r.FindingID, "run_id": r.RunID, "resolution": r.Resolution, "comment": r.Comment, "owner": r.Owner,
			"accepted_until": r.AcceptedUntil, "author": r.Author, "origin": r.Origin, "at": r.At.UTC(),
		})
		if err != nil {
			return 0, fmt.Errorf("resolution of finding %q: %w", r.FindingID, err)
		}
		added += int(tag.RowsAffected())
	}
	return added, nil
}

// requireKnown refuses decisions about findings that no run ever listed: a mistyped
// id must not swallow a decision.
func requireKnown(ctx context.Context, tx pgx.Tx, resolutions []Resolution) error {
	ids := make([]string, 0, len(resolutions))
	for _, r := range resolutions {
		ids = append(ids, r.FindingID)
	}
	var unknown []string
	err := tx.QueryRow(ctx, `SELECT coalesce(array_agg(DISTINCT id ORDER BY id), '{}') FROM unnest($1::text[]) AS id
		WHERE NOT EXISTS (SELECT FROM recon.finding AS f WHERE f.finding_id = id)`, ids).Scan(&unknown)
	if err != nil {
		return fmt.Errorf("look up findings: %w", err)
	}
	if len(unknown) > 0 {
		return fmt.Errorf("resolution of finding %q: no run ever listed it; take the id from the workbook as it is (%d such ids)", unknown[0], len(unknown))
	}
	return nil
}

// Notes reads everything that was said about the findings of a run before it, by
// finding id, the oldest first: the carried note of the workbook.
func Notes(ctx context.Context, q Querier, runID int64) (map[string][]Resolution, error) {
	rows, err := q.Query(ctx, `SELECT r.finding_id, coalesce(r.run_id, 0), r.resolution, r.comment, r.owner, r.accepted_until, r.author, r.origin, r.at
		FROM recon.resolution AS r JOIN recon.finding AS f ON f.finding_id = r.finding_id
		WHERE f.run_id = $1 ORDER BY r.id`, runID)
	if err != nil {
		return nil, fmt.Errorf("read notes of run %d: %w", runID, err)
	}
	notes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Resolution])
	if err != nil {
		return nil, fmt.Errorf("read notes of run %d: %w", runID, err)
	}
	out := map[string][]Resolution{}
	for _, n := range notes {
		out[n.FindingID] = append(out[n.FindingID], n)
	}
	return out, nil
}

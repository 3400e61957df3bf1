package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
	"sverka/replicator/intake"
	"sverka/schema"
)

// keptRefusals is how many refusals of a file are kept to be told.
const keptRefusals = 100

// systemName is who says what a file holds.
type systemName = schema.System

// stager takes pages over: into the database, or in a dry run nowhere.
type stager struct {
	pool *pgxpool.Pool // nil in a dry run
}

// fileReport tells what became of one file.
type fileReport struct {
	File      string     `json:"file"`
	System    systemName `json:"system"`
	Read      int        `json:"read"`
	New       int        `json:"new"` // these three are zero in a dry run
	Changed   int        `json:"changed"`
	Unchanged int        `json:"unchanged"`
	Valid     int        `json:"valid"` // could be staged
	Refused   int        `json:"refused"`
	Warnings  int        `json:"warnings"`           // said about the file; no record was lost
	Refusals  []refusal  `json:"refusals,omitempty"` // the first hundred
	Notes     []string   `json:"notes,omitempty"`    // what was read and is no record
	Warned    []refusal  `json:"warned,omitempty"`   // the first hundred, too
	Error     string     `json:"error,omitempty"`    // why the file could not be read to its end
}

// refusal is one reason for which one record was refused.
type refusal struct {
	Entity string `json:"entity"`
	Key    string `json:"key,omitempty"`
	ID     string `json:"id,omitempty"` // the sender's own
	Code   string `json:"code"`
	Field  string `json:"field"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// stagingError parts a failing database from an unreadable file.
type stagingError struct{ err error }

func (e *stagingError) Error() string { return e.err.Error() }
func (e *stagingError) Unwrap() error { return e.err }

// load takes one file over. A file that cannot be read is told in the report; the
// error is for what concerns the files after it too.
func (s *stager) load(ctx context.Context, f exchangeFile, bar progress) (*fileReport, error) {
	r := &fileReport{File: f.path, System: f.system}
	defer bar.finish()
	origin := intake.Origin{System: f.system, Source: "file", File: filepath.Base(f.path)}
	err := f.load(ctx, func(p replicator.Page) error {
		sum, err := s.stage(ctx, origin, p)
		if err != nil {
			return &stagingError{err}
		}
		r.add(sum, warningsIn(p))
		return nil
	}, bar.set)
	var staging *stagingError
	switch {
	case err == nil:
		return r, nil
	case errors.As(err, &staging):
		return r, staging.err
	case ctx.Err() != nil:
		return r, ctx.Err()
	}
	r.Error = err.Error()
	return r, nil
}

// warningsIn counts what a page says about its file; the summary lists only the first hundred.
func warningsIn(p replicator.Page) int {
	n := 0
	for _, f := range p.Refused {
		if bankfile.IsWarning(f.Code) {
			n++
		}
	}
	return n
}

func (s *stager) stage(ctx context.Context, origin intake.Origin, p replicator.Page) (intake.Summary, error) {
	if s.pool != nil {
		return intake.StagePage(ctx, s.pool, origin, p, "", nil)
	}
	// What staging would refuse; the readers refuse the same, this is the last door.
	sum := intake.Summary{Read: p.Read, Refused: len(p.Refused), Refusals: p.Refused}
	for _, record := range p.Records {
		if problems := record.Validate(); len(problems) > 0 {
			sum.Refused++
			sum.Refusals = append(sum.Refusals, replicator.Refusal{
				Entity: record.RecordEntity(), Key: record.RecordKey(), ExternalID: record.Prov().ExternalID, Code: "validation", Problems: problems,
			})
			continue
		}
		sum.Unchanged++ // counted as valid by add
	}
	return sum, nil
}

// add counts a page with so many warnings among what was refused.
func (r *fileReport) add(sum intake.Summary, warnings int) {
	r.Read += sum.Read
	r.New += sum.New
	r.Changed += sum.Changed
	r.Unchanged += sum.Unchanged
	r.Valid += sum.Total()
	r.Refused += sum.Refused - warnings
	r.Warnings += warnings
	for _, f := range sum.Refusals {
		list := &r.Refusals
		if bankfile.IsWarning(f.Code) {
			list = &r.Warned
		}
		for _, p := range f.Problems {
			if len(*list) < keptRefusals {
				*list = append(*list, refusal{
					Entity: string(f.Entity), Key: string(f.Key), ID: f.ExternalID, Code: f.Code,
					Field: p.Field, Value: p.Value, Reason: p.Reason, Hint: p.Hint,
				})
			}
		}
	}
}

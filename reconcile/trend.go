package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// TrendDay is the last complete run of one day.
type TrendDay struct {
	Date       time.Time // midnight UTC of the business date in the run's zone
	RunID      int64
	Open       int64 // findings that a person must look at
	New        int64 // of them first seen by a run of this day
	Reopened   int64
	Closed     int64 // gone since the run before it
	Pairs      int64 // compared
	Equal      int64 // of them equal, or with no counterpart due
	OldestDays int
	ByClass    map[Class]int64   // listed findings, in flight and rounding included
	Amount     map[string]string // value of open findings by currency, exact decimals
}

// PreviousRuns reads the trend: for each day up to and including that of the run the
// last complete run, the oldest day first, at most days of them.
func PreviousRuns(ctx context.Context, q Querier, runID int64, days int) ([]TrendDay, error) {
	text, err := statements.ReadFile("sql/previous_runs.sql")
	if err != nil {
		return nil, fmt.Errorf("read statement: %w", err)
	}
	rows, err := q.Query(ctx, string(text), runID, days)
	if err != nil {
		return nil, fmt.Errorf("read runs before %d: %w", runID, err)
	}
	defer rows.Close()
	var out []TrendDay
	for rows.Next() {
		var d TrendDay
		var byClass, amount []byte
		if err := rows.Scan(&d.Date, &d.RunID, &d.Open, &d.New, &d.Reopened, &d.Closed, &d.Pairs, &d.Equal, &d.OldestDays, &byClass, &amount); err != nil {
			return nil, fmt.Errorf("read runs before %d: %w", runID, err)
		}
		if err := json.Unmarshal(byClass, &d.ByClass); err != nil {
			return nil, fmt.Errorf("classes of run %d: %w", d.RunID, err)
		}
		if err := json.Unmarshal(amount, &d.Amount); err != nil {
			return nil, fmt.Errorf("amounts of run %d: %w", d.RunID, err)
		}
		out = append(out, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read runs before %d: %w", runID, err)
	}
	return out, nil
}

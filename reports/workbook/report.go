package workbook

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"sverka/schema"
)

// Report is everything that one daily workbook says.
type Report struct {
	Run        RunInfo
	Sources    []SourceInfo
	Controls   []ControlTotal
	Warehouses []WarehouseInfo // names and how many keys were compared; may be empty
	Parameters []Parameter     // tolerances, grace periods, filters: in words
	Owners     []string        // whom a finding can be given to; may be empty

	// Findings brings every finding of the run, always in the same order. It is
	// called once to count and once for each detail sheet, so read it from one
	// snapshot. An error of the sequence ends the writing; no file appears then.
	Findings func() iter.Seq2[Finding, error]

	// Stated are the totals of the database; the Control sheet compares them
	// with what went into the workbook. Nil when there are none.
	Stated *Totals

	Trend []TrendDay // oldest first; the last 90 are shown
	Held  []HeldLine // deliveries that wait, and why
}

// RunInfo names the run.
type RunInfo struct {
	ID                string
	AsOf              time.Time // the moment that the comparison speaks about; also dates the file
	Started, Finished time.Time
	RuleVersion       string
	CodeVersion       string
	Language          Language
	Zone              *time.Location // of every time on the sheets; nil means UTC
	Currency          string         // ISO 4217 letters of amounts without their own

	// Verdict is what the reconciler says. The workbook shows it or its own, the
	// graver of the two: a clean verdict above open findings is never printed.
	Verdict     Verdict
	VerdictNote string // further words for people; may be empty

	PreviousID, PreviousHash string
}

// Verdict is the answer to "do the systems agree?".
type Verdict string

// The verdicts, best first.
const (
	Clean       Verdict = "clean"       // nothing needs a decision
	Differences Verdict = "differences" // findings are open
	Incomplete  Verdict = "incomplete"  // a source is stale or partial, or a control does not tie
)

func (v Verdict) rank() int {
	switch v {
	case Clean, "":
		return 0
	case Differences:
		return 1
	default:
		return 2
	}
}

// SourceInfo proves what was read from one system.
type SourceInfo struct {
	System      schema.System
	Name        string // as people know it; empty takes the words of the system
	Taken       time.Time
	Rows        int64 // known and compared
	RowsRead    int64 // of the last read, which may bring only what changed
	Refused     int64
	Fresh       bool
	Complete    bool
	Quantity    Optional[schema.Quantity]
	Amount      Optional[schema.Amount]
	Currency    string // of Amount; empty means that of the run
	Fingerprint string
}

// ControlTotal is one equation that must hold between two systems.
type ControlTotal struct {
	Name        string
	Area        Area // what it is about; empty or another one is counted with the others
	Left, Right Figure
	Ties        bool // whether the reconciler says that it holds, tolerance included
}

// WarehouseInfo describes one warehouse.
type WarehouseInfo struct {
	Code, Name string
	Compared   int64 // keys compared in it; 0 when not known
}

// Parameter is one setting of the run in words.
type Parameter struct{ Name, Value string }

// Totals are the numbers of the database for the whole run.
type Totals struct {
	Findings int64 // all states
	Open     int64 // open and reopened
}

// TrendDay is one earlier run.
type TrendDay struct {
	Day                         time.Time // its calendar date counts, whatever the zone
	Open, New, Closed, Reopened int64
	Amount                      schema.Amount // open, absolute, in the run's currency
	OldestDays                  int
}

// HeldLine is one delivery that waits, or one movement under way: expected, and
// not an error until its time has come.
type HeldLine struct {
	Document   string
	Flow       string // in words: "Order: 1C → Jushuitan"
	From, To   schema.System
	Warehouse  string
	SKU        string
	Quantity   Optional[schema.Quantity]
	State      string // held, pending, retry, unknown, dead, in_flight
	Reason     string // code of the reason
	Words      string // the reason in words; empty shows the code
	Detail     string // what the system said, in its own words
	Since      time.Time
	Attempts   int
	ExpectedBy time.Time // after this it becomes an error; zero when not known
}

// validate joins everything that makes the report unusable as a whole. A single
// strange finding is never a reason: it is shown as it is (invariant 5).
func (r *Report) validate() error {
	var problems []error
	miss := func(field, hint string) { problems = append(problems, fmt.Errorf("%s %s", field, hint)) }
	if r.Run.ID == "" {
		miss("Run.ID", "is empty: give the identifier of the run")
	}
	if r.Run.AsOf.IsZero() {
		miss("Run.AsOf", "is not set: give the moment that the comparison speaks about")
	}
	if !r.Run.Language.known() {
		miss("Run.Language", fmt.Sprintf("%q is not one of ru, en, zh", r.Run.Language))
	}
	if len(r.Run.Currency) != 3 {
		miss("Run.Currency", fmt.Sprintf("%q is not a code of three letters such as RUB", r.Run.Currency))
	}
	if r.Findings == nil {
		miss("Findings", "is nil: give an empty sequence when there are none")
	}
	if len(problems) > 0 {
		return fmt.Errorf("report %q: %w", r.Run.ID, errors.Join(problems...))
	}
	return nil
}

// zone is the time zone of every printed time.
func (r *Report) zone() *time.Location {
	if r.Run.Zone == nil {
		return time.UTC
	}
	return r.Run.Zone
}

// currency is that of an amount which may have none of its own.
func (r *Report) currency(own string) string {
	if own == "" {
		return r.Run.Currency
	}
	return own
}

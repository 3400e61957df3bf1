package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
)

// Statuses of a run.
const (
	StatusRunning  = "running"
	StatusComplete = "complete"
	StatusFailed   = "failed"
)

// ErrNoRun says that there is no such run, or none that is complete.
var ErrNoRun = errors.New("no such run")

// RunInfo is one run with its counts and proofs.
type RunInfo struct {
	ID            int64
	AsOf          time.Time
	Zone          string
	StartedAt     time.Time
	FinishedAt    *time.Time
	RulesVersion  string
	Rules         json.RawMessage // the parameters, for the control sheet
	Status        string
	Failure       string
	TotalsTie     bool
	FindingCount  int64
	Closed        int64  // findings of the previous run that are gone
	PreviousRunID *int64 // nil for the first run
	Fingerprint   string
	ResultHash    string
	Sources       []SourceState
	Tallies       []Tally
	Totals        []ControlTotal
}

// Tally counts the pairs of one comparison that ended in one class.
type Tally struct {
	Area, Comparison string
	SystemA, SystemB schema.System
	WarehouseCode    string // of stock pairs
	Class            Class
	Pairs            int64
}

// ControlTotal is one proof: two ways to the same figure, exact decimals as text.
type ControlTotal struct {
	Name, Scope string
	Left, Right string
	Ties        bool
}

// Count adds up the pairs of a class; an empty area means all areas.
func (r *RunInfo) Count(area string, class Class) int64 {
	var n int64
	for _, t := range r.Tallies {
		if (area == "" || t.Area == area) && t.Class == class {
			n += t.Pairs
		}
	}
	return n
}

// StaleSources lists the sources that were not compared.
func (r *RunInfo) StaleSources() []SourceState {
	var out []SourceState
	for _, s := range r.Sources {
		if s.Status == SourceStale {
			out = append(out, s)
		}
	}
	return out
}

// Latest asks [LoadRun] for the newest complete run.
const Latest int64 = 0

// LoadRun reads a run, running and failed ones too; [Latest] is the newest
// complete one. The error wraps [ErrNoRun] when there is none.
func LoadRun(ctx context.Context, q Querier, id int64) (RunInfo, error) {
	var r RunInfo
	var sources []byte
	var ties *bool
	err := q.QueryRow(ctx, `SELECT id, as_of, zone, started_at, finished_at, rules_version, rules, status, failure, control_totals_ok,
			findings, closed, previous_run_id, fingerprint, result_hash, sources
		FROM recon.run WHERE ($1::bigint <> 0 AND id = $1) OR ($1 = 0 AND status = 'complete') ORDER BY id DESC LIMIT 1`, id).Scan(
		&r.ID, &r.AsOf, &r.Zone, &r.StartedAt, &r.FinishedAt, &r.RulesVersion, &r.Rules, &r.Status, &r.Failure, &ties,
		&r.FindingCount, &r.Closed, &r.PreviousRunID, &r.Fingerprint, &r.ResultHash, &sources)
	if errors.Is(err, pgx.ErrNoRows) {
		return RunInfo{}, fmt.Errorf("load run %d: %w", id, ErrNoRun)
	}
	if err != nil {
		return RunInfo{}, fmt.Errorf("load run %d: %w", id, err)
	}
	r.TotalsTie = ties != nil && *ties
	if err := json.Unmarshal(sources, &r.Sources); err != nil {
		return RunInfo{}, fmt.Errorf("load run %d: sources: %w", r.ID, err)
	}
	if r.Tallies, err = loadTallies(ctx, q, r.ID); err != nil {
		return RunInfo{}, fmt.Errorf("load run %d: tallies: %w", r.ID, err)
	}
	if r.Totals, err = loadTotals(ctx, q, r.ID); err != nil {
		return RunInfo{}, fmt.Errorf("load run %d: control totals: %w", r.ID, err)
	}
	return r, nil
}

func loadTallies(ctx context.Context, q Querier, id int64) ([]Tally, error) {
	rows, err := q.Query(ctx, `SELECT area, comparison, system_a, system_b, warehouse_code, class, pairs FROM recon.tally
		WHERE run_id = $1 ORDER BY area, comparison, system_a, system_b, warehouse_code, class`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Tally])
}

func loadTotals(ctx context.Context, q Querier, id int64) ([]ControlTotal, error) {
	rows, err := q.Query(ctx, `SELECT name, scope, left_value::text, right_value::text, ties FROM recon.control_total
		WHERE run_id = $1 ORDER BY name, scope`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ControlTotal])
}

// Findings streams the findings of a run, the worst first: by severity, amount and
// id. A broken stream ends with an error and must not be taken for the whole.
func Findings(ctx context.Context, q Querier, runID int64) iter.Seq2[Finding, error] {
	return stream(ctx, q, findingsSQL+` WHERE f.run_id = $1`+findingsOrder, runID)
}

// Closed streams the findings of the previous run that were compared again by this
// run and are gone, in the same order. Their figures are those of the previous run.
func Closed(ctx context.Context, q Querier, runID int64) iter.Seq2[Finding, error] {
	return stream(ctx, q, findingsSQL+`
		JOIN recon.run AS r ON r.id = $1 AND f.run_id = r.previous_run_id
		WHERE NOT EXISTS (SELECT FROM recon.finding AS now WHERE now.run_id = r.id AND now.finding_id = f.finding_id)
			AND NOT EXISTS (SELECT FROM recon.tally AS t WHERE t.run_id = r.id AND t.class = 'stale'
				AND t.area = f.area AND t.comparison = f.comparison AND t.system_b = f.system_b)`+findingsOrder, runID)
}

const findingsSQL = `SELECT f.run_id, f.finding_id, f.area, f.comparison, f.class, f.severity, f.system_a, f.system_b, f.warehouse_code, f.sku,
	f.product_name, f.unit_code, f.order_number, f.document, f.lane,
	f.qty_onec::text, f.qty_jushuitan::text, f.qty_openshop::text, f.reserved_onec::text, f.reserved_jushuitan::text,
	f.amount_onec::text, f.amount_jushuitan::text, f.amount_openshop::text, f.amount_bank::text,
	f.phase_onec, f.phase_jushuitan, f.phase_openshop,
	f.difference::text, f.in_flight::text, f.overdue::text, f.unexplained::text, f.price::text, f.amount::text, f.currency,
	f.happened_at, f.expected_by, f.affected, f.cause, f.evidence, f.repair, f.first_seen_at, f.last_seen_at, f.times_seen, f.state
	FROM recon.finding AS f`

const findingsOrder = ` ORDER BY array_position(ARRAY['high', 'medium', 'low', 'info'], f.severity), f.amount DESC NULLS LAST, f.finding_id`

func stream(ctx context.Context, q Querier, sql string, runID int64) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		rows, err := q.Query(ctx, sql, runID)
		if err != nil {
			yield(Finding{}, fmt.Errorf("read findings of run %d: %w", runID, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scanFinding(rows)
			if err != nil {
				yield(Finding{}, fmt.Errorf("read findings of run %d: %w", runID, err))
				return
			}
			if !yield(f, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Finding{}, fmt.Errorf("read findings of run %d: %w", runID, err))
		}
	}
}

func scanFinding(row pgx.Row) (Finding, error) {
	var f Finding
	var evidence []byte
	err := row.Scan(&f.RunID, &f.ID, &f.Area, &f.Comparison, &f.Class, &f.Severity, &f.SystemA, &f.SystemB, &f.WarehouseCode, &f.SKU,
		&f.ProductName, &f.UnitCode, &f.OrderNumber, &f.Document, &f.Lane,
		&f.QtyOneC, &f.QtyJushuitan, &f.QtyOpenShop, &f.ReservedOneC, &f.ReservedJushuitan,
		&f.AmountOneC, &f.AmountJushuitan, &f.AmountOpenShop, &f.AmountBank,
		&f.PhaseOneC, &f.PhaseJushuitan, &f.PhaseOpenShop,
		&f.Difference, &f.InFlight, &f.Overdue, &f.Unexplained, &f.Price, &f.Amount, &f.Currency,
		&f.HappenedAt, &f.ExpectedBy, &f.Affected, &f.Cause, &evidence, &f.Repair, &f.FirstSeenAt, &f.LastSeenAt, &f.TimesSeen, &f.State)
	if err != nil {
		return Finding{}, err
	}
	if err := json.Unmarshal(evidence, &f.Evidence); err != nil {
		return Finding{}, fmt.Errorf("evidence of finding %s: %w", f.ID, err)
	}
	return f, nil
}

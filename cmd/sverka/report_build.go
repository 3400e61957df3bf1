package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// trendDays is how many days of earlier runs the workbook shows.
const trendDays = 90

// buildReport brings a run into the shape of the workbook. The two domains do not
// know each other; this is where they meet.
func buildReport(ctx context.Context, pool *pgxpool.Pool, run reconcile.RunInfo, o reportOptions) (workbook.Report, error) {
	r := workbook.Report{Run: runInfo(run, o), Sources: sourceInfos(run, o), Parameters: parameters(run, o)}
	trend, err := reconcile.PreviousRuns(ctx, pool, run.ID, trendDays)
	if err != nil {
		return r, err
	}
	for _, day := range trend {
		one, err := trendDay(day, o.currency)
		if err != nil {
			return r, fmt.Errorf("trend of run %d: %w", day.RunID, err)
		}
		r.Trend = append(r.Trend, one)
		if day.RunID == run.ID {
			r.Stated = statedTotals(day)
		}
	}
	if r.Stated == nil {
		return r, fmt.Errorf("trend of run %d: the run itself is missing", run.ID)
	}
	r.Run.Verdict = verdictOf(run, r.Stated.Open)
	if r.Controls, err = controlTotals(run, o); err != nil {
		return r, err
	}
	if r.Warehouses, err = warehouses(ctx, pool, run); err != nil {
		return r, err
	}
	if r.Held, err = heldLines(ctx, pool, run, o); err != nil {
		return r, err
	}
	if run.PreviousRunID != nil {
		previous, err := reconcile.LoadRun(ctx, pool, *run.PreviousRunID)
		if err != nil {
			return r, err
		}
		r.Run.PreviousID, r.Run.PreviousHash = strconv.FormatInt(previous.ID, 10), previous.ResultHash
	}
	notes, err := reconcile.Notes(ctx, pool, run.ID)
	if err != nil {
		return r, err
	}
	r.Findings = func() iter.Seq2[workbook.Finding, error] { return findings(ctx, pool, run.ID, notes, o) }
	return r, nil
}

func runInfo(run reconcile.RunInfo, o reportOptions) workbook.RunInfo {
	i := workbook.RunInfo{
		ID: strconv.FormatInt(run.ID, 10), AsOf: run.AsOf, Started: run.StartedAt, RuleVersion: run.RulesVersion, CodeVersion: readVersion().short(),
		Language: o.language, Zone: o.zone, Currency: o.currency,
	}
	if run.FinishedAt != nil {
		i.Finished = *run.FinishedAt
	}
	return i
}

// verdictOf never calls clean what was not compared.
func verdictOf(run reconcile.RunInfo, open int64) workbook.Verdict {
	switch {
	case len(run.StaleSources()) > 0 || !run.TotalsTie:
		return workbook.Incomplete
	case open > 0:
		return workbook.Differences
	}
	return workbook.Clean
}

// statedTotals are the database's own numbers, counted apart from the stream of findings.
func statedTotals(day reconcile.TrendDay) *workbook.Totals {
	t := &workbook.Totals{Open: day.Open}
	for class, n := range day.ByClass {
		if class != reconcile.ClassInFlight { // they stand on the sheet of what is under way
			t.Findings += n
		}
	}
	return t
}

func trendDay(d reconcile.TrendDay, currency string) (workbook.TrendDay, error) {
	out := workbook.TrendDay{Day: d.Date, Open: d.Open, New: d.New, Closed: d.Closed, Reopened: d.Reopened, OldestDays: d.OldestDays}
	if text := d.Amount[currency]; text != "" {
		var err error
		if out.Amount, err = schema.ParseAmount(text); err != nil {
			return out, err
		}
	}
	return out, nil
}

// sourceInfos proves what was read. What a system has no door for is left out.
func sourceInfos(run reconcile.RunInfo, o reportOptions) []workbook.SourceInfo {
	var out []workbook.SourceInfo
	for _, s := range run.Sources {
		if s.Status == reconcile.SourceAbsent {
			continue
		}
		info := workbook.SourceInfo{
			System: s.System, Name: systemWord(o.language, s.System) + ": " + entityWord(o.language, s.Entity),
			Rows: s.Rows, RowsRead: s.RowsRead, Refused: s.RowsRefused, Fingerprint: s.Fingerprint,
			Fresh: s.Status != reconcile.SourceStale, Complete: s.Status != reconcile.SourceStale || s.Reason == "too_old",
		}
		if s.AsOf != nil {
			info.Taken = *s.AsOf
		}
		quantity, amount, currency := sums(s, o.currency)
		switch { // a source of goods has no money, and a source of statuses neither
		case s.Entity == schema.EntityStockBalance:
			info.Quantity = workbook.Known(quantity)
		case len(s.Totals) > 0:
			info.Amount, info.Currency = workbook.Known(amount), currency
		}
		out = append(out, info)
	}
	return out
}

// sums reads the exact totals of a source: goods, or money in the run's currency,
// or in the only other one.
func sums(s reconcile.SourceState, currency string) (schema.Quantity, schema.Amount, string) {
	if s.Entity == schema.EntityStockBalance {
		return decode[schema.Quantity](s.Totals["quantity"]), 0, ""
	}
	if raw, ok := s.Totals[currency]; ok || len(s.Totals) != 1 {
		return 0, decode[schema.Amount](raw), currency
	}
	for only, raw := range s.Totals {
		return 0, decode[schema.Amount](raw), only
	}
	return 0, 0, currency
}

// decode reads a number of the database; what is absent or null is zero.
func decode[T any](raw json.RawMessage) T {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		var zero T
		return zero
	}
	return v
}

// controlTotals reads each proof in its own measure: rows, goods or money.
func controlTotals(run reconcile.RunInfo, o reportOptions) ([]workbook.ControlTotal, error) {
	out := make([]workbook.ControlTotal, 0, len(run.Totals))
	for _, t := range run.Totals {
		left, err := figure(t.Name, t.Scope, t.Left)
		if err != nil {
			return nil, fmt.Errorf("control total %s %s: %w", t.Name, t.Scope, err)
		}
		right, err := figure(t.Name, t.Scope, t.Right)
		if err != nil {
			return nil, fmt.Errorf("control total %s %s: %w", t.Name, t.Scope, err)
		}
		out = append(out, workbook.ControlTotal{Name: totalWords(o.language, t), Area: totalArea(t.Name), Left: left, Right: right, Ties: t.Ties})
	}
	return out, nil
}

func figure(name, scope, text string) (workbook.Figure, error) {
	measure := scope[strings.LastIndex(scope, " ")+1:]
	switch {
	case !strings.HasSuffix(name, "_sum"):
		q, err := schema.ParseQuantity(text)
		return workbook.CountOf(int64(q) / 1000), err
	case strings.HasPrefix(name, "stock_") || measure == "units":
		q, err := schema.ParseQuantity(text)
		return workbook.QuantityOf(q), err
	default:
		amount, err := schema.ParseAmount(text)
		return workbook.AmountOf(amount, measure), err
	}
}

// warehouses names every warehouse and how many of its balances were compared.
func warehouses(ctx context.Context, pool *pgxpool.Pool, run reconcile.RunInfo) ([]workbook.WarehouseInfo, error) {
	rows, err := pool.Query(ctx, `SELECT DISTINCT ON (warehouse_code) warehouse_code, name, 0::bigint FROM canonical.warehouse
WHERE deleted_at IS NULL ORDER BY warehouse_code, (system = 'onec') DESC, system`)
	if err != nil {
		return nil, fmt.Errorf("name the warehouses: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[workbook.WarehouseInfo])
	if err != nil {
		return nil, fmt.Errorf("name the warehouses: %w", err)
	}
	for i := range out {
		for _, t := range run.Tallies {
			if t.WarehouseCode == out[i].Code && t.Comparison == "quantity" && t.Class != reconcile.ClassStale {
				out[i].Compared += t.Pairs
			}
		}
	}
	return out, nil
}

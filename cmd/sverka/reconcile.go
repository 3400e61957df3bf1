package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"sverka/reconcile"
	"sverka/reports/workbook"
)

// reconciled is what a run came to, in the words of the command line.
type reconciled struct {
	Run      int64              `json:"run"`
	AsOf     time.Time          `json:"as_of"`
	Verdict  workbook.Verdict   `json:"verdict"`
	Open     int64              `json:"open"` // findings that a person must look at
	Classes  []classCount       `json:"classes"`
	Stale    []string           `json:"stale,omitempty"` // sources that were not compared
	Workbook *writtenFile       `json:"workbook,omitempty"`
	Timings  []reconcile.Timing `json:"-"`
}

// classCount is how many pairs ended in a class.
type classCount struct {
	Area  string          `json:"area"`
	Class reconcile.Class `json:"class"`
	Pairs int64           `json:"pairs"`
}

func newReconcileCommand(a *app) *cobra.Command {
	var asOf string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Compare the systems now and write the workbook",
		Long: `Compare what the systems hold, as it was last read from them, keep the run with its
findings and write the accountants' workbook.

Exit code 4: something needs a person, or a source was too old to be compared.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDatabase(cmd.Context(), func(ctx context.Context, cfg *loadedConfig, db *database) error {
				o := cfg.reconcileOptions()
				at, err := parseMoment(asOf, cfg.Schedule.Zone)
				if err != nil {
					return &usageError{err}
				}
				o.AsOf = at
				done, err := reconcileNow(ctx, db.pool, o, cfg.reportOptions())
				if err != nil {
					return err
				}
				if err := a.printReconciled(done, cfg.Schedule.Zone, asJSON); err != nil {
					return err
				}
				return done.outcome()
			})
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", `moment that ages, grace and freshness are measured against, "2006-01-02 15:04" in schedule.zone or RFC 3339 (default now)`)
	a.addReportFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// reconcileOptions are the tolerances of the configuration.
func (c *Config) reconcileOptions() reconcile.Options {
	return reconcile.Options{
		Zone: c.Schedule.Zone.Location, Grace: c.Reconcile.Grace, StaleAfter: c.Reconcile.StaleAfter,
		Tolerances: reconcile.Tolerances{Quantity: c.Reconcile.QuantityTolerance, Amount: c.Reconcile.AmountTolerance},
	}
}

// parseMoment reads a time of the command line; "" is the zero time.
func parseMoment(text string, zone timeZone) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone.Location); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("moment %q: must be written 2006-01-02 15:04 or 2006-01-02T15:04:05+03:00", text)
}

// reconcileNow compares and writes the workbook. Differences are no error.
func reconcileNow(ctx context.Context, pool *pgxpool.Pool, o reconcile.Options, r reportOptions) (*reconciled, error) {
	summary, err := reconcile.Run(ctx, pool, o)
	if errors.Is(err, reconcile.ErrBusy) {
		return nil, &environmentError{fmt.Errorf("reconcile: %w", err), "wait for it; \"sverka report\" writes its workbook"}
	}
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	report, err := buildReport(ctx, pool, summary.RunInfo, r)
	if err != nil {
		return nil, err
	}
	written, err := writeWorkbook(ctx, report, r)
	if err != nil {
		return nil, err
	}
	done := newReconciled(summary.RunInfo, report)
	done.Workbook, done.Timings = written, summary.Timings
	return done, nil
}

func newReconciled(run reconcile.RunInfo, report workbook.Report) *reconciled {
	done := &reconciled{Run: run.ID, AsOf: run.AsOf, Verdict: report.Run.Verdict, Open: report.Stated.Open, Classes: []classCount{}}
	for _, s := range run.StaleSources() {
		done.Stale = append(done.Stale, string(s.System)+" "+string(s.Entity))
	}
	areas := []string{reconcile.AreaStock, reconcile.AreaOrder, reconcile.AreaPayment, reconcile.AreaShipment}
	for _, area := range areas {
		for _, class := range reconcile.Classes() {
			if n := run.Count(area, class); n > 0 {
				done.Classes = append(done.Classes, classCount{area, class, n})
			}
		}
	}
	return done
}

func (a *app) printReconciled(done *reconciled, zone timeZone, asJSON bool) error {
	if asJSON {
		return writeJSON(a.stdout, done)
	}
	fmt.Fprintf(a.stdout, "run %d as of %s: %s\n", done.Run, moment(&done.AsOf, zone), done.Verdict)
	t := newTable(a.stdout, "AREA", "CLASS", "PAIRS")
	for _, c := range done.Classes {
		t.row(c.Area, c.Class, c.Pairs)
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, s := range done.Stale {
		fmt.Fprintf(a.stdout, "not compared, too old or never read: %s\n", s)
	}
	if done.Workbook != nil {
		fmt.Fprintf(a.stdout, "workbook: %s\n", done.Workbook.Path)
	}
	return nil
}

// outcome is nil when the systems agree and everything was compared.
func (d *reconciled) outcome() error {
	hint := ""
	if d.Workbook != nil {
		hint = "open " + d.Workbook.Path
	}
	switch {
	case d.Verdict == workbook.Clean:
		return nil
	case d.Open > 0:
		return &differencesError{fmt.Sprintf("run %d: %s a person", d.Run, plural(d.Open, "finding needs", "findings need")), hint}
	default:
		return &differencesError{fmt.Sprintf("run %d: not everything could be compared", d.Run), hint}
	}
}

// nightlyRun is the reconciliation that serve makes every night, once: of several
// processes on one database the first one does it.
func (a *app) nightlyRun(ctx context.Context, cfg *loadedConfig, db *database, due time.Time) error {
	var made bool
	if err := db.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM recon.run WHERE started_at >= $1)`, due).Scan(&made); err != nil {
		return fmt.Errorf("look for a reconciliation by another process: %w", err)
	}
	if made {
		a.logger.InfoContext(ctx, "another process has reconciled")
		return nil
	}
	done, err := reconcileNow(ctx, db.pool, cfg.reconcileOptions(), cfg.reportOptions())
	if errors.Is(err, reconcile.ErrBusy) {
		a.logger.InfoContext(ctx, "another process is reconciling")
		return nil
	}
	if err != nil {
		return err
	}
	a.logger.InfoContext(ctx, "reconciled", slog.Int64("run_id", done.Run), slog.String("verdict", string(done.Verdict)),
		slog.Int64("open", done.Open), slog.String("report", done.Workbook.Path))
	return nil
}

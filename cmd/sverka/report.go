package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"sverka/reconcile"
	"sverka/reports/workbook"
)

// reportOptions say how a workbook looks and where it goes.
type reportOptions struct {
	directory string // folder, or a path that ends in .xlsx
	language  workbook.Language
	zone      *time.Location
	currency  string // of amounts without their own, ISO 4217
}

func (c *Config) reportOptions() reportOptions {
	return reportOptions{
		directory: c.Reports.Directory, language: workbook.Language(c.Reports.Language), zone: c.Schedule.Zone.Location, currency: c.OneC.Currency,
	}
}

// addReportFlags gives a command the flags that override the reports section.
func (a *app) addReportFlags(cmd *cobra.Command) {
	cmd.Flags().String("report", "", "folder or .xlsx file that receives the workbook (default reports.directory)")
	cmd.Flags().String("lang", "", "language of the workbook: ru, en or zh (default reports.language)")
	cmd.PreRun = func(cmd *cobra.Command, _ []string) { // not earlier: several commands have these flags
		a.bind("reports.directory", cmd.Flags().Lookup("report"))
		a.bind("reports.language", cmd.Flags().Lookup("lang"))
	}
}

func newReportCommand(a *app) *cobra.Command {
	var run int64
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write the workbook of a run again",
		Long: `Write the workbook of a run again: of the newest complete one, or of the one named. The
file that exists is never replaced; the new one takes the next free name.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run < 0 {
				return &usageError{fmt.Errorf("run %d: must be the number of a run", run)}
			}
			return a.withDatabase(cmd.Context(), func(ctx context.Context, cfg *loadedConfig, db *database) error {
				written, err := writeReport(ctx, db.pool, run, cfg.reportOptions())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(a.stdout, written)
				}
				_, err = fmt.Fprintf(a.stdout, "workbook: %s\n", written.Path)
				return err
			})
		},
	}
	cmd.Flags().Int64Var(&run, "run", reconcile.Latest, "number of the run (default the newest complete one)")
	a.addReportFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// writtenFile is a workbook that was written.
type writtenFile struct {
	Path     string `json:"path"`
	SHA256   string `json:"sha256"`
	Findings int64  `json:"findings"` // rows of the detail sheets
	Bytes    int64  `json:"bytes"`
}

func writeWorkbook(ctx context.Context, report workbook.Report, o reportOptions) (*writtenFile, error) {
	w, err := workbook.Write(ctx, o.directory, report)
	if err != nil {
		return nil, err
	}
	return &writtenFile{Path: w.Path, SHA256: w.SHA256, Findings: w.Rows, Bytes: w.Bytes}, nil
}

// runHint says which run there is instead of one that was asked for.
func runHint(ctx context.Context, pool *pgxpool.Pool) string {
	newest, err := reconcile.LoadRun(ctx, pool, reconcile.Latest)
	if err != nil {
		return `run "sverka reconcile" first: it makes a run and its workbook`
	}
	return fmt.Sprintf(`the newest complete run is %d, "sverka report" without --run takes it; "sverka reconcile" makes another`, newest.ID)
}

// writeReport writes the workbook of a run that is there.
func writeReport(ctx context.Context, pool *pgxpool.Pool, id int64, o reportOptions) (*writtenFile, error) {
	run, err := reconcile.LoadRun(ctx, pool, id)
	if errors.Is(err, reconcile.ErrNoRun) {
		return nil, &hintedError{&usageError{err}, runHint(ctx, pool)}
	}
	if err != nil {
		return nil, err
	}
	if run.Status != reconcile.StatusComplete {
		return nil, &hintedError{&usageError{fmt.Errorf("run %d is %s: only a complete run has a workbook", run.ID, run.Status)}, runHint(ctx, pool)}
	}
	report, err := buildReport(ctx, pool, run, o)
	if err != nil {
		return nil, err
	}
	return writeWorkbook(ctx, report, o)
}

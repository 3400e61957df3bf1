package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"sverka/schema/migrations"
)

// migrated tells what was done to the database.
type migrated struct {
	Version int      `json:"version"`
	Applied []string `json:"applied"`
	Views   bool     `json:"views"` // the views were made anew
}

func newMigrateCommand(a *app) *cobra.Command {
	var dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to the schema of this program",
		Long: `Bring the database to the schema of this program. It may be run at any time, also by
several at once. With --dry-run it only lists what would be applied.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.migrate(cmd.Context(), dryRun, asJSON)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "list what would be applied and change nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) migrate(ctx context.Context, dryRun, asJSON bool) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, cfg, a.logger)
	if err != nil {
		return err
	}
	defer db.close(ctx)
	if dryRun {
		return a.printPending(ctx, db, asJSON)
	}
	report, err := db.migrate(ctx)
	if err != nil {
		return err
	}
	return a.printMigrated(report, asJSON)
}

func (a *app) printMigrated(m migrated, asJSON bool) error {
	if asJSON {
		return writeJSON(a.stdout, m)
	}
	for _, name := range m.Applied {
		fmt.Fprintf(a.stdout, "applied %s\n", name)
	}
	if m.Views {
		fmt.Fprintln(a.stdout, "made the views anew")
	}
	_, err := fmt.Fprintf(a.stdout, "the database is at version %04d\n", m.Version)
	return err
}

func (a *app) printPending(ctx context.Context, db *database, asJSON bool) error {
	pending, err := db.pending(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.stdout, orEmpty(pending))
	}
	for _, name := range pending {
		fmt.Fprintf(a.stdout, "would apply %s\n", name)
	}
	if len(pending) == 0 {
		fmt.Fprintln(a.stdout, "nothing to apply")
	}
	return nil
}

// migrate applies what is pending.
func (db *database) migrate(ctx context.Context) (migrated, error) {
	var m migrated
	err := db.onConn(ctx, func(conn *pgx.Conn) error {
		report, err := migrations.Apply(ctx, conn, migrations.Options{})
		m = migrated{Version: report.Version, Applied: orEmpty(report.Applied), Views: report.Views}
		return explainMigration(err)
	})
	if err != nil {
		return m, fmt.Errorf("migrate the database: %w", err)
	}
	return m, nil
}

// pending lists what is not applied yet.
func (db *database) pending(ctx context.Context) (names []string, err error) {
	err = db.onConn(ctx, func(conn *pgx.Conn) error {
		names, err = migrations.Pending(ctx, conn, migrations.Options{})
		return explainMigration(err)
	})
	return names, err
}

// requireMigrated refuses a database that this program does not fit: half of a
// command would fail in the middle.
func (db *database) requireMigrated(ctx context.Context) error {
	pending, err := db.pending(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return &environmentError{fmt.Errorf("the database lacks %s", strings.Join(pending, ", ")), `run "sverka migrate"`}
	}
	return nil
}

// explainMigration tells a database that does not fit from a failing statement.
func explainMigration(err error) error {
	if errors.Is(err, migrations.ErrDatabaseNewer) || errors.Is(err, migrations.ErrChanged) {
		return &environmentError{err, "use the release that the database was migrated with, or a newer one"}
	}
	return err
}

func (db *database) onConn(ctx context.Context, work func(conn *pgx.Conn) error) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("take a connection: %w", err)
	}
	defer conn.Release()
	return work(conn.Conn())
}

package migrations

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Errors that a caller explains to people.
var (
	// ErrDatabaseNewer says that a newer binary migrated the database: this one must not write to it.
	ErrDatabaseNewer = errors.New("this binary is older than the database: use the newer release")
	// ErrChanged says that an applied file was edited afterwards.
	ErrChanged = errors.New("the file was changed after it had been applied: restore it and put the change into a new migration")
)

//go:embed sql/prepare.sql
var prepareSQL string

// lockKey is the advisory lock of migrations, "sverka" in ASCII; locks belong to one database.
const lockKey = 0x737665726b61

// lockTimeout keeps a migration that waits for a table from holding up everybody behind it.
const lockTimeout = "30s"

// Report tells what was done.
type Report struct {
	Version int      // the database's version now
	Applied []string // migrations applied by this call, in order
	Views   bool     // the views were made anew
}

// Apply brings the database of conn to the schema of o. It may be called at any time
// and by several processes at once: they wait for each other. After an error the database holds
// every migration before the one that failed. conn must not be inside a transaction.
func Apply(ctx context.Context, conn *pgx.Conn, o Options) (_ Report, err error) {
	o = o.withDefaults()
	migrations, err := readMigrations(o.Migrations)
	if err != nil {
		return Report{}, err
	}
	views, err := readSQL(o.Views)
	if err != nil {
		return Report{}, fmt.Errorf("read views: %w", err)
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lockKey)); err != nil {
		return Report{}, fmt.Errorf("wait for the migration lock: %w", err)
	}
	defer func() {
		// The lock must go even when ctx has ended; a broken connection has lost it anyway.
		_, unlockErr := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(lockKey))
		if unlockErr != nil && err == nil {
			err = fmt.Errorf("release the migration lock: %w", unlockErr)
		}
	}()
	return apply(ctx, conn, migrations, views)
}

func apply(ctx context.Context, conn *pgx.Conn, migrations, views []file) (Report, error) {
	if _, err := conn.PgConn().Exec(ctx, prepareSQL).ReadAll(); err != nil {
		return Report{}, fmt.Errorf("prepare ops.migration: %w", err)
	}
	applied, err := readApplied(ctx, conn)
	if err != nil {
		return Report{}, err
	}
	pending, err := plan(migrations, applied)
	if err != nil {
		return Report{}, err
	}
	report := Report{Version: version(applied)}
	for _, f := range pending {
		if err := run(ctx, conn, f, f); err != nil {
			return report, err
		}
		report.Applied = append(report.Applied, f.name)
		report.Version = f.version
	}
	whole := file{name: "views", checksum: combined(views)}
	if len(views) == 0 || (len(pending) == 0 && applied[0].checksum == whole.checksum) {
		return report, nil
	}
	report.Views = true
	return report, run(ctx, conn, whole, views...)
}

// readApplied returns what ops.migration remembers, by version.
func readApplied(ctx context.Context, conn *pgx.Conn) (map[int]file, error) {
	rows, err := conn.Query(ctx, "SELECT version, name, checksum FROM ops.migration")
	if err != nil {
		return nil, fmt.Errorf("read ops.migration: %w", err)
	}
	applied := map[int]file{}
	var f file
	_, err = pgx.ForEachRow(rows, []any{&f.version, &f.name, &f.checksum}, func() error {
		applied[f.version] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read ops.migration: %w", err)
	}
	return applied, nil
}

func version(applied map[int]file) int {
	newest := 0
	for v := range applied {
		newest = max(newest, v)
	}
	return newest
}

// plan returns what is to be applied, and refuses a history that differs from ours.
func plan(migrations []file, applied map[int]file) ([]file, error) {
	known := map[int]bool{0: true}
	newest := version(applied)
	var pending []file
	for _, f := range migrations {
		known[f.version] = true
		was, done := applied[f.version]
		switch {
		case done && was.checksum != f.checksum:
			return nil, fmt.Errorf("migration %s (applied as %s): %w", f.name, was.name, ErrChanged)
		case !done && f.version < newest:
			return nil, fmt.Errorf("migration %s: number %04d is already applied, give it the next free number", f.name, newest)
		case !done:
			pending = append(pending, f)
		}
	}
	for v, was := range applied {
		if !known[v] {
			return nil, fmt.Errorf("migration %s is applied but unknown here: %w", was.name, ErrDatabaseNewer)
		}
	}
	return pending, nil
}

// run executes files and remembers them under one row, in one transaction.
func run(ctx context.Context, conn *pgx.Conn, as file, files ...file) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("migration %s: %w", as.name, err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '"+lockTimeout+"'"); err != nil {
		return fmt.Errorf("migration %s: %w", as.name, err)
	}
	for _, f := range files {
		if _, err := conn.PgConn().Exec(ctx, f.sql).ReadAll(); err != nil {
			return located(f, err)
		}
		if conn.PgConn().TxStatus() != 'T' {
			return fmt.Errorf("migration %s: it ends its transaction; leave out BEGIN, COMMIT and ROLLBACK", f.name)
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO ops.migration (version, name, checksum) VALUES ($1, $2, $3)
		ON CONFLICT (version) DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at`, as.version, as.name, as.checksum)
	if err != nil {
		return fmt.Errorf("migration %s: remember it: %w", as.name, err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("migration %s: %w", as.name, err)
	}
	return nil
}

// located adds the line at which Postgres stumbled.
func located(f file, err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Position <= 0 {
		return fmt.Errorf("migration %s: %w", f.name, err)
	}
	before := []rune(f.sql)
	before = before[:min(int(pg.Position), len(before))]
	return fmt.Errorf("migration %s line %d: %w", f.name, 1+strings.Count(string(before), "\n"), err)
}

// Pending lists the migrations that Apply would apply; it changes nothing. A database
// without ops.migration lacks them all. The errors are those of Apply.
func Pending(ctx context.Context, conn *pgx.Conn, o Options) ([]string, error) {
	migrations, err := readMigrations(o.withDefaults().Migrations)
	if err != nil {
		return nil, err
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('ops.migration') IS NOT NULL").Scan(&there); err != nil {
		return nil, fmt.Errorf("look for ops.migration: %w", err)
	}
	applied := map[int]file{}
	if there {
		if applied, err = readApplied(ctx, conn); err != nil {
			return nil, err
		}
	}
	pending, err := plan(migrations, applied)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(pending))
	for _, f := range pending {
		names = append(names, f.name)
	}
	return slices.Clip(names), nil
}

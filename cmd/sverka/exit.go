package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sverka/replicator"
	"sverka/schema/localpg"
)

// Exit codes are an interface: scripts and schedulers branch on them.
const (
	exitDone        = 0
	exitBug         = 1 // a bug, or an error without a class
	exitUsage       = 2 // bad flags, arguments or configuration
	exitEnvironment = 3 // the database, a system or a program cannot be reached or used
	exitDifferences = 4 // the work was done and found differences or refused records
)

// usageError is a mistake in the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
func (e *usageError) Hint() string  { return `"sverka help" lists the commands, "--help" explains one` }

// hintedError lets an error of any class say something better than its class does.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }
func (e *hintedError) Hint() string  { return e.hint }

// environmentError is about the world around the process, not about the process.
type environmentError struct {
	err  error
	hint string
}

func (e *environmentError) Error() string { return e.err.Error() }
func (e *environmentError) Unwrap() error { return e.err }
func (e *environmentError) Hint() string  { return e.hint }

// postgresError is a private Postgres that did not start; how says by which flag or
// setting its folder is chosen.
func postgresError(err error, how string) error {
	hint := "postgres.log in the folder says more"
	switch {
	case errors.Is(err, localpg.ErrNoBinaries):
		hint = "install Postgres (apt-get install postgresql); \"sverka demo\" also takes its folder by --pg-bin"
	case errors.Is(err, localpg.ErrInUse):
		hint = "end the sverka that uses the folder, or choose another folder with " + how
	case errors.Is(err, localpg.ErrOccupied), errors.Is(err, localpg.ErrNotFolder):
		hint = how + " must be a folder of its own: name one that is empty or not there yet"
	case errors.Is(err, fs.ErrPermission):
		hint = how + " must be a folder that this user can write"
	}
	return &environmentError{err, hint}
}

// differencesError says that the work was done and somebody has to look at its result.
type differencesError struct {
	what string
	hint string
}

func (e *differencesError) Error() string { return e.what }
func (e *differencesError) Hint() string  { return e.hint }

// exitCode maps every error to the code that the process ends with.
func exitCode(ctx context.Context, err error) int {
	var (
		interrupt   *interruptError
		usage       *usageError
		config      *configError
		environment *environmentError
		differences *differencesError
		connect     *pgconn.ConnectError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(context.Cause(ctx), &interrupt) && errors.Is(err, context.Canceled):
		return interrupt.code()
	case errors.As(err, &usage), errors.As(err, &config):
		return exitUsage
	case errors.As(err, &differences):
		return exitDifferences
	case errors.As(err, &environment), errors.As(err, &connect), errors.Is(err, exec.ErrNotFound), databaseUnfit(err):
		return exitEnvironment
	}
	return exitBug
}

// databaseUnfit tells an answer of Postgres that says something about the database
// and not about our statement: it is not migrated, out of room, or going down.
func databaseUnfit(err error) bool {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return false
	}
	return notMigrated(pgErr) || strings.HasPrefix(pgErr.Code, "53") || strings.HasPrefix(pgErr.Code, "57P") || strings.HasPrefix(pgErr.Code, "08")
}

// notMigrated tells that a schema or a table of ours is missing.
func notMigrated(e *pgconn.PgError) bool { return e.Code == "3F000" || e.Code == "42P01" }

// hinter is an error that knows what an operator can do about it.
type hinter interface{ Hint() string }

// printError writes the one line that a person reads, and what to do.
func printError(w io.Writer, err error) {
	fmt.Fprintf(w, "sverka: %s\n", err)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}

// hintOf finds the first hint in the chain of an error.
func hintOf(err error) string {
	var h hinter
	var f *replicator.Failure
	var held *replicator.HoldError
	var pgErr *pgconn.PgError
	switch {
	case errors.As(err, &h) && h.Hint() != "":
		return h.Hint()
	case errors.As(err, &f) && f.Hint != "":
		return f.Hint
	case errors.As(err, &held):
		return held.Hint
	case errors.As(err, &pgErr) && notMigrated(pgErr):
		return `run "sverka migrate" first`
	}
	return ""
}

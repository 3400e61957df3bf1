package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sverka/replicator"
	"sverka/schema/localpg"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	wrap := func(err error) error { return fmt.Errorf("load file: %w", err) }
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"nothing went wrong", nil, exitDone},
		{"an error without a class", errors.New("surprise"), exitBug},
		{"a cancelled context that no signal cancelled", context.Canceled, exitBug},
		{"a mistake in the command line", wrap(&usageError{errors.New("unknown flag")}), exitUsage},
		{"a bad configuration", wrap(&configError{Problems: []string{"log.level: loud"}}), exitUsage},
		{"differences", wrap(&differencesError{"3 findings", ""}), exitDifferences},
		{"a database that cannot be reached", wrap(&environmentError{errors.New("refused"), ""}), exitEnvironment},
		{"a connection that pgx could not make", wrap(&pgconn.ConnectError{}), exitEnvironment},
		{"a program that is not installed", wrap(exec.ErrNotFound), exitEnvironment},
		{"a database without our tables", wrap(&pgconn.PgError{Code: "42P01"}), exitEnvironment},
		{"a database without our schemas", wrap(&pgconn.PgError{Code: "3F000"}), exitEnvironment},
		{"a database that is full", wrap(&pgconn.PgError{Code: "53100"}), exitEnvironment},
		{"a database that is going down", wrap(&pgconn.PgError{Code: "57P01"}), exitEnvironment},
		{"a statement of ours that is wrong", wrap(&pgconn.PgError{Code: "42601"}), exitBug},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := exitCode(t.Context(), tt.err); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestPostgresError_says_what_helps(t *testing.T) {
	t.Parallel()
	for want, cause := range map[string]error{
		"install Postgres":                   localpg.ErrNoBinaries,
		"end the sverka that uses":           localpg.ErrInUse,
		"--data must be a folder of its own": localpg.ErrOccupied,
		"name one that is empty":             localpg.ErrNotFolder,
		"this user can write":                os.ErrPermission,
		"postgres.log":                       errors.New("ended at once"),
	} {
		err := postgresError(fmt.Errorf("start: %w", cause), "--data")
		if hint := hintOf(err); !strings.Contains(hint, want) || exitCode(t.Context(), err) != exitEnvironment {
			t.Errorf("%v: hint %q, want one that says %q", cause, hint, want)
		}
	}
}

func TestExitCode_of_a_signal(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&interruptError{syscall.SIGTERM})
	if got := exitCode(ctx, fmt.Errorf("read: %w", ctx.Err())); got != 143 {
		t.Errorf("work cut short by SIGTERM: exit code %d, want 143", got)
	}
	if got := exitCode(ctx, nil); got != exitDone {
		t.Errorf("work finished after SIGTERM: exit code %d, want 0", got)
	}
	if got := exitCode(ctx, &configError{Problems: []string{"x"}}); got != exitUsage {
		t.Errorf("another error after SIGTERM: exit code %d, want 2", got)
	}
}

func TestStopInTwoSteps(t *testing.T) {
	t.Parallel()
	signals := make(chan os.Signal, 2)
	ctx, cancel := context.WithCancelCause(t.Context())
	exited := make(chan int)
	go stopInTwoSteps(signals, cancel, func(code int) { exited <- code })
	signals <- os.Interrupt
	<-ctx.Done()
	var interrupt *interruptError
	if !errors.As(context.Cause(ctx), &interrupt) || interrupt.code() != 130 {
		t.Errorf("cause %v, want the interrupt", context.Cause(ctx))
	}
	signals <- syscall.SIGTERM
	if code := <-exited; code != 143 {
		t.Errorf("exit code %d after the second signal, want 143", code)
	}
}

func TestPrintError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"an error without a hint", errors.New("surprise"), "sverka: surprise\n"},
		{"a hint of our own", fmt.Errorf("serve: %w", &environmentError{errors.New("port taken"), "choose another"}), "sverka: serve: port taken\nhint: choose another\n"},
		{"a hint of a failure", fmt.Errorf("read: %w", &replicator.Failure{Kind: replicator.Unauthorised, System: "onec", Hint: "check the rights"}), "sverka: read: onec: unauthorised\nhint: check the rights\n"},
		{"a hint of what holds a delivery", &replicator.HoldError{Reason: "unmapped", Message: "no warehouse", Hint: "map it"}, "sverka: held: unmapped: no warehouse\nhint: map it\n"},
		{"an empty hint above one that says something", &environmentError{&replicator.Failure{System: "onec", Hint: "check the rights"}, ""}, "sverka: onec: unknown\nhint: check the rights\n"},
		{"a database without our tables", &pgconn.PgError{Severity: "ERROR", Code: "42P01", Message: "no table"}, "sverka: ERROR: no table (SQLSTATE 42P01)\nhint: run \"sverka migrate\" first\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			printError(&b, tt.err)
			if b.String() != tt.want {
				t.Errorf("printed %q, want %q", b.String(), tt.want)
			}
		})
	}
}

// brokenWriter fails like a full disk.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// panickyWriter breaks a promise of io.Writer in the rudest way.
type panickyWriter struct{}

func (panickyWriter) Write([]byte) (int, error) { panic("bug in a writer") }

func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("an output that cannot be written is told and ends in 1", func(t *testing.T) {
		t.Parallel()
		for _, args := range [][]string{{"version"}, {"version", "--json"}, {"config", "example"}, {"config", "check"}, {"config", "show"}, {"config", "show", "--json"}} {
			var stderr bytes.Buffer
			environ := []string{"SVERKA_DATABASE__URL=postgres://sverka@localhost/sverka"} // config check asks for one
			if code := run(t.Context(), args, environ, brokenWriter{}, &stderr); code != exitBug || stderr.String() != "sverka: no space left\n" {
				t.Errorf("%v: exit code %d and %q, want 1 and the error", args, code, stderr.String())
			}
		}
	})
	t.Run("a panic is a bug and ends in 1 with its place", func(t *testing.T) {
		t.Parallel()
		var stderr bytes.Buffer
		code := run(t.Context(), []string{"version"}, nil, panickyWriter{}, &stderr)
		if code != exitBug || !strings.HasPrefix(stderr.String(), "sverka: bug: bug in a writer\n") || !strings.Contains(stderr.String(), "version.go") {
			t.Errorf("exit code %d and %q, want 1, the panic and its stack", code, stderr.String())
		}
	})
	t.Run("two runs in one process do not meet", func(t *testing.T) {
		t.Parallel()
		for _, level := range []string{"warn", "error"} {
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), []string{"config", "show"}, []string{"SVERKA_LOG__LEVEL=" + level}, &stdout, &stderr); code != exitDone {
				t.Fatalf("exit code %d: %s", code, stderr.String())
			}
			if !strings.Contains(stdout.String(), level) {
				t.Errorf("log.level is not %s:\n%s", level, stdout.String())
			}
		}
	})
}

func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	var visit func(path []string)
	seen := 0
	visit = func(path []string) {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append(path[:len(path):len(path)], "--help"), nil, &stdout, &stderr); code != exitDone {
			t.Errorf("%v --help: exit code %d: %s", path, code, stderr.String())
		}
		seen++
		_, list, ok := strings.Cut(stdout.String(), "Available Commands:\n")
		if !ok {
			return
		}
		list, _, _ = strings.Cut(list, "\n\n")
		for line := range strings.Lines(list) {
			if name := strings.Fields(line); len(name) > 1 && name[0] != "help" {
				visit(append(path[:len(path):len(path)], name[0]))
			}
		}
	}
	visit(nil)
	if seen < 20 {
		t.Errorf("visited %d commands, want all of them", seen)
	}
}

package schematest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// TestMain turns the test binary into another test process when a test asks for one.
func TestMain(m *testing.M) {
	if os.Getenv("SCHEMATEST_CHILD") == "" {
		goleak.VerifyTestMain(m) // a hold on the cluster must not look like a leak to packages that check for them
		return
	}
	s, err := process()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	err = s.admin(context.Background(), func(conn *pgx.Conn) error {
		var pid string
		if err := conn.QueryRow(context.Background(), "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)").Scan(&pid); err != nil {
			return err
		}
		_, err := fmt.Fprintln(os.Stdout, pid)
		return err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil { // until the parent has seen enough
		os.Exit(1)
	}
	os.Exit(0)
}

// child is another test process that holds the shared cluster of a temporary folder.
type child struct {
	cmd        *exec.Cmd
	stdin      io.Closer
	postmaster int
}

func newChild(t *testing.T, tmp string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.cmd.Env = append(os.Environ(), "SCHEMATEST_CHILD=1", "TMPDIR="+tmp)
	c.cmd.Stderr = os.Stderr
	stdin, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin = stdin
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the child said nothing: %v", err)
	}
	if c.postmaster, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *child) leave(t *testing.T) {
	t.Helper()
	if err := errors.Join(c.stdin.Close(), c.cmd.Wait()); err != nil {
		t.Fatal(err)
	}
}

func (c *child) die(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	c.cmd.Wait() //nolint:errcheck // it was killed
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func requireGone(t *testing.T, pid int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := waitFor(ctx, func() bool { return !alive(pid) }); err != nil {
		t.Fatalf("postgres %d is still there", pid)
	}
}

// newTmp is a temporary folder that the server's account can enter, too.
func newTmp(t *testing.T) string {
	t.Helper()
	tmp, err := os.MkdirTemp("", "schematest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(tmp); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	return tmp
}

func TestCluster_is_shared_and_ends_with_its_last_process(t *testing.T) {
	t.Parallel()
	tmp := newTmp(t)
	first, second := newChild(t, tmp), newChild(t, tmp)
	if first.postmaster != second.postmaster {
		t.Fatalf("two clusters run: %d and %d", first.postmaster, second.postmaster)
	}
	first.die(t) // the one that started it, and without a word
	third := newChild(t, tmp)
	if third.postmaster != second.postmaster {
		t.Fatal("the cluster did not outlive the process that started it")
	}
	second.leave(t)
	if !alive(third.postmaster) {
		t.Fatal("the cluster ended under a process that holds it")
	}
	third.die(t)
	requireGone(t, third.postmaster)

	again := newChild(t, tmp)
	again.leave(t)
	requireGone(t, again.postmaster)
}

func TestCluster_is_joined_safely_while_it_stops(t *testing.T) {
	t.Parallel()
	tmp := newTmp(t)
	for range 4 {
		leaving := newChild(t, tmp)
		left := make(chan struct{})
		go func() {
			leaving.stdin.Close()
			close(left)
		}()
		joining := newChild(t, tmp) // races with the end of the last holder
		<-left
		leaving.cmd.Wait() //nolint:errcheck // its pipe is closed
		if !alive(joining.postmaster) {
			t.Fatal("the cluster ended under a process that had joined it")
		}
		joining.leave(t)
		requireGone(t, joining.postmaster)
	}
}

func TestJoin_says_why_there_is_no_database(t *testing.T) {
	t.Parallel()
	nothing := t.TempDir()
	_, err := join(t.Context(), newTmp(t), nothing)
	if err == nil || !strings.Contains(err.Error(), nothing) || !strings.Contains(err.Error(), "initdb is not there") {
		t.Errorf("got %v", err)
	}
}

func TestDatabaseName_is_valid_readable_and_unique(t *testing.T) {
	t.Parallel()
	test := "TestСверка/with spaces; DROP DATABASE postgres --" + strings.Repeat("x", 80)
	a, b := databaseName(test), databaseName(test)
	if a == b {
		t.Error("the same name twice")
	}
	if len(a) > 63 || !strings.HasPrefix(a, "test_test") || strings.Trim(a, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		t.Errorf("got %q", a)
	}
}

package localpg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sverka/schema/localpg"
)

// TestMain turns the test binary into another program that owns a cluster, when a test asks for one.
func TestMain(m *testing.M) {
	dir := os.Getenv("LOCALPG_CHILD")
	if dir == "" {
		os.Exit(m.Run())
	}
	if _, err := localpg.Start(context.Background(), options(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, "started")
	select {} // until it is killed
}

func mustChild(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "LOCALPG_CHILD="+dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "started\n" {
		t.Fatalf("the child said %q: %v", line, err)
	}
	return cmd
}

func mustKill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}

func requireGone(t *testing.T, pid int) {
	t.Helper()
	waitFor(t, func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
}

func TestCluster_ends_when_its_program_is_killed(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	child := mustChild(t, dir)
	c, err := localpg.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	pid := mustPostmaster(t, c)
	mustKill(t, child)
	mustStart(t, options(dir)) // waits for the old one instead of refusing
	requireGone(t, pid)
}

func TestStart_ends_what_lost_its_keeper(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	child := mustChild(t, dir)
	c, err := localpg.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	pid := mustPostmaster(t, c)
	// First the keeper, then the program: nobody is left to stop Postgres.
	for _, keeper := range keepersOf(t, dir) {
		if err := syscall.Kill(keeper, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	mustKill(t, child)
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("there is no orphan to be found: %v", err)
	}
	mustStart(t, options(dir))
	requireGone(t, pid)
}

// keepersOf lists the shells of a cluster: the keeper and the watch on its pipe.
func keepersOf(t *testing.T, dir string) []int {
	t.Helper()
	var pids []int
	for pid, command := range processes(t) {
		if strings.HasPrefix(command, "/bin/sh") && strings.Contains(command, dir) {
			pids = append(pids, pid)
		}
	}
	if len(pids) != 2 {
		t.Fatalf("found keepers %v, want 2", pids)
	}
	return pids
}

// processes lists what runs, from /proc where there is one: a small machine has no ps.
func processes(t *testing.T) map[int]string {
	t.Helper()
	all := map[int]string{}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		pid, errPID := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && errPID == nil { // a process may have ended meanwhile
			all[pid] = string(b)
		}
	}
	if len(files) > 0 {
		return all
	}
	out, err := exec.CommandContext(t.Context(), "ps", "-axo", "pid=,command=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		first, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(first); err == nil {
			all[pid] = strings.TrimSpace(command)
		}
	}
	return all
}

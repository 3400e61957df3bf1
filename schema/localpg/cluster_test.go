package localpg_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema/localpg"
)

// newDir is a folder that the server's account can enter; t.TempDir is closed to it when the tests run as root.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "cluster")
}

func options(dir string) localpg.Options {
	return localpg.Options{Dir: dir, Fast: true, Binaries: localpg.Binaries{Dir: os.Getenv("SVERKA_TEST_PG_BIN")}}
}

func mustStart(t *testing.T, o localpg.Options) *localpg.Cluster {
	t.Helper()
	c, err := localpg.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustStop(t, c) })
	return c
}

func mustStop(t *testing.T, c *localpg.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func queryOne(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var s string
	if err := conn.QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStart_makes_a_cluster_ready_for_logical_replication(t *testing.T) {
	t.Parallel()
	o := options(newDir(t))
	o.Settings = map[string]string{"max_connections": "37", "listen_addresses": "*"}
	c := mustStart(t, o)
	for setting, want := range map[string]string{
		"wal_level": "logical", "max_replication_slots": "20", "max_wal_senders": "20", "fsync": "off", "server_encoding": "UTF8",
		"TimeZone": "UTC", "max_connections": "37", "listen_addresses": "127.0.0.1",
	} {
		if got := queryOne(t, c.URL("postgres"), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := queryOne(t, c.URL("postgres"), "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"); got != "C" {
		t.Errorf("collation is %q, want C", got)
	}
	if major := strconv.Itoa(c.Major()); !strings.HasPrefix(queryOne(t, c.URL("postgres"), "SHOW server_version"), major) {
		t.Errorf("Major says %s", major)
	}
}

func TestStart_keeps_data_safe_unless_asked_to_be_fast(t *testing.T) {
	t.Parallel()
	o := options(newDir(t))
	o.Fast = false
	c := mustStart(t, o)
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := queryOne(t, c.URL("postgres"), "SHOW "+setting); got != "on" {
			t.Errorf("%s is %q, want on", setting, got)
		}
	}
}

func TestCluster_ReplicationURL_speaks_the_replication_protocol(t *testing.T) {
	t.Parallel()
	c := mustStart(t, options(newDir(t)))
	conn, err := pgx.Connect(t.Context(), c.ReplicationURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().Exec(t.Context(), "IDENTIFY_SYSTEM").ReadAll(); err != nil {
		t.Fatal(err)
	}
}

func TestCluster_TCPURL_is_the_only_way_in_over_TCP(t *testing.T) {
	t.Parallel()
	c := mustStart(t, options(newDir(t)))
	url, err := c.TCPURL("postgres")
	if err != nil {
		t.Fatal(err)
	}
	if got := queryOne(t, url, "SELECT 'in'"); got != "in" {
		t.Errorf("got %q", got)
	}
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Password = "guess"
	if conn, err := pgx.ConnectConfig(t.Context(), cfg); err == nil {
		conn.Close(context.Background())
		t.Error("a wrong password was let in")
	}
	if strings.Contains(c.URL("postgres"), "password") {
		t.Error("URL holds a password")
	}
}

func TestStart_finds_its_data_again(t *testing.T) {
	t.Parallel()
	o := options(newDir(t))
	c := mustStart(t, o)
	queryOne(t, c.URL("postgres"), "SELECT lo_from_bytea(4711, 'kept')::text")
	mustStop(t, c)
	again := mustStart(t, o)
	if got := queryOne(t, again.URL("postgres"), "SELECT convert_from(lo_get(4711), 'UTF8')"); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func TestStart_refuses_a_folder_in_use(t *testing.T) {
	t.Parallel()
	o := options(newDir(t))
	c := mustStart(t, o)
	_, err := localpg.Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) || !errors.Is(err, localpg.ErrInUse) {
		t.Fatalf("got %v", err)
	}
	if got := queryOne(t, c.URL("postgres"), "SELECT 'alive'"); got != "alive" {
		t.Errorf("got %q", got)
	}
}

func TestStart_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	full := newDir(t)
	if err := os.MkdirAll(full, 0o755); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, filepath.Join(full, "letter.txt"), "dear")
	old := newDir(t)
	if err := os.MkdirAll(filepath.Join(old, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, filepath.Join(old, "lock"), "")
	mustWrite(t, filepath.Join(old, "data", "PG_VERSION"), "9\n")
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { busy.Close() })
	busyPort := busy.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		change func(*localpg.Options)
		want   string
		is     error // nil when no single word of an operator helps
	}{
		"no directory":          {func(o *localpg.Options) { o.Dir = "" }, "no directory", nil},
		"impossible port":       {func(o *localpg.Options) { o.Port = 70000 }, "port 70000", nil},
		"version too old":       {func(o *localpg.Options) { o.Version = "12" }, "from 15 on", nil},
		"minor version":         {func(o *localpg.Options) { o.Version = "17.2" }, "major version", nil},
		"someone else's folder": {func(o *localpg.Options) { o.Dir = full }, "holds other things", localpg.ErrOccupied},
		"a file":                {func(o *localpg.Options) { o.Dir = filepath.Join(full, "letter.txt") }, "not a directory", localpg.ErrNotFolder},
		"a folder in a file":    {func(o *localpg.Options) { o.Dir = filepath.Join(full, "letter.txt", "data") }, "not a directory", localpg.ErrNotFolder},
		"data of another major": {func(o *localpg.Options) { o.Dir, o.Version = old, "17" }, "was made by Postgres 9 and cannot be opened by 17", nil},
		"no such binaries":      {func(o *localpg.Options) { o.Binaries.Dir = full }, "initdb is not there", nil},
		"unknown setting":       {func(o *localpg.Options) { o.Settings = map[string]string{"no_such": "1"} }, `"no_such"`, nil},
		"port is taken":         {func(o *localpg.Options) { o.Port = busyPort }, "ended at once", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(newDir(t))
			c.change(&o)
			cluster, err := localpg.Start(t.Context(), o)
			if err == nil {
				mustStop(t, cluster)
				t.Fatal("started")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
			for _, known := range []error{localpg.ErrInUse, localpg.ErrOccupied, localpg.ErrNotFolder, localpg.ErrNoBinaries} {
				if got, want := errors.Is(err, known), known == c.is; got != want { //nolint:errorlint // the table names the very value
					t.Errorf("error %q is %q: %v, want %v", err, known, got, want)
				}
			}
		})
	}
}

func TestStop_leaves_no_socket_folder_behind(t *testing.T) {
	t.Parallel()
	for name, patience := range map[string]time.Duration{"in order": 30 * time.Second, "at once": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(filepath.Join(newDir(t), strings.Repeat("long", 25))) // too long for a socket inside
			if err := os.MkdirAll(filepath.Dir(o.Dir), 0o755); err != nil {
				t.Fatal(err)
			}
			c, err := localpg.Start(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			sockets := filepath.Dir(localpg.AnswerPath(o.Dir, "anyone"))
			if _, err := os.Stat(sockets); err != nil || strings.HasPrefix(sockets, o.Dir) {
				t.Fatalf("the sockets are not in a folder outside: %s, %v", sockets, err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := c.Stop(ctx); (err == nil) != (patience > 0) {
				t.Fatal(err)
			}
			waitFor(t, func() bool { _, err := os.Stat(sockets); return errors.Is(err, os.ErrNotExist) })
		})
	}
}

func TestStart_forgets_a_stale_pid_file(t *testing.T) {
	t.Parallel()
	o := options(newDir(t))
	mustStop(t, mustStart(t, o))
	// The number of a live program that is no Postgres: as after a restart of the machine.
	mustWrite(t, filepath.Join(o.Dir, "data", "postmaster.pid"), strconv.Itoa(os.Getppid())+"\n")
	c := mustStart(t, o)
	if got := queryOne(t, c.URL("postgres"), "SELECT 'alive'"); got != "alive" {
		t.Errorf("got %q", got)
	}
}

func TestStart_stops_at_the_end_of_a_shared_lifeline(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	o := options(newDir(t))
	o.Lifeline = r
	c, err := localpg.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "as long as its lifeline") {
		t.Errorf("Stop of a shared cluster answered %v", err)
	}
	if _, err := w.WriteString("me\n"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { _, err := os.Stat(localpg.AnswerPath(o.Dir, "me")); return err == nil })
	found, err := localpg.Open(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	pid := mustPostmaster(t, found)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	o.Lifeline = nil
	mustStart(t, o) // the lock is free as soon as the keeper is gone
}

func TestOpen_of_a_cluster_that_does_not_run_is_an_error(t *testing.T) {
	t.Parallel()
	if _, err := localpg.Open(newDir(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func mustPostmaster(t *testing.T, c *localpg.Cluster) int {
	t.Helper()
	first, _, _ := strings.Cut(queryOne(t, c.URL("postgres"), "SELECT pg_read_file('postmaster.pid')"), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func mustWrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen within 20 seconds")
		case <-tick.C:
		}
	}
}

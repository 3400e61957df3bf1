package schematest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"sverka/schema/localpg"
)

// joinTimeout bounds everything before the first test database: a fresh machine runs initdb and all migrations.
const joinTimeout = 2 * time.Minute

// process is this test process's hold on the shared cluster; it ends with the process.
var process = sync.OnceValues(func() (*shared, error) { //nolint:gochecknoglobals // one hold per process is the point
	ctx, cancel := context.WithTimeout(context.Background(), joinTimeout)
	defer cancel()
	return join(ctx, os.TempDir(), os.Getenv("SVERKA_TEST_PG_BIN"))
})

// shared is the cluster that all test processes of this user share.
type shared struct {
	home     string   // folder of the cluster, the lifeline and the lock
	bin      string   // folder of the binaries, "" for any
	lifeline *os.File // our write end: open as long as this process lives
	cluster  *localpg.Cluster
	template string // migrated database that tests copy
}

// join holds on to the running cluster or starts it, and sees to the template.
func join(ctx context.Context, tmp, bin string) (*shared, error) {
	home, err := makeHome(tmp, bin)
	if err != nil {
		return nil, err
	}
	lock, err := localpg.Lock(ctx, filepath.Join(home, "join.lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Close() //nolint:errcheck // it holds no data
	s := &shared{home: home, bin: bin}
	if err := s.attach(ctx); err != nil {
		if err := s.start(ctx); err != nil {
			return nil, err
		}
	}
	if s.template, err = s.ensureTemplate(ctx); err != nil {
		return nil, errors.Join(err, s.lifeline.Close())
	}
	return s, nil
}

// makeHome is a folder of this user for one set of binaries; others may look in, as the
// server's own account must, but only we may write.
func makeHome(tmp, bin string) (string, error) {
	sum := sha256.Sum256([]byte(bin))
	home := filepath.Join(tmp, fmt.Sprintf("sverka-schematest-%d-%s", os.Getuid(), hex.EncodeToString(sum[:3])))
	if err := os.Mkdir(home, 0o755); err != nil && !errors.Is(err, os.ErrExist) { //nolint:gosec // see above
		return "", err
	}
	info, err := os.Lstat(home)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || (ok && int(st.Uid) != os.Getuid()) {
		return "", fmt.Errorf("%s is not a folder of this user: remove it", home)
	}
	return home, nil
}

func (s *shared) dir() string  { return filepath.Join(s.home, "cluster") }
func (s *shared) pipe() string { return filepath.Join(s.home, "life") }

// errNotRunning says that nobody keeps the cluster.
var errNotRunning = errors.New("the shared cluster does not run")

// attach takes hold of a running cluster: it counts once the keeper has answered.
func (s *shared) attach(ctx context.Context) error {
	w, err := os.OpenFile(s.pipe(), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotRunning, err) // ENXIO: no keeper reads
	}
	name := fmt.Sprintf("%d.%s", os.Getpid(), rand.Text())
	if _, err := w.WriteString(name + "\n"); err != nil {
		return errors.Join(errNotRunning, err, w.Close())
	}
	wait, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	answer := localpg.AnswerPath(s.dir(), name)
	if err := waitFor(wait, func() bool { _, err := os.Stat(answer); return err == nil }); err != nil {
		return errors.Join(errNotRunning, err, w.Close())
	}
	if s.cluster, err = localpg.Open(s.dir()); err != nil {
		return errors.Join(err, w.Close())
	}
	s.lifeline = w
	return os.Remove(answer)
}

// start runs the cluster. A data directory that does not come up (its files are not
// synced: a power cut may break it) is made anew once.
func (s *shared) start(ctx context.Context) error {
	err := s.startOnce(ctx)
	if err == nil {
		return nil
	}
	if removeErr := os.RemoveAll(s.dir()); removeErr != nil {
		return errors.Join(err, removeErr)
	}
	if again := s.startOnce(ctx); again != nil {
		return again
	}
	return nil
}

func (s *shared) startOnce(ctx context.Context) error {
	if err := syscall.Mkfifo(s.pipe(), 0o600); err != nil && !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("make the lifeline %s: %w", s.pipe(), err)
	}
	r, err := os.OpenFile(s.pipe(), os.O_RDONLY|syscall.O_NONBLOCK, 0) // a reader first, so that the writer opens
	if err != nil {
		return err
	}
	w, err := os.OpenFile(s.pipe(), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return errors.Join(err, r.Close())
	}
	if err := syscall.SetNonblock(int(r.Fd()), false); err != nil { // the keeper's shell knows only waiting reads
		return errors.Join(err, r.Close(), w.Close())
	}
	s.cluster, err = localpg.Start(ctx, localpg.Options{
		Dir: s.dir(), Fast: true, Binaries: localpg.Binaries{Dir: s.bin}, Lifeline: r,
		Settings: map[string]string{
			"max_connections": "300", "max_replication_slots": "100", "max_wal_senders": "100",
			"autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "2GB", "shared_buffers": "128MB",
		},
	})
	if err != nil {
		return errors.Join(err, w.Close())
	}
	s.lifeline = w
	return s.sweep(ctx)
}

// waitFor asks every few milliseconds until done.
func waitFor(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// databaseName is readable in pg_stat_activity and unique.
func databaseName(test string) string {
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(test))
	return "test_" + readable[:min(len(readable), 40)] + "_" + strings.ToLower(rand.Text()[:12])
}

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// superuser is the name that initdb gives to the cluster's owner.
const superuser = "postgres"

// startTimeout bounds a start, recovery after a crash included.
const startTimeout = 60 * time.Second

// Cluster is a running Postgres. It stops when its lifeline ends: with this process,
// unless Options.Lifeline was given.
type Cluster struct {
	place    *place
	endpoint endpoint
	keeper   *keeper  // nil when another process started it
	lifeline *os.File // write end held by us; nil when it is the caller's
}

// Start makes the cluster in o.Dir where there is none, starts it and returns when it
// answers. A folder is used by one process at a time; what a dead process left running is stopped first.
// The error wraps [ErrInUse], [ErrOccupied], [ErrNotFolder] or [ErrNoBinaries] where an operator can help.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if err := o.prepare(); err != nil {
		return nil, err
	}
	if o.Lifeline != nil {
		defer o.Lifeline.Close() //nolint:errcheck // the keeper has its own
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not ready within %s", startTimeout))
	defer cancel()
	c, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start local postgres in %s: %w", o.Dir, err)
	}
	o.Logger.InfoContext(ctx, "local postgres started",
		slog.String("dir", o.Dir), slog.Int("port", c.endpoint.Port), slog.Int("version", c.endpoint.Major))
	return c, nil
}

func start(ctx context.Context, o Options) (*Cluster, error) {
	p, err := openPlace(o.Dir)
	if err != nil {
		return nil, err
	}
	lock, err := p.takeOver(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close() //nolint:errcheck // the keeper holds on
	if err := p.furnish(); err != nil {
		return nil, err
	}
	major, err := p.checkVersion(o)
	if err != nil {
		return nil, err
	}
	in, err := o.Binaries.resolve(ctx, finder{root: "/"}, major)
	if err != nil {
		return nil, err
	}
	if err := p.account.reach(in.bin); err != nil {
		return nil, fmt.Errorf("postgres binaries: %w", err)
	}
	if err := p.initdb(ctx, in, o.Fast); err != nil {
		return nil, err
	}
	return p.startServer(ctx, o, in, lock)
}

// takeOver locks the place. A holder that is alive is an error at once; the keeper of a
// dead one is on its way out and is waited for.
func (p *place) takeOver(ctx context.Context) (*os.File, error) {
	var lock *os.File
	err := poll(ctx, func() (bool, error) {
		var err error
		if lock, err = tryLock(p.lock()); !errors.Is(err, errLocked) {
			return err == nil, err
		}
		if e, readErr := p.readEndpoint(); readErr == nil && syscall.Kill(e.Owner, 0) == nil {
			return false, fmt.Errorf("%w: process %d holds %s", ErrInUse, e.Owner, p.lock())
		}
		return false, nil
	})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %s stays locked: %w", ErrInUse, p.lock(), err)
	}
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.removeOrphan(ctx), ignoreMissing(os.Remove(p.running()))); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// startServer launches Postgres; a free port that another program took meanwhile is chosen anew.
func (p *place) startServer(ctx context.Context, o Options, in installation, lock *os.File) (_ *Cluster, err error) {
	c := &Cluster{place: p}
	lifeline := o.Lifeline
	if lifeline == nil {
		if lifeline, c.lifeline, err = os.Pipe(); err != nil {
			return nil, err
		}
		defer lifeline.Close() //nolint:errcheck // the keeper has its own
		defer func() {
			if err != nil {
				err = errors.Join(err, c.lifeline.Close())
			}
		}()
	}
	for try := 1; ; try++ {
		port := o.Port
		if port == 0 {
			if port, err = freePort(ctx); err != nil {
				return nil, err
			}
		}
		c.endpoint = endpoint{SocketDir: p.socketDir, Port: port, Major: in.major, Owner: os.Getpid()}
		if err = c.launch(ctx, in, o.settings(port, p.socketDir), lifeline, lock); err == nil {
			return c, p.writeEndpoint(c.endpoint)
		}
		if o.Port != 0 || try == 3 || !portTaken(ctx, port) {
			return nil, err
		}
	}
}

func (c *Cluster) launch(ctx context.Context, in installation, settings map[string]string, lifeline, lock *os.File) error {
	var logged int64
	if info, err := os.Stat(c.place.log()); err == nil {
		logged = info.Size()
	}
	k, err := c.place.launch(ctx, in, settings, lifeline, lock)
	if err != nil {
		return err
	}
	c.keeper = k
	err = poll(ctx, func() (bool, error) {
		ended, err := k.hasEnded()
		if ended {
			err = fmt.Errorf("postgres ended at once (status %d): %s", k.exit.ExitStatus(), c.place.logSince(logged))
		}
		return err == nil && c.answers(ctx), err
	})
	if err == nil || k.ended {
		return err
	}
	return errors.Join(err, k.kill())
}

func (c *Cluster) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL(superuser))
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// Open finds the cluster that another process runs in dir. It does not keep it alive:
// hold the write end of its lifeline for that. The error is fs.ErrNotExist when none runs.
func Open(dir string) (*Cluster, error) {
	p := &place{dir: dir, socketDir: socketDir(dir)}
	e, err := p.readEndpoint()
	if err != nil {
		return nil, fmt.Errorf("open local postgres in %s: %w", dir, err)
	}
	return &Cluster{place: p, endpoint: e}, nil
}

// Stop ends the cluster in order (a fast shutdown) and waits. When ctx ends first the
// cluster is ended at once and recovers at its next start. It is the starter's to call, from one
// goroutine; may be called twice.
func (c *Cluster) Stop(ctx context.Context) error {
	if c.keeper == nil || c.lifeline == nil {
		return fmt.Errorf("stop local postgres in %s: it lives as long as its lifeline", c.place.dir)
	}
	if err := c.lifeline.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("stop local postgres in %s: %w", c.place.dir, err)
	}
	if err := poll(ctx, c.keeper.hasEnded); err != nil {
		at := errors.Join(c.keeper.kill(), poll(context.WithoutCancel(ctx), c.keeper.hasEnded), c.place.removeSocketDir())
		return fmt.Errorf("stop local postgres in %s: ended at once: %w", c.place.dir, errors.Join(err, at))
	}
	return ignoreMissing(os.Remove(c.place.running()))
}

// Major is the version that runs, e.g. 17.
func (c *Cluster) Major() int { return c.endpoint.Major }

// URL reaches a database over the Unix socket as the superuser. It holds no password.
func (c *Cluster) URL(db string) string {
	q := url.Values{"host": {c.endpoint.SocketDir}, "port": {strconv.Itoa(c.endpoint.Port)}, "user": {superuser}}
	return "postgres:///" + url.PathEscape(db) + "?" + q.Encode()
}

// ReplicationURL is URL for a connection that speaks the replication protocol too.
func (c *Cluster) ReplicationURL(db string) string { return c.URL(db) + "&replication=database" }

// TCPURL reaches a database from other programs of this machine. It holds the password: never log it.
func (c *Cluster) TCPURL(db string) (string, error) {
	password, err := os.ReadFile(c.place.password())
	if err != nil {
		return "", fmt.Errorf("password of local postgres: %w", err)
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, string(password)),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.endpoint.Port)), Path: "/" + db,
	}
	return u.String(), nil
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close() //nolint:errcheck // it was only asked for its number
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find a free port: unexpected address %s", l.Addr())
	}
	return addr.Port, nil
}

func portTaken(ctx context.Context, port int) bool {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return true
	}
	l.Close() //nolint:errcheck // it was only a question
	return false
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

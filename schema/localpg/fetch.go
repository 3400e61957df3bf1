package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// fetch gets portable binaries once and keeps them. major 0 takes defaultMajor.
func (b Binaries) fetch(ctx context.Context, major int) (installation, error) {
	if major == 0 {
		major = defaultMajor
	}
	version, err := portableVersion(major)
	if err != nil {
		return installation{}, fmt.Errorf("%w: %w", ErrNoBinaries, err)
	}
	cache, err := b.cacheDir()
	if err != nil {
		return installation{}, fmt.Errorf("%w: %w", ErrNoBinaries, err)
	}
	home := filepath.Join(cache, string(version))
	if err := os.MkdirAll(home, 0o755); err != nil { //nolint:gosec // the user that Postgres runs as must read them
		return installation{}, fmt.Errorf("fetch postgres %s: %w", version, err)
	}
	lock, err := Lock(ctx, filepath.Join(cache, "lock"))
	if err != nil {
		return installation{}, fmt.Errorf("fetch postgres %s: %w", version, err)
	}
	defer lock.Close() //nolint:errcheck // it holds no data
	if in, err := inspect(ctx, filepath.Join(home, "bin")); err == nil {
		return in, nil
	}
	if err := b.download(ctx, version, cache, home); err != nil {
		return installation{}, fmt.Errorf("%w: fetch portable %s: %w", ErrNoBinaries, version, err)
	}
	return inspect(ctx, filepath.Join(home, "bin"))
}

// download lets the library fetch, check and unpack. The library can do that only on
// the way to a start; a data directory that holds nothing but its version makes the
// start itself fail at once, without initdb, so the error counts only when the
// programs are not there afterwards.
func (b Binaries) download(ctx context.Context, version embedded.PostgresVersion, cache, home string) error {
	scratch, err := os.MkdirTemp(cache, "start-")
	if err != nil {
		return err
	}
	data := filepath.Join(scratch, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(version), 0o600); err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	cfg := embedded.DefaultConfig().Version(version).Port(uint32(port)).CachePath(cache).BinariesPath(home).
		RuntimePath(filepath.Join(scratch, "run")).DataPath(data).StartTimeout(time.Second).Logger(io.Discard)
	if b.Mirror != "" {
		cfg = cfg.BinaryRepositoryURL(strings.TrimRight(b.Mirror, "/"))
	}
	done := make(chan error, 1)
	go func() { // the library takes no context: a cancelled fetch ends by itself, unseen
		err := embedded.NewDatabase(cfg).Start()
		os.RemoveAll(scratch) //nolint:errcheck // a scratch folder in a cache
		done <- err
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err = <-done:
	}
	if _, stat := os.Stat(filepath.Join(home, "bin", "postgres")); stat == nil {
		return nil
	}
	return withoutUserInfo(cmp.Or(err, errors.New("the archive holds no bin/postgres")), b.Mirror)
}

// withoutUserInfo keeps a mirror's password out of the library's words (invariant 11).
func withoutUserInfo(err error, mirror string) error {
	u, parseErr := url.Parse(mirror)
	if parseErr != nil || u.User == nil {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), u.User.String()+"@", ""))
}

func portableVersion(major int) (embedded.PostgresVersion, error) {
	for _, v := range []embedded.PostgresVersion{embedded.V18, embedded.V17, embedded.V16, embedded.V15} {
		if strings.HasPrefix(string(v), strconv.Itoa(major)+".") {
			return v, nil
		}
	}
	return "", fmt.Errorf("no portable Postgres %d is known", major)
}

// cacheDir is a folder that the user Postgres runs as can enter: root's own home is none.
func (b Binaries) cacheDir() (string, error) {
	if b.Cache != "" {
		return filepath.Abs(b.Cache)
	}
	if os.Geteuid() == 0 {
		return "/var/cache/sverka/postgres", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cache folder: %w", err)
	}
	return filepath.Join(dir, "sverka", "postgres"), nil
}

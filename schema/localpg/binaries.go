package localpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// installation is one set of Postgres programs.
type installation struct {
	bin   string
	major int
}

// finder looks for installations; root is "/" except in tests.
type finder struct {
	root string
	path string // search list as in PATH; "" asks the process's own
}

// resolve returns the programs to use. major 0 takes the first found.
func (b Binaries) resolve(ctx context.Context, f finder, major int) (installation, error) {
	if b.Dir != "" {
		in, err := inspect(ctx, b.Dir)
		if err != nil {
			return in, fmt.Errorf("postgres binaries of %s: %w", b.Dir, err)
		}
		return in, fits(in, major)
	}
	var others []string
	for _, dir := range f.candidates(ctx) {
		in, err := inspect(ctx, dir)
		if err != nil {
			continue // a folder without a whole installation is no candidate
		}
		if fits(in, major) == nil {
			return in, nil
		}
		others = append(others, fmt.Sprintf("%d in %s", in.major, dir))
	}
	in, err := b.fetch(ctx, major)
	if err != nil && len(others) > 0 {
		return in, fmt.Errorf("found only Postgres %s, wanted %s: %w", strings.Join(slices.Compact(others), ", "), wanted(major), err)
	}
	return in, err
}

func fits(in installation, major int) error {
	if in.major < minMajor || (major != 0 && in.major != major) {
		return fmt.Errorf("postgres binaries of %s are version %d, wanted %s", in.bin, in.major, wanted(major))
	}
	return nil
}

func wanted(major int) string {
	if major == 0 {
		return fmt.Sprintf("%d or newer", minMajor)
	}
	return strconv.Itoa(major)
}

// candidates lists folders that may hold the programs, the preferred first.
func (f finder) candidates(ctx context.Context) []string {
	var dirs []string
	if p, err := f.look("initdb"); err == nil {
		if target, err := filepath.EvalSymlinks(p); err == nil {
			p = target // a link in /usr/local/bin stands beside no other program
		}
		dirs = append(dirs, filepath.Dir(p))
	}
	if p, err := f.look("pg_config"); err == nil {
		if out, err := exec.CommandContext(ctx, p, "--bindir").Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
	}
	var versioned []string
	for _, pattern := range []string{
		"usr/lib/postgresql/*/bin",                           // Debian, Ubuntu
		"usr/pgsql-*/bin",                                    // RHEL and relatives
		"opt/homebrew/opt/postgresql@*/bin",                  // Homebrew on Apple silicon
		"usr/local/opt/postgresql@*/bin",                     // Homebrew on Intel
		"Applications/Postgres.app/Contents/Versions/*/bin",  // Postgres.app
		"usr/local/pgsql/bin", "opt/homebrew/bin", "usr/bin", // built by hand; one version only
	} {
		found, _ := filepath.Glob(filepath.Join(f.root, pattern))
		versioned = append(versioned, found...)
	}
	slices.SortStableFunc(versioned, func(a, b string) int { return folderVersion(b) - folderVersion(a) })
	return append(dirs, versioned...)
}

func (f finder) look(name string) (string, error) {
	if f.path == "" {
		return exec.LookPath(name)
	}
	for _, dir := range filepath.SplitList(f.path) {
		if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return p, nil
		}
	}
	return "", exec.ErrNotFound
}

var digits = regexp.MustCompile(`\d+`)

// folderVersion reads 17 from /usr/lib/postgresql/17/bin, -1 where no number stands.
func folderVersion(dir string) int {
	n, err := strconv.Atoi(digits.FindString(filepath.Base(filepath.Dir(dir))))
	if err != nil {
		return -1
	}
	return n
}

// inspect asks the programs of a folder who they are.
func inspect(ctx context.Context, dir string) (installation, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return installation{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return installation{}, fmt.Errorf("initdb is not there: %w", err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return installation{}, fmt.Errorf("postgres --version: %w", err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return installation{}, fmt.Errorf("postgres --version answered %q", strings.TrimSpace(string(out)))
	}
	major, err := strconv.Atoi(string(m[1]))
	return installation{bin: dir, major: major}, err
}

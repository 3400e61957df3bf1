package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// dataMajor is the version that made the data directory, 0 where there is none.
func (p *place) dataMajor() (int, error) {
	b, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("version of %s: %w", p.data(), err)
	}
	return major, nil
}

// checkVersion refuses a data directory that other programs made: Postgres cannot read it.
func (p *place) checkVersion(o Options) (major int, err error) {
	made, err := p.dataMajor()
	if err != nil {
		return 0, err
	}
	major = made
	if o.Version != "" {
		if major, err = strconv.Atoi(o.Version); err != nil {
			return 0, err
		}
	}
	if made != 0 && major != made {
		return 0, fmt.Errorf("%s was made by Postgres %d and cannot be opened by %d: ask for version %d, or remove the folder to begin anew", p.data(), made, major, made)
	}
	return major, nil
}

// initdb makes the data directory unless it is there; it appears whole or not at all.
func (p *place) initdb(ctx context.Context, in installation, fast bool) error {
	if made, err := p.dataMajor(); err != nil || made != 0 {
		if err == nil && made != in.major {
			err = fmt.Errorf("%s was made by Postgres %d, the programs in %s are %d: use those of %d, or remove the folder to begin anew",
				p.data(), made, in.bin, in.major, made)
		}
		return err
	}
	fresh := p.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := p.newPassword(); err != nil {
		return err
	}
	args := []string{
		"-D", fresh, "-U", superuser, "--encoding=UTF8", "--no-locale",
		"--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile=" + p.password(),
	}
	if fast {
		args = append(args, "--no-sync")
	}
	if out, err := p.command(ctx, filepath.Join(in.bin, "initdb"), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb %s: %w: %s", p.data(), err, lastLines(string(out), 4))
	}
	return os.Rename(fresh, p.data())
}

// removeOrphan ends a server whose keeper is gone, and forgets a pid file that a dead one left.
// The caller holds the lock, so whoever started it is dead.
func (p *place) removeOrphan(ctx context.Context) error {
	file := filepath.Join(p.data(), "postmaster.pid")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || !isServer(ctx, pid, p.data()) {
		return os.Remove(file) // the number may belong to another program by now, and Postgres would wait for it
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the orphaned postgres %d of %s: %w", pid, p.dir, err)
		}
		wait, cancel := context.WithTimeout(ctx, 10*time.Second)
		err = poll(wait, func() (bool, error) { return !isServer(ctx, pid, p.data()), nil })
		cancel()
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("stop the orphaned postgres %d of %s: %w", pid, p.dir, err)
}

// isServer tells whether a process is the Postgres of a data directory.
func isServer(ctx context.Context, pid int, data string) bool {
	if pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		if b, err = exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output(); err != nil {
			return false
		}
	}
	return strings.Contains(string(b), data)
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

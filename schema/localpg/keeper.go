package localpg

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

//go:embed keeper.sh
var keeperScript string

// keeper is the process that stands between us and Postgres. It is asked for its end
// and not awaited by a goroutine: a shared cluster may outlive this process.
type keeper struct {
	pid   int
	ended bool
	exit  syscall.WaitStatus // valid when ended
}

// launch starts the server under a keeper. The keeper inherits the lifeline and the
// lock, so the directory stays locked until Postgres is really gone.
func (p *place) launch(ctx context.Context, in installation, settings map[string]string, lifeline, lock *os.File) (*keeper, error) {
	if err := p.makeSocketDir(); err != nil { // for every try: the keeper of the last one removed it
		return nil, err
	}
	out, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close() //nolint:errcheck // the child has its own copy
	args := []string{"-c", keeperScript, "sverka-postgres", filepath.Join(in.bin, "postgres"), "-D", p.data()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	// The cluster outlives the context of its start: the lifeline ends it.
	cmd := p.command(context.WithoutCancel(ctx), "/bin/sh", args...)
	cmd.Env = append(cmd.Env, "ACKS="+p.socketDir)
	if p.outside() {
		cmd.Env = append(cmd.Env, "OUTSIDE=1")
	}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{lifeline, lock}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper of postgres: %w", err)
	}
	k := &keeper{pid: cmd.Process.Pid}
	return k, cmd.Process.Release() // from here on hasEnded collects it
}

// hasEnded tells whether Postgres and its keeper are gone; not for concurrent use.
func (k *keeper) hasEnded() (bool, error) {
	if k.ended {
		return true, nil
	}
	pid, err := syscall.Wait4(k.pid, &k.exit, syscall.WNOHANG, nil)
	if errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	k.ended = pid == k.pid
	return k.ended, err
}

// kill ends the whole session at once; Postgres recovers at its next start.
func (k *keeper) kill() error {
	return syscall.Kill(-k.pid, syscall.SIGQUIT)
}

// command prepares a program that runs as the server's account, with a clean environment.
func (p *place) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = p.account.attributes()
	return cmd
}

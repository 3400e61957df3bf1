package localpg

import (
	"context"
	_ "embed"
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

// keeper is the process that stands between us and Postgres.
type keeper struct {
	pid  int
	done chan struct{} // closed when Postgres and the keeper have ended
	err  error         // why; to be read after done
}

// launch starts the server under a keeper. The keeper inherits the lifeline and the
// lock, so the directory stays locked until Postgres is really gone.
func (p *place) launch(ctx context.Context, in installation, settings map[string]string, lifeline, lock *os.File) (*keeper, error) {
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
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{lifeline, lock}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper of postgres: %w", err)
	}
	k := &keeper{pid: cmd.Process.Pid, done: make(chan struct{})}
	go func() { // ends with the child; Stop waits for it
		k.err = cmd.Wait()
		close(k.done)
	}()
	return k, nil
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

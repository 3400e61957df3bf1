package localpg

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketPath is what fits into a socket address on every system we run on.
const maxSocketPath = 103

// place is the directory of one cluster.
type place struct {
	dir       string
	socketDir string
	account   *account
}

func (p *place) data() string     { return filepath.Join(p.dir, "data") }
func (p *place) log() string      { return filepath.Join(p.dir, "postgres.log") }
func (p *place) lock() string     { return filepath.Join(p.dir, "lock") }
func (p *place) password() string { return filepath.Join(p.dir, "password") }
func (p *place) running() string  { return filepath.Join(p.dir, "running.json") }

// openPlace makes the directory, or recognises one that was made before.
func openPlace(dir string) (*place, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNotFolder)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	p := &place{dir: dir, socketDir: socketDir(dir)}
	if _, err := os.Stat(p.lock()); len(entries) > 0 && err != nil {
		return nil, fmt.Errorf("folder %s: %w", dir, ErrOccupied)
	}
	if p.account, err = serverAccount(); err != nil {
		return nil, err
	}
	return p, os.MkdirAll(dir, 0o750)
}

// furnish hands everything to the server's account. The caller holds the lock.
func (p *place) furnish() error {
	if err := p.account.own(p.dir); err != nil {
		return fmt.Errorf("hand the folder to user %s: %w", p.account.name, err)
	}
	return p.account.reach(p.dir)
}

// socketDir is inside the directory, or beside it under a short name where its path is too long for a socket.
func socketDir(dir string) string {
	inside := filepath.Join(dir, "run")
	if len(filepath.Join(inside, ".s.PGSQL.65535.lock")) <= maxSocketPath {
		return inside
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "sverka-pg-"+hex.EncodeToString(sum[:8]))
}

// outside tells whether the socket folder lies beside the directory, where nobody else would remove it.
func (p *place) outside() bool { return filepath.Dir(p.socketDir) != p.dir }

// removeSocketDir removes the socket folder that a keeper could not, because it was
// ended at once. Whoever holds the lock by now needs it.
func (p *place) removeSocketDir() error {
	if !p.outside() {
		return nil
	}
	lock, err := tryLock(p.lock())
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(p.socketDir), lock.Close())
}

func (p *place) makeSocketDir() error {
	if err := os.Mkdir(p.socketDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(p.socketDir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("socket folder %s: must be a folder that only its owner may enter; remove it", p.socketDir)
	}
	if err := p.account.own(p.socketDir); err != nil {
		return err
	}
	return p.clearAnswers()
}

// clearAnswers removes what an earlier keeper answered.
func (p *place) clearAnswers() error {
	old, err := filepath.Glob(filepath.Join(p.socketDir, "seen.*"))
	for _, f := range old {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// newPassword guards the TCP door; who may read the directory may read it.
func (p *place) newPassword() error {
	if err := os.WriteFile(p.password(), []byte(rand.Text()), 0o600); err != nil {
		return err
	}
	return p.account.own(p.dir) // initdb reads it as the server's account
}

// endpoint is how a running cluster is reached, as written to running.json.
type endpoint struct {
	SocketDir string `json:"socket_dir"`
	Port      int    `json:"port"`
	Major     int    `json:"major"`
	Owner     int    `json:"owner"` // process that started it
}

func (p *place) writeEndpoint(e endpoint) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	whole := p.running() + ".new"
	if err := os.WriteFile(whole, b, 0o600); err != nil {
		return err
	}
	return os.Rename(whole, p.running())
}

func (p *place) readEndpoint() (endpoint, error) {
	var e endpoint
	b, err := os.ReadFile(p.running())
	if errors.Is(err, syscall.ENOTDIR) {
		return e, ErrNotFolder
	}
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, fmt.Errorf("read %s: %w", p.running(), err)
	}
	return e, nil
}

// logSince returns the last lines that Postgres wrote after a place in its log.
func (p *place) logSince(offset int64) string {
	b, err := os.ReadFile(p.log())
	if err != nil || int64(len(b)) < offset {
		return ""
	}
	return lastLines(string(b[offset:]), 8)
}

// AnswerPath is the file that appears when the keeper of the cluster in dir has read a
// name (letters, digits, dots) from its lifeline: a holder that sees it is counted on.
func AnswerPath(dir, name string) string { return filepath.Join(socketDir(dir), "seen."+name) }

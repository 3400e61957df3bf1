package workbook

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Written says what came out.
type Written struct {
	Path   string
	SHA256 string // of the file, in hex
	Rows   int64  // findings on the detail sheets
	Bytes  int64
}

// FileName is the name of the first workbook of a run's day, in ASCII because
// mail gateways and 1C ask for it: "sverka-2026-11-23-daily.xlsx".
func FileName(run RunInfo) string {
	r := Report{Run: run}
	return fmt.Sprintf("sverka-%s-daily.xlsx", run.AsOf.In(r.zone()).Format("2006-01-02"))
}

// Write writes the workbook. A path that ends in ".xlsx" is the file's own name;
// any other path is the folder, which is made when it is missing, and the file is
// called by [FileName]. A file that exists is never replaced: the next free name
// with -02, -03 … is taken. The file appears whole or not at all.
func Write(ctx context.Context, path string, r Report) (Written, error) {
	if err := r.validate(); err != nil {
		return Written{}, err
	}
	if !strings.EqualFold(filepath.Ext(path), ".xlsx") {
		path = filepath.Join(path, FileName(r.Run))
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return Written{}, fmt.Errorf("folder of %s: %w", path, err)
	}
	// Whoever reads the folder sees no half workbook: the name comes last.
	temp, err := os.CreateTemp(dir, ".sverka-*.tmp")
	if err != nil {
		return Written{}, fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it is gone already when all went well
	out, err := writeTemp(ctx, temp, &r)
	if err != nil {
		return Written{}, fmt.Errorf("write %s: %w", path, err)
	}
	if out.Path, err = publish(temp.Name(), path); err != nil {
		return Written{}, err
	}
	return out, syncDir(dir)
}

// Render writes the workbook to w.
func Render(ctx context.Context, w io.Writer, r Report) error {
	_, err := render(ctx, w, &r, defaultLimits())
	return err
}

func writeTemp(ctx context.Context, temp *os.File, r *Report) (Written, error) {
	sum := &measured{w: temp, hash: sha256.New()}
	buffered := bufio.NewWriterSize(sum, 256<<10)
	rows, err := render(ctx, buffered, r, defaultLimits())
	err = errors.Join(err, buffered.Flush())
	if err == nil {
		err = errors.Join(temp.Chmod(0o640), temp.Sync())
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return Written{}, err
	}
	return Written{SHA256: hex.EncodeToString(sum.hash.Sum(nil)), Rows: rows, Bytes: sum.n}, nil
}

// measured counts and hashes what passes.
type measured struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (m *measured) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.hash.Write(p[:n])
	m.n += int64(n)
	if err != nil {
		return n, fmt.Errorf("write: %w", err)
	}
	return n, nil
}

// maxNames is how many workbooks of one name may stand side by side.
const maxNames = 999

// publish gives the finished file the first free name. A link, unlike a rename,
// fails when the name is taken, so that two writers never replace each other's
// file.
func publish(temp, path string) (string, error) {
	base, ext := strings.TrimSuffix(path, filepath.Ext(path)), filepath.Ext(path)
	for n := 1; n <= maxNames; n++ {
		name := path
		if n > 1 {
			name = fmt.Sprintf("%s-%02d%s", base, n, ext)
		}
		err := os.Link(temp, name)
		if err == nil {
			return name, nil
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		// A file system without links: look first, then rename.
		if _, statErr := os.Lstat(name); statErr == nil {
			continue
		}
		if err := os.Rename(temp, name); err != nil {
			return "", fmt.Errorf("name the workbook %s: %w", name, err)
		}
		return name, nil
	}
	return "", fmt.Errorf("name the workbook %s: %d files of this name exist: move old ones away", path, maxNames)
}

// syncDir makes the new name survive a crash of the machine.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	defer d.Close() //nolint:errcheck // only read
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}

package bankfile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

const (
	settled   = time.Second      // a file that changed later is still being written
	abandoned = 10 * time.Minute // a file without its end mark is not waited for any longer
)

// Folder reads the statement files that are put into a folder, oldest first, one
// file after another. The cursor is JSON of file name → digest of size and time
// of the files that are staged and still there; a file that is replaced is read
// again. A file that is still being written is left for the next read: it changed
// less than a second ago, or lacks its end mark (which is waited for ten
// minutes). A wrong file is refused in its page and stops no other.
func Folder(dir string, opts Options) replicator.Reader {
	f := folder{dir: dir, opts: opts.withDefaults()}
	return replicator.ReaderFunc(f.read)
}

type folder struct {
	dir  string
	opts Options
}

// file is one entry of the folder.
type file struct {
	name     string
	digest   string
	modified time.Time
}

func (f folder) read(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
	return func(yield func(replicator.Page, error) bool) {
		staged := map[string]string{}
		if cursor != "" {
			if err := json.Unmarshal([]byte(cursor), &staged); err != nil {
				yield(replicator.Page{}, fmt.Errorf("read folder of statements: cursor: %w", err))
				return
			}
		}
		files, err := f.list()
		if err != nil {
			yield(replicator.Page{}, err)
			return
		}
		f.forget(staged, files)
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				yield(replicator.Page{}, fmt.Errorf("read folder of statements: %w", err))
				return
			}
			if staged[file.name] == file.digest || time.Since(file.modified) < settled {
				continue
			}
			if !f.readOne(ctx, file, staged, yield) {
				return
			}
		}
	}
}

// list is what lies in the folder, oldest first; hidden and half-copied files are passed over.
func (f folder) list() ([]file, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("read folder of statements: %w", err)
	}
	var files []file
	for _, e := range entries {
		name := e.Name()
		if !e.Type().IsRegular() || strings.HasPrefix(name, ".") || slices.Contains([]string{".tmp", ".part", ".crdownload"}, strings.ToLower(filepath.Ext(name))) {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // taken away since
		}
		if err != nil {
			return nil, fmt.Errorf("read folder of statements: %w", err)
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %d", info.Size(), info.ModTime().UnixNano()))
		files = append(files, file{name: name, digest: hex.EncodeToString(sum[:6]), modified: info.ModTime()})
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(a.modified.Compare(b.modified), cmp.Compare(a.name, b.name))
	})
	return files, nil
}

// forget drops from the cursor what is no longer in the folder, so it does not grow for ever.
func (f folder) forget(staged map[string]string, files []file) {
	maps.DeleteFunc(staged, func(name, _ string) bool {
		return !slices.ContainsFunc(files, func(x file) bool { return x.name == name })
	})
}

// errLater leaves a file to a later read; errEnough says that the reader stopped.
var (
	errLater  = errors.New("still being written")
	errEnough = errors.New("the reader stopped")
)

// readOne yields the pages of one file. Only the last carries the cursor
// (invariant 9): a crash between them reads the file again, and equal keys meet.
func (f folder) readOne(ctx context.Context, file file, staged map[string]string, yield func(replicator.Page, error) bool) bool {
	_, err := readFile(ctx, filepath.Join(f.dir, file.name), f.opts, func(st *statementFile, p replicator.Page, last bool) error {
		if !st.st.Complete && time.Since(file.modified) < abandoned {
			return errLater
		}
		if last {
			p = f.seen(file, staged, p)
		}
		if !yield(p, nil) {
			return errEnough
		}
		return nil
	})
	switch wrong := (*FileError)(nil); {
	case err == nil, errors.Is(err, errLater), errors.Is(err, fs.ErrNotExist): // taken away since
		return true
	case errors.Is(err, errEnough):
		return false
	case ctx.Err() != nil:
		yield(replicator.Page{}, fmt.Errorf("read folder of statements: %w", ctx.Err()))
		return false
	case errors.As(err, &wrong) && wrong.Partial && time.Since(file.modified) < abandoned:
		return true
	case errors.As(err, &wrong):
		return yield(f.seen(file, staged, refusedFile(wrong)), nil)
	}
	// Not marked as seen: it is tried again when someone has repaired the rights.
	r := refusedFile(&FileError{File: file.name, Reason: "cannot be read", Hint: "check the rights of the file"})
	r.Refused[0].Code = CodeUnreadable
	return yield(r, nil)
}

// seen puts the file into the page's cursor.
func (f folder) seen(file file, staged map[string]string, p replicator.Page) replicator.Page {
	staged[file.name] = file.digest
	b, err := json.Marshal(staged)
	if err != nil {
		return p // a map of strings always marshals; without the cursor the file is only read again
	}
	p.Cursor = string(b)
	return p
}

// refusedFile is the page of a file that cannot be used at all.
func refusedFile(e *FileError) replicator.Page {
	return replicator.Page{Read: 1, Refused: []replicator.Refusal{
		refusal(e.File, e.Line, "", CodeMalformed, schema.Problem{Field: "file", Value: e.File, Reason: e.Reason, Hint: e.Hint}),
	}}
}

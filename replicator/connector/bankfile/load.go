package bankfile

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sverka/replicator"
	"sverka/schema"
)

// pageSize is how many rows are staged in one transaction.
const pageSize = 1000

// LoadFile reads one statement file and gives its rows to emit, a thousand at a
// time; progress, which may be nil, hears after each page how many rows of how
// many were emitted. Refused documents and warnings travel in the pages. An error
// of emit, or ctx, stops the load; pages emitted before stay valid, because a
// line has the same key whenever it is loaded again.
func LoadFile(ctx context.Context, path string, opts Options, emit func(replicator.Page) error, progress func(done, total int64)) error {
	opts = opts.withDefaults()
	st, refused, err := readFile(ctx, path, opts)
	if err != nil {
		return err
	}
	pages := pagesOf(st, refused)
	var done, total int64
	for _, p := range pages {
		total += int64(len(p.Records) + len(p.Refused))
	}
	for _, p := range pages {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("load statement %s: %w", st.Name, err)
		}
		if err := emit(p); err != nil {
			return fmt.Errorf("load statement %s: %w", st.Name, err)
		}
		done += int64(len(p.Records) + len(p.Refused))
		if progress != nil {
			progress(done, total)
		}
	}
	return nil
}

// readFile reads a file under ctx and parses it; messages hold its base name only.
func readFile(ctx context.Context, path string, opts Options) (*Statement, []replicator.Refusal, error) {
	name, at := filepath.Base(path), opts.Clock()
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open statement %s: %w", name, err)
	}
	defer f.Close() //nolint:errcheck // closing what was only read loses nothing
	data, err := io.ReadAll(io.LimitReader(ctxReader{ctx, f}, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read statement %s: %w", name, err)
	}
	if len(data) > maxFile {
		return nil, nil, &FileError{File: name, Reason: fmt.Sprintf("is larger than %d MiB", maxFile>>20), Hint: "export shorter periods"}
	}
	st, refused, err := parse(data, name, opts, at)
	return &st, refused, err
}

// ctxReader ends a long read when its context does.
type ctxReader struct {
	ctx context.Context //nolint:containedctx // lives for one read of one file
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read: %w", err)
	}
	return c.r.Read(p) //nolint:wrapcheck // readFile names the file
}

// pagesOf cuts a statement into pages; the last one carries what was refused and
// the warnings, so that a file without lines is a page too.
func pagesOf(st *Statement, refused []replicator.Refusal) []replicator.Page {
	var pages []replicator.Page
	rows := st.Transactions
	for len(rows) > pageSize {
		pages = append(pages, pageOf(rows[:pageSize]))
		rows = rows[pageSize:]
	}
	last := pageOf(rows)
	last.Read += len(refused)
	last.Refused = append(refused, st.asRefusals()...)
	return append(pages, last)
}

func pageOf(rows []*schema.BankTransaction) replicator.Page {
	p := replicator.Page{Read: len(rows)}
	for _, t := range rows {
		p.Records = append(p.Records, t)
	}
	return p
}

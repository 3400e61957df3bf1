package bankfile

import (
	"context"
	"fmt"
	"path/filepath"

	"sverka/replicator"
	"sverka/schema"
)

// pageSize is how many rows are staged in one transaction.
const pageSize = 1000

// LoadFile reads one statement file and gives its rows to emit, a thousand at a
// time; progress, which may be nil, hears after each page how many rows of how
// many were emitted. The file is read twice, so that a wrong one is refused before
// anything is emitted and no more than a page is in memory. Refused documents and
// warnings travel in the last page. An error of emit, or ctx, stops the load; pages
// emitted before stay valid, because a line has the same key whenever it is loaded again.
func LoadFile(ctx context.Context, path string, opts Options, emit func(replicator.Page) error, progress func(done, total int64)) error {
	name := filepath.Base(path)
	var done int64
	_, err := readFile(ctx, path, opts.withDefaults(), func(f *statementFile, p replicator.Page, _ bool) error {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("load statement %s: %w", name, err)
		}
		if err := emit(p); err != nil {
			return fmt.Errorf("load statement %s: %w", name, err)
		}
		done += int64(len(p.Records) + len(p.Refused))
		if progress != nil {
			progress(done, int64(f.count+len(f.refused)+len(f.st.Warnings)))
		}
		return nil
	})
	return err
}

// readFile looks through a file and then hands over its pages, telling which is the
// last. The error of emit ends it and is returned as it is.
func readFile(ctx context.Context, path string, opts Options, emit func(f *statementFile, p replicator.Page, last bool) error) (*statementFile, error) {
	file, src, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // closing what was only read loses nothing
	f, err := survey(src, filepath.Base(path), opts, opts.Clock())
	if err != nil {
		return nil, err
	}
	var page replicator.Page
	err = f.rows(func(t *schema.BankTransaction) error {
		if len(page.Records) == pageSize {
			full := page
			page = replicator.Page{}
			if err := emit(f, full, false); err != nil {
				return err
			}
		}
		page.Records = append(page.Records, t)
		page.Read++
		return nil
	})
	if err != nil {
		return f, err
	}
	// Also a file without lines has a page: it says what was refused and the warnings.
	page.Read += len(f.refused)
	page.Refused = append(f.refused, f.st.asRefusals()...)
	return f, emit(f, page, true)
}

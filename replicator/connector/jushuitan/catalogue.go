package jushuitan

import (
	"context"
	"iter"
	"time"

	"sverka/replicator"
)

const (
	// windowSpan stays below the vendor's seven days, both of whose ends count.
	windowSpan = 7*24*time.Hour - time.Minute
	// windowOverlap is read again next time: the vendor's clock is not ours, and
	// a change becomes visible a little after its time.
	windowOverlap = 5 * time.Minute
)

// Products reads the catalogue by windows of modification time. The cursor is the
// moment (RFC 3339) from which the next window begins.
func (c *Client) Products() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			begin := c.cfg.Now().Add(-c.cfg.History)
			if cursor != "" {
				var err error
				if begin, err = time.Parse(time.RFC3339, cursor); err != nil {
					yield(replicator.Page{}, cursorFailure(opProducts, cursor))
					return
				}
			}
			for {
				now := c.cfg.Now()
				end := begin.Add(windowSpan)
				last := !end.Before(now)
				if last {
					end = now
				}
				more, err := c.readWindow(ctx, begin, end, yield)
				if err != nil {
					yield(replicator.Page{}, err)
					return
				}
				if !more || last {
					return
				}
				begin = end.Add(-windowOverlap)
			}
		}
	})
}

// readWindow reads the articles modified between two moments, the last page
// first: an article that is modified meanwhile leaves the window, and the rows
// behind it move forward onto pages that are still to be read, never onto pages
// that were. Only the window's last page moves the cursor.
func (c *Client) readWindow(ctx context.Context, begin, end time.Time, yield func(replicator.Page, error) bool) (more bool, err error) {
	cursor := end.Add(-windowOverlap)
	if cursor.Before(begin) {
		cursor = begin
	}
	ask := func(page int) (*block, replicator.Page, error) {
		b, asked, err := c.query(ctx, opProducts, map[string]any{
			"page_index": page, "page_size": 50, "modified_begin": c.formatTime(begin), "modified_end": c.formatTime(end),
		})
		if err != nil {
			return nil, replicator.Page{}, err
		}
		return b, c.productPage(b.rows, asked), nil
	}
	b, first, err := ask(1)
	if err != nil {
		return false, err
	}
	for page := b.pageCount; page > 1; page-- {
		_, p, err := ask(page)
		if err != nil {
			return false, err
		}
		if !yield(p, nil) {
			return false, nil
		}
	}
	if b.pageCount > 1 {
		if b, first, err = ask(1); err != nil {
			return false, err
		}
	}
	// Where the vendor counts no pages there is only the way forward.
	for page := 2; b.pageCount == 0 && b.hasNext; page++ {
		if !yield(first, nil) {
			return false, nil
		}
		if b, first, err = ask(page); err != nil {
			return false, err
		}
	}
	first.Cursor = cursor.UTC().Format(time.RFC3339)
	return yield(first, nil), nil
}

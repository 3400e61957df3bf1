package jushuitan

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"sverka/replicator"
)

// firstVersion is the cursor of a first reading; 0 would mean "no condition".
const firstVersion = 1

// versioned is one answer of a call that is followed by row version.
type versioned struct {
	rows  []json.RawMessage // those not seen in the answer before
	asked time.Time
	next  int64 // where to go on once the rows are staged
}

// follow reads rows from a row version on, until the vendor has no more. The
// condition is "not below", so rows of the last version come again and are
// dropped. An answer that holds one version only, or whose rows are not in the
// order of their versions, turns the page instead of moving the cursor.
func (c *Client) follow(ctx context.Context, name string, from int64, biz func(from int64, page int) any, yield func(versioned) bool) error {
	from = max(from, firstVersion)
	seen := map[string]bool{}
	top := from
	for page := 1; ; page++ {
		b, asked, err := c.query(ctx, name, biz(from, page))
		if err != nil {
			return err
		}
		ordered := true
		var fresh []json.RawMessage
		versions := make([]int64, len(b.rows))
		for i, raw := range b.rows {
			versions[i] = rowVersion(raw)
			ordered = ordered && (i == 0 || versions[i] >= versions[i-1])
			top = max(top, versions[i])
			if !seen[string(raw)] {
				fresh = append(fresh, raw)
			}
		}
		move := ordered && top > from
		next := from
		if move || !b.hasNext {
			next = top
		}
		if !yield(versioned{fresh, asked, next}) || !b.hasNext || len(b.rows) == 0 {
			return nil
		}
		if move {
			from, page, seen = top, 0, map[string]bool{}
		} else if len(fresh) == 0 && page > 1 {
			return &replicator.Failure{
				Kind: replicator.Transient, System: system, Operation: name,
				Message: "no progress at row version " + strconv.FormatInt(from, 10) + ", page " + strconv.Itoa(page),
			}
		}
		for i, raw := range b.rows {
			if versions[i] >= from {
				seen[string(raw)] = true
			}
		}
	}
}

func rowVersion(raw json.RawMessage) int64 {
	var row struct {
		TS integer `json:"ts"`
	}
	if json.Unmarshal(raw, &row) != nil {
		return 0 // the row itself will be refused as malformed
	}
	return int64(row.TS)
}

// parseVersion reads a cursor of one row version; "" is a first reading.
func parseVersion(name, cursor string) (int64, error) {
	n, err := strconv.ParseInt(cursor, 10, 64)
	if cursor != "" && err != nil {
		return 0, cursorFailure(name, cursor)
	}
	return n, nil
}

func cursorFailure(name, cursor string) error {
	return rejected(name, "", "the cursor "+strconv.Quote(shorten(cursor, 60))+" was not written by this reader", "reset the cursor; the reading then begins anew")
}

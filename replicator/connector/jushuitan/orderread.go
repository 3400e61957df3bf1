package jushuitan

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// Orders follows the shop's orders by row version and yields each as a
// SalesOrder, an OrderStatus and its Payments. The cursor is the row version.
func (c *Client) Orders() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			from, err := parseVersion(opOrders, cursor)
			if err == nil {
				err = c.learnMain(ctx)
			}
			if err == nil {
				var inner error
				err = c.follow(ctx, opOrders, from, c.orderBiz, func(v versioned) bool {
					var p replicator.Page
					if p, inner = c.orderPage(ctx, v); inner != nil {
						return false
					}
					p.Cursor = strconv.FormatInt(v.next, 10)
					return yield(p, nil)
				})
				if err == nil {
					err = inner
				}
			}
			if err != nil {
				yield(replicator.Page{}, err)
			}
		}
	})
}

func (c *Client) orderBiz(from int64, page int) any {
	return map[string]any{
		"shop_id": c.cfg.ShopID, "start_ts": from, "is_get_total": false, "page_index": page, "page_size": 100,
	}
}

// orderPage turns rows into records. One number makes one set of records, also
// when the ERP split the order: then all its parts are asked for.
func (c *Client) orderPage(ctx context.Context, v versioned) (replicator.Page, error) {
	p := replicator.Page{Read: len(v.rows)}
	var numbers, split []string
	rows := map[string][]*orderRow{}
	for _, raw := range v.rows {
		row := &orderRow{}
		if !decodeRow(&p, schema.EntitySalesOrder, raw, row, "so_id", "o_id") {
			continue
		}
		n := string(row.Number)
		if rows[n] == nil {
			numbers = append(numbers, n)
		}
		rows[n] = append(rows[n], row)
		if (bool(row.IsSplit) || row.Status == "Split") && !slices.Contains(split, n) {
			split = append(split, n)
		}
	}
	whole, err := c.findRows(ctx, split)
	if err != nil {
		return replicator.Page{}, err
	}
	for n, all := range whole.rows {
		if !whole.unreadable[n] {
			rows[n] = all
		}
	}
	for _, n := range numbers {
		c.stageOrder(&p, combine(rows[n]), v.asked)
	}
	return p, nil
}

// stageOrder puts the records of one order into a page. A part that cannot be
// understood does not stop the others.
func (c *Client) stageOrder(p *replicator.Page, row *orderRow, asked time.Time) {
	key, id := schema.Key(row.Number), string(row.ID)
	p.Identifiers = append(p.Identifiers, replicator.Identifier{Entity: schema.EntitySalesOrder, ExternalID: id, Key: key})
	if c.placeCode(row.Warehouse) == "" {
		unmapped(p, schema.EntitySalesOrder, key, id, string(row.Warehouse))
	} else if o, err := c.salesOrder(row, asked); err != nil {
		malformed(p, schema.EntitySalesOrder, key, id, "order", err)
	} else {
		stage(p, o)
	}
	if s, err := c.orderStatus(row, asked); err != nil {
		malformed(p, schema.EntityOrderStatus, key, id, "changed_at", err)
	} else {
		stage(p, s)
	}
	pays, err := c.payments(row, asked)
	if err != nil {
		malformed(p, schema.EntityPayment, key, id, "payments", err)
	}
	for _, pay := range pays {
		stage(p, pay)
	}
}

// orderSet is what was found of some order numbers.
type orderSet struct {
	rows       map[string][]*orderRow
	unreadable map[string]bool // numbers with a row that cannot be decoded
}

// findRows asks for orders by their numbers, in as many calls as it takes.
func (c *Client) findRows(ctx context.Context, numbers []string) (orderSet, error) {
	out := orderSet{rows: map[string][]*orderRow{}, unreadable: map[string]bool{}}
	for chunk := range slices.Chunk(numbers, maxOrdersPerAsk) {
		for page := 1; ; page++ {
			b, asked, err := c.query(ctx, opOrders, map[string]any{
				"shop_id": c.cfg.ShopID, "so_ids": chunk, "page_index": page, "page_size": 100,
			})
			if err != nil {
				return orderSet{}, err
			}
			for _, raw := range b.rows {
				row := &orderRow{asked: asked}
				var ignored replicator.Page
				if decodeRow(&ignored, schema.EntitySalesOrder, raw, row, "so_id", "o_id") {
					out.rows[string(row.Number)] = append(out.rows[string(row.Number)], row)
				} else {
					out.unreadable[string(ignored.Refused[0].Key)] = true
				}
			}
			if !b.hasNext || len(b.rows) == 0 {
				break
			}
		}
	}
	return out, nil
}

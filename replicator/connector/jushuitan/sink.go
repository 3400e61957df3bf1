package jushuitan

import (
	"context"
	"fmt"
	"slices"

	"sverka/replicator"
	"sverka/schema"
)

// Name implements [replicator.Sink].
func (c *Client) Name() schema.System { return schema.Jushuitan }

// BatchLimit implements [replicator.BatchLimiter].
func (c *Client) BatchLimit(e schema.Entity) int {
	switch e { //nolint:exhaustive // the others are not written
	case schema.EntitySalesOrder, schema.EntityOrderStatus, schema.EntityPayment:
		return maxOrdersPerCall
	case schema.EntityStockBalance, schema.EntityCustomer:
		return maxStockPerCall
	case schema.EntityWarehouse:
		return 100
	}
	return 1
}

// Project implements [replicator.Sink].
func (c *Client) Project(d *replicator.Delivery) (schema.Record, error) {
	switch src := d.Source.(type) {
	case *schema.SalesOrder:
		return c.projectOrder(d, src)
	case *schema.Payment:
		return c.projectPayment(d, src)
	case *schema.OrderStatus:
		return projectStatus(d, src), nil
	case *schema.StockBalance:
		return projectStock(d, src)
	case *schema.Warehouse:
		return projectWarehouse(d, src), nil
	case *schema.Customer:
		return projectCustomer(d, src), nil
	}
	return nil, rejected("project", "", fmt.Sprintf("Jushuitan is not told of %s", d.Flow.Entity), "switch the flow off")
}

// Write implements [replicator.Sink].
func (c *Client) Write(ctx context.Context, batch []replicator.Delivery) ([]replicator.Confirmation, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	j := &job{batch: batch, confirmed: make([]replicator.Confirmation, len(batch))}
	j.project(c)
	switch batch[0].Flow.Entity {
	case schema.EntitySalesOrder:
		c.writeOrders(ctx, j)
	case schema.EntityPayment:
		c.writePayments(ctx, j)
	case schema.EntityOrderStatus:
		c.writeStatuses(ctx, j)
	case schema.EntityStockBalance:
		c.writeStock(ctx, j)
	case schema.EntityWarehouse:
		c.writeWarehouses(ctx, j)
	case schema.EntityCustomer:
		c.writeCustomers(j)
	default:
		for i := range batch {
			j.fail(i, rejected("write", "", fmt.Sprintf("Jushuitan is not told of %s", batch[0].Flow.Entity), "switch the flow off"))
		}
	}
	return j.confirmed, j.errors.OrNil()
}

// job is one Write: the batch and what became of each of its deliveries.
type job struct {
	batch     []replicator.Delivery
	confirmed []replicator.Confirmation
	errors    replicator.BatchError
	done      map[int]bool
}

// project fills in Wanted where the caller left it out, and settles deliveries
// that have nothing to say or cannot be said.
func (j *job) project(c *Client) {
	for i := range j.batch {
		d := &j.batch[i]
		if d.Wanted != nil {
			continue
		}
		wanted, err := c.Project(d)
		switch {
		case err != nil:
			j.fail(i, err)
		case wanted == nil:
			j.confirm(i, replicator.Confirmation{Note: "nothing to tell"})
		default:
			d.Wanted = wanted
		}
	}
}

func (j *job) fail(i int, err error) {
	j.errors.Fail(i, err)
	j.settle(i)
}

func (j *job) failAll(indexes []int, err error) {
	for _, i := range indexes {
		j.fail(i, err)
	}
}

func (j *job) confirm(i int, conf replicator.Confirmation) {
	j.confirmed[i] = conf
	j.settle(i)
}

func (j *job) settle(i int) {
	if j.done == nil {
		j.done = map[int]bool{}
	}
	j.done[i] = true
}

// open lists the deliveries that are not settled yet.
func (j *job) open() []int {
	var out []int
	for i := range j.batch {
		if !j.done[i] {
			out = append(out, i)
		}
	}
	return out
}

// topic wakes a held delivery when Jushuitan's own row of a key changes.
func topic(e schema.Entity, key schema.Key) string {
	return replicator.Subject{Entity: e, System: schema.Jushuitan, Key: key}.Topic()
}

// Preflight implements [replicator.Preflighter]: the token can be had, the shop
// is there and of a kind that takes uploads, and every mapped warehouse exists.
func (c *Client) Preflight(ctx context.Context) error {
	if err := c.checkShop(ctx); err != nil {
		return fmt.Errorf("preflight of jushuitan: %w", err)
	}
	rows, _, err := c.places(ctx)
	if err != nil {
		return fmt.Errorf("preflight of jushuitan: %w", err)
	}
	for id, code := range c.cfg.Warehouses {
		if rows[id] == nil {
			return fmt.Errorf("preflight of jushuitan: %w", rejected(opWarehouses, "", "warehouse "+id+" ("+code+") does not exist or is not in use", "correct the mapping of warehouses"))
		}
	}
	return nil
}

func (c *Client) checkShop(ctx context.Context) error {
	var row struct {
		ID   integer `json:"shop_id"`
		Site text    `json:"shop_site"`
	}
	for page := 1; ; page++ {
		b, _, err := c.query(ctx, opShops, map[string]any{"page_index": page, "page_size": 100})
		if err != nil {
			return err
		}
		for _, raw := range b.rows {
			var ignored replicator.Page
			if !decodeRow(&ignored, "", raw, &row, "", "shop_id") || int64(row.ID) != c.cfg.ShopID {
				continue
			}
			if !slices.Contains([]string{"商家自有商城", "跨境线下", "线下店铺", "B2B"}, string(row.Site)) {
				return rejected(opShops, "", "the shop is of type "+string(row.Site)+", which takes no uploads", "make a self-built shop (商家自有商城) in Jushuitan")
			}
			return nil
		}
		if !b.hasNext || len(b.rows) == 0 {
			return rejected(opShops, "", fmt.Sprintf("shop %d does not exist or is not in use", c.cfg.ShopID), "correct the shop's number")
		}
	}
}

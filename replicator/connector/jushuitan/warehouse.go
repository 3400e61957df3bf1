package jushuitan

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// activeStatus is the state of a warehouse that is in use (生效).
const activeStatus = "生效"

// placeRow is a row of wms/partner/query.
type placeRow struct {
	Name   text  `json:"name"`
	ID     text  `json:"wms_co_id"`
	IsMain truth `json:"is_main"`
	Status text  `json:"status"`
}

// record is the warehouse as Jushuitan holds it; nil when it is not mapped.
func (c *Client) warehouseRecord(row *placeRow, asked time.Time) *schema.Warehouse {
	code := c.cfg.Warehouses[string(row.ID)]
	if code == "" {
		return nil
	}
	return &schema.Warehouse{
		Provenance:    schema.Provenance{System: schema.Jushuitan, ExternalID: string(row.ID), ObservedAt: asked},
		WarehouseCode: code, Name: string(row.Name), IsMain: bool(row.IsMain), Active: row.Status == activeStatus,
	}
}

// Warehouses reads all warehouses; there is no cursor, every reading is whole.
func (c *Client) Warehouses() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, _ string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			err := c.eachPlacePage(ctx, func(rows []json.RawMessage, asked time.Time) bool {
				return yield(c.warehousePage(rows, asked), nil)
			})
			if err != nil {
				yield(replicator.Page{}, err)
			}
		}
	})
}

func (c *Client) warehousePage(rows []json.RawMessage, asked time.Time) replicator.Page {
	p := replicator.Page{Read: len(rows)}
	for _, raw := range rows {
		var row placeRow
		if !decodeRow(&p, schema.EntityWarehouse, raw, &row, "", "wms_co_id") {
			continue
		}
		rec := c.warehouseRecord(&row, asked)
		if rec == nil {
			unmapped(&p, schema.EntityWarehouse, "", string(row.ID), string(row.ID))
			continue
		}
		stage(&p, rec)
		p.Identifiers = append(p.Identifiers, replicator.Identifier{Entity: schema.EntityWarehouse, ExternalID: rec.ExternalID, Key: rec.RecordKey()})
	}
	return p
}

func (c *Client) eachPlacePage(ctx context.Context, yield func([]json.RawMessage, time.Time) bool) error {
	for page := 1; ; page++ {
		b, asked, err := c.query(ctx, opWarehouses, map[string]any{"page_index": page, "page_size": 30})
		if err != nil {
			return err
		}
		if !yield(b.rows, asked) || !b.hasNext || len(b.rows) == 0 {
			return nil
		}
	}
}

// places reads all warehouses that can be read, by wms_co_id.
func (c *Client) places(ctx context.Context) (map[string]*placeRow, time.Time, error) {
	out := map[string]*placeRow{}
	var first time.Time
	err := c.eachPlacePage(ctx, func(rows []json.RawMessage, asked time.Time) bool {
		if first.IsZero() {
			first = asked
		}
		for _, raw := range rows {
			row := &placeRow{}
			if json.Unmarshal(raw, row) == nil {
				out[string(row.ID)] = row
			}
		}
		return true
	})
	return out, first, err
}

// learnMain finds out once which warehouse "0" means in the orders query.
func (c *Client) learnMain(ctx context.Context) error {
	c.placeMu.Lock()
	known := c.mainID != ""
	c.placeMu.Unlock()
	if known {
		return nil
	}
	rows, _, err := c.places(ctx)
	if err != nil {
		return fmt.Errorf("find the main warehouse: %w", err)
	}
	c.placeMu.Lock()
	defer c.placeMu.Unlock()
	for id, row := range rows {
		if row.IsMain {
			c.mainID = id
		}
	}
	return nil
}

// placeCode maps a wms_co_id of an order or out-note; "" when it is not mapped.
func (c *Client) placeCode(wms text) string {
	id := string(wms)
	if id == "0" || id == "" {
		c.placeMu.Lock()
		id = c.mainID
		c.placeMu.Unlock()
	}
	return c.cfg.Warehouses[id]
}

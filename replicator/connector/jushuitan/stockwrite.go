package jushuitan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// projectStock: the count is the source's, the reserve stays Jushuitan's own.
func projectStock(d *replicator.Delivery, src *schema.StockBalance) (schema.Record, error) {
	op := "project stock " + string(src.RecordKey())
	if src.Quantity%1000 != 0 {
		return nil, rejected(op, "", "the quantity "+src.Quantity.String()+" is not whole", "correct the unit of the article: Jushuitan counts pieces")
	}
	if src.Quantity < 0 {
		return nil, &replicator.HoldError{
			Reason: "negative_stock", Message: "the balance " + string(src.RecordKey()) + " is below zero and cannot be counted into Jushuitan", Hint: "correct the balance in the source system",
		}
	}
	b := &schema.StockBalance{
		Provenance:    schema.Provenance{System: schema.Jushuitan},
		WarehouseCode: src.WarehouseCode, SKU: src.SKU, UnitCode: pieceCode, Quantity: src.Quantity,
	}
	if !src.DeletedAt.IsZero() {
		b.Quantity = 0
	}
	if held, isBalance := d.Held.(*schema.StockBalance); isBalance && held != nil {
		b.Reserved = held.Reserved
	}
	return b, nil
}

// countItem is one delivery's line of a stock count.
type countItem struct {
	index     int
	reference string
	wanted    *schema.StockBalance
	there     *schema.StockBalance // what was read before, nil when it was not
	virtual   int64
}

// writeStock sends stock counts, one document per warehouse.
func (c *Client) writeStock(ctx context.Context, j *job) {
	places := map[string][]*countItem{}
	for _, i := range j.open() {
		d := &j.batch[i]
		wanted, isBalance := d.Wanted.(*schema.StockBalance)
		if !isBalance {
			j.fail(i, rejected(opStockCount, "", "the delivery carries no balance", ""))
			continue
		}
		id := c.ids[wanted.WarehouseCode]
		if id == "" {
			j.fail(i, &replicator.HoldError{
				Reason: "warehouse_unmapped", Message: "warehouse " + wanted.WarehouseCode + " has no counterpart in Jushuitan",
				Hint: "create it in Jushuitan, then map it", WaitsFor: []string{topic(schema.EntityWarehouse, schema.Key(wanted.WarehouseCode))},
			})
			continue
		}
		places[id] = append(places[id], &countItem{index: i, reference: d.Reference, wanted: wanted})
	}
	for _, id := range slices.Sorted(maps.Keys(places)) {
		for chunk := range slices.Chunk(places[id], maxStockPerCall) {
			c.countPlace(ctx, j, id, chunk)
		}
	}
}

// countPlace brings articles of one warehouse to the wanted count. Where an
// earlier outcome is not known, or the count is made of two figures, the shelf is
// read first, and what lies there already is not counted again.
func (c *Client) countPlace(ctx context.Context, j *job, wms string, items []*countItem) {
	var ask, send []*countItem
	for _, it := range items {
		if j.batch[it.index].AskFirst || c.cfg.FreeStock.AddVirtual {
			ask = append(ask, it)
		} else {
			send = append(send, it)
		}
	}
	if err := c.readShelf(ctx, wms, ask); err != nil {
		for _, it := range ask {
			j.fail(it.index, err)
		}
		ask = nil
	}
	for _, it := range ask {
		if it.there != nil && it.there.Quantity == it.wanted.Quantity {
			j.confirm(it.index, replicator.Confirmation{Observed: []schema.Record{it.there}, ExternalID: it.there.ExternalID, Note: "already there"})
		} else {
			send = append(send, it)
		}
	}
	c.confirmCount(ctx, j, wms, c.count(ctx, j, wms, send))
}

// count sends one document and returns what it covered. Its number is made of
// the references of its deliveries: the same wish has the same number, and
// Jushuitan takes a number once. A number that was taken before means that the
// count was carried out; what has moved since is not counted back.
func (c *Client) count(ctx context.Context, j *job, wms string, items []*countItem) []*countItem {
	if len(items) == 0 {
		return nil
	}
	id, _ := parseInteger(wms) // checked by Validate
	lines := make([]map[string]any, 0, len(items))
	for _, it := range items {
		lines = append(lines, map[string]any{"sku_id": it.wanted.SKU, "qty": int64(it.wanted.Quantity)/1000 - it.virtual})
	}
	_, err := c.call(ctx, opStockCount, map[string]any{
		"wms_co_id": id, "type": "check", "is_confirm": true, "so_id": countNumber(items), "warehouse": "1", "remark": "sverka", "items": lines,
	})
	switch {
	case err == nil || alreadyTaken(err):
		return items
	case len(items) > 1 && replicator.KindOf(err) == replicator.Rejected:
		// One bad article refuses the whole document; it is found by halving (invariant 5).
		half := len(items) / 2
		return append(c.count(ctx, j, wms, items[:half]), c.count(ctx, j, wms, items[half:])...)
	}
	for _, it := range items {
		j.fail(it.index, err)
	}
	return nil
}

// alreadyTaken: the only refusal that names the document's own number is that it
// was used.
func alreadyTaken(err error) bool {
	if replicator.KindOf(err) != replicator.Rejected {
		return false
	}
	msg := err.Error()
	for _, word := range []string{"重复", "已存在", "不允许重复"} {
		if strings.Contains(msg, word) {
			return true
		}
	}
	return false
}

func countNumber(items []*countItem) string {
	if len(items) == 1 {
		return items[0].reference
	}
	refs := make([]string, 0, len(items))
	for _, it := range items {
		refs = append(refs, it.reference)
	}
	slices.Sort(refs)
	sum := sha256.Sum256([]byte(strings.Join(refs, "\n")))
	return hex.EncodeToString(sum[:16])
}

// confirmCount reads the shelf back; a count that cannot be read back is still
// confirmed, with what was sent.
func (c *Client) confirmCount(ctx context.Context, j *job, wms string, sent []*countItem) {
	err := c.readShelf(ctx, wms, sent)
	for _, it := range sent {
		seen := it.there
		if err != nil || seen == nil {
			seen = schema.Clone(it.wanted)
			seen.ObservedAt = c.cfg.Now().UTC()
		}
		j.confirm(it.index, replicator.Confirmation{Observed: []schema.Record{seen}, ExternalID: seen.ExternalID, Note: "counted"})
	}
}

// readShelf reads what lies in a warehouse of the items' articles.
func (c *Client) readShelf(ctx context.Context, wms string, items []*countItem) error {
	id, _ := parseInteger(wms)
	for chunk := range slices.Chunk(items, maxSKUsPerAsk) {
		bySKU := map[string]*countItem{}
		skus := make([]string, 0, len(chunk))
		for _, it := range chunk {
			it.there = nil
			bySKU[it.wanted.SKU] = it
			skus = append(skus, it.wanted.SKU)
		}
		b, asked, err := c.query(ctx, opStock, map[string]any{
			"wms_co_id": id, "sku_ids": strings.Join(skus, ","), "page_index": 1, "page_size": maxSKUsPerAsk, "has_lock_qty": true,
		})
		if err != nil {
			return err
		}
		c.noteShelf(b.rows, bySKU, wms, asked)
	}
	return nil
}

func (c *Client) noteShelf(rows []json.RawMessage, bySKU map[string]*countItem, wms string, asked time.Time) {
	for _, raw := range rows {
		var row stockRow
		if json.Unmarshal(raw, &row) != nil {
			continue // not read back: the poll will refuse it and say why
		}
		if it := bySKU[string(row.SKU)]; it != nil {
			it.there, it.virtual = c.stockRecord(&row, wms, asked), 0
			if c.cfg.FreeStock.AddVirtual {
				it.virtual = int64(row.Virtual)
			}
		}
	}
}

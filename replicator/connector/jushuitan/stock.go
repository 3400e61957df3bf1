package jushuitan

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// pieceCode is the OKEI code of pieces, the only unit of Jushuitan.
const pieceCode = "796"

// stockRow is a row of inventory/query. It does not say which warehouse it is of.
type stockRow struct {
	SKU       text    `json:"sku_id"`
	Qty       integer `json:"qty"`
	OrderLock integer `json:"order_lock"`
	PickLock  integer `json:"pick_lock"`
	LockQty   integer `json:"lock_qty"`
	Virtual   integer `json:"virtual_qty"`
	InQty     integer `json:"in_qty"`
	Return    integer `json:"return_qty"`
	Defective integer `json:"defective_qty"`
	Purchase  integer `json:"purchase_qty"`
	Modified  text    `json:"modified"`
	TS        integer `json:"ts"`
}

// stockRecord is the balance of one article in the warehouse that was asked for.
func (c *Client) stockRecord(row *stockRow, wms string, asked time.Time) *schema.StockBalance {
	f := c.cfg.FreeStock
	qty, reserved := row.Qty, row.OrderLock
	if f.AddVirtual {
		qty += row.Virtual
	}
	if f.ReservePickLock {
		reserved += row.PickLock
	}
	if f.ReserveLockQty {
		reserved += row.LockQty
	}
	modified, err := c.parseTime(row.Modified)
	if err != nil {
		modified = time.Time{} // only informative: a balance is not refused for its date
	}
	b := &schema.StockBalance{
		Provenance: schema.Provenance{
			System: schema.Jushuitan, ExternalID: wms + schema.KeySeparator + string(row.SKU), ObservedAt: asked, SourceModifiedAt: modified,
		},
		WarehouseCode: c.cfg.Warehouses[wms], SKU: string(row.SKU), UnitCode: pieceCode,
		Quantity: schema.Pieces(int64(qty)), Reserved: schema.Pieces(int64(reserved)),
	}
	for name, v := range map[string]integer{
		"pick_lock": row.PickLock, "lock_qty": row.LockQty, "virtual_qty": row.Virtual, "in_qty": row.InQty,
		"return_qty": row.Return, "defective_qty": row.Defective, "purchase_qty": row.Purchase,
	} {
		if v != 0 {
			if b.Extra == nil {
				b.Extra = schema.Extra{}
			}
			b.Extra[name] = strconv.FormatInt(int64(v), 10)
		}
	}
	return b
}

// Stock reads the balances of every mapped warehouse from its row version on. The
// cursor is a JSON object of versions by wms_co_id. An article that is absent is
// not empty: nothing is concluded from it (invariant 8).
func (c *Client) Stock() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			versions := map[string]int64{}
			if cursor != "" && json.Unmarshal([]byte(cursor), &versions) != nil {
				yield(replicator.Page{}, cursorFailure(opStock, cursor))
				return
			}
			for _, wms := range slices.Sorted(maps.Keys(c.cfg.Warehouses)) {
				if !c.followStock(ctx, wms, versions, yield) {
					return
				}
			}
		}
	})
}

// followStock reads one warehouse; false when the reading is over.
func (c *Client) followStock(ctx context.Context, wms string, versions map[string]int64, yield func(replicator.Page, error) bool) bool {
	id, _ := parseInteger(wms) // checked by Validate
	more := true
	err := c.follow(ctx, opStock, versions[wms], func(from int64, page int) any {
		return map[string]any{
			"wms_co_id": id, "ts": from, "page_index": page, "page_size": 100, "has_lock_qty": true,
		}
	}, func(v versioned) bool {
		versions[wms] = v.next
		cursor, err := json.Marshal(versions)
		if err != nil {
			more = false
			return false
		}
		p := c.stockPage(v, wms)
		p.Cursor = string(cursor)
		more = yield(p, nil)
		return more
	})
	if err != nil {
		yield(replicator.Page{}, err)
		return false
	}
	return more
}

func (c *Client) stockPage(v versioned, wms string) replicator.Page {
	p := replicator.Page{Read: len(v.rows)}
	for _, raw := range v.rows {
		var row stockRow
		if decodeRow(&p, schema.EntityStockBalance, raw, &row, "", "sku_id") {
			stage(&p, c.stockRecord(&row, wms, v.asked))
		}
	}
	return p
}

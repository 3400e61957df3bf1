package jushuitan

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// noteRow is a row of orders/out/simple/query: one out-note.
type noteRow struct {
	ID        text          `json:"io_id"`
	OrderID   text          `json:"o_id"`
	Number    text          `json:"so_id"`
	Status    text          `json:"status"`
	Modified  text          `json:"modified"`
	ShippedAt text          `json:"io_date"`
	Tracking  text          `json:"l_id"`
	Carrier   text          `json:"logistics_company"`
	Warehouse text          `json:"wms_co_id"`
	Items     []noteItemRow `json:"items"`
}

type noteItemRow struct {
	SKU     text    `json:"sku_id"`
	Qty     integer `json:"qty"`
	Amount  money   `json:"sale_amount"`
	OuterID text    `json:"outer_oi_id"`
	Order   text    `json:"raw_so_id"`
}

// Shipments follows the out-notes by row version. The cursor is the row version.
func (c *Client) Shipments() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			from, err := parseVersion(opShipments, cursor)
			if err == nil {
				err = c.learnMain(ctx)
			}
			if err == nil {
				err = c.follow(ctx, opShipments, from, func(from int64, page int) any {
					return map[string]any{
						"shop_id": c.cfg.ShopID, "start_ts": from, "is_get_total": false, "page_index": page, "page_size": 50,
					}
				}, func(v versioned) bool { return yield(c.shipmentPage(v), nil) })
			}
			if err != nil {
				yield(replicator.Page{}, err)
			}
		}
	})
}

func (c *Client) shipmentPage(v versioned) replicator.Page {
	p := replicator.Page{Read: len(v.rows), Cursor: strconv.FormatInt(v.next, 10)}
	for _, raw := range v.rows {
		row := &noteRow{}
		if !decodeRow(&p, schema.EntityShipment, raw, row, "io_id", "io_id") {
			continue
		}
		if c.placeCode(row.Warehouse) == "" {
			unmapped(&p, schema.EntityShipment, schema.Key(row.ID), string(row.ID), string(row.Warehouse))
			continue
		}
		records, err := c.shipments(row, v.asked)
		if err != nil {
			malformed(&p, schema.EntityShipment, schema.Key(row.ID), string(row.ID), "shipment", err)
			continue
		}
		for _, s := range records {
			stage(&p, s)
		}
	}
	return p
}

// shipments are the shipments of an out-note: one, or one per order where the
// warehouse packed merged orders together.
func (c *Client) shipments(row *noteRow, asked time.Time) ([]*schema.Shipment, error) {
	status, err := shipmentStatus(string(row.Status))
	if err != nil {
		return nil, err
	}
	shipped, err := c.parseTime(row.ShippedAt)
	if err != nil {
		return nil, fmt.Errorf("shipped_at: %w", err)
	}
	if status == schema.ShipmentPlanned {
		shipped = time.Time{}
	}
	prov := schema.Provenance{System: schema.Jushuitan, ExternalID: string(row.ID), ObservedAt: asked, Extra: schema.Extra{"o_id": string(row.OrderID), "status": string(row.Status)}}
	if t, err := c.parseTime(row.Modified); err == nil {
		prov.SourceModifiedAt = t
	}
	var out []*schema.Shipment
	orders := row.orders()
	for _, number := range orders {
		s := &schema.Shipment{
			Provenance: prov, InvoiceNumber: string(row.ID), OrderNumber: number, WarehouseCode: c.placeCode(row.Warehouse), ShippedAt: shipped,
			Carrier: string(row.Carrier), TrackingNumber: string(row.Tracking), Status: status, Lines: row.lines(number),
		}
		if len(orders) > 1 {
			s.InvoiceNumber += "-" + number
		}
		out = append(out, s)
	}
	return out, nil
}

func shipmentStatus(status string) (string, error) {
	switch status {
	case "Confirmed":
		return schema.ShipmentShipped, nil
	case "Cancelled", "Delete":
		return schema.ShipmentCancelled, nil
	case "WaitConfirm", "OuterConfirming":
		return schema.ShipmentPlanned, nil
	}
	return "", fmt.Errorf("status %q is not in the mapping", status)
}

// orders are the numbers of the orders whose lines the note holds.
func (r *noteRow) orders() []string {
	var out []string
	for i := range r.Items {
		if n := r.orderOf(&r.Items[i]); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return []string{string(r.Number)}
	}
	return out
}

func (r *noteRow) orderOf(it *noteItemRow) string {
	if it.Order != "" {
		return string(it.Order)
	}
	return string(r.Number)
}

// lines are the note's lines of one order, under the numbers of the order's
// lines where all of them are ours and stand once.
func (r *noteRow) lines(number string) []schema.ShipmentLine {
	var out []schema.ShipmentLine
	seen, ours := map[int]bool{}, true
	for i := range r.Items {
		it := &r.Items[i]
		if r.orderOf(it) != number {
			continue
		}
		no := lineNo(number, it.OuterID)
		ours = ours && no > 0 && !seen[no]
		seen[no] = true
		out = append(out, schema.ShipmentLine{LineNo: no, SKU: string(it.SKU), Quantity: schema.Pieces(int64(it.Qty)), UnitCode: pieceCode, Amount: schema.Amount(it.Amount)})
	}
	if !ours {
		for i := range out {
			out[i].LineNo = i + 1
		}
	}
	slices.SortStableFunc(out, func(a, b schema.ShipmentLine) int { return a.LineNo - b.LineNo })
	return out
}

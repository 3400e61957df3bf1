package onec

import (
	"strings"
	"time"

	"sverka/schema"
)

// projectOrder is what 1C would hold. Cancelled lines are 1C's decision and are
// not revived; names of lines are 1C's own once it has them.
func (c *Client) projectOrder(source, held *schema.SalesOrder) *schema.SalesOrder {
	if !source.DeletedAt.IsZero() || held == nil && allCancelled(source) {
		return nil // cancelling is told by the order's status
	}
	if held != nil && (allCancelled(held) || !held.DeletedAt.IsZero()) {
		return schema.Clone(held)
	}
	out := schema.Clone(source)
	out.Provenance = schema.Provenance{System: schema.OneC}
	out.OrderedAt = source.OrderedAt.Truncate(time.Second)
	out.Posted = true
	out.ReceiverName, out.ReceiverPhone = oneLine(source.ReceiverName), oneLine(source.ReceiverPhone)
	out.DeliveryMethod = oneLine(source.DeliveryMethod)
	out.AddressText = cut(strings.TrimRight(source.AddressText, " "), 500)
	out.Comment = strings.TrimRight(source.Comment, " ")
	if out.WarehouseCode == "" {
		out.WarehouseCode = c.cfg.DefaultWarehouse
		if held != nil {
			out.WarehouseCode = held.WarehouseCode
		}
	}
	for i := range out.Lines {
		out.Lines[i].LineNo = i + 1
		out.Lines[i].Name = cut(strings.TrimSpace(out.Lines[i].Name), 1000)
	}
	shares := discountShares(out)
	for i := range out.Lines {
		c.projectLine(&out.Lines[i], heldLine(held, i, out.Lines[i].SKU), shares[i])
	}
	if held != nil {
		keepCancelled(out, held)
	}
	return out
}

func (c *Client) projectLine(l, held *schema.SalesOrderLine, share schema.Amount) {
	said := l.VATAmount
	if held != nil {
		l.Name, l.UnitCode, l.IsService = held.Name, held.UnitCode, held.IsService
	}
	if l.UnitCode == "" {
		l.UnitCode = c.cfg.Trade.UnitCode
	}
	if l.VATRate == "" {
		l.VATRate = c.cfg.Trade.VATRate
		if held != nil && held.VATRate != "" {
			l.VATRate = held.VATRate
		}
	}
	if said == 0 {
		l.VATAmount = vatWithin(l.Amount-share, l.VATRate)
	}
}

func heldLine(held *schema.SalesOrder, i int, sku string) *schema.SalesOrderLine {
	if held != nil && i < len(held.Lines) && held.Lines[i].SKU == sku {
		return &held.Lines[i]
	}
	return nil
}

// keepCancelled lets 1C's own closing of lines stand.
func keepCancelled(out, held *schema.SalesOrder) {
	for i := range held.Lines {
		if held.Lines[i].Cancelled && (i >= len(out.Lines) || !out.Lines[i].Cancelled) {
			kept := schema.Clone(held)
			out.Lines, out.Total, out.Freight, out.Discount = kept.Lines, kept.Total, kept.Freight, kept.Discount
			return
		}
	}
}

func allCancelled(o *schema.SalesOrder) bool {
	for _, l := range o.Lines {
		if !l.Cancelled {
			return false
		}
	}
	return len(o.Lines) > 0
}

// vatWithin is the VAT contained in a sum, rounded half up.
func vatWithin(sum schema.Amount, rate string) schema.Amount {
	r, err := schema.ParseAmount(rate)
	if err != nil || r <= 0 {
		return 0
	}
	percent := int64(r)
	return schema.Amount((int64(sum)*percent*2 + 10000 + percent) / (2 * (10000 + percent)))
}

// discountShares spreads the order's discount over its lines and, last, its
// freight, in proportion to their sums, to the kopeck.
func discountShares(o *schema.SalesOrder) []schema.Amount {
	sums := make([]schema.Amount, 0, len(o.Lines)+1)
	var total schema.Amount
	for _, l := range o.Lines {
		sum := l.Amount
		if l.Cancelled {
			sum = 0
		}
		sums, total = append(sums, sum), total+sum
	}
	out := make([]schema.Amount, len(o.Lines)+1)
	left := min(max(o.Discount, 0), total+o.Freight)
	if overGoods := min(left, total); total > 0 {
		var given, seen schema.Amount
		for i, s := range sums {
			seen += s
			upTo := schema.Amount(mulDivFloor(int64(overGoods), int64(seen), int64(total)))
			out[i], given = upTo-given, upTo
		}
		left -= overGoods
	}
	out[len(o.Lines)] = left
	return out
}

package commerceml

import (
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// stockKey is a balance under construction; the warehouse is the sender's id.
type stockKey struct{ warehouse, sku string }

// stockPart is what one offer, that is one characteristic, says of a balance.
type stockPart struct {
	offer    string // its whole Ид
	pkg      int    // the package that said it
	quantity schema.Quantity
}

// stockParts make one balance.
type stockParts struct{ parts []stockPart }

// put keeps what an offer says: rows of one package add up, a later package
// says the same quantity anew.
func (s *stockParts) put(offer string, pkg int, q schema.Quantity) {
	for i := range s.parts {
		p := &s.parts[i]
		switch {
		case p.offer != offer:
		case p.pkg == pkg:
			p.quantity += q
			return
		default:
			p.pkg, p.quantity = pkg, q
			return
		}
	}
	s.parts = append(s.parts, stockPart{offer, pkg, q})
}

// characterised tells that the balance is made of characteristics.
func (s *stockParts) characterised() bool {
	for _, p := range s.parts {
		if strings.Contains(p.offer, "#") {
			return true
		}
	}
	return false
}

// joinStock adds the offer's quantities: the characteristics of one article lie in one balance.
func (m *Mapper) joinStock(o *Offer, sku string, from origin) {
	rows := o.Stock
	if len(rows) == 0 && o.HasQuantity {
		rows = []Stock{{Quantity: o.Quantity}}
	}
	if !from.changesOnly {
		m.whole[sku] = true // all its characteristics are in the package
	}
	for _, s := range rows {
		key := stockKey{s.WarehouseID, sku}
		if m.stock[key] == nil {
			m.stock[key] = &stockParts{}
			m.stockOrder = append(m.stockOrder, key)
		}
		m.stock[key].put(o.ID, from.pkg, s.Quantity)
	}
}

// balances maps the warehouses; two of the sender's may be one of ours. A balance
// of which only a part is known is refused, and the held one stays as it is.
func (m *Mapper) balances() []*schema.StockBalance {
	var out []*schema.StockBalance
	at := map[stockKey]*schema.StockBalance{}
	partial := map[stockKey]bool{}
	for _, key := range m.stockOrder {
		code, ok := m.warehouse(key.warehouse)
		if !ok {
			m.refuseOnce("warehouse "+key.warehouse, m.unmappedWarehouse(schema.EntityWarehouse, "", key.warehouse))
			continue
		}
		if m.spoilt[key.sku] {
			continue // the refusal of the offer that could not be read says why
		}
		ours := stockKey{code, key.sku}
		if !m.whole[key.sku] && m.stock[key].characterised() {
			partial[ours] = true
		}
		if at[ours] == nil {
			at[ours] = &schema.StockBalance{WarehouseCode: code, SKU: key.sku, UnitCode: m.unitOf(key.sku)}
			out = append(out, at[ours])
		}
		for _, p := range m.stock[key].parts {
			at[ours].Quantity += p.quantity
		}
	}
	whole := out[:0]
	for _, b := range out {
		if partial[stockKey{b.WarehouseCode, b.SKU}] {
			m.refuse(partialStock(b))
			continue
		}
		whole = append(whole, b)
	}
	return whole
}

func partialStock(b *schema.StockBalance) replicator.Refusal {
	return replicator.Refusal{
		Entity: schema.EntityStockBalance, Key: b.RecordKey(), Code: "partial",
		Problems: []schema.Problem{{
			Field: "quantity", Value: b.Quantity.String(),
			Reason: "the package holds changes only (СодержитТолькоИзменения) and names some characteristics of the article: the quantities of the others are not known, the balance stays as it was",
			Hint:   "load a full package of offers, alone or together with this one, or give each product one offer without characteristics",
		}},
	}
}

// unitOf is the unit of the product where it is known.
func (m *Mapper) unitOf(sku string) string {
	if j := m.products[sku]; j != nil && j.record.UnitCode != "" {
		return j.record.UnitCode
	}
	return schema.UnitPiece
}

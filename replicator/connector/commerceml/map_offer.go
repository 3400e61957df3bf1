package commerceml

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// addOffer joins an offer to its product. An offer whose product has not been
// seen waits for Finish: the catalogue may come after its offers.
func (m *Mapper) addOffer(o *Offer) {
	if o.Article == "" {
		if _, known := m.sku(o.ID, ""); !known {
			m.offers = append(m.offers, waitingOffer{o, m.from})
			return
		}
	}
	m.joinOffer(o, m.from)
}

func (m *Mapper) joinOffer(o *Offer, from origin) {
	sku, ok := m.sku(o.ID, o.Article)
	if wanted := m.twins[firstPart(o.ID)]; !ok && wanted != "" {
		sku, ok = wanted, true
	}
	if !ok && m.m.SKUFromID {
		sku, ok = firstPart(o.ID), true
	}
	if !ok {
		m.refuse(unmapped(schema.EntityProduct, "", o.ID, "sku", "", "the offer has no article and its product is not known",
			"load the catalogue (import) together with the offers, or fill Артикул in the sending system"))
		return
	}
	if m.twin(sku, firstPart(o.ID), o.ID) {
		return
	}
	m.joinPrices(o, sku)
	m.joinStock(o, sku, from)
}

func (m *Mapper) joinPrices(o *Offer, sku string) {
	if len(o.Prices) == 0 {
		return
	}
	j := m.joined(sku, o.Name != "")
	if j == nil {
		m.refuse(unmapped(schema.EntityProduct, sku, o.ID, "sku", sku, "prices came for a product that is not known", "load the catalogue (import) together with the offers"))
		return
	}
	if j.record.Name == "" { // an offer may come without its catalogue
		j.record.Name, j.record.UnitCode, j.record.Barcode = o.Name, o.Unit.Code, o.Barcode
		j.record.ExternalID = firstPart(o.ID)
	}
	j.prices = append(j.prices, o.Prices...)
}

// setPrices puts the offers' prices into the product. The problems name price
// types that cannot be told; those stay as they were held.
func (m *Mapper) setPrices(j *joined) []schema.Problem {
	var bad problems
	before := slices.Clone(j.record.Prices)
	set, spoilt := map[string]bool{}, map[string]bool{}
	for _, p := range j.prices {
		kind, word := p.TypeID, p.Currency
		if t := m.priceTypes[p.TypeID]; t != nil {
			kind = cmp.Or(t.Name, kind)
			word = cmp.Or(word, t.Currency)
		}
		if m.namelessType(p.TypeID, kind) {
			m.nameless[p.TypeID]++
			continue
		}
		priceType := m.priceType(p.TypeID, kind)
		price := schema.ProductPrice{PriceType: priceType, Amount: p.Amount, Currency: m.currency(word)}
		at := slices.IndexFunc(j.record.Prices, func(have schema.ProductPrice) bool { return have.PriceType == priceType })
		switch {
		case price.Currency == "":
			bad.add("prices."+priceType+".currency", word, "is not a currency sverka knows", "write ISO 4217 letters such as RUB in the sending system")
			spoilt[priceType] = true
		case at < 0:
			j.record.Prices = append(j.record.Prices, price)
		case set[priceType] && j.record.Prices[at] != price:
			bad.add("prices."+priceType, p.Amount.String(), "characteristics of one article have different prices", "give each characteristic its own article, or the same price")
			spoilt[priceType] = true
		default:
			j.record.Prices[at] = price
		}
		set[priceType] = true
	}
	inSpoilt := func(p schema.ProductPrice) bool { return spoilt[p.PriceType] }
	j.record.Prices = slices.DeleteFunc(j.record.Prices, inSpoilt)
	for _, p := range before {
		if inSpoilt(p) {
			j.record.Prices = append(j.record.Prices, p)
		}
	}
	slices.SortFunc(j.record.Prices, func(a, b schema.ProductPrice) int { return cmp.Compare(a.PriceType, b.PriceType) })
	return bad
}

// namelessType tells a price type that nothing but a GUID stands for: it would
// become a price that nobody asks for.
func (m *Mapper) namelessType(id, name string) bool {
	if _, guid := parseGUID(name); !guid {
		return false
	}
	_, mapped := lookup(m.m.PriceTypes, id)
	return !mapped
}

// refuseNameless tells of such price types, each once.
func (m *Mapper) refuseNameless() {
	for _, id := range slices.Sorted(maps.Keys(m.nameless)) {
		m.refuse(unmapped(schema.EntityProduct, "", id, "prices", id,
			"price type "+id+" is neither named in the package nor mapped, prices of it left out: "+strconv.Itoa(m.nameless[id]),
			"add the price type to the connector's mapping of price types, or load the file with ТипыЦен together with this one"))
	}
	clear(m.nameless)
}

func (m *Mapper) priceType(id, name string) string {
	for _, word := range []string{id, name} {
		if ours, ok := lookup(m.m.PriceTypes, word); ok {
			return ours
		}
	}
	return strings.ToLower(name)
}

// currency normalises a currency word, the configured one standing in for none.
func (m *Mapper) currency(word string) string {
	if strings.TrimSpace(word) == "" {
		return m.m.Currency
	}
	return CurrencyCode(word)
}

func (m *Mapper) warehouse(id string) (string, bool) {
	if id == "" {
		return m.m.DefaultWarehouse, m.m.DefaultWarehouse != ""
	}
	if code, ok := lookup(m.m.Warehouses, id); ok {
		return code, true
	}
	return lookup(m.m.Warehouses, m.warehouses[id])
}

func (m *Mapper) unmappedWarehouse(e schema.Entity, key, id string) replicator.Refusal {
	reason := strings.TrimSpace("warehouse "+id+" "+m.warehouses[id]) + " is not mapped"
	if id == "" {
		reason = "quantities came without a warehouse"
	}
	return unmapped(e, key, id, "warehouse_code", id, reason, "add the warehouse to the connector's mapping of warehouses")
}

// Finish returns the products and balances of everything that was added, and
// whatever else is ready. The mapper is spent afterwards.
func (m *Mapper) Finish() Mapped {
	m.releasePayment()
	m.complete()
	m.refuseNameless()
	return m.Take()
}

// complete hands over the products and balances under construction.
func (m *Mapper) complete() {
	for _, w := range m.offers {
		m.joinOffer(w.offer, w.from)
	}
	m.offers = nil
	for _, j := range m.order {
		m.resolve(j)
		if bad := m.setPrices(j); len(bad) > 0 {
			m.refuse(replicator.Refusal{Entity: schema.EntityProduct, Key: j.record.RecordKey(), ExternalID: j.record.ExternalID, Code: "validation", Problems: bad})
		}
		j.record.Provenance = schema.Provenance{DeletedAt: j.record.DeletedAt, ExternalID: j.record.ExternalID, Extra: j.record.Extra}
		m.emit(j.record, j.record.ExternalID)
	}
	for id, article := range m.unread {
		if sku, ok := m.sku(id, article); ok {
			m.spoilt[sku] = true
		}
	}
	for _, b := range m.balances() {
		m.emit(b, "")
	}
	m.order, m.stockOrder = nil, nil
}

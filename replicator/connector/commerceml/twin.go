package commerceml

import (
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// twin tells whether a product id comes with the article of another product, and
// refuses it then: under one article the texts of one would overwrite those of the
// other, and their stock would be added.
func (m *Mapper) twin(sku, base, id string) bool {
	if base == "" {
		return false
	}
	owner := m.ownerOf(sku, base)
	if strings.EqualFold(owner, base) {
		return false
	}
	m.twins[base] = sku
	m.refuse(replicator.Refusal{
		Entity: schema.EntityProduct, Key: schema.Key(sku), ExternalID: id, Code: "duplicate",
		Problems: []schema.Problem{{
			Field: "sku", Value: shorten(sku),
			Reason: "the article belongs to two products: Ид " + shorten(owner) + " keeps it, Ид " + shorten(base) + " is refused",
			Hint:   "give one of them another Артикул in the sending system, or delete the one that is not needed, and send both again",
		}},
	})
	return true
}

// ownerOf is the product that an article belongs to: the first that came with it,
// or the one known from earlier exchanges when this one is not.
func (m *Mapper) ownerOf(sku, base string) string {
	if owner := m.owners.of(sku); owner != "" {
		return owner
	}
	owner := base
	if m.m.Held != nil && m.m.SKUByID != nil {
		if held := m.m.Held(sku); held != nil {
			earlier := firstPart(held.ExternalID)
			mine, known := m.m.SKUByID(earlier)
			_, knows := m.m.SKUByID(base)
			if known && mine == sku && !knows && m.skus[base] == "" {
				owner = earlier
			}
		}
	}
	m.owners.set(sku, owner)
	return owner
}

package commerceml

import (
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// firstPart is the product's own id in "product#characteristic#…".
func firstPart(id string) string {
	first, _, _ := strings.Cut(id, "#")
	return first
}

// sku finds the business key: the article, else what is known of the Ид.
func (m *Mapper) sku(id, article string) (string, bool) {
	if article != "" {
		return article, true
	}
	base := firstPart(id)
	if sku, ok := m.skus[base]; ok {
		return sku, true
	}
	if m.m.SKUByID != nil && base != "" {
		return m.m.SKUByID(base)
	}
	return "", false
}

func (m *Mapper) addProduct(p *Product) {
	sku, ok := m.sku(p.ID, p.Article)
	if !ok && m.m.SKUFromID {
		sku, ok = firstPart(p.ID), true
	}
	if !ok {
		m.refuse(unmapped(schema.EntityProduct, "", p.ID, "sku", "", "the product has no article", "fill Артикул in the sending system, or allow Ид to be the SKU"))
		return
	}
	base := firstPart(p.ID)
	if m.twin(sku, base, p.ID) {
		return
	}
	if base != "" {
		m.skus[base] = sku
		m.ready.Identifiers = append(m.ready.Identifiers, replicator.Identifier{Entity: schema.EntityProduct, ExternalID: base, Key: schema.Key(sku)})
	}
	j := m.joined(sku, true)
	j.record.ExternalID = p.ID
	j.groupIDs, j.properties = p.GroupIDs, p.Properties
	m.fill(j.record, p)
}

// joined finds the product under construction; with create it begins one from
// what is held, so that a package of changes leaves the rest as it was.
func (m *Mapper) joined(sku string, create bool) *joined {
	if j := m.products[sku]; j != nil {
		return j
	}
	var record *schema.Product
	if m.m.Held != nil {
		if held := m.m.Held(sku); held != nil {
			record = schema.Clone(held)
		}
	}
	if record == nil {
		if !create {
			return nil
		}
		record = &schema.Product{SKU: sku, Enabled: true}
	}
	j := &joined{record: record}
	m.products[sku] = j
	m.order = append(m.order, j)
	return j
}

// fill writes what the catalogue says over what was held.
func (m *Mapper) fill(r *schema.Product, p *Product) {
	set := func(field *string, value string) {
		if value != "" {
			*field = value
		}
	}
	set(&r.Name, p.Name)
	set(&r.Barcode, p.Barcode)
	if r.Barcode == "" {
		set(&r.Barcode, requisite(p.Requisites, "Штрихкод"))
	}
	set(&r.Description, p.Description)
	if r.Description == "" {
		set(&r.Description, requisite(p.Requisites, "ОписаниеВФорматеHTML"))
	}
	set(&r.UnitCode, p.Unit.Code)
	set(&r.Brand, p.Brand)
	set(&r.StyleCode, requisite(p.Requisites, "КодСтиля"))
	set(&r.Variant, traits(p.Traits))
	set(&r.VATRate, vatRate(p.VATRate))
	set(&r.VATRate, vatRate(requisite(p.Requisites, "Ставка НДС")))
	r.Enabled = !p.Deleted && requisite(p.Requisites, "Активность") != "false"
	r.DeletedAt = time.Time{}
	if p.Deleted {
		r.DeletedAt = m.m.ObservedAt
	}
	for i, url := range p.Images {
		if i == 0 {
			r.Images = nil
		}
		r.Images = append(r.Images, schema.ProductImage{Position: i + 1, URL: url})
	}
	fillSizes(r, p)
	fillExtra(r, p)
}

// fillSizes reads weight and dimensions; a value that is no number stays in Extra only.
func fillSizes(r *schema.Product, p *Product) {
	for name, field := range map[string]*schema.Quantity{"Вес": &r.WeightKg, "Длина": &r.LengthCm, "Ширина": &r.WidthCm, "Высота": &r.HeightCm} {
		text := requisite(p.Requisites, name)
		if text == "" {
			text = p.Extra[name]
		}
		if q, err := schema.ParseQuantity(text); err == nil {
			*field = q
		}
	}
}

func fillExtra(r *schema.Product, p *Product) {
	if r.Extra == nil {
		r.Extra = schema.Extra{}
	}
	for _, pair := range p.Requisites {
		r.Extra[pair.Name] = pair.Value
	}
	for path, text := range p.Extra {
		r.Extra[path] = text
	}
	if p.Country != "" {
		r.Extra["Страна"] = p.Country
	}
}

// resolve fills in what needs the dictionaries: category and properties.
func (m *Mapper) resolve(j *joined) {
	for _, id := range j.groupIDs {
		if path := m.groups[id]; path != "" {
			j.record.Category = path
			break
		}
	}
	for _, pair := range j.properties {
		name, value := pair.ID, pair.Value
		if known := m.properties[pair.ID]; known != nil {
			name = known.Name
			if word, ok := known.Values[pair.Value]; ok {
				value = word
			}
		}
		if value != "" {
			j.record.Extra[name] = value
		}
	}
}

// traits writes characteristics as a variant: "чёрный;S".
func traits(pairs []Pair) string {
	var values []string
	for _, p := range pairs {
		if p.Value != "" {
			values = append(values, p.Value)
		}
	}
	return strings.Join(values, ";")
}

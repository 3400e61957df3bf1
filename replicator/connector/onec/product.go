package onec

import (
	"context"
	"math/big"
	"slices"
	"strings"

	"sverka/schema"
)

// Limits of UT: longer texts are cut without a word, so they are cut here first.
const (
	maxDescription = 100
	maxItemText    = 1024
)

// productState is an item with its records in the registers.
type productState struct {
	row      row
	barcodes []string
	prices   []schema.ProductPrice
}

func productFields() []string {
	return []string{
		"Ref_Key", "DataVersion", "DeletionMark", "IsFolder", "Code", "Артикул", "Description", "НаименованиеПолное", "Описание", "ТипНоменклатуры",
		"ЕдиницаИзмерения_Key", "СтавкаНДС_Key", "ВесИспользовать", "ВесЧислитель", "ВесЗнаменатель", "ВесЕдиницаИзмерения_Key",
		"ДлинаИспользовать", "ДлинаЧислитель", "ДлинаЗнаменатель", "ДлинаЕдиницаИзмерения_Key", "ДополнительныеРеквизиты",
	}
}

// names gives our field → configured attribute, without the empty ones.
func (a Attributes) names() map[string]string {
	out := map[string]string{}
	for field, name := range map[string]string{
		"width_cm": a.WidthCm, "height_cm": a.HeightCm, "style_code": a.StyleCode, "variant": a.Variant,
		"brand": a.Brand, "category": a.Category, "images": a.Images, "enabled": a.Enabled,
	} {
		if name != "" {
			out[field] = name
		}
	}
	return out
}

// itemName prefers the full name: Description is cut at 100 characters.
func itemName(r row) string {
	if s := r.text("НаименованиеПолное"); s != "" {
		return s
	}
	return r.text("Description")
}

// product makes the canonical record of an item.
func (c *Client) product(ctx context.Context, st *productState) (*schema.Product, error) {
	r := st.row
	p := &schema.Product{
		Provenance: c.provenance(r), SKU: r.text("Артикул"), Name: itemName(r), Description: r.text("Описание"),
		Enabled: true, Prices: st.prices, Images: []schema.ProductImage{},
	}
	p.Extra = schema.Extra{"code": r.text("Code")}
	if p.Prices == nil {
		p.Prices = []schema.ProductPrice{}
	}
	if len(st.barcodes) > 0 {
		slices.Sort(st.barcodes)
		p.Barcode = st.barcodes[0]
		if len(st.barcodes) > 1 {
			p.Extra["barcodes"] = strings.Join(st.barcodes, ",")
		}
	}
	var err error
	if p.UnitCode, err = c.unitCode(ctx, r.ref("ЕдиницаИзмерения_Key")); err != nil {
		return nil, err
	}
	if p.VATRate, err = c.vatName(ctx, r.ref("СтавкаНДС_Key")); err != nil {
		return nil, err
	}
	if p.WeightKg, err = c.measure(ctx, r, "Вес"); err != nil {
		return nil, err
	}
	if p.LengthCm, err = c.measure(ctx, r, "Длина"); err != nil {
		return nil, err
	}
	props, err := c.properties(ctx)
	if err != nil {
		return nil, err
	}
	return p, readAttributes(p, r, props)
}

// readAttributes fills the fields that UT keeps as additional attributes.
func readAttributes(p *schema.Product, r row, props map[string]string) error {
	values := map[string]string{}
	for _, l := range r.lines("ДополнительныеРеквизиты") {
		v := l.text("ТекстоваяСтрока")
		if v == "" {
			v = l.text("Значение")
		}
		values[l.ref("Свойство_Key")] = v
	}
	get := func(field string) string {
		if ref := props[field]; ref != "" {
			return values[ref]
		}
		return ""
	}
	var err error
	for field, to := range map[string]*schema.Quantity{"width_cm": &p.WidthCm, "height_cm": &p.HeightCm} {
		if v := get(field); v != "" {
			if *to, err = schema.ParseQuantity(v); err != nil {
				return &fieldError{field, err}
			}
		}
	}
	p.StyleCode, p.Variant, p.Brand, p.Category = get("style_code"), get("variant"), get("brand"), get("category")
	p.Enabled = !strings.EqualFold(get("enabled"), "нет") && get("enabled") != "false"
	for url := range strings.FieldsSeq(get("images")) {
		p.Images = append(p.Images, schema.ProductImage{Position: len(p.Images) + 1, URL: url})
	}
	return nil
}

// fieldError is a value of 1C that we could not read.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.field + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// measure reads weight in kilograms or length in centimetres from numerator,
// denominator and unit.
func (c *Client) measure(ctx context.Context, r row, prefix string) (schema.Quantity, error) {
	if !r.flag(prefix + "Использовать") {
		return 0, nil
	}
	numerator, err := r.quantity(prefix + "Числитель")
	if err != nil {
		return 0, &fieldError{prefix, err}
	}
	denominator, err := r.quantity(prefix + "Знаменатель")
	if err != nil {
		return 0, &fieldError{prefix, err}
	}
	if denominator == 0 {
		denominator = schema.Pieces(1)
	}
	unit, err := c.unitCode(ctx, r.ref(prefix+"ЕдиницаИзмерения_Key"))
	if err != nil {
		return 0, err
	}
	up, down := unitFactor(unit)
	return ratio(int64(numerator)*1000, up, int64(denominator), down), nil
}

// unitFactor turns OKEI units of weight into kilograms and of length into centimetres.
func unitFactor(code string) (up, down int64) {
	switch code {
	case "163", "003": // gram, millimetre
		if code == "003" {
			return 1, 10
		}
		return 1, 1000
	case "168": // tonne
		return 1000, 1
	case "006": // metre
		return 100, 1
	}
	return 1, 1
}

// ratio is a*up/(b*down), rounded half away from zero.
func ratio(a, up, b, down int64) schema.Quantity {
	x := new(big.Int).Mul(big.NewInt(a), big.NewInt(up))
	y := new(big.Int).Mul(big.NewInt(b), big.NewInt(down))
	x.Add(x.Lsh(x, 1), y).Quo(x, new(big.Int).Lsh(y, 1)) // (2x+y)/2y: sizes are never negative
	return schema.Quantity(x.Int64())
}

// projectProduct is what 1C would hold: its own unit and prices that the source
// does not know stay, an empty value of the source says nothing. An item is
// never removed: one that the source deleted is taken off sale.
func (c *Client) projectProduct(source, held *schema.Product) *schema.Product {
	if !source.DeletedAt.IsZero() {
		if held == nil {
			return nil
		}
		out := schema.Clone(held)
		if c.cfg.Attributes.Enabled != "" {
			out.Enabled = false
		}
		return out
	}
	old := held
	if old == nil {
		old = &schema.Product{UnitCode: c.cfg.Trade.UnitCode, VATRate: c.cfg.Trade.VATRate, Enabled: true}
		if source.UnitCode != "" {
			old.UnitCode = source.UnitCode
		}
	}
	first := func(a, b string) string {
		if a = strings.TrimSpace(a); a != "" {
			return a
		}
		return b
	}
	a := c.cfg.Attributes
	out := schema.Clone(old)
	out.Provenance = schema.Provenance{System: schema.OneC, DeletedAt: old.DeletedAt}
	out.SKU, out.Name = source.SKU, cut(strings.TrimSpace(source.Name), maxItemText)
	out.Description = cut(first(source.Description, old.Description), maxItemText)
	out.VATRate = first(source.VATRate, old.VATRate)
	out.Barcode = first(source.Barcode, old.Barcode)
	if held != nil && slices.Contains(strings.Split(held.Extra["barcodes"], ","), out.Barcode) {
		out.Barcode = held.Barcode // 1C has it, among others
	}
	out.WeightKg = firstQuantity(source.WeightKg, old.WeightKg)
	out.LengthCm = firstQuantity(source.LengthCm, old.LengthCm)
	if a.WidthCm != "" {
		out.WidthCm = firstQuantity(source.WidthCm, old.WidthCm)
	}
	if a.HeightCm != "" {
		out.HeightCm = firstQuantity(source.HeightCm, old.HeightCm)
	}
	for name, pair := range map[string][2]*string{
		a.StyleCode: {&source.StyleCode, &out.StyleCode}, a.Variant: {&source.Variant, &out.Variant},
		a.Brand: {&source.Brand, &out.Brand}, a.Category: {&source.Category, &out.Category},
	} {
		if name != "" {
			*pair[1] = first(*pair[0], *pair[1])
		}
	}
	if a.Enabled != "" {
		out.Enabled = source.Enabled
	}
	if a.Images != "" && len(source.Images) > 0 {
		out.Images = nil
		for i, img := range source.Images {
			out.Images = append(out.Images, schema.ProductImage{Position: i + 1, URL: strings.Join(strings.Fields(img.URL), "%20")})
		}
	}
	if out.Images == nil {
		out.Images = []schema.ProductImage{}
	}
	out.Prices = c.projectPrices(source, old)
	return out
}

func firstQuantity(a, b schema.Quantity) schema.Quantity {
	if a != 0 {
		return a
	}
	return b
}

// projectPrices takes the source's price of each mapped type; a price of zero
// says that there is none and never overwrites one.
func (c *Client) projectPrices(source, old *schema.Product) []schema.ProductPrice {
	out := []schema.ProductPrice{}
	for _, t := range c.cfg.PriceTypes {
		if p, ok := source.Price(t); ok && p.Amount > 0 {
			out = append(out, p)
		} else if p, ok := old.Price(t); ok {
			out = append(out, p)
		}
	}
	sortPrices(out)
	return out
}

func sortPrices(p []schema.ProductPrice) {
	slices.SortFunc(p, func(a, b schema.ProductPrice) int { return strings.Compare(a.PriceType, b.PriceType) })
}

package schema

// Price types that sverka knows by name; a system may hold others.
const (
	PriceRetail   = "retail"
	PricePurchase = "purchase"
	PriceMarket   = "market"
)

// Product is an article of trade. Key: SKU (article in 1C, SKU in OpenShop, sku_id in Jushuitan).
type Product struct {
	Provenance
	SKU         string         `json:"sku"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	StyleCode   string         `json:"style_code"` // groups variants of one style (Jushuitan i_id)
	Variant     string         `json:"variant"`    // colour, size
	Category    string         `json:"category"`   // path of groups, "/" between
	Brand       string         `json:"brand"`
	Barcode     string         `json:"barcode"`
	UnitCode    string         `json:"unit_code"` // OKEI code, "796" pieces
	VATRate     string         `json:"vat_rate"`  // "20", "10", "0", "none", "" unknown
	WeightKg    Quantity       `json:"weight_kg"`
	LengthCm    Quantity       `json:"length_cm"`
	WidthCm     Quantity       `json:"width_cm"`
	HeightCm    Quantity       `json:"height_cm"`
	Enabled     bool           `json:"enabled"`
	Prices      []ProductPrice `json:"prices"` // ordered by PriceType
	Images      []ProductImage `json:"images"` // ordered by Position
}

// ProductPrice is one price of a product.
type ProductPrice struct {
	PriceType string `json:"price_type"`
	Amount    Amount `json:"amount"`
	Currency  string `json:"currency"`
}

// ProductImage is one picture, the main one at position 1.
type ProductImage struct {
	Position int    `json:"position"`
	URL      string `json:"url"` // address or path inside the exchange package
}

// RecordEntity implements [Record].
func (p *Product) RecordEntity() Entity { return EntityProduct }

// RecordKey implements [Record].
func (p *Product) RecordKey() Key { return Key(p.SKU) }

// Prov implements [Record].
func (p *Product) Prov() *Provenance { return &p.Provenance }

// Price finds a price by its type.
func (p *Product) Price(priceType string) (ProductPrice, bool) {
	for _, pr := range p.Prices {
		if pr.PriceType == priceType {
			return pr, true
		}
	}
	return ProductPrice{}, false
}

// Validate implements [Record].
func (p *Product) Validate() []Problem {
	var c checker
	c.key("sku", p.SKU, 50)
	c.required("name", p.Name)
	c.limit("name", p.Name, 300)
	c.notNegative("weight_kg", int64(p.WeightKg), p.WeightKg)
	seen := map[string]bool{}
	for _, pr := range p.Prices {
		if pr.Amount < 0 {
			c.add("prices."+pr.PriceType, pr.Amount.String(), "a price cannot be negative", "correct the price in the source system")
		}
		c.currency("prices."+pr.PriceType+".currency", pr.Currency)
		if seen[pr.PriceType] {
			c.add("prices", pr.PriceType, "the price type stands twice", "leave one price per price type")
		}
		seen[pr.PriceType] = true
	}
	return c.problems
}

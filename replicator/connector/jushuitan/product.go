package jushuitan

import (
	"encoding/json"
	"sort"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// skuRow is a row of sku/query.
type skuRow struct {
	SKU        text `json:"sku_id"`
	Style      text `json:"i_id"`
	Name       text `json:"name"`
	Sale       text `json:"sale_price"`
	Cost       text `json:"cost_price"`
	Market     text `json:"market_price"`
	Properties text `json:"properties_value"`
	Category   text `json:"category"`
	Brand      text `json:"brand"`
	Barcode    text `json:"sku_code"`
	Remark     text `json:"remark"`
	Pic        text `json:"pic"`
	PicBig     text `json:"pic_big"`
	Enabled    text `json:"enabled"`
	Weight     text `json:"weight"`
	Length     text `json:"l"`
	Width      text `json:"w"`
	Height     text `json:"h"`
	Modified   text `json:"modified"`
	AutoID     text `json:"autoid"`
	Unit       text `json:"unit"`
	SKUType    text `json:"sku_type"`
}

func (c *Client) productPage(rows []json.RawMessage, asked time.Time) replicator.Page {
	p := replicator.Page{Read: len(rows)}
	for _, raw := range rows {
		var row skuRow
		if !decodeRow(&p, schema.EntityProduct, raw, &row, "sku_id", "autoid") {
			continue
		}
		rec, problem := c.productRecord(&row, asked)
		if problem != nil {
			p.Refused = append(p.Refused, replicator.Refusal{
				Entity: schema.EntityProduct, Key: rec.RecordKey(), ExternalID: rec.ExternalID, Code: "malformed", Problems: []schema.Problem{*problem},
			})
			continue
		}
		stage(&p, rec)
		if rec.SKU != "" {
			p.Identifiers = append(p.Identifiers, replicator.Identifier{Entity: schema.EntityProduct, ExternalID: rec.ExternalID, Key: rec.RecordKey()})
		}
	}
	return p
}

// productRecord is the article as Jushuitan holds it. A price of zero means that
// none is set there. VAT is not known to Jushuitan.
func (c *Client) productRecord(row *skuRow, asked time.Time) (*schema.Product, *schema.Problem) {
	p := &schema.Product{
		Provenance: schema.Provenance{System: schema.Jushuitan, ExternalID: string(row.AutoID), ObservedAt: asked, Extra: schema.Extra{}},
		SKU:        string(row.SKU), Name: string(row.Name), Description: string(row.Remark), StyleCode: string(row.Style), Variant: string(row.Properties),
		Category: string(row.Category), Brand: string(row.Brand), Barcode: string(row.Barcode), UnitCode: pieceCode, Enabled: row.Enabled == "1",
	}
	if p.ExternalID == "" {
		p.ExternalID = p.SKU
	}
	modified, err := c.parseTime(row.Modified)
	if err != nil {
		return p, &schema.Problem{Field: "source_modified_at", Reason: err.Error(), Hint: "correct the article in Jushuitan"}
	}
	p.SourceModifiedAt = modified
	for _, pr := range []struct {
		kind, field string
		value       text
	}{{schema.PriceMarket, "market_price", row.Market}, {schema.PricePurchase, "cost_price", row.Cost}, {schema.PriceRetail, "sale_price", row.Sale}} {
		amount, exact, err := rounded(orZero(pr.value), schema.AmountScale, schema.ParseAmount)
		if err != nil {
			return p, &schema.Problem{Field: "prices." + pr.kind, Value: string(pr.value), Reason: "is not a sum", Hint: "correct the price in Jushuitan"}
		}
		if !exact {
			p.Extra[pr.field] = string(pr.value)
		}
		if amount != 0 {
			p.Prices = append(p.Prices, schema.ProductPrice{PriceType: pr.kind, Amount: amount, Currency: c.cfg.PriceCurrency[pr.kind]})
		}
	}
	sort.Slice(p.Prices, func(i, j int) bool { return p.Prices[i].PriceType < p.Prices[j].PriceType })
	for i, pic := range []text{row.PicBig, row.Pic} {
		if pic != "" && (i == 0 || row.PicBig == "") {
			p.Images = []schema.ProductImage{{Position: 1, URL: string(pic)}}
		}
	}
	return p, measure(p, row)
}

// measure fills in weight and size; places beyond the third are rounded and the
// original kept beside.
func measure(p *schema.Product, row *skuRow) *schema.Problem {
	for _, m := range []struct {
		field, name string
		value       text
		into        *schema.Quantity
	}{
		{"weight_kg", "weight", row.Weight, &p.WeightKg},
		{"length_cm", "l", row.Length, &p.LengthCm},
		{"width_cm", "w", row.Width, &p.WidthCm},
		{"height_cm", "h", row.Height, &p.HeightCm},
	} {
		q, exact, err := rounded(orZero(m.value), schema.QuantityScale, schema.ParseQuantity)
		if err != nil {
			return &schema.Problem{Field: m.field, Value: string(m.value), Reason: "is not a number", Hint: "correct the measure in Jushuitan"}
		}
		if !exact {
			p.Extra[m.name] = string(m.value)
		}
		*m.into = q
	}
	return nil
}

func orZero(t text) string {
	if t == "" {
		return "0"
	}
	return strings.TrimSpace(string(t))
}

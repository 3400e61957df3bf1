package openshop

import (
	"bytes"
	"cmp"
	"slices"

	"sverka/replicator"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// projectProduct is the article as the shop would hold it. A blank never erases:
// what the source leaves empty (1C cannot hold everything) stays as the shop has
// it. Prices of types that the shop does not know are left out, so that purchase
// prices never reach it. Nil when a deleted article never was in the shop.
func (c *Client) projectProduct(src, held *schema.Product) *schema.Product {
	if held == nil {
		if !src.DeletedAt.IsZero() {
			return nil
		}
		held = &schema.Product{}
	}
	w := &schema.Product{
		SKU: src.SKU, Name: keep(src.Name, held.Name), Description: keep(src.Description, held.Description), StyleCode: keep(src.StyleCode, held.StyleCode),
		Variant: keep(src.Variant, held.Variant), Category: commerceml.CleanPath(keep(src.Category, held.Category)), Brand: keep(src.Brand, held.Brand),
		Barcode: keep(src.Barcode, held.Barcode), UnitCode: keep(src.UnitCode, held.UnitCode), VATRate: keep(src.VATRate, held.VATRate),
		WeightKg: cmp.Or(src.WeightKg, held.WeightKg), LengthCm: cmp.Or(src.LengthCm, held.LengthCm),
		WidthCm: cmp.Or(src.WidthCm, held.WidthCm), HeightCm: cmp.Or(src.HeightCm, held.HeightCm), Enabled: src.Enabled,
	}
	w.System, w.ExternalID, w.DeletedAt = schema.OpenShop, cmp.Or(held.ExternalID, src.SKU), src.DeletedAt
	w.Prices = c.projectPrices(src, held)
	images := src.Images
	if len(images) == 0 {
		images = held.Images
	}
	for _, i := range images {
		if url := commerceml.CleanText(i.URL); url != "" {
			w.Images = append(w.Images, schema.ProductImage{Position: len(w.Images) + 1, URL: url})
		}
	}
	return w
}

func keep(source, held string) string {
	if s := commerceml.CleanText(source); s != "" {
		return s
	}
	return held
}

func (c *Client) projectPrices(src, held *schema.Product) []schema.ProductPrice {
	prices := slices.Clone(held.Prices)
	for _, ours := range c.cfg.PriceTypes {
		p, ok := src.Price(ours)
		if !ok {
			continue
		}
		prices = slices.DeleteFunc(prices, func(h schema.ProductPrice) bool { return h.PriceType == ours })
		prices = append(prices, p)
	}
	slices.SortFunc(prices, func(a, b schema.ProductPrice) int { return cmp.Compare(a.PriceType, b.PriceType) })
	return prices
}

// productDocuments are import.xml and, when anything has a price, offers.xml.
func (c *Client) productDocuments(batch []replicator.Delivery) ([]document, error) {
	products, err := wantedOf[*schema.Product](batch)
	if err != nil {
		return nil, err
	}
	var categories []string
	var rows []commerceml.OfferRow
	for _, p := range products {
		categories = append(categories, p.Category)
		if slices.ContainsFunc(p.Prices, func(x schema.ProductPrice) bool { return c.knowsPrice(x.PriceType) }) {
			rows = append(rows, commerceml.OfferRow{Product: p})
		}
	}
	o := c.writeOptions()
	o.Warehouses = nil // stock travels by its own flow
	var catalog, offers bytes.Buffer
	if err := commerceml.WriteCatalog(&catalog, o, categories, slices.Values(products)); err != nil {
		return nil, err
	}
	documents := []document{{"import", catalog.Bytes()}}
	if len(rows) > 0 {
		if err := commerceml.WriteOffers(&offers, o, slices.Values(rows)); err != nil {
			return nil, err
		}
		documents = append(documents, document{"offers", offers.Bytes()})
	}
	return documents, nil
}

func (c *Client) knowsPrice(priceType string) bool {
	for _, ours := range c.cfg.PriceTypes {
		if ours == priceType {
			return true
		}
	}
	return false
}

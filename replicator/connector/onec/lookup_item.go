package onec

import (
	"context"
	"fmt"
	"sort"

	"sverka/replicator"
	"sverka/schema"
)

// itemFields are what an item needs for documents.
func (c *Client) itemFields() []string {
	return []string{"Ref_Key", "Артикул", "Description", "НаименованиеПолное", "ТипНоменклатуры", "ЕдиницаИзмерения_Key", "СтавкаНДС_Key", "DeletionMark"}
}

func (c *Client) keepItem(ctx context.Context, r row) (item, error) {
	unit, err := c.unitCode(ctx, r.ref("ЕдиницаИзмерения_Key"))
	if err != nil {
		return item{}, err
	}
	it := item{ref: r.ref("Ref_Key"), sku: r.text("Артикул"), name: itemName(r), unit: unit, vat: r.ref("СтавкаНДС_Key"), service: isService(r)}
	c.refs.items.put("ref|"+it.ref, it)
	if it.sku != "" && !r.flag("DeletionMark") {
		c.refs.items.put("sku|"+it.sku, it)
	}
	return it, nil
}

func isService(r row) bool {
	kind := r.text("ТипНоменклатуры")
	return kind == "Услуга" || kind == "Работа"
}

// itemsBySKU finds items by article; what 1C lacks is absent from the result.
func (c *Client) itemsBySKU(ctx context.Context, skus map[string]bool) (map[string]item, error) {
	return c.items(ctx, skus, "sku|", func(sku string) string { return eqText("Артикул", sku) + " and DeletionMark eq false" })
}

// itemsByRef finds items by reference.
func (c *Client) itemsByRef(ctx context.Context, refs map[string]bool) (map[string]item, error) {
	return c.items(ctx, refs, "ref|", func(ref string) string { return eqRef("Ref_Key", ref) })
}

func (c *Client) items(ctx context.Context, keys map[string]bool, prefix string, term func(string) string) (map[string]item, error) {
	out := make(map[string]item, len(keys))
	var terms []string
	for key := range keys {
		if it, ok := c.refs.items.get(prefix + key); ok {
			out[key] = it
		} else if key != "" {
			terms = append(terms, "("+term(key)+")")
		}
	}
	sort.Strings(terms)
	rows, err := c.findAny(ctx, c.n.Products, terms, c.itemFields())
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		it, err := c.keepItem(ctx, r)
		if err != nil {
			return nil, err
		}
		if prefix == "ref|" {
			out[it.ref] = it
		} else {
			out[it.sku] = it
		}
	}
	return out, nil
}

// freightRef finds the service that stands for freight.
func (c *Client) freightRef(ctx context.Context) (item, error) {
	sku := c.cfg.Trade.FreightArticle
	found, err := c.itemsBySKU(ctx, map[string]bool{sku: true})
	if err != nil {
		return item{}, err
	}
	if it, ok := found[sku]; ok {
		return it, nil
	}
	return item{}, productMissing(sku, "create this service in 1C or correct the setting freight article")
}

func productMissing(sku, hint string) *replicator.HoldError {
	return &replicator.HoldError{
		Reason: "product_missing", Message: fmt.Sprintf("1C has no item with the article %q", sku), Hint: hint,
		WaitsFor: []string{replicator.Subject{Entity: schema.EntityProduct, System: schema.OneC, Key: schema.Key(sku)}.Topic()},
	}
}

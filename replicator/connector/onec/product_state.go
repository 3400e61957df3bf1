package onec

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/schema"
)

// productStates finds items by article with their barcodes and prices. Articles
// that stand on several items come back in twice.
func (c *Client) productStates(ctx context.Context, skus []string) (found map[string]*productState, twice map[string]bool, err error) {
	terms := make([]string, 0, len(skus))
	for _, sku := range skus {
		terms = append(terms, eqText("Артикул", sku))
	}
	rows, err := c.findAny(ctx, c.n.Products, terms, productFields())
	if err != nil {
		return nil, nil, err
	}
	found, twice = map[string]*productState{}, map[string]bool{}
	for _, r := range rows {
		sku := r.text("Артикул")
		old := found[sku]
		switch {
		case old == nil, old.row.flag("DeletionMark") && !r.flag("DeletionMark"):
			found[sku] = &productState{row: r}
		case !r.flag("DeletionMark"):
			twice[sku] = true
		}
	}
	return found, twice, c.readRegisters(ctx, found)
}

// readRegisters fills barcodes and prices of the given items.
func (c *Client) readRegisters(ctx context.Context, items map[string]*productState) error {
	byRef := map[string]*productState{}
	var terms []string
	for _, st := range items {
		st.barcodes, st.prices = nil, nil
		byRef[st.row.ref("Ref_Key")] = st
		terms = append(terms, eqRef("Номенклатура_Key", st.row.ref("Ref_Key")))
	}
	sort.Strings(terms)
	codes, err := c.findAny(ctx, c.n.Barcodes, terms, nil)
	if err != nil {
		return err
	}
	keepBarcodes(codes, byRef)
	prices, err := c.slice(ctx, terms)
	if err != nil {
		return err
	}
	return c.keepPrices(ctx, prices, byRef)
}

// keepBarcodes leaves out barcodes of packages and of variants: they are not the item's own.
func keepBarcodes(rows []row, byRef map[string]*productState) {
	for _, r := range rows {
		if st := byRef[r.ref("Номенклатура_Key")]; st != nil && r.ref("Упаковка_Key") == "" && r.ref("Характеристика_Key") == "" {
			st.barcodes = append(st.barcodes, r.text("Штрихкод"))
		}
	}
}

func (c *Client) keepPrices(ctx context.Context, rows []row, byRef map[string]*productState) error {
	kinds, err := c.priceKinds(ctx)
	if err != nil {
		return err
	}
	types := map[string]string{}
	for t, ref := range kinds {
		types[ref] = t
	}
	for _, r := range rows {
		st, t := byRef[r.ref("Номенклатура_Key")], types[r.ref("ВидЦены_Key")]
		if st == nil || t == "" || r.ref("Характеристика_Key") != "" || r.ref("ХарактеристикаЦО_Key") != "" || r.ref("Упаковка_Key") != "" || r.ref("УпаковкаЦО_Key") != "" {
			continue
		}
		sum, err := r.amount("Цена")
		if err != nil {
			return &fieldError{"prices." + t, err}
		}
		currency, err := c.currencyLetters(ctx, r.ref("Валюта_Key"))
		if err != nil {
			return err
		}
		if sum > 0 {
			st.prices = append(st.prices, schema.ProductPrice{PriceType: t, Amount: sum, Currency: currency})
		}
	}
	for _, st := range byRef {
		sortPrices(st.prices)
	}
	return nil
}

func priceFields(register string) []string {
	if strings.HasSuffix(register, "25") {
		return []string{"Номенклатура_Key", "ХарактеристикаЦО_Key", "УпаковкаЦО_Key", "ВидЦены_Key", "Цена", "Валюта_Key"}
	}
	return []string{"Номенклатура_Key", "Характеристика_Key", "Упаковка_Key", "ВидЦены_Key", "Цена", "Валюта_Key"}
}

// slice reads the last prices of the items that the terms choose. The condition
// travels in the path, quotes doubled, in pieces that a web server accepts.
func (c *Client) slice(ctx context.Context, terms []string) ([]row, error) {
	const atOnce = 12
	register := c.n.priceRegister()
	pieces := make([][]row, (len(terms)+atOnce-1)/atOnce)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	for i := range pieces {
		part := terms[i*atOnce : min((i+1)*atOnce, len(terms))]
		g.Go(func() (err error) {
			pieces[i], err = c.function(ctx, register+"_RecordType", "SliceLast", "Condition="+textLiteral(strings.Join(part, " or ")), priceFields(register))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err //nolint:wrapcheck // a failure of this package
	}
	var out []row
	for _, rows := range pieces {
		out = append(out, rows...)
	}
	return out, nil
}

// setBarcode makes a barcode stand for an item. A duplicate key is refused by
// 1C, so a refusal and a lost answer both end in a look at the record.
func (c *Client) setBarcode(ctx context.Context, ref, code string) error {
	_, err := c.create(ctx, c.n.Barcodes, row{"Штрихкод": code, "Номенклатура_Key": ref, "Характеристика_Key": emptyGUID, "Упаковка_Key": emptyGUID})
	kind := replicator.KindOf(err)
	if err == nil || kind != replicator.Rejected && kind != replicator.Unknown {
		return err
	}
	var have row
	readErr := c.get(ctx, "read "+c.n.Barcodes, c.barcodePath(code), "", &have)
	switch {
	case readErr != nil:
		return err
	case have.ref("Номенклатура_Key") == ref:
		return nil
	}
	return rejected("set barcode", fmt.Sprintf("barcode %q belongs to another item of 1C", code), "remove it there or correct it in the source")
}

func (c *Client) barcodePath(code string) string {
	return c.n.Barcodes + "(Штрихкод=" + textLiteral(code) + ")"
}

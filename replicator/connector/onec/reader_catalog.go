package onec

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// Products reads the items, folders and the freight service apart, with their
// barcodes and last prices. Catalogues have no time of change, and prices change
// without their item, so every read is whole.
func (c *Client) Products() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, _ string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) { c.readProducts(ctx, yield) }
	})
}

func (c *Client) readProducts(ctx context.Context, yield func(replicator.Page, error) bool) {
	next := c.cursorNow()
	codes, err := c.listAll(ctx, c.n.Barcodes, "", nil, "Штрихкод")
	if err != nil {
		yield(replicator.Page{}, err)
		return
	}
	prices, err := c.allPrices(ctx)
	if err != nil {
		yield(replicator.Page{}, err)
		return
	}
	codesOf, pricesOf := byItem(codes), byItem(prices)
	for skip := 0; ; {
		rows, err := c.page(ctx, c.n.Products, "IsFolder eq false", productFields(), "", skip)
		if err != nil {
			yield(replicator.Page{}, err)
			return
		}
		page, err := c.productPage(ctx, rows, codesOf, pricesOf)
		last := len(rows) < c.cfg.PageSize
		if last {
			page.Cursor = next
		}
		if !yield(page, err) || err != nil || last {
			return
		}
		skip += len(rows)
	}
}

func byItem(rows []row) map[string][]row {
	out := map[string][]row{}
	for _, r := range rows {
		out[r.ref("Номенклатура_Key")] = append(out[r.ref("Номенклатура_Key")], r)
	}
	return out
}

// allPrices reads the last prices of the mapped kinds, one kind at a time.
func (c *Client) allPrices(ctx context.Context) ([]row, error) {
	kinds, err := c.priceKinds(ctx)
	if err != nil {
		return nil, err
	}
	var out []row
	register := c.n.priceRegister()
	for _, ref := range kinds {
		rows, err := c.function(ctx, register+"_RecordType", "SliceLast", "Condition="+textLiteral(eqRef("ВидЦены_Key", ref)), priceFields(register))
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func (c *Client) productPage(ctx context.Context, rows []row, codes, prices map[string][]row) (replicator.Page, error) {
	page := replicator.Page{Read: len(rows)}
	for _, r := range rows {
		sku := r.text("Артикул")
		if sku == c.cfg.Trade.FreightArticle || sku == "" && r.flag("DeletionMark") {
			continue
		}
		ref := r.ref("Ref_Key")
		st := &productState{row: r}
		one := map[string]*productState{ref: st}
		keepBarcodes(codes[ref], one)
		err := c.keepPrices(ctx, prices[ref], one)
		var p *schema.Product
		if err == nil {
			p, err = c.product(ctx, st)
		}
		var unreadable *fieldError
		switch {
		case errors.As(err, &unreadable):
			page.Refused = append(page.Refused, *refuse(schema.EntityProduct, schema.Key(sku), r, "malformed", malformed(unreadable.field, unreadable.err)))
			continue
		case err != nil:
			return replicator.Page{}, err
		}
		if problems := p.Validate(); len(problems) > 0 {
			page.Refused = append(page.Refused, *refuse(schema.EntityProduct, schema.Key(sku), r, "validation", problems...))
			continue
		}
		page.Records = append(page.Records, p)
		identify(&page, p)
	}
	return page, nil
}

// Customers reads the partners that are clients, with their counterparties.
func (c *Client) Customers() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, _ string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) { c.readCustomers(ctx, yield) }
	})
}

func (c *Client) readCustomers(ctx context.Context, yield func(replicator.Page, error) bool) {
	next := c.cursorNow()
	firms, err := c.find(ctx, c.n.Counterparties, "DeletionMark eq false", firmFields())
	if err != nil {
		yield(replicator.Page{}, err)
		return
	}
	byPartner := map[string]row{}
	for _, f := range firms {
		byPartner[f.ref("Партнер_Key")] = f
	}
	for skip := 0; ; {
		rows, err := c.page(ctx, c.n.Partners, "Клиент eq true", partnerFields(), "", skip)
		if err != nil {
			yield(replicator.Page{}, err)
			return
		}
		page := replicator.Page{Read: len(rows)}
		for _, r := range rows {
			p := c.customer(r, byPartner[r.ref("Ref_Key")])
			if problems := p.Validate(); len(problems) > 0 {
				page.Refused = append(page.Refused, *refuse(schema.EntityCustomer, schema.Key(p.CustomerCode), r, "validation", problems...))
				continue
			}
			page.Records = append(page.Records, p)
			identify(&page, p)
		}
		last := len(rows) < c.cfg.PageSize
		if last {
			page.Cursor = next
		}
		if !yield(page, nil) || last {
			return
		}
		skip += len(rows)
	}
}

// Warehouses reads the warehouses; one that is not mapped is refused.
func (c *Client) Warehouses() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, _ string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			page := replicator.Page{Cursor: c.cursorNow()}
			rows, err := c.find(ctx, c.n.Warehouses, "IsFolder eq false", nil)
			if err != nil {
				yield(replicator.Page{}, err)
				return
			}
			page.Read = len(rows)
			for _, r := range rows {
				w := c.warehouseRow(r)
				if w.WarehouseCode == "" {
					if !r.flag("DeletionMark") {
						page.Refused = append(page.Refused, *refuse(schema.EntityWarehouse, "", r, "unmapped", unmappedWarehouse(r.text("Description"))))
					}
					continue
				}
				if problems := w.Validate(); len(problems) > 0 {
					page.Refused = append(page.Refused, *refuse(schema.EntityWarehouse, w.RecordKey(), r, "validation", problems...))
					continue
				}
				page.Records = append(page.Records, w)
				identify(&page, w)
			}
			yield(page, nil)
		}
	})
}

// Stock reads the balances of the mapped warehouses, each whole in one call and
// one page. A balance register lists only what is not zero, so zeros are told
// too: on the first read of a process (and whenever there is no cursor) for every
// item, later for what this process saw above zero before (invariant 8 holds: a
// warehouse whose answer failed tells nothing).
func (c *Client) Stock() replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, cursor string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) { c.readStock(ctx, cursor, yield) }
	})
}

func (c *Client) readStock(ctx context.Context, cursor string, yield func(replicator.Page, error) bool) {
	next := c.cursorNow()
	items, err := c.stockItems(ctx)
	if err != nil {
		yield(replicator.Page{}, err)
		return
	}
	all, err := c.warehouses(ctx)
	if err != nil {
		yield(replicator.Page{}, err)
		return
	}
	refs := make([]string, 0, len(all))
	for ref := range all {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b string) int { return strings.Compare(all[a], all[b]) })
	for _, ref := range refs {
		rows, err := c.balances(ctx, ref, nil)
		var page replicator.Page
		var seen map[string]bool
		if err == nil {
			page, seen, err = c.stockPage(all[ref], items, rows, cursor == "")
		}
		if !yield(page, err) || err != nil {
			return
		}
		c.stockMu.Lock() // only now: the page that told the zeros is staged (invariant 9)
		c.stocked[all[ref]] = seen
		c.stockMu.Unlock()
	}
	yield(replicator.Page{Cursor: next}, nil)
}

// stockItems reads the items that can lie in a warehouse.
func (c *Client) stockItems(ctx context.Context) (map[string]item, error) {
	rows, err := c.find(ctx, c.n.Products, "IsFolder eq false", c.itemFields())
	if err != nil {
		return nil, err
	}
	out := make(map[string]item, len(rows))
	for _, r := range rows {
		it, err := c.keepItem(ctx, r)
		if err != nil {
			return nil, err
		}
		if !it.service && (it.sku != "" || !r.flag("DeletionMark")) {
			out[it.ref] = it
		}
	}
	return out, nil
}

// emptyIsSuspicious is from how many known articles on an empty balance is taken
// for missing rights rather than for an empty warehouse.
const emptyIsSuspicious = 20

func (c *Client) stockPage(code string, items map[string]item, rows map[string]row, whole bool) (replicator.Page, map[string]bool, error) {
	c.stockMu.Lock()
	known, again := c.stocked[code]
	c.stockMu.Unlock()
	if len(rows) == 0 && len(known) > emptyIsSuspicious {
		return replicator.Page{}, nil, &replicator.Failure{
			Kind: replicator.Transient, System: system, Operation: "read " + c.n.Stock,
			Message: fmt.Sprintf("the balance of warehouse %s came empty, %d articles were there before", code, len(known)),
			Hint:    "check that the exchange user may read this warehouse; nothing was set to zero",
		}
	}
	page, seen := replicator.Page{Read: len(rows)}, map[string]bool{}
	for _, ref := range slices.Sorted(maps.Keys(items)) {
		it, r := items[ref], rows[ref]
		if r == nil && again && !whole && !known[it.sku] {
			continue
		}
		b, err := c.balance(code, it, r)
		if err != nil {
			page.Refused = append(page.Refused, *refuse(schema.EntityStockBalance, schema.JoinKey(code, it.sku), row{"Ref_Key": ref}, "malformed", malformed("quantity", err)))
			continue
		}
		if problems := b.Validate(); len(problems) > 0 {
			page.Refused = append(page.Refused, *refuse(schema.EntityStockBalance, schema.JoinKey(code, it.sku), row{"Ref_Key": ref}, "validation", problems...))
			continue
		}
		page.Records = append(page.Records, b)
		if b.Quantity != 0 || b.Reserved != 0 {
			seen[it.sku] = true
		}
	}
	return page, seen, nil
}

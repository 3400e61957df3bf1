package onec

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// balances reads what lies in a warehouse, whole or for some items, summed over
// variants and purposes: item → balance. The answer is complete: a balance
// register lists everything that is not zero.
func (c *Client) balances(ctx context.Context, warehouse string, items []string) (map[string]row, error) {
	condition := eqRef("Склад_Key", warehouse)
	if len(items) > 0 {
		terms := make([]string, 0, len(items))
		for _, ref := range items {
			terms = append(terms, eqRef("Номенклатура_Key", ref))
		}
		condition += " and (" + strings.Join(terms, " or ") + ")"
	}
	rows, err := c.function(ctx, c.n.Stock, "Balance", "Condition="+textLiteral(condition)+",Dimensions='Номенклатура,Склад'", nil)
	if err != nil {
		return nil, err
	}
	out := make(map[string]row, len(rows))
	for _, r := range rows {
		ref := r.ref("Номенклатура_Key")
		if out[ref] != nil {
			return nil, rejected("read "+c.n.Stock, "an item stands twice in one balance", "1C ignored the dimensions that were asked for; check the publication")
		}
		out[ref] = r
	}
	return out, nil
}

// balance makes the canonical record of an item in a warehouse; a nil row is zero.
func (c *Client) balance(code string, it item, r row) (*schema.StockBalance, error) {
	b := &schema.StockBalance{
		Provenance: schema.Provenance{System: schema.OneC, ObservedAt: c.now()}, WarehouseCode: code, SKU: it.sku, UnitCode: it.unit,
	}
	if r == nil {
		return b, nil
	}
	var err error
	if b.Quantity, err = r.quantity("ВНаличииBalance"); err != nil {
		return nil, &fieldError{"quantity", err}
	}
	if b.Reserved, err = r.quantity("КОтгрузкеBalance"); err != nil {
		return nil, &fieldError{"reserved", err}
	}
	b.Reserved = max(b.Reserved, 0) // shipped beyond the reserve: nothing is promised
	return b, nil
}

// projectStock: the quantity is the source's, the reserve is 1C's own.
func (c *Client) projectStock(source, held *schema.StockBalance) *schema.StockBalance {
	if !source.DeletedAt.IsZero() {
		return nil // missing is not zero
	}
	out := schema.Clone(source)
	out.Provenance = schema.Provenance{System: schema.OneC}
	out.Reserved = 0
	if out.UnitCode == "" {
		out.UnitCode = c.cfg.Trade.UnitCode
	}
	if held != nil {
		out.Reserved, out.UnitCode, out.DeletedAt = held.Reserved, held.UnitCode, held.DeletedAt
	}
	return out
}

// stockJob is one balance delivery on its way.
type stockJob struct {
	i      int
	ref    string // mark of the delivery in the correction document
	ask    bool
	wanted *schema.StockBalance
	it     item
	have   *schema.StockBalance
}

func (j *stockJob) difference() schema.Quantity { return j.wanted.Quantity - j.have.Quantity }

// writeStock books what the balances differ by. Balances cannot be written: they
// are read first, and only the difference is booked by a document, or left to a
// person.
func (c *Client) writeStock(ctx context.Context, batch []replicator.Delivery, out *results) error {
	skus := map[string]bool{}
	for _, d := range batch {
		if w, ok := d.Wanted.(*schema.StockBalance); ok {
			skus[w.SKU] = true
		}
	}
	items, err := c.itemsBySKU(ctx, skus)
	if err != nil {
		return err
	}
	byWarehouse := map[string][]*stockJob{}
	for i, d := range batch {
		w, ok := d.Wanted.(*schema.StockBalance)
		if !ok {
			out.fail(i, rejected("write balance", "nothing is wanted", ""))
			continue
		}
		it, ok := items[w.SKU]
		if !ok {
			out.fail(i, productMissing(w.SKU, ""))
			continue
		}
		byWarehouse[w.WarehouseCode] = append(byWarehouse[w.WarehouseCode], &stockJob{
			i: i, ref: cut(d.Reference, 12), ask: isRepeat(d), wanted: w, it: it,
		})
	}
	codes := make([]string, 0, len(byWarehouse))
	for code := range byWarehouse {
		codes = append(codes, code)
	}
	sort.Strings(codes)
	for _, code := range codes {
		if err := c.correct(ctx, code, byWarehouse[code], out); err != nil {
			for _, j := range byWarehouse[code] {
				out.fail(j.i, err)
			}
		}
	}
	return nil
}

// correct settles the deliveries of one warehouse.
func (c *Client) correct(ctx context.Context, code string, jobs []*stockJob, out *results) error {
	warehouse, err := c.warehouseRef(ctx, code)
	if err != nil {
		return err
	}
	if err := c.readBalances(ctx, warehouse, code, jobs); err != nil {
		return err
	}
	var surplus, shortage []*stockJob
	for _, j := range jobs {
		switch diff := j.difference(); {
		case diff == 0:
		case c.cfg.StockCorrection == CorrectionHold:
			key := j.wanted.RecordKey()
			out.fail(j.i, &replicator.HoldError{
				Reason: "stock_correction_needs_person", Message: fmt.Sprintf("%s: 1C holds %s, the warehouse counts %s", key, j.have.Quantity, j.wanted.Quantity),
				Hint:     "book the difference in 1C, or set stock correction to post",
				WaitsFor: []string{replicator.Subject{Entity: schema.EntityStockBalance, System: schema.OneC, Key: key}.Topic()},
			})
		case diff > 0:
			surplus = append(surplus, j)
		default:
			shortage = append(shortage, j)
		}
	}
	fail := func(j *stockJob, err error) { out.fail(j.i, err) }
	bisect(surplus, func(part []*stockJob) error { return c.book(ctx, c.n.Surplus, warehouse, part) }, fail)
	bisect(shortage, func(part []*stockJob) error { return c.book(ctx, c.n.Shortage, warehouse, part) }, fail)
	if len(surplus)+len(shortage) > 0 {
		if err := c.readBalances(ctx, warehouse, code, jobs); err != nil {
			return afterWriting(err)
		}
	}
	for _, j := range jobs {
		if out.hasFailed(j.i) {
			continue
		}
		if j.difference() != 0 {
			out.fail(j.i, altered("write balance "+string(j.wanted.RecordKey()), []string{"quantity"}))
			continue
		}
		out.confirm(j.i, "balance agrees", "", j.have)
	}
	return nil
}

func (c *Client) readBalances(ctx context.Context, warehouse, code string, jobs []*stockJob) error {
	const atOnce = 10 // the condition travels in the path
	for part := range slices.Chunk(jobs, atOnce) {
		refs := make([]string, 0, len(part))
		for _, j := range part {
			refs = append(refs, j.it.ref)
		}
		rows, err := c.balances(ctx, warehouse, refs)
		if err != nil {
			return err
		}
		for _, j := range part {
			if j.have, err = c.balance(code, j.it, rows[j.it.ref]); err != nil {
				return asFailure("read balance", err)
			}
		}
	}
	return nil
}

// book writes and posts one correction document. One that an earlier attempt
// created and could not post is found by the marks of its deliveries and filled
// anew: its figures were those of another moment (invariant 4).
func (c *Client) book(ctx context.Context, set, warehouse string, jobs []*stockJob) error {
	body, err := c.correctionBody(ctx, warehouse, jobs)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if !j.ask {
			continue
		}
		doc, err := c.unfinished(ctx, set, j.ref)
		if err != nil {
			return err
		}
		if doc != nil {
			if _, err := c.patch(ctx, set, doc.ref("Ref_Key"), body); err != nil {
				return err
			}
			return c.postCorrection(ctx, set, doc.ref("Ref_Key"))
		}
	}
	doc, err := c.create(ctx, set, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		if found, askErr := c.unfinished(ctx, set, jobs[0].ref); askErr == nil && found != nil {
			doc, err = found, nil
		}
	}
	if err != nil {
		return err
	}
	return c.postCorrection(ctx, set, doc.ref("Ref_Key"))
}

func (c *Client) unfinished(ctx context.Context, set, ref string) (row, error) {
	rows, err := c.find(ctx, set, "substringof("+textLiteral(mark("stock", ref))+",Комментарий) and Posted eq false and DeletionMark eq false", []string{"Ref_Key"})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

func (c *Client) postCorrection(ctx context.Context, set, ref string) error {
	err := c.postDocument(ctx, set, ref)
	if err != nil && replicator.KindOf(err) == replicator.Rejected {
		if _, markErr := c.patch(ctx, set, ref, row{"DeletionMark": true}); markErr != nil {
			return markErr
		}
	}
	return err
}

func (c *Client) correctionBody(ctx context.Context, warehouse string, jobs []*stockJob) (row, error) {
	organization, err := c.organization(ctx)
	if err != nil {
		return nil, err
	}
	var rows []row
	var marks strings.Builder
	for _, j := range jobs {
		marks.WriteString(mark("stock", j.ref))
		diff := j.difference()
		rows = append(rows, row{"Номенклатура_Key": j.it.ref, "Количество": max(diff, -diff)})
	}
	return row{
		"Date": c.local(c.cfg.Clock()), "Организация_Key": organization, "Склад_Key": warehouse,
		"Комментарий": "Корректировка по учету склада " + marks.String(), "Товары": numbered(rows),
	}, nil
}

package onec

import (
	"context"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// writePrices sets the prices that differ by one posted document for the batch.
func (c *Client) writePrices(ctx context.Context, jobs []*productJob, out *results) {
	var changed []*productJob
	for _, j := range jobs {
		if !out.hasFailed(j.i) && len(j.missingPrices()) > 0 {
			changed = append(changed, j)
		}
	}
	changed, err := c.finishPrices(ctx, changed)
	if err != nil {
		for _, j := range changed {
			out.fail(j.i, err)
		}
		return
	}
	bisect(changed, func(part []*productJob) error { return c.postPrices(ctx, part) },
		func(j *productJob, err error) { out.fail(j.i, err) })
}

// missingPrices are the wanted prices that the register does not show.
func (j *productJob) missingPrices() []schema.ProductPrice {
	var out []schema.ProductPrice
	for _, p := range j.wanted.Prices {
		have := false
		for _, q := range j.state.prices {
			have = have || p == q
		}
		if !have {
			out = append(out, p)
		}
	}
	return out
}

// finishPrices posts documents that an earlier attempt created and could not
// post, found by the marks of its deliveries (invariant 4), and returns the jobs
// whose prices still differ.
func (c *Client) finishPrices(ctx context.Context, jobs []*productJob) ([]*productJob, error) {
	var terms []string
	for _, j := range jobs {
		if j.ask {
			terms = append(terms, "substringof("+textLiteral(mark("price", j.ref))+",Комментарий)")
		}
	}
	if len(terms) == 0 {
		return jobs, nil
	}
	docs, err := c.findAny(ctx, c.n.PriceDocument, terms, []string{"Ref_Key", "Posted", "DeletionMark"})
	if err != nil {
		return jobs, err
	}
	done := map[string]bool{}
	for _, d := range docs {
		ref := d.ref("Ref_Key")
		if d.flag("Posted") || d.flag("DeletionMark") || done[ref] {
			continue
		}
		done[ref] = true
		if err := c.postDocument(ctx, c.n.PriceDocument, ref); err != nil {
			return jobs, err
		}
	}
	states := map[string]*productState{}
	for _, j := range jobs {
		states[j.wanted.SKU] = j.state
	}
	if err := c.readRegisters(ctx, states); err != nil {
		return jobs, err
	}
	var left []*productJob
	for _, j := range jobs {
		if len(j.missingPrices()) > 0 {
			left = append(left, j)
		}
	}
	return left, nil
}

// postPrices writes and posts one document. A document that 1C refuses to post
// is marked for deletion: it moved nothing.
func (c *Client) postPrices(ctx context.Context, jobs []*productJob) error {
	body, err := c.priceBody(ctx, jobs)
	if err != nil {
		return err
	}
	doc, err := c.create(ctx, c.n.PriceDocument, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		found, askErr := c.find(ctx, c.n.PriceDocument, "substringof("+textLiteral(mark("price", jobs[0].ref))+",Комментарий) and Posted eq false and DeletionMark eq false", []string{"Ref_Key"})
		if askErr == nil && len(found) > 0 {
			doc, err = found[0], nil
		}
	}
	if err != nil {
		return err
	}
	ref := doc.ref("Ref_Key")
	if err = c.postDocument(ctx, c.n.PriceDocument, ref); replicator.KindOf(err) == replicator.Rejected {
		if _, markErr := c.patch(ctx, c.n.PriceDocument, ref, row{"DeletionMark": true}); markErr != nil {
			return markErr
		}
	}
	return err
}

func (c *Client) priceBody(ctx context.Context, jobs []*productJob) (row, error) {
	kinds, err := c.priceKinds(ctx)
	if err != nil {
		return nil, err
	}
	var rows, used []row
	var marks []string
	seen := map[string]bool{}
	for _, j := range jobs {
		marks = append(marks, mark("price", j.ref))
		for _, p := range j.missingPrices() {
			currency, err := c.currencyRef(ctx, p.Currency)
			if err != nil {
				return nil, err
			}
			kind := kinds[p.PriceType]
			rows = append(rows, row{"Номенклатура_Key": j.state.row.ref("Ref_Key"), "ВидЦены_Key": kind, "Цена": p.Amount, "Валюта_Key": currency, "ЦенаИзмененаВручную": true})
			if !seen[kind] {
				seen[kind] = true
				used = append(used, row{"ВидЦены_Key": kind})
			}
		}
	}
	return row{
		"Date": c.local(c.cfg.Clock()), "Согласован": true, "Статус": "Согласован",
		"Комментарий": "Цены из обмена " + strings.Join(marks, ""), c.n.PriceSection: numbered(rows), "ВидыЦен": numbered(used),
	}, nil
}

package onec

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// productJob is one product delivery on its way.
type productJob struct {
	i       int
	ref     string // mark of the delivery in the price document
	ask     bool
	wanted  *schema.Product
	state   *productState
	created bool
}

// writeProducts makes 1C hold the wanted items: item by item, then barcodes, then
// one posted price document for the whole batch, then all is read back.
func (c *Client) writeProducts(ctx context.Context, batch []replicator.Delivery, out *results) error {
	jobs, skus := make([]*productJob, len(batch)), make([]string, 0, len(batch))
	for i, d := range batch {
		jobs[i] = &productJob{i: i, ref: cut(d.Reference, 12), ask: isRepeat(d)}
		jobs[i].wanted, _ = d.Wanted.(*schema.Product)
		if jobs[i].wanted == nil {
			out.fail(i, rejected("write product", "nothing is wanted", ""))
			continue
		}
		skus = append(skus, jobs[i].wanted.SKU)
	}
	states, twice, err := c.productStates(ctx, skus)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.wanted != nil && twice[j.wanted.SKU] {
			out.fail(j.i, rejected("write product", fmt.Sprintf("the article %q stands on several items of 1C", j.wanted.SKU), "leave it on one of them"))
		}
	}
	out.each(ctx, len(jobs), func(ctx context.Context, i int) error {
		jobs[i].state = states[jobs[i].wanted.SKU]
		return c.writeItem(ctx, jobs[i])
	})
	c.writePrices(ctx, jobs, out)
	return c.confirmProducts(ctx, jobs, out)
}

// writeItem creates an item or patches the fields that differ, then its barcode.
func (c *Client) writeItem(ctx context.Context, j *productJob) error {
	var have *schema.Product
	ref := ""
	if j.state != nil {
		var err error
		if have, err = c.product(ctx, j.state); err != nil {
			return asFailure("read item", err)
		}
		ref = j.state.row.ref("Ref_Key")
	}
	body, err := c.itemBody(ctx, j.wanted, have, j.state)
	if err != nil {
		return err
	}
	switch {
	case have == nil:
		if j.state, err = c.createItem(ctx, j.wanted.SKU, body); err != nil {
			return err
		}
		j.created, ref = true, j.state.row.ref("Ref_Key")
	case len(body) > 0:
		r, err := c.patch(ctx, c.n.Products, ref, body)
		if err != nil {
			return err
		}
		j.state.row = r
	}
	return c.writeBarcode(ctx, j, ref)
}

func (c *Client) createItem(ctx context.Context, sku string, body row) (*productState, error) {
	r, err := c.create(ctx, c.n.Products, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		found, _, askErr := c.productStates(ctx, []string{sku})
		if askErr == nil && found[sku] != nil {
			return found[sku], nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &productState{row: r}, nil
}

func (c *Client) writeBarcode(ctx context.Context, j *productJob, ref string) error {
	code := j.wanted.Barcode
	if code == "" || slices.Contains(j.state.barcodes, code) {
		return nil
	}
	if err := c.setBarcode(ctx, ref, code); err != nil {
		return err
	}
	// The item's own barcode was one and has moved: the old one would be read first otherwise.
	for _, old := range j.state.barcodes {
		_, err := c.call(ctx, apicall.Request{Operation: "delete " + c.n.Barcodes, Method: http.MethodDelete, Path: "/" + escapePath(c.barcodePath(old)), Writes: true})
		if err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}

// itemBody holds the fields in which the item differs from what is wanted, all
// of them for a new one.
func (c *Client) itemBody(ctx context.Context, w, have *schema.Product, st *productState) (row, error) {
	body := row{}
	if have == nil {
		kind, err := c.configured(ctx, c.n.ItemKinds, "Description", c.cfg.Trade.ItemKind, "item kind")
		if err != nil {
			return nil, err
		}
		unit, err := c.unitRef(ctx, w.UnitCode)
		if err != nil {
			return nil, err
		}
		body = row{"Артикул": w.SKU, "ТипНоменклатуры": "Товар", "ЕдиницаИзмерения_Key": unit, "ИспользованиеХарактеристик": "НеИспользовать"}
		if kind != "" {
			body["ВидНоменклатуры_Key"] = kind
		}
		have = &schema.Product{Enabled: true}
	}
	if w.Name != have.Name {
		body["Description"], body["НаименованиеПолное"] = cut(w.Name, maxDescription), w.Name
	}
	if w.Description != have.Description {
		body["Описание"] = w.Description
	}
	if w.VATRate != have.VATRate && w.VATRate != "" {
		ref, err := c.vatRef(ctx, w.VATRate)
		if err != nil {
			return nil, err
		}
		body["СтавкаНДС_Key"] = ref
	}
	if w.WeightKg != have.WeightKg {
		if err := c.setMeasure(ctx, body, "Вес", "166", w.WeightKg, schema.Pieces(1)); err != nil {
			return nil, err
		}
	}
	if w.LengthCm != have.LengthCm { // metres, exact by a denominator of 100
		if err := c.setMeasure(ctx, body, "Длина", "006", w.LengthCm, schema.Pieces(100)); err != nil {
			return nil, err
		}
	}
	return body, c.attributeRows(ctx, body, w, have, st)
}

func (c *Client) setMeasure(ctx context.Context, body row, prefix, unit string, numerator, denominator schema.Quantity) error {
	ref, err := c.unitRef(ctx, unit)
	if err != nil {
		return err
	}
	body[prefix+"Использовать"] = numerator != 0
	body[prefix+"Числитель"], body[prefix+"Знаменатель"], body[prefix+"ЕдиницаИзмерения_Key"] = numerator, denominator, ref
	return nil
}

// attributeRows adds the section of additional attributes when one of ours
// differs; rows of others are kept, since a PATCH replaces the whole section.
func (c *Client) attributeRows(ctx context.Context, body row, w, have *schema.Product, st *productState) error {
	props, err := c.properties(ctx)
	if err != nil {
		return err
	}
	wanted, held := attributeValues(w), attributeValues(have)
	changed := false
	ours := map[string]bool{}
	for field, ref := range props {
		changed = changed || wanted[field] != held[field]
		ours[ref] = true
	}
	if !changed {
		return nil
	}
	var rows []row
	if st != nil {
		for _, l := range st.row.lines("ДополнительныеРеквизиты") {
			if !ours[l.ref("Свойство_Key")] {
				rows = append(rows, l.writable())
			}
		}
	}
	for _, field := range attributeOrder() {
		if v := wanted[field]; v != "" && props[field] != "" {
			rows = append(rows, row{"Свойство_Key": props[field], "Значение": v, "Значение_Type": "Edm.String", "ТекстоваяСтрока": v})
		}
	}
	body["ДополнительныеРеквизиты"] = numbered(rows)
	return nil
}

func attributeOrder() []string {
	return []string{"style_code", "variant", "brand", "category", "width_cm", "height_cm", "images", "enabled"}
}

// attributeValues are the texts of the attributes; one that says nothing is "".
func attributeValues(p *schema.Product) map[string]string {
	urls := make([]string, 0, len(p.Images))
	for _, img := range p.Images {
		urls = append(urls, img.URL)
	}
	out := map[string]string{
		"style_code": p.StyleCode, "variant": p.Variant, "brand": p.Brand, "category": p.Category, "images": strings.Join(urls, "\n"),
	}
	for field, q := range map[string]schema.Quantity{"width_cm": p.WidthCm, "height_cm": p.HeightCm} {
		if q != 0 {
			out[field] = strings.TrimSuffix(strings.TrimRight(q.String(), "0"), ".")
		}
	}
	if !p.Enabled {
		out["enabled"] = "нет"
	}
	return out
}

// numbered gives section lines their LineNumber: from 1 without gaps, or 1C refuses them.
func numbered(rows []row) []row {
	for i, r := range rows {
		r["LineNumber"] = i + 1
	}
	if rows == nil {
		rows = []row{}
	}
	return rows
}

// confirmProducts reads registers back and compares with what was wanted.
func (c *Client) confirmProducts(ctx context.Context, jobs []*productJob, out *results) error {
	written := map[string]*productState{}
	for _, j := range jobs {
		if j.wanted != nil && !out.hasFailed(j.i) {
			written[j.wanted.SKU] = j.state
		}
	}
	if err := c.readRegisters(ctx, written); err != nil {
		return afterWriting(err)
	}
	for _, j := range jobs {
		if out.hasFailed(j.i) {
			continue
		}
		got, err := c.product(ctx, j.state)
		if err != nil {
			out.fail(j.i, afterWriting(asFailure("read item", err)))
			continue
		}
		if diff := differences(j.wanted, got); len(diff) > 0 {
			out.fail(j.i, altered("write product", diff))
			continue
		}
		if _, err := c.keepItem(ctx, j.state.row); err != nil {
			out.fail(j.i, afterWriting(err))
			continue
		}
		note := alreadyThere
		if j.created {
			note = "created"
		}
		out.confirm(j.i, note, got.ExternalID, got)
	}
	return nil
}

// asFailure says that a value of 1C could not be read; other errors pass.
func asFailure(operation string, err error) error {
	if f, ok := err.(*fieldError); ok { //nolint:errorlint // made by this package, never wrapped
		return rejected(operation, "1C holds a value that cannot be read: "+f.field, "correct the field in 1C")
	}
	return err
}

// afterWriting marks a failure of the read-back: what was sent may well stand,
// so the engine must ask, not send again.
func afterWriting(err error) error {
	if replicator.KindOf(err) != replicator.Transient {
		return err
	}
	return &replicator.Failure{Kind: replicator.Unknown, System: system, Operation: "read back", Message: "written, but not seen yet", Err: err}
}

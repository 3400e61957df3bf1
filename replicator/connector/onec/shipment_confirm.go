package onec

import (
	"context"
	"slices"

	"sverka/schema"
)

// confirmShipment compares the document with what was wanted and reads where the
// order now stands: 1C derives that from the shipment.
func (c *Client) confirmShipment(ctx context.Context, i int, w *schema.Shipment, doc, order row, note string, out *results) error {
	refs := map[string]bool{}
	for _, l := range doc.lines("Товары") {
		refs[l.ref("Номенклатура_Key")] = true
	}
	items, err := c.itemsByRef(ctx, refs)
	if err != nil {
		return afterWriting(err)
	}
	ref := order.ref("Ref_Key")
	got, refused, err := c.viewShipment(ctx, doc, items, map[string]string{ref: w.OrderNumber})
	if err != nil {
		return afterWriting(err)
	}
	if got == nil || refused != nil {
		return rejected("write shipment", "the document of shipment "+w.InvoiceNumber+" cannot be read back", "correct the document in 1C")
	}
	diff := slices.DeleteFunc(differences(w, got), func(field string) bool {
		return field == "lines" && sameGoods(w, got) || field == "shipped_at" && note == alreadyThere
	})
	if len(diff) > 0 {
		return altered("write shipment "+w.InvoiceNumber, diff)
	}
	shipped, err := c.shippedOf(ctx, []string{ref})
	if err != nil {
		return afterWriting(err)
	}
	v, err := c.viewOne(ctx, order, shipped)
	if err != nil {
		return afterWriting(err)
	}
	out.confirm(i, note, got.ExternalID, got, v.status)
	return nil
}

// sameGoods tells whether two shipments move the same goods: the sums and units
// of a document that was there before are 1C's own.
func sameGoods(a, b *schema.Shipment) bool {
	if len(a.Lines) != len(b.Lines) {
		return false
	}
	for i, l := range a.Lines {
		if l.SKU != b.Lines[i].SKU || l.Quantity != b.Lines[i].Quantity {
			return false
		}
	}
	return true
}

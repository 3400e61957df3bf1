package openshop_test

import (
	"testing"

	"pgregory.net/rapid"

	"sverka/replicator"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// TestProduct_of_any_text_comes_to_rest: whatever stands in the source, what is
// wanted, confirmed and read back agrees, and nothing more is wanted.
func TestProduct_of_any_text_comes_to_rest(t *testing.T) {
	t.Parallel()
	s := newShop(t, tune{world: simworld.Options{Products: 1}})
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String()
		small := rapid.Int64Range(0, 99_999_999)
		p := newProduct("NEW-1")
		p.Name = "Т" + text.Draw(rt, "name")
		p.Description, p.Category, p.Brand = text.Draw(rt, "description"), text.Draw(rt, "category"), text.Draw(rt, "brand")
		p.Variant, p.StyleCode, p.Barcode = text.Draw(rt, "variant"), text.Draw(rt, "style"), text.Draw(rt, "barcode")
		p.VATRate = rapid.SampledFrom([]string{"20", "10", "0", "none", ""}).Draw(rt, "vat")
		p.UnitCode = rapid.SampledFrom([]string{"796", "166", "715", ""}).Draw(rt, "unit")
		p.WeightKg, p.WidthCm = schema.Quantity(small.Draw(rt, "weight")), schema.Quantity(small.Draw(rt, "width"))
		p.Prices[1].Amount = schema.Amount(small.Draw(rt, "price"))
		p.Enabled = rapid.Bool().Draw(rt, "enabled")
		all, _ := readAll(t.Context(), t, s.client.Products())
		d := delivery(t, s.client, p, all["product:NEW-1"])
		want := schema.Hash(d.Wanted)
		if _, err := s.client.Write(t.Context(), []replicator.Delivery{d}); err != nil {
			rt.Fatal(err)
		}
		all, refused := readAll(t.Context(), t, s.client.Products())
		read := all["product:NEW-1"]
		if read == nil || schema.Hash(read) != want {
			rt.Fatalf("wanted %+v\nread   %+v\nrefused %v", d.Wanted, read, refused)
		}
		if again := delivery(t, s.client, p, read); schema.Hash(again.Wanted) != want {
			rt.Fatalf("wants more: %+v", again.Wanted)
		}
	})
}

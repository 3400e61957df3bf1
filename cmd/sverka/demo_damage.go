package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// injected is a discrepancy that the demo made on purpose.
type injected struct {
	area, class, key string
	text             string
}

func (i injected) id() string { return i.area + " " + i.class + " " + i.key }

// damage spoils figures behind sverka's back, in ways that no flow mends by itself.
func (d *demo) damage(ctx context.Context) ([]injected, error) {
	d.show.step("Somebody meddles: figures are changed behind the exchange's back")
	main, szx := d.world.Warehouses[0], d.world.Warehouses[1]
	var list []injected
	add := func(i injected) {
		list = append(list, i)
		d.show.line("       " + i.text)
	}
	for i, wh := range []string{main.Code, szx.Code} {
		sku := d.world.Products[150+i].SKU
		shown := schema.Pieces(int64(777 + i))
		if err := d.openshop.SetShownStock(wh, sku, shown); err != nil {
			return nil, fmt.Errorf("damage what the shop shows of %s: %w", sku, err)
		}
		add(injected{"stock", "quantity", wh + "/" + sku, fmt.Sprintf("the shop shows %s of %s in %s", shown, sku, wh)})
	}
	for i := range 2 {
		sku := d.world.Products[160+i].SKU
		q := d.onec.Quantity(main.Code, sku) + schema.Pieces(int64(5+i))
		if err := d.onec.SetQuantity(main.Code, sku, q); err != nil {
			return nil, fmt.Errorf("damage the stock of %s in 1C: %w", sku, err)
		}
		add(injected{"stock", "quantity", main.Code + "/" + sku, fmt.Sprintf("somebody books %d more of %s in 1C than lie in %s", 5+i, sku, main.Code)})
	}
	past, err := d.prepaidOrder()
	if err != nil {
		return nil, err
	}
	if err := d.onec.SetOrderTotal(past.Number, past.Total+100000); err != nil {
		return nil, fmt.Errorf("damage order %s in 1C: %w", past.Number, err)
	}
	add(injected{"order", "amount", past.Number, "an accountant raises the total of " + past.Number + " by 1 000.00 in 1C"})
	return list, ctx.Err()
}

// prepaidOrder is the newest past order that was paid before it was released: the
// raised total is then not covered by its payments, and nothing goes to Jushuitan.
func (d *demo) prepaidOrder() (simworld.Order, error) {
	for _, o := range slices.Backward(d.world.Orders) {
		if o.PaymentMethod != schema.MethodOnDelivery {
			return o, nil
		}
	}
	return simworld.Order{}, errors.New("the world has no order that was paid beforehand; choose another --seed")
}

// compareFindings is nil when exactly the injected discrepancies were found.
func compareFindings(found []injected, want []injected) error {
	missing, extra := map[string]bool{}, map[string]bool{}
	for _, w := range want {
		missing[w.id()] = true
	}
	for _, f := range found {
		extra[f.id()] = true
	}
	for id := range missing {
		if extra[id] {
			delete(missing, id)
			delete(extra, id)
		}
	}
	if len(missing) == 0 && len(extra) == 0 {
		return nil
	}
	return &differencesError{
		what: fmt.Sprintf("the demo did not find what was injected; missing: %s; not injected: %s", listOf(missing), listOf(extra)),
		hint: "open the workbook: the sheet of differences shows the causes",
	}
}

func listOf(set map[string]bool) string {
	if len(set) == 0 {
		return "none"
	}
	ids := make([]string, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	if len(ids) > 10 {
		ids = append(ids[:10], fmt.Sprintf("and %d more", len(ids)-10))
	}
	return strings.Join(ids, ", ")
}

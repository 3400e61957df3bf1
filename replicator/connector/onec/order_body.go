package onec

import (
	"context"
	"fmt"

	"sverka/replicator"
	"sverka/schema"
)

// orderBody holds the fields that the shop owns; have is the document to change, nil for a new one.
func (c *Client) orderBody(ctx context.Context, w *schema.SalesOrder, source schema.Record, have row, needs orderNeeds) (row, error) {
	p, ok := needs.partners[w.CustomerCode]
	if w.CustomerCode == "" {
		return nil, rejected("write order "+w.OrderNumber, "the order names no customer", "the shop must send the customer with the order")
	}
	if !ok || p.firm == "" {
		return nil, &replicator.HoldError{
			Reason: "customer_missing", Message: fmt.Sprintf("customer %q of order %s is not in 1C yet", w.CustomerCode, w.OrderNumber),
			WaitsFor: []string{replicator.Subject{Entity: schema.EntityCustomer, System: schema.OneC, Key: schema.Key(w.CustomerCode)}.Topic()},
		}
	}
	if w.WarehouseCode == "" {
		return nil, &replicator.HoldError{Reason: "warehouse_unmapped", Message: "order " + w.OrderNumber + " names no warehouse", Hint: "set a default warehouse"}
	}
	warehouse, err := c.warehouseRef(ctx, w.WarehouseCode)
	if err != nil {
		return nil, err
	}
	currency, err := c.currencyRef(ctx, w.Currency)
	if err != nil {
		return nil, err
	}
	lines, err := c.orderLines(ctx, w, source, have, needs.items)
	if err != nil {
		return nil, err
	}
	values := map[string]string{labelReceiver: w.ReceiverName, labelPhone: w.ReceiverPhone, labelDelivery: "", labelPayment: ""}
	delivery := c.cfg.DeliveryMethods[w.DeliveryMethod]
	if delivery == "" {
		delivery, values[labelDelivery] = defaultDelivery, w.DeliveryMethod
	}
	form := map[string]string{
		schema.MethodCard: "ПлатежнаяКарта", schema.MethodBankTransfer: "Безналичная", schema.MethodCash: "Наличная", schema.MethodOnDelivery: "Наличная",
	}[w.PaymentMethod]
	switch {
	case w.PaymentMethod == schema.MethodOnDelivery:
		values[labelPayment] = onDelivery
	case form == "":
		values[labelPayment] = w.PaymentMethod
	}
	return row{
		"Date": c.local(w.OrderedAt), "Партнер_Key": p.ref, "Контрагент_Key": p.firm, "Валюта_Key": currency, "Склад_Key": warehouse,
		"СуммаДокумента": w.Total, "ФормаОплаты": form, "СпособДоставки": delivery, "АдресДоставки": w.AddressText, "Комментарий": w.Comment,
		c.n.DeliveryInfo: relabel(have.text(c.n.DeliveryInfo), []string{labelReceiver, labelPhone, labelDelivery, labelPayment}, values),
		"Товары":         numbered(lines),
	}, nil
}

// orderLines are the lines of the order and, last, its freight. What 1C keeps on
// a line of the document that is changed (КодСтроки, by which shipments refer to
// it, and the like) stays.
func (c *Client) orderLines(ctx context.Context, w *schema.SalesOrder, source schema.Record, have row, items map[string]item) ([]row, error) {
	shares := discountShares(w)
	if sum := w.LinesTotal() + w.Freight; w.Discount > sum {
		return nil, rejected("write order "+w.OrderNumber, "the discount is larger than the order", "correct the order in the shop")
	}
	old := have.lines("Товары")
	var out []row
	for i, l := range w.Lines {
		it, ok := items[l.SKU]
		if !ok {
			return nil, productMissing(l.SKU, "")
		}
		if o, said := source.(*schema.SalesOrder); said && i < len(o.Lines) && o.Lines[i].UnitCode != "" && o.Lines[i].UnitCode != it.unit {
			return nil, rejected("write order "+w.OrderNumber, fmt.Sprintf("line %d counts %q in unit %q, 1C in %q", i+1, l.SKU, l.UnitCode, it.unit), "correct the unit in the shop or in 1C")
		}
		vat, err := c.vatRef(ctx, l.VATRate)
		if err != nil {
			return nil, err
		}
		out = append(out, merged(keptLine(old, i, it.ref, c.cfg.Trade.Supply), row{
			"Номенклатура_Key": it.ref, "Содержание": l.Name, "Количество": l.Quantity, "КоличествоУпаковок": l.Quantity, "Цена": l.Price,
			"Сумма": l.Amount - shares[i], "СуммаСНДС": l.Amount - shares[i], "СуммаРучнойСкидки": shares[i],
			"СтавкаНДС_Key": vat, "СуммаНДС": l.VATAmount, "Отменено": l.Cancelled,
		}))
	}
	if w.Freight == 0 {
		return out, nil
	}
	freight, err := c.freightRef(ctx)
	if err != nil {
		return nil, err
	}
	vat := freight.vat
	if vat == "" {
		if vat, err = c.vatRef(ctx, c.cfg.Trade.VATRate); err != nil {
			return nil, err
		}
	}
	rate, err := c.vatName(ctx, vat)
	if err != nil {
		return nil, err
	}
	net := w.Freight - shares[len(w.Lines)]
	return append(out, merged(keptLine(old, len(out), freight.ref, c.cfg.Trade.Supply), row{
		"Номенклатура_Key": freight.ref, "Количество": schema.Pieces(1), "КоличествоУпаковок": schema.Pieces(1), "Цена": w.Freight,
		"Сумма": net, "СуммаСНДС": net, "СуммаРучнойСкидки": shares[len(w.Lines)], "СтавкаНДС_Key": vat, "СуммаНДС": vatWithin(net, rate), "Отменено": false,
	})), nil
}

// keptLine is the line of the document that stands in the same place for the
// same item, or a new one.
func keptLine(old []row, i int, item, supply string) row {
	if i < len(old) && old[i].ref("Номенклатура_Key") == item {
		return old[i].writable()
	}
	return row{"ВариантОбеспечения": supply}
}

func merged(into, from row) row {
	for k, v := range from {
		into[k] = v
	}
	return into
}

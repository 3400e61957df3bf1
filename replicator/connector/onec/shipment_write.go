package onec

import (
	"context"
	"fmt"

	"sverka/replicator"
	"sverka/schema"
)

// writeShipments makes one posted Реализация of each invoice number, found
// before it is created (invariant 4).
func (c *Client) writeShipments(ctx context.Context, batch []replicator.Delivery, out *results) error {
	var terms, numbers []string
	skus := map[string]bool{c.cfg.Trade.FreightArticle: true}
	for _, d := range batch {
		w, ok := d.Wanted.(*schema.Shipment)
		if !ok {
			continue
		}
		terms, numbers = append(terms, c.invoiceTerm(w.InvoiceNumber)), append(numbers, w.OrderNumber)
		for _, l := range w.Lines {
			skus[l.SKU] = true
		}
	}
	docs, err := c.findAny(ctx, c.n.Shipments, terms, c.shipmentSelect())
	if err != nil {
		return err
	}
	found := map[string][]row{}
	for _, d := range docs {
		if !d.flag("DeletionMark") {
			found[c.invoiceOf(d)] = append(found[c.invoiceOf(d)], d)
		}
	}
	orders, err := c.orderDocs(ctx, numbers)
	if err != nil {
		return err
	}
	items, err := c.itemsBySKU(ctx, skus)
	if err != nil {
		return err
	}
	// Shipments of one order follow each other: the first one carries the freight.
	chains := chainsByOrder(batch)
	out.each(ctx, len(chains), func(ctx context.Context, n int) error {
		for _, i := range chains[n] {
			w, ok := batch[i].Wanted.(*schema.Shipment)
			if !ok {
				out.fail(i, rejected("write shipment", "nothing is wanted", ""))
				continue
			}
			if err := c.writeShipment(ctx, i, w, found[w.InvoiceNumber], orders[w.OrderNumber], items, out); err != nil {
				out.fail(i, err)
			}
		}
		return nil
	})
	return nil
}

// chainsByOrder groups the indexes of a batch by order, each group in order of commit.
func chainsByOrder(batch []replicator.Delivery) [][]int {
	place := map[string]int{}
	var out [][]int
	for i, d := range batch {
		number := ""
		if w, ok := d.Wanted.(*schema.Shipment); ok {
			number = w.OrderNumber
		}
		at, ok := place[number]
		if !ok {
			at = len(out)
			place[number] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], i)
	}
	return out
}

func (c *Client) writeShipment(ctx context.Context, i int, w *schema.Shipment, found, orders []row, items map[string]item, out *results) error {
	if w.Status == schema.ShipmentCancelled {
		return &replicator.HoldError{
			Reason: "shipment_cancel_needs_person", Message: "shipment " + w.InvoiceNumber + " was cancelled after it was posted in 1C",
			Hint: "un-post it or register a return in 1C", WaitsFor: []string{replicator.Subject{Entity: schema.EntityShipment, System: schema.OneC, Key: schema.Key(w.InvoiceNumber)}.Topic()},
		}
	}
	if len(found) > 1 {
		return rejected("find shipment", fmt.Sprintf("%d documents of 1C carry the invoice number %s", len(found), w.InvoiceNumber), "mark all but one of them for deletion")
	}
	order, err := oneOrder(w.OrderNumber, orders)
	if err != nil {
		return err
	}
	if order == nil {
		return orderMissing(w.OrderNumber)
	}
	note := alreadyThere
	var doc row
	if len(found) == 1 {
		doc = found[0]
	} else {
		note = "created"
		if doc, err = c.createShipment(ctx, w, order, items); err != nil {
			return err
		}
	}
	if note == alreadyThere {
		if doc, err = c.changeShipment(ctx, w, doc); err != nil {
			return err
		}
	}
	if !doc.flag("Posted") {
		if err := c.postDocument(ctx, c.n.Shipments, doc.ref("Ref_Key")); err != nil {
			return err
		}
		if doc, err = c.element(ctx, c.n.Shipments, doc.ref("Ref_Key")); err != nil {
			return afterWriting(err)
		}
	}
	return c.confirmShipment(ctx, i, w, doc, order, note, out)
}

func (c *Client) createShipment(ctx context.Context, w *schema.Shipment, order row, items map[string]item) (row, error) {
	body, err := c.shipmentBody(ctx, w, order, items)
	if err != nil {
		return nil, err
	}
	doc, err := c.create(ctx, c.n.Shipments, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		again, askErr := c.find(ctx, c.n.Shipments, c.invoiceTerm(w.InvoiceNumber), c.shipmentSelect())
		if askErr == nil && len(again) == 1 {
			return again[0], nil
		}
	}
	return doc, err
}

// changeShipment patches what moves nothing: carrier and tracking number, which
// often come late.
func (c *Client) changeShipment(ctx context.Context, w *schema.Shipment, doc row) (row, error) {
	info := doc.text(c.n.DeliveryInfo)
	if labelled(info, labelCarrier) == w.Carrier && labelled(info, labelTracking) == w.TrackingNumber {
		return doc, nil
	}
	return c.patch(ctx, c.n.Shipments, doc.ref("Ref_Key"), row{c.n.DeliveryInfo: shipmentInfo(info, w)})
}

func shipmentInfo(have string, w *schema.Shipment) string {
	return relabel(have, []string{labelTracking, labelCarrier}, map[string]string{labelTracking: w.TrackingNumber, labelCarrier: w.Carrier})
}

func (c *Client) shipmentBody(ctx context.Context, w *schema.Shipment, order row, items map[string]item) (row, error) {
	warehouse, err := c.warehouseRef(ctx, w.WarehouseCode)
	if err != nil {
		return nil, err
	}
	lines, err := c.shipmentLines(ctx, w, order, items)
	if err != nil {
		return nil, err
	}
	var total schema.Amount
	for _, l := range lines {
		sum, _ := l["СуммаСНДС"].(schema.Amount)
		total += sum
	}
	body := row{
		"Date": c.local(w.ShippedAt), "ЗаказКлиента": order.ref("Ref_Key"), "ЗаказКлиента_Type": "StandardODATA." + c.n.Orders, "РеализацияПоЗаказам": true,
		"Склад_Key": warehouse, "СуммаДокумента": total, "Статус": "Отгружено", "ХозяйственнаяОперация": "РеализацияКлиенту", "ЦенаВключаетНДС": true,
		c.n.DeliveryInfo: shipmentInfo("", w), "Товары": numbered(lines), "НалогообложениеНДС": c.cfg.Trade.VATTaxation,
	}
	if c.n.Invoice == commentField {
		body[commentField] = mark(invoiceMark, w.InvoiceNumber)
	} else {
		body[c.n.Invoice] = w.InvoiceNumber
	}
	for _, field := range []string{"Партнер_Key", "Контрагент_Key", "Организация_Key", "Соглашение_Key", "Валюта_Key"} {
		body[field] = orEmpty(order.ref(field))
	}
	return body, nil
}

// shipmentLines refer to the lines of the order by КодСтроки; the order's freight
// goes with its first shipment.
func (c *Client) shipmentLines(ctx context.Context, w *schema.Shipment, order row, items map[string]item) ([]row, error) {
	byItem := map[string]row{}
	var freight row
	for _, l := range order.lines("Товары") {
		ref := l.ref("Номенклатура_Key")
		if ref == items[c.cfg.Trade.FreightArticle].ref && !l.flag("Отменено") {
			freight = l
		}
		if byItem[ref] == nil {
			byItem[ref] = l
		}
	}
	var out []row
	for _, l := range w.Lines {
		it, ok := items[l.SKU]
		if !ok {
			return nil, productMissing(l.SKU, "")
		}
		of := byItem[it.ref]
		if of == nil {
			return nil, rejected("write shipment "+w.InvoiceNumber, fmt.Sprintf("%q was shipped but is not in order %s of 1C", l.SKU, w.OrderNumber), "add the line to the order in 1C, or correct the shipment")
		}
		rate, err := c.vatName(ctx, of.ref("СтавкаНДС_Key"))
		if err != nil {
			return nil, err
		}
		out = append(out, row{
			"Номенклатура_Key": it.ref, "Количество": l.Quantity, "КоличествоУпаковок": l.Quantity, "Цена": number(of, "Цена"), "Сумма": l.Amount, "СуммаСНДС": l.Amount,
			"СтавкаНДС_Key": orEmpty(of.ref("СтавкаНДС_Key")), "СуммаНДС": vatWithin(l.Amount, rate), "КодСтроки": of.digits("КодСтроки"),
			"ЗаказКлиента": order.ref("Ref_Key"), "ЗаказКлиента_Type": "StandardODATA." + c.n.Orders,
		})
	}
	if freight == nil {
		return out, nil
	}
	first, err := c.isFirstShipment(ctx, order.ref("Ref_Key"), freight.ref("Номенклатура_Key"))
	if err != nil || !first {
		return out, err
	}
	sum, err := lineSum(freight)
	if err != nil {
		return nil, rejected("write shipment", "the freight of order "+w.OrderNumber+" cannot be read", "correct the order in 1C")
	}
	return append(out, row{
		"Номенклатура_Key": freight.ref("Номенклатура_Key"), "Количество": schema.Pieces(1), "КоличествоУпаковок": schema.Pieces(1), "Цена": sum, "Сумма": sum, "СуммаСНДС": sum,
		"СтавкаНДС_Key": orEmpty(freight.ref("СтавкаНДС_Key")), "СуммаНДС": number(freight, "СуммаНДС"), "КодСтроки": freight.digits("КодСтроки"),
		"ЗаказКлиента": order.ref("Ref_Key"), "ЗаказКлиента_Type": "StandardODATA." + c.n.Orders,
	}), nil
}

// number passes a number of 1C through as 1C wrote it.
func number(r row, name string) any {
	if v := r[name]; v != nil {
		return v
	}
	return 0
}

func (c *Client) isFirstShipment(ctx context.Context, order, freight string) (bool, error) {
	docs, err := c.shipmentsOf(ctx, []string{order})
	if err != nil {
		return false, err
	}
	for _, d := range docs {
		for _, l := range d.lines("Товары") {
			if !d.flag("DeletionMark") && l.ref("Номенклатура_Key") == freight {
				return false, nil
			}
		}
	}
	return true, nil
}

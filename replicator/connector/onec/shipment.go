package onec

import (
	"context"
	"fmt"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// invoiceMark names our reference of a shipment in its comment, where the
// configuration keeps it there.
const invoiceMark = "invoice"

const commentField = "Комментарий"

func (c *Client) shipmentSelect() []string {
	return []string{
		"Ref_Key", "DataVersion", "DeletionMark", "Number", "Date", "Posted", "ЗаказКлиента", "Склад_Key", "Статус", "СуммаДокумента",
		commentField, "Товары", c.n.DeliveryInfo, c.n.Invoice,
	}
}

// invoiceOf is the invoice number that a shipment document carries.
func (c *Client) invoiceOf(r row) string {
	if c.n.Invoice == commentField {
		return readMark(r.text(commentField), invoiceMark)
	}
	return r.text(c.n.Invoice)
}

func (c *Client) invoiceTerm(number string) string {
	if c.n.Invoice == commentField {
		return "substringof(" + textLiteral(mark(invoiceMark, number)) + "," + commentField + ")"
	}
	return eqText(c.n.Invoice, number)
}

// viewShipment makes the canonical record of a shipment. A document without an
// order or without our invoice number is 1C's own affair: both are nil.
func (c *Client) viewShipment(ctx context.Context, r row, items map[string]item, numbers map[string]string) (*schema.Shipment, *replicator.Refusal, error) {
	invoice, order := c.invoiceOf(r), shipmentOrder(r)
	if order == "" {
		return nil, nil, nil
	}
	if invoice == "" {
		invoice = r.ref("Ref_Key") // born in 1C: known by its reference
	}
	info := r.text(c.n.DeliveryInfo)
	s := &schema.Shipment{
		Provenance: c.provenance(r), InvoiceNumber: invoice, OrderNumber: numbers[order], ShippedAt: c.time(r, "Date"),
		Carrier: labelled(info, labelCarrier), TrackingNumber: labelled(info, labelTracking), Status: schema.ShipmentPlanned, Lines: []schema.ShipmentLine{},
	}
	s.Extra = schema.Extra{"number": r.text("Number")}
	if r.flag("Posted") && r.text("Статус") != "КПредоплате" {
		s.Status = schema.ShipmentShipped
	}
	var err error
	if s.WarehouseCode, err = c.codeOfWarehouse(ctx, r.ref("Склад_Key")); err != nil {
		return nil, nil, err
	}
	key := schema.Key(invoice)
	switch {
	case s.OrderNumber == "":
		return nil, refuse(schema.EntityShipment, key, r, "unmapped", schema.Problem{
			Field: "order_number", Reason: "the order that is shipped carries no outside number", Hint: "fill " + c.n.OrderNumber + " in the order",
		}), nil
	case s.WarehouseCode == "" && r.ref("Склад_Key") != "":
		return nil, refuse(schema.EntityShipment, key, r, "unmapped", unmappedWarehouse(r.ref("Склад_Key"))), nil
	}
	for i, l := range r.lines("Товары") {
		it := items[l.ref("Номенклатура_Key")]
		if it.sku == c.cfg.Trade.FreightArticle && it.service {
			continue
		}
		line := schema.ShipmentLine{LineNo: len(s.Lines) + 1, SKU: it.sku, UnitCode: it.unit}
		if line.Quantity, err = l.quantity("Количество"); err == nil {
			line.Amount, err = lineSum(l)
		}
		if err != nil {
			return nil, refuse(schema.EntityShipment, key, r, "malformed", malformed(fmt.Sprintf("lines[%d]", i+1), err)), nil
		}
		s.Lines = append(s.Lines, line)
	}
	if problems := s.Validate(); len(problems) > 0 {
		return nil, refuse(schema.EntityShipment, key, r, "validation", problems...), nil
	}
	return s, nil, nil
}

// shipmentOrder is the order of a shipment, from its head or its first line.
func shipmentOrder(r row) string {
	if ref := r.ref("ЗаказКлиента"); ref != "" {
		return ref
	}
	for _, l := range r.lines("Товары") {
		if ref := l.ref("ЗаказКлиента"); ref != "" {
			return ref
		}
	}
	return ""
}

// projectShipment is what 1C would hold of goods that left: a planned shipment is
// not a document there. Sums are those of 1C's own order, not of the warehouse.
func (c *Client) projectShipment(source, held *schema.Shipment, related replicator.Related) *schema.Shipment {
	switch {
	case source.Status == schema.ShipmentPlanned && source.DeletedAt.IsZero():
		return nil
	case source.Status == schema.ShipmentCancelled || !source.DeletedAt.IsZero():
		if held == nil || held.Status != schema.ShipmentShipped {
			return nil
		}
		out := schema.Clone(held)
		out.Status = schema.ShipmentCancelled
		return out
	}
	out := schema.Clone(source)
	out.Provenance = schema.Provenance{System: schema.OneC}
	out.Carrier, out.TrackingNumber = oneLine(source.Carrier), oneLine(source.TrackingNumber)
	if out.ShippedAt.IsZero() {
		if out.ShippedAt = source.SourceModifiedAt; out.ShippedAt.IsZero() {
			out.ShippedAt = source.ObservedAt
		}
	}
	if held != nil && !held.ShippedAt.IsZero() {
		out.ShippedAt = held.ShippedAt // the date of a document is accounting's own once it exists
	}
	if held != nil && held.Status == out.Status && !held.ShippedAt.IsZero() {
		out.ShippedAt = held.ShippedAt // the date of a document that 1C has booked is the accountants' own
	}
	out.ShippedAt = out.ShippedAt.UTC().Truncate(time.Second)
	order := related.HeldOrder
	if out.WarehouseCode == "" && order != nil {
		out.WarehouseCode = order.WarehouseCode
	}
	sums := netSums(order)
	for i := range out.Lines {
		l := &out.Lines[i]
		l.LineNo = i + 1
		if sum, ok := sums.part(l.SKU, l.Quantity); ok {
			l.Amount = sum
		}
		if l.UnitCode == "" {
			l.UnitCode = c.cfg.Trade.UnitCode
		}
		if held != nil && i < len(held.Lines) && held.Lines[i].SKU == l.SKU && held.Lines[i].Quantity == l.Quantity {
			l.Amount, l.UnitCode = held.Lines[i].Amount, held.Lines[i].UnitCode
		}
	}
	if held != nil {
		out.DeletedAt = held.DeletedAt
	}
	return out
}

// orderSums are the sums of an order's lines less their share of its discount, by SKU.
type orderSums map[string]struct {
	quantity schema.Quantity
	sum      schema.Amount
}

func netSums(o *schema.SalesOrder) orderSums {
	out := orderSums{}
	if o == nil {
		return out
	}
	shares := discountShares(o)
	for i, l := range o.Lines {
		if !l.Cancelled {
			s := out[l.SKU]
			s.quantity, s.sum = s.quantity+l.Quantity, s.sum+l.Amount-shares[i]
			out[l.SKU] = s
		}
	}
	return out
}

// part is the sum of a part of the ordered quantity, rounded down to the kopeck;
// the whole quantity has the whole sum.
func (s orderSums) part(sku string, q schema.Quantity) (schema.Amount, bool) {
	have, ok := s[sku]
	if !ok || have.quantity <= 0 {
		return 0, false
	}
	return schema.Amount(mulDivFloor(int64(have.sum), int64(q), int64(have.quantity))), true
}

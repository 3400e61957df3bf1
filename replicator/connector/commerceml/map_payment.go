package commerceml

import (
	"cmp"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// trade is what payment documents need to know of the orders of their file.
type trade struct {
	container int
	order     *schema.SalesOrder            // of the container under way
	payment   *schema.Payment               // that the order's own requisites tell, until the container ends
	orders    map[string]*schema.SalesOrder // by Ид and by number, the parts that a payment needs
	told      map[string]bool               // numbers of orders whose requisites told the payment
}

func newTrade() trade {
	return trade{orders: map[string]*schema.SalesOrder{}, told: map[string]bool{}}
}

// know remembers an order that was handed over, and the payment that it told.
func (t *trade) know(d *Document, o *schema.SalesOrder, p *schema.Payment) {
	brief := &schema.SalesOrder{OrderNumber: o.OrderNumber, PaymentMethod: o.PaymentMethod, Currency: o.Currency}
	t.order, t.payment = brief, p
	t.orders[d.Number] = brief
	if d.ID != "" {
		t.orders[d.ID] = brief
	}
}

// releasePayment hands over what an order said of its payment, as no document of
// the same container said it better.
func (m *Mapper) releasePayment() {
	if p := m.trade.payment; p != nil && m.emit(p, p.PaymentID) {
		m.trade.told[p.OrderNumber] = true
	}
	m.trade.payment = nil
}

func isShipment(d *Document) bool { return strings.EqualFold(d.Operation, "Отпуск товара") }

// isPayment knows the operations under which shops send payments.
func isPayment(d *Document) bool {
	switch strings.ToLower(d.Operation) {
	case "выплата безналичных денег", "выплата наличных денег", "эквайринговая операция":
		return true
	}
	return false
}

// addPayment maps a payment document; it stands in for what its order's requisites
// say of the payment, which would count the money twice.
func (m *Mapper) addPayment(d *Document) {
	number, order := m.orderPaid(d)
	if number == "" {
		m.refuse(unmapped(schema.EntityPayment, d.Number, d.ID, "order_number", d.Basis,
			"the payment's order is not known: it is not in the same container, or it was refused",
			"send the payment in the Контейнер of its order, or with НомерОснования"))
		return
	}
	if m.trade.told[number] {
		m.counts.PaymentsTold++
		return
	}
	p := m.paymentOf(d, number, order)
	var bad problems
	if p.Currency == "" {
		bad.add("currency", d.Currency, "is not a currency sverka knows", "write ISO 4217 letters such as RUB in the sending system")
	}
	if p.PaidAt.IsZero() && p.Status == schema.PaymentPaid {
		bad.add("paid_at", d.Date, "Дата and Время are not a moment", "write Дата as 2026-01-31 and Время as 15:04:05")
	}
	if len(bad) > 0 {
		m.refuse(replicator.Refusal{Entity: schema.EntityPayment, Key: p.RecordKey(), ExternalID: d.ID, Code: "validation", Problems: bad})
		return
	}
	if m.emit(p, cmp.Or(d.ID, p.PaymentID)) && m.trade.payment != nil && m.trade.payment.OrderNumber == number {
		m.trade.payment = nil
	}
}

// orderPaid finds the order of a payment: by its number, by Ид among the orders of
// the file, or as the order of the same container. It is never guessed.
func (m *Mapper) orderPaid(d *Document) (string, *schema.SalesOrder) {
	if d.BasisNumber != "" {
		return d.BasisNumber, m.trade.orders[d.BasisNumber]
	}
	if o := m.trade.orders[d.Basis]; o != nil {
		return o.OrderNumber, o
	}
	if o := m.trade.order; o != nil {
		return o.OrderNumber, o
	}
	return "", nil
}

func (m *Mapper) paymentOf(d *Document, number string, order *schema.SalesOrder) *schema.Payment {
	document := requisite(d.Requisites, "Номер платежного документа")
	p := &schema.Payment{
		PaymentID: cmp.Or(document, d.Number), OrderNumber: number, Amount: d.Total, Currency: m.currency(d.Currency),
		Method: m.paymentMethod(d), Status: schema.PaymentPaid, DocumentNumber: cmp.Or(document, d.Number),
	}
	switch {
	case p.Method != "":
	case strings.EqualFold(d.Operation, "Выплата наличных денег"):
		p.Method = schema.MethodCash
	case strings.EqualFold(d.Operation, "Эквайринговая операция"):
		p.Method = schema.MethodCard
	case order != nil:
		p.Method = order.PaymentMethod
	}
	for _, name := range []string{"Оплачен", "Оплачено", "Заказ оплачен"} {
		if paid := requisite(d.Requisites, name); paid != "" && !isTrue(paid) {
			p.Status = schema.PaymentPending
		}
	}
	if isTrue(requisite(d.Requisites, "Отменен")) {
		p.Status = schema.PaymentFailed
	}
	if p.Status == schema.PaymentPaid {
		p.PaidAt, _ = m.moment(d) // zero is refused by addPayment
		if at, err := parseMoment(requisite(d.Requisites, "Дата оплаты"), m.m.Location); err == nil {
			p.PaidAt = at
		}
	}
	return p
}

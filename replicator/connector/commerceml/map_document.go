package commerceml

import (
	"strconv"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// addDocument maps a customer's order, or a payment of one; a shipment says nothing
// that the shop knows better than the warehouse. Other trade documents are not ours
// and are refused as unmapped, once per kind of operation.
func (m *Mapper) addDocument(d *Document) {
	if d.Container == 0 || d.Container != m.trade.container {
		m.releasePayment()
		m.trade.container, m.trade.order = d.Container, nil
	}
	switch {
	case strings.EqualFold(d.Operation, "Заказ товара"):
		m.addOrder(d)
	case isShipment(d):
		m.counts.Shipments++
	case isPayment(d):
		m.addPayment(d)
	default:
		m.refuseOnce("operation "+d.Operation, unmapped(schema.EntitySalesOrder, d.Number, d.ID, "operation", d.Operation,
			"documents of this operation are not read", "exclude them from the exchange"))
	}
}

func (m *Mapper) addOrder(d *Document) {
	bad := m.problemsOf(d)
	order, refusal := m.salesOrder(d, &bad)
	if refusal != nil {
		m.refuse(*refusal)
		return
	}
	if len(bad) > 0 {
		m.refuse(replicator.Refusal{Entity: schema.EntitySalesOrder, Key: schema.Key(d.Number), ExternalID: d.ID, Code: "validation", Problems: bad})
		return
	}
	if c := m.customer(d); c != nil {
		m.emit(c, c.ExternalID)
	}
	if !m.emit(order, d.ID) {
		return // a status or a payment of an order that nobody holds helps no one
	}
	m.emit(m.status(d, order.OrderedAt), d.ID)
	m.trade.know(d, order, m.payment(d, order))
	if d.Container == 0 {
		m.releasePayment()
	}
}

func (m *Mapper) problemsOf(d *Document) problems {
	var bad problems
	if m.currency(d.Currency) == "" {
		bad.add("currency", d.Currency, "is not a currency sverka knows", "write ISO 4217 letters such as RUB in the sending system")
	}
	if _, err := m.moment(d); err != nil {
		bad.add("ordered_at", d.Date, "Дата and Время are not a moment", "write Дата as 2026-01-31 and Время as 15:04:05")
	}
	return bad
}

func (m *Mapper) moment(d *Document) (time.Time, error) {
	text := d.Date
	if d.Time != "" && !strings.ContainsAny(d.Date, "T:") {
		text += " " + d.Time
	}
	return parseMoment(text, m.m.Location)
}

// salesOrder builds the order with its lines.
func (m *Mapper) salesOrder(d *Document, bad *problems) (*schema.SalesOrder, *replicator.Refusal) {
	at, _ := m.moment(d) // a bad date stands in bad already
	buyer, receiver := parties(d)
	o := &schema.SalesOrder{
		OrderNumber: d.Number, CustomerCode: customerCode(buyer), OrderedAt: at, Currency: m.currency(d.Currency), Total: d.Total,
		PaymentMethod: m.paymentMethod(d), DeliveryMethod: requisite(d.Requisites, "Способ доставки"),
		ReceiverName: receiver.name(), ReceiverPhone: NormalPhone(receiver.Phone), AddressText: requisite(d.Requisites, "Адрес доставки"),
		Comment: requisite(d.Requisites, "Комментарии покупателя"), Posted: true,
	}
	if o.AddressText == "" {
		o.AddressText = receiver.Address
	}
	if o.Comment == "" {
		o.Comment = d.Comment
	}
	o.Extra = orderExtra(d)
	if len(d.WarehouseIDs) > 0 && d.WarehouseIDs[0] != "" {
		code, ok := m.warehouse(d.WarehouseIDs[0])
		if !ok {
			r := m.unmappedWarehouse(schema.EntitySalesOrder, d.Number, d.WarehouseIDs[0])
			return nil, &r
		}
		o.WarehouseCode = code
	}
	for _, dis := range d.Discounts {
		if !dis.Included {
			o.Discount += dis.Amount
		}
	}
	return o, m.lines(o, d, bad)
}

// lines splits services off as Freight and maps the rest.
func (m *Mapper) lines(o *schema.SalesOrder, d *Document, bad *problems) *replicator.Refusal {
	for i, l := range d.Lines {
		amount := l.Amount
		for _, dis := range l.Discounts {
			if !dis.Included {
				amount -= dis.Amount
			}
		}
		if l.ID == "ORDER_DELIVERY" || requisite(l.Requisites, "ТипНоменклатуры") == "Услуга" {
			o.Freight += amount
			continue
		}
		if l.Quantity == 0 && amount == 0 {
			continue // 1C passes over empty lines too
		}
		article := l.Article
		if article == "" {
			article = requisite(l.Requisites, "СвойствоКорзины#ARTICLE")
		}
		sku, ok := m.sku(l.ID, article)
		if !ok && m.m.SKUFromID {
			sku, ok = firstPart(l.ID), true
		}
		if !ok || sku == "" {
			r := unmapped(schema.EntitySalesOrder, d.Number, d.ID, "lines["+strconv.Itoa(i+1)+"].sku", l.ID,
				"the line has no article and its product is not known", "load the catalogue first, or fill Артикул in the sending system")
			return &r
		}
		rate := vatRate(l.VATRate)
		if rate == "" && l.VATRate != "" {
			bad.add("lines["+strconv.Itoa(i+1)+"].vat_rate", l.VATRate, "is not a VAT rate", "write 20, 10, 0 or Без НДС")
		}
		o.Lines = append(o.Lines, schema.SalesOrderLine{
			LineNo: len(o.Lines) + 1, SKU: sku, Name: l.Name, Quantity: l.Quantity, UnitCode: l.Unit.Code,
			Price: l.Price, Amount: amount, VATRate: rate, VATAmount: l.VATAmount,
		})
	}
	return nil
}

// orderExtra keeps the requisites that have no column. Comments and addresses
// have one, and are personal data that need no second place.
func orderExtra(d *Document) schema.Extra {
	e := schema.Extra{}
	for _, r := range d.Requisites {
		switch r.Name {
		case "Комментарии покупателя", "Адрес доставки", "":
		default:
			e[r.Name] = r.Value
		}
	}
	for k, v := range d.Extra {
		e[k] = v
	}
	return e
}

// parties tells who buys and who receives; one party is both.
func parties(d *Document) (buyer, receiver Counterparty) {
	if len(d.Counterparties) > 0 {
		buyer, receiver = d.Counterparties[0], d.Counterparties[0]
	}
	for _, c := range d.Counterparties {
		switch c.Role {
		case "Покупатель", "Плательщик":
			buyer = c
			if receiver.Role != "Получатель" {
				receiver = c
			}
		case "Получатель":
			receiver = c
		}
	}
	return buyer, receiver
}

func (c Counterparty) name() string {
	for _, n := range []string{c.Name, c.FullName, c.OfficialName} {
		if n != "" {
			return n
		}
	}
	return ""
}

// customerCode is the counterparty's id without what Bitrix appends to it:
// "<id>#<login>#<name>".
func customerCode(c Counterparty) string { return firstPart(c.ID) }

// customer maps the buyer; a buyer without id and name is nobody to stage.
func (m *Mapper) customer(d *Document) *schema.Customer {
	buyer, _ := parties(d)
	if buyer.ID == "" && buyer.name() == "" {
		return nil
	}
	return m.customerOf(buyer)
}

// customerOf maps a party; what marks it deleted makes it a deletion.
func (m *Mapper) customerOf(buyer Counterparty) *schema.Customer {
	c := &schema.Customer{
		CustomerCode: customerCode(buyer), Kind: schema.PersonKind, Name: buyer.name(), FullName: buyer.FullName,
		INN: buyer.INN, KPP: buyer.KPP, Phone: NormalPhone(buyer.Phone), Email: buyer.Email, AddressText: buyer.Address,
	}
	if buyer.OfficialName != "" || len(buyer.INN) == 10 {
		c.Kind = schema.CompanyKind
		c.FullName = buyer.OfficialName
	}
	c.ExternalID = customerCode(buyer)
	if buyer.Deleted {
		c.DeletedAt = m.m.ObservedAt
	}
	return c
}

func (m *Mapper) status(d *Document, orderedAt time.Time) *schema.OrderStatus {
	text := requisite(d.Requisites, "Статус заказа")
	if text == "" {
		text = requisite(d.Requisites, "Статуса заказа ИД")
	}
	s := &schema.OrderStatus{OrderNumber: d.Number, VendorStatus: text, Phase: PhaseOf(text, m.m.Statuses), ChangedAt: orderedAt}
	if isTrue(requisite(d.Requisites, "Отменен")) {
		s.Phase, s.Reason = schema.PhaseCancelled, requisite(d.Requisites, "Причина отмены")
	}
	if at, err := parseMoment(requisite(d.Requisites, "Дата изменения статуса"), m.m.Location); err == nil {
		s.ChangedAt = at
	}
	return s
}

// payment reads the payment requisites; nil when nothing says that the order is paid.
func (m *Mapper) payment(d *Document, o *schema.SalesOrder) *schema.Payment {
	number := requisite(d.Requisites, "Номер платежного документа")
	date := requisite(d.Requisites, "Дата оплаты")
	paid := requisite(d.Requisites, "Заказ оплачен")
	if paid != "" && !isTrue(paid) || paid == "" && date == "" {
		return nil
	}
	p := &schema.Payment{
		PaymentID: number, OrderNumber: o.OrderNumber, Amount: o.Total, Currency: o.Currency,
		Method: o.PaymentMethod, Status: schema.PaymentPaid, DocumentNumber: number,
	}
	if number == "" {
		p.PaymentID = o.OrderNumber + "-paid" // the shop names no document: one payment per order
	}
	if a, err := schema.ParseAmount(requisite(d.Requisites, "Сумма оплаты")); err == nil && a > 0 {
		p.Amount = a
	}
	if at, err := parseMoment(date, m.m.Location); err == nil {
		p.PaidAt = at
	}
	return p
}

func (m *Mapper) paymentMethod(d *Document) string {
	for _, name := range []string{"Метод оплаты ИД", "Метод оплаты"} {
		word := requisite(d.Requisites, name)
		if v, ok := lookup(m.m.PaymentMethods, word); ok {
			return v
		}
		if v, ok := lookup(usualMethods(), word); ok {
			return v
		}
	}
	return ""
}

// usualMethods are wordings of shops and the canonical words themselves.
func usualMethods() map[string]string {
	return map[string]string{
		schema.MethodCard: schema.MethodCard, schema.MethodBankTransfer: schema.MethodBankTransfer,
		schema.MethodCash: schema.MethodCash, schema.MethodOnDelivery: schema.MethodOnDelivery,
		"Банковская карта": schema.MethodCard, "Картой онлайн": schema.MethodCard, "Оплата картой": schema.MethodCard, "Интернет-эквайринг": schema.MethodCard,
		"Безналичный расчет": schema.MethodBankTransfer, "Безналичный расчёт": schema.MethodBankTransfer, "Банковский перевод": schema.MethodBankTransfer,
		"Наличный расчет": schema.MethodCash, "Наличный расчёт": schema.MethodCash, "Наличные": schema.MethodCash,
		"Оплата при получении": schema.MethodOnDelivery, "Наложенный платеж": schema.MethodOnDelivery, "Наложенный платёж": schema.MethodOnDelivery,
		"При получении наличными или картой": schema.MethodOnDelivery,
	}
}

package openshopsim

import (
	"bytes"
	"encoding/xml"

	"sverka/schema"
)

// element writes one element with a text.
func element(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text)) // a buffer does not fail
	b.WriteString("</" + name + ">\n")
}

func open(b *bytes.Buffer, name string) { b.WriteString("<" + name + ">\n") }

func shut(b *bytes.Buffer, name string) { b.WriteString("</" + name + ">\n") }

func requisite(b *bytes.Buffer, name, value string) {
	open(b, "ЗначениеРеквизита")
	element(b, "Наименование", name)
	element(b, "Значение", value)
	shut(b, "ЗначениеРеквизита")
}

// writeOrder writes an order as the shop tells it to 1C.
func (s *Sim) writeOrder(b *bytes.Buffer, o *order) {
	at := o.world.At.In(moscow())
	open(b, "Документ")
	element(b, "Ид", "order-"+o.world.Number)
	element(b, "Номер", o.world.Number)
	element(b, "Дата", at.Format("2006-01-02"))
	element(b, "ХозОперация", "Заказ товара")
	element(b, "Роль", "Продавец")
	element(b, "Валюта", s.world.Currency)
	element(b, "Курс", "1")
	element(b, "Сумма", o.world.Total.String())
	s.writeBuyer(b, o)
	element(b, "Время", at.Format("15:04:05"))
	if o.world.Warehouse != "" {
		open(b, "Склады")
		open(b, "Склад")
		element(b, "Ид", WarehouseID(o.world.Warehouse))
		shut(b, "Склад")
		shut(b, "Склады")
	}
	s.writeLines(b, o)
	open(b, "ЗначенияРеквизитов")
	writeRequisites(b, o)
	shut(b, "ЗначенияРеквизитов")
	shut(b, "Документ")
}

func (s *Sim) writeBuyer(b *bytes.Buffer, o *order) {
	c := s.world.CustomerByCode(o.world.Customer)
	open(b, "Контрагенты")
	open(b, "Контрагент")
	element(b, "Ид", c.Code)
	element(b, "Наименование", c.Name)
	if c.Kind == schema.CompanyKind {
		element(b, "ОфициальноеНаименование", c.Name)
		element(b, "ИНН", c.INN)
		element(b, "КПП", c.KPP)
	} else {
		element(b, "ПолноеНаименование", c.Name)
	}
	open(b, "Адрес")
	element(b, "Представление", o.world.Address)
	shut(b, "Адрес")
	open(b, "Контакты")
	for _, k := range [][2]string{{"Телефон мобильный", c.Phone}, {"Почта", c.Email}} {
		open(b, "Контакт")
		element(b, "Тип", k[0])
		element(b, "Значение", k[1])
		shut(b, "Контакт")
	}
	shut(b, "Контакты")
	element(b, "Роль", "Покупатель")
	shut(b, "Контрагент")
	shut(b, "Контрагенты")
}

func (s *Sim) writeLines(b *bytes.Buffer, o *order) {
	open(b, "Товары")
	for i, l := range o.world.Lines {
		quantity := l.Quantity.String()
		if o.broken && i == 0 {
			quantity = "много"
		}
		name, id, rate := l.SKU, productID(l.SKU), ""
		if p := s.products[l.SKU]; p != nil {
			name, id, rate = p.Name, p.ID, p.VATRate
		}
		s.writeLine(b, line{id: id, article: l.SKU, name: name, price: l.Price, quantity: quantity, amount: l.Amount, kind: "Товар", rate: rate})
	}
	if o.world.Freight > 0 {
		s.writeLine(b, line{id: "ORDER_DELIVERY", name: "Доставка заказа", price: o.world.Freight, quantity: "1", amount: o.world.Freight, kind: "Услуга"})
	}
	shut(b, "Товары")
}

type line struct {
	id, article, name, quantity, kind, rate string

	price, amount schema.Amount
}

func (s *Sim) writeLine(b *bytes.Buffer, l line) {
	open(b, "Товар")
	element(b, "Ид", l.id)
	if l.article != "" {
		element(b, "Артикул", l.article)
	}
	element(b, "Наименование", l.name)
	b.WriteString(`<БазоваяЕдиница Код="796" НаименованиеПолное="Штука" МеждународноеСокращение="PCE">шт</БазоваяЕдиница>` + "\n")
	if l.rate != "" {
		open(b, "СтавкиНалогов")
		open(b, "СтавкаНалога")
		element(b, "Наименование", "НДС")
		element(b, "Ставка", l.rate)
		shut(b, "СтавкаНалога")
		shut(b, "СтавкиНалогов")
	}
	open(b, "ЗначенияРеквизитов")
	requisite(b, "ВидНоменклатуры", l.kind)
	requisite(b, "ТипНоменклатуры", l.kind)
	shut(b, "ЗначенияРеквизитов")
	element(b, "ЦенаЗаЕдиницу", l.price.String())
	element(b, "Количество", l.quantity)
	element(b, "Сумма", l.amount.String())
	shut(b, "Товар")
}

func writeRequisites(b *bytes.Buffer, o *order) {
	const form = "2006-01-02T15:04:05"
	requisite(b, "Статус заказа", o.status)
	requisite(b, "Дата изменения статуса", o.changed.In(moscow()).Format(form))
	requisite(b, "Метод оплаты", map[string]string{
		schema.MethodCard: "Банковская карта", schema.MethodBankTransfer: "Банковский перевод", schema.MethodCash: "Наличные", schema.MethodOnDelivery: "Оплата при получении",
	}[o.method])
	requisite(b, "Способ доставки", "Курьер")
	requisite(b, "Адрес доставки", o.world.Address)
	if o.paidAt.IsZero() {
		requisite(b, "Заказ оплачен", "false")
	} else {
		requisite(b, "Заказ оплачен", "true")
		requisite(b, "Дата оплаты", o.paidAt.In(moscow()).Format(form))
		requisite(b, "Номер платежного документа", o.payment)
	}
	if o.cancelled {
		requisite(b, "Отменен", "true")
		requisite(b, "Причина отмены", o.reason)
	} else {
		requisite(b, "Отменен", "false")
	}
}

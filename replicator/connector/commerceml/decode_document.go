package commerceml

import (
	"strconv"
	"strings"

	"sverka/schema"
)

func decodeDocument(n *node, line int) Item {
	var bad problems
	d := &Document{
		ID: n.value("Ид"), Number: n.value("Номер"), Number1C: n.value("Номер1С"), Date: n.value("Дата"), Time: n.value("Время"),
		Operation: n.value("ХозОперация"), Role: n.value("Роль"), Currency: n.value("Валюта"), Comment: n.value("Комментарий"), Line: line,
		Requisites: decodePairs(n.list("ЗначенияРеквизитов", "ЗначениеРеквизита")),
	}
	d.Basis, d.BasisNumber = n.value("Основание"), n.value("НомерОснования")
	d.Total = bad.amount("total", n.value("Сумма"))
	for _, c := range n.list("Контрагенты", "Контрагент") {
		d.Counterparties = append(d.Counterparties, decodeCounterparty(c))
	}
	for i, l := range n.list("Товары", "Товар") {
		d.Lines = append(d.Lines, decodeLine(l, "lines["+strconv.Itoa(i+1)+"].", &bad))
	}
	d.Discounts = decodeDiscounts(n, "discount", &bad)
	for _, w := range n.list("Склады", "Склад") {
		d.WarehouseIDs = append(d.WarehouseIDs, w.value("Ид"))
	}
	if d.Number == "" {
		bad.add("order_number", "", "Номер is empty", "the sending system must number its documents")
	}
	d.Extra = n.rest()
	if len(bad) > 0 && !isShipment(d) {
		return &Refused{Element: n.name, ID: d.ID, Key: d.Number, Line: line, Problems: bad}
	}
	return d
}

func decodeLine(n *node, field string, bad *problems) DocumentLine {
	l := DocumentLine{
		ID: n.value("Ид"), Article: n.value("Артикул"), Name: oneLine(n.value("Наименование")), Unit: decodeUnit(n),
		VATRate: decodeVAT(n), Requisites: decodePairs(n.list("ЗначенияРеквизитов", "ЗначениеРеквизита")),
	}
	price := n.value("ЦенаЗаЕдиницу")
	if price == "" {
		price = n.value("Цена")
	}
	l.Price = bad.amount(field+"price", price)
	l.Quantity = bad.quantity(field+"quantity", n.value("Количество"))
	if text := n.value("Сумма"); text != "" {
		l.Amount = bad.amount(field+"amount", text)
	} else if sum, ok := l.Quantity.Times(l.Price); ok {
		l.Amount = sum
	} else {
		bad.add(field+"amount", "", "the line's sum is too large", "correct the line in the sending system")
	}
	for _, t := range n.list("Налоги", "Налог") {
		if name := t.value("Наименование"); name == "" || name == "НДС" {
			l.VATAmount = bad.amount(field+"vat_amount", t.value("Сумма"))
			if rate := t.value("Ставка"); rate != "" {
				l.VATRate = rate
			}
		}
	}
	l.Discounts = decodeDiscounts(n, field+"discount", bad)
	return l
}

func decodeDiscounts(n *node, field string, bad *problems) []Discount {
	var out []Discount
	for _, d := range n.list("Скидки", "Скидка") {
		text := d.value("Сумма")
		if text == "" {
			continue // a percentage only: the sums beside it already tell
		}
		out = append(out, Discount{Amount: bad.amount(field, text), Included: isTrue(d.value("УчтеноВСумме"))})
	}
	return out
}

func decodeCounterparty(n *node) Counterparty {
	c := Counterparty{
		ID: n.value("Ид"), Name: oneLine(n.value("Наименование")), FullName: oneLine(n.value("ПолноеНаименование")),
		OfficialName: oneLine(n.value("ОфициальноеНаименование")), INN: n.value("ИНН"), KPP: n.value("КПП"), Role: n.value("Роль"),
		Deleted: isDeleted(n),
	}
	if c.FullName == "" {
		c.FullName = oneLine(strings.TrimSpace(n.value("Фамилия") + " " + n.value("Имя")))
	}
	for _, name := range []string{"Адрес", "АдресРегистрации", "ЮридическийАдрес"} {
		if a := n.child(name); a != nil && c.Address == "" {
			c.Address = decodeAddress(a)
		}
	}
	for _, k := range n.list("Контакты", "Контакт") {
		kind, value := strings.ToLower(k.value("Тип")), k.value("Значение")
		switch {
		case strings.HasPrefix(kind, "телефон") && c.Phone == "":
			c.Phone = value
		case (kind == "почта" || kind == "электронная почта" || kind == "email") && c.Email == "" && strings.Contains(value, "@"):
			c.Email = value
		}
	}
	return c
}

// decodeParty reads a counterparty that stands in a list of its own.
func decodeParty(n *node, line int) Item {
	c := decodeCounterparty(n)
	if customerCode(c) != "" {
		return &c
	}
	return &Refused{Element: n.name, Line: line, Problems: []schema.Problem{
		{Field: "customer_code", Reason: "the counterparty has no Ид", Hint: "the sending system must give each counterparty its Ид"},
	}}
}

// decodeAddress takes the address as one text, or joins its fields.
func decodeAddress(n *node) string {
	if text := oneLine(n.value("Представление")); text != "" {
		return text
	}
	var parts []string
	for _, f := range n.all("АдресноеПоле") {
		if v := oneLine(f.value("Значение")); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ", ")
}

package commerceml

import (
	"strings"

	"sverka/schema"
)

// problems gathers what is wrong with one item.
type problems []schema.Problem

func (p *problems) add(field, value, reason, hint string) {
	*p = append(*p, schema.Problem{Field: field, Value: shorten(value), Reason: reason, Hint: hint})
}

// amount reads money; "" is zero.
func (p *problems) amount(field, text string) schema.Amount {
	if text == "" {
		return 0
	}
	a, err := schema.ParseAmount(text)
	if err != nil {
		p.add(field, text, "is not an amount of money with at most two decimal places", "correct it in the sending system")
	}
	return a
}

// quantity reads a count; "" is zero.
func (p *problems) quantity(field, text string) schema.Quantity {
	if text == "" {
		return 0
	}
	q, err := schema.ParseQuantity(text)
	if err != nil {
		p.add(field, text, "is not a quantity with at most three decimal places", "correct it in the sending system")
	}
	return q
}

func decodePackage(n *node) *Package {
	p := &Package{
		Kind: n.name, ID: n.value("Ид"), Name: oneLine(n.value("Наименование")),
		CatalogID: n.value("ИдКаталога"), ClassifierID: n.value("ИдКлассификатора"),
		ChangesOnly: isTrue(n.attr("СодержитТолькоИзменения")) || n.name == "ИзмененияПакетаПредложений",
	}
	if owner := n.child("Владелец"); owner != nil {
		p.OwnerID, p.OwnerName = owner.value("Ид"), oneLine(owner.value("Наименование"))
	}
	p.Extra = n.rest()
	return p
}

func decodeProperty(n *node, _ int) Item {
	p := &Property{ID: n.value("Ид"), Name: oneLine(n.value("Наименование")), Type: n.value("ТипЗначений")}
	for _, v := range n.list("ВариантыЗначений", "Справочник") {
		if p.Values == nil {
			p.Values = map[string]string{}
		}
		p.Values[v.value("ИдЗначения")] = v.value("Значение")
	}
	p.Extra = n.rest()
	return p
}

func decodePriceType(n *node, _ int) Item {
	p := &PriceType{ID: n.value("Ид"), Name: oneLine(n.value("Наименование")), Currency: n.value("Валюта")}
	p.Extra = n.rest()
	return p
}

func decodeWarehouse(n *node, _ int) Item {
	w := &Warehouse{ID: n.value("Ид"), Name: oneLine(n.value("Наименование")), Deleted: isDeleted(n)}
	w.Extra = n.rest()
	return w
}

// isDeleted reads the marks of deletion: Статус as an attribute or, as some senders
// write it, an element, and ПометкаУдаления.
func isDeleted(n *node) bool {
	for _, status := range []string{n.attr("Статус"), n.value("Статус")} {
		if strings.EqualFold(strings.ReplaceAll(status, "ё", "е"), "Удален") {
			return true
		}
	}
	return isTrue(n.attr("ПометкаУдаления")) || isTrue(n.value("ПометкаУдаления"))
}

func decodeMeasureUnit(n *node, _ int) Item {
	u := &MeasureUnit{ID: n.value("Ид"), Unit: Unit{Code: n.value("Код"), Name: n.value("НаименованиеПолное")}}
	u.Extra = n.rest()
	return u
}

// decodeUnit reads БазоваяЕдиница (attributes, or a bare code) or Единица of schema 3.1.
func decodeUnit(n *node) Unit {
	if b := n.child("БазоваяЕдиница"); b != nil {
		u := Unit{Code: b.attr("Код"), Name: b.attr("НаименованиеПолное")}
		if u.Code == "" && isDigits(b.text) {
			u.Code = b.text
		} else if u.Name == "" {
			u.Name = b.text
		}
		return u
	}
	if e := n.child("Единица"); e != nil {
		u := Unit{Code: e.value("Код"), Name: e.value("НаименованиеПолное")}
		if id := e.value("Ид"); u.Code == "" && isDigits(id) {
			u.Code = id
		}
		if u.Name == "" {
			u.Name = e.text
		}
		return u
	}
	return Unit{Code: n.value("КодЕдиницыИзмерения")}
}

func decodePairs(nodes []*node) []Pair {
	var out []Pair
	for _, v := range nodes {
		p := Pair{ID: v.value("Ид"), Name: oneLine(v.value("Наименование"))}
		for i, val := range v.all("Значение") {
			if i > 0 {
				p.Value += "; "
			}
			p.Value += val.text
		}
		out = append(out, p)
	}
	return out
}

// decodeVAT finds the rate of НДС among the taxes.
func decodeVAT(n *node) string {
	for _, t := range n.list("СтавкиНалогов", "СтавкаНалога") {
		if name := t.value("Наименование"); name == "" || name == "НДС" {
			return t.value("Ставка")
		}
	}
	return ""
}

func decodeProduct(n *node, line int) Item {
	p := &Product{
		ID: n.value("Ид"), Article: n.value("Артикул"), Barcode: n.value("Штрихкод"), Name: oneLine(n.value("Наименование")),
		Description: n.value("Описание"), Unit: decodeUnit(n), Brand: n.value("ТорговаяМарка"), Country: n.value("Страна"),
		VATRate: decodeVAT(n), MarkedStatus: n.attr("Статус"), Line: line,
		Properties: decodePairs(n.list("ЗначенияСвойств", "ЗначенияСвойства")),
		Traits:     decodePairs(n.list("ХарактеристикиТовара", "ХарактеристикаТовара")),
		Requisites: decodePairs(n.list("ЗначенияРеквизитов", "ЗначениеРеквизита")),
	}
	for _, g := range n.list("Группы", "Ид") {
		p.GroupIDs = append(p.GroupIDs, g.text)
	}
	for _, i := range n.all("Картинка") {
		if i.text != "" {
			p.Images = append(p.Images, i.text)
		}
	}
	if m := n.child("Изготовитель"); m != nil && p.Brand == "" {
		p.Brand = oneLine(m.value("Наименование"))
	}
	p.Deleted = isDeleted(n)
	p.Extra = n.rest()
	if p.ID == "" && p.Article == "" {
		return &Refused{Element: n.name, Line: line, Problems: []schema.Problem{
			{Field: "sku", Reason: "the product has neither Ид nor Артикул", Hint: "fill the article in the sending system"},
		}}
	}
	return p
}

func decodeOffer(n *node, line int) Item {
	var bad problems
	o := &Offer{
		ID: n.value("Ид"), Article: n.value("Артикул"), Barcode: n.value("Штрихкод"), Name: oneLine(n.value("Наименование")),
		Unit: decodeUnit(n), Line: line, Traits: decodePairs(n.list("ХарактеристикиТовара", "ХарактеристикаТовара")),
		Deleted: isDeleted(n),
	}
	if id := n.value("ИдХарактеристики"); id != "" && o.ID != "" {
		o.ID += "#" + id
	}
	for _, p := range n.list("Цены", "Цена") {
		price := Price{TypeID: p.value("ИдТипаЦены"), Currency: p.value("Валюта"), Unit: p.value("Единица")}
		text := p.value("ЦенаЗаЕдиницу")
		if text == "" {
			bad.add("price", "", "ЦенаЗаЕдиницу is empty", "fill the price in the sending system or leave it out")
		}
		price.Amount = bad.amount("price", text)
		o.Prices = append(o.Prices, price)
	}
	if text := n.value("Количество"); text != "" {
		o.HasQuantity, o.Quantity = true, bad.quantity("quantity", text)
	}
	o.Stock = decodeStock(n, &bad)
	if o.ID == "" && o.Article == "" {
		bad.add("sku", "", "the offer has neither Ид nor Артикул", "fill the article in the sending system")
	}
	o.Extra = n.rest()
	if len(bad) > 0 {
		return &Refused{Element: n.name, ID: o.ID, Key: o.Article, Line: line, Problems: bad}
	}
	return o
}

// decodeStock reads the spellings of stock per warehouse: Склад with attributes,
// Склады with attributes or children, and Остатки/Остаток/Склад of schema 3.1,
// where a bare number in Остаток is the quantity over all warehouses.
func decodeStock(n *node, bad *problems) []Stock {
	var out []Stock
	add := func(w *node) {
		s := Stock{WarehouseID: w.attr("ИдСклада")}
		text := w.attr("КоличествоНаСкладе")
		if s.WarehouseID == "" {
			s.WarehouseID = w.value("Ид")
		}
		if text == "" {
			text = w.value("Количество")
		}
		if s.WarehouseID == "" && text == "" {
			return
		}
		s.Quantity = bad.quantity("quantity", text)
		out = append(out, s)
	}
	for _, w := range n.all("Склад") {
		add(w)
	}
	for _, w := range n.all("Склады") {
		add(w)
		for _, inner := range w.all("Склад") {
			add(inner)
		}
	}
	for _, rest := range n.list("Остатки", "Остаток") {
		for _, w := range rest.all("Склад") {
			add(w)
		}
		text := rest.text
		if text == "" {
			text = rest.value("Количество")
		}
		if text != "" {
			out = append(out, Stock{Quantity: bad.quantity("quantity", text)})
		}
	}
	return out
}

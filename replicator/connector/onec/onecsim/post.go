package onecsim

import (
	"sverka/schema"
)

type stockKey struct{ warehouse, product string }

type balance struct{ quantity, reserved schema.Quantity }

// movement is one record of ТоварыНаСкладах.
type movement struct {
	key      stockKey
	quantity schema.Quantity
	reserved schema.Quantity
}

// price is one record of a price register.
type price struct {
	register string
	recorder string
	row      row
}

const (
	setOrder    = "Document_ЗаказКлиента"
	setShipment = "Document_РеализацияТоваровУслуг"
	setPrices   = "Document_УстановкаЦенНоменклатуры"
	setSurplus  = "Document_ОприходованиеИзлишковТоваров"
	setShortage = "Document_СписаниеНедостачТоваров"
	setProduct  = "Catalog_Номенклатура"
)

// post makes a document's movements; posting again replaces them.
func (s *Sim) post(set string, r row) *odataError {
	if flag(r, "DeletionMark") {
		return errHandler("ОбработкаПроведения", "ОбщийМодуль.ПроведениеДокументов.Модуль(88)", "Помеченный на удаление документ не может быть проведен.")
	}
	if err := s.checkPosting(set, r); err != nil {
		return err
	}
	if s.opt.AlterTotals && set == setOrder {
		r["СуммаДокумента"] = amountNumber(amount(r, "СуммаДокумента") / 100 * 100)
	}
	r["Posted"] = true
	s.touch(r)
	s.record(set, r)
	return nil
}

func (s *Sim) unpost(set string, r row) *odataError {
	r["Posted"] = false
	s.touch(r)
	s.record(set, r)
	return nil
}

func (s *Sim) touch(r row) { r["DataVersion"] = nextVersion(text(r, "DataVersion")) }

// checkPosting is what the handlers of the configuration refuse.
func (s *Sim) checkPosting(set string, r row) *odataError {
	const place = "Документ.МодульОбъекта(412)"
	switch set {
	case setOrder, setShipment, setSurplus, setShortage:
		if len(lines(r, "Товары")) == 0 {
			return errHandler("ОбработкаПроверкиЗаполнения", place, "Не введено ни одной строки в список \"Товары\".")
		}
		if text(r, "Склад_Key") == emptyGUID {
			return errHandler("ОбработкаПроверкиЗаполнения", place, "Поле \"Склад\" не заполнено.")
		}
	}
	if !s.opt.ControlStock || set != setShipment && set != setShortage {
		return nil
	}
	for key, q := range s.goods(r) {
		if b := s.balances[key]; !flag(r, "Posted") && (b == nil || b.quantity < q) {
			return errHandler("ОбработкаПроведения", place, "Товара не хватает на складе.")
		}
	}
	return nil
}

// record replaces what a document wrote into the registers.
func (s *Sim) record(set string, r row) {
	ref := text(r, "Ref_Key")
	var moves []movement
	posted := flag(r, "Posted")
	switch set {
	case setShipment:
		if posted {
			moves = s.moves(r, -1)
		}
	case setSurplus:
		if posted {
			moves = s.moves(r, 1)
		}
	case setShortage:
		if posted {
			moves = s.moves(r, -1)
		}
	case setPrices:
		s.recordPrices(r, posted)
		return
	case setOrder:
		s.reserve(r)
		return
	default:
		return
	}
	s.replace(ref, moves)
	if order := s.get(setOrder, text(r, "ЗаказКлиента")); order != nil {
		s.reserve(order) // what is shipped is no longer promised
	}
}

// replace puts the movements of a recorder in place of its old ones.
func (s *Sim) replace(recorder string, moves []movement) {
	for _, m := range s.movements[recorder] {
		s.add(m, -1)
	}
	for _, m := range moves {
		s.add(m, 1)
	}
	s.movements[recorder] = moves
}

func (s *Sim) add(m movement, sign schema.Quantity) {
	b := s.balances[m.key]
	if b == nil {
		b = &balance{}
		s.balances[m.key] = b
	}
	b.quantity += sign * m.quantity
	b.reserved += sign * m.reserved
}

// goods adds up the stock lines of a document.
func (s *Sim) goods(r row) map[stockKey]schema.Quantity {
	out := map[stockKey]schema.Quantity{}
	for _, l := range lines(r, "Товары") {
		p := s.get(setProduct, text(l, "Номенклатура_Key"))
		if p == nil || flag(l, "Отменено") || isService(p) {
			continue
		}
		wh := text(l, "Склад_Key")
		if wh == "" || wh == emptyGUID {
			wh = text(r, "Склад_Key")
		}
		out[stockKey{wh, text(p, "Ref_Key")}] += quantity(l, "Количество")
	}
	return out
}

func isService(p row) bool {
	return text(p, "ТипНоменклатуры") == "Услуга" || text(p, "ТипНоменклатуры") == "Работа"
}

func (s *Sim) moves(r row, sign schema.Quantity) []movement {
	var out []movement
	for key, q := range s.goods(r) {
		out = append(out, movement{key: key, quantity: sign * q})
	}
	return out
}

// reserve recomputes what an order promises: the lines that are to be supplied
// from the warehouse, less what its posted shipments took.
func (s *Sim) reserve(order row) {
	promised := map[stockKey]schema.Quantity{}
	if flag(order, "Posted") && text(order, "Статус") != "Закрыт" && text(order, "Статус") != "НеСогласован" {
		part := order.clone()
		part["Товары"] = suppliedLines(order)
		promised = s.goods(part)
		for _, sh := range s.shipmentsOf(text(order, "Ref_Key")) {
			for key, q := range s.goods(sh) {
				promised[key] -= q
			}
		}
	}
	var moves []movement
	for key, q := range promised {
		if q > 0 {
			moves = append(moves, movement{key: key, reserved: q})
		}
	}
	s.replace(text(order, "Ref_Key"), moves)
}

func suppliedLines(order row) []row {
	var out []row
	for _, l := range lines(order, "Товары") {
		if v := text(l, "ВариантОбеспечения"); v == "Отгрузить" || v == "СоСклада" {
			out = append(out, l)
		}
	}
	return out
}

// shipmentsOf lists the posted shipments of an order.
func (s *Sim) shipmentsOf(order string) []row {
	var out []row
	t := s.table(setShipment)
	for _, k := range t.sorted() {
		if r := t.rows[k]; flag(r, "Posted") && text(r, "ЗаказКлиента") == order {
			out = append(out, r)
		}
	}
	return out
}

func (s *Sim) recordPrices(r row, posted bool) {
	ref := text(r, "Ref_Key")
	kept := s.prices[:0]
	for _, p := range s.prices {
		if p.recorder != ref {
			kept = append(kept, p)
		}
	}
	s.prices = kept
	if !posted {
		return
	}
	for section, register := range map[string]string{"Товары": "InformationRegister_ЦеныНоменклатуры", "Товары2_5": "InformationRegister_ЦеныНоменклатуры25"} {
		for _, l := range lines(r, section) {
			rec := row{
				"Recorder": ref, "Recorder_Type": "StandardODATA." + setPrices, "Period": r["Date"],
				"LineNumber": l["LineNumber"], "Active": true,
			}
			for k, v := range l {
				if k != "Ref_Key" && k != "LineNumber" && k != "ЦенаИзмененаВручную" {
					rec[k] = v
				}
			}
			s.prices = append(s.prices, price{register, ref, rec})
		}
	}
}

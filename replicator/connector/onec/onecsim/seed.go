package onecsim

import (
	"fmt"
	"strconv"
	"strings"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// seeder remembers the references that seeding hands out.
type seeder struct {
	*Sim
	products, warehouses, partners, firms map[string]string
	unit, organization, agreement         string
	currency, vat, priceKind, property    map[string]string
}

// insert stores an object with the given properties and returns its reference.
func (s *Sim) insert(set string, values row) string {
	t := s.table(set)
	ref := s.newRef()
	r := t.blank(ref)
	for k, v := range values {
		r[k] = v
	}
	for name := range t.entity.sections {
		for i, l := range lines(r, name) {
			l["Ref_Key"], l["LineNumber"] = ref, strconv.Itoa(i+1)
			for _, f := range t.entity.sections[name].order {
				if _, ok := l[f.name]; !ok {
					l[f.name] = zeroValue(f)
				}
			}
		}
	}
	t.assignNumber(r)
	assignLineCodes(r)
	t.put(ref, r)
	return ref
}

func (s *Sim) seed() {
	d := &seeder{
		Sim: s, products: map[string]string{}, warehouses: map[string]string{}, partners: map[string]string{}, firms: map[string]string{},
		currency: map[string]string{}, vat: map[string]string{}, priceKind: map[string]string{}, property: map[string]string{},
	}
	d.references()
	d.catalogs()
	d.articles()
	d.pricesOf()
	for _, o := range s.world.Orders {
		d.order(o)
	}
	d.stock()
}

func (d *seeder) references() {
	for code, name := range map[string]string{"643": "RUB", "156": "CNY", "840": "USD"} {
		d.currency[name] = d.insert("Catalog_Валюты", row{"Code": code, "Description": name})
	}
	for _, u := range [][3]string{{"796", "шт", "Штука"}, {"166", "кг", "Килограмм"}, {"006", "м", "Метр"}, {"778", "упак", "Упаковка"}} {
		ref := d.insert("Catalog_УпаковкиЕдиницыИзмерения", row{"Code": u[0], "Description": u[1], "НаименованиеПолное": u[2]})
		d.vat["unit"+u[0]] = ref
	}
	d.unit = d.vat["unit796"]
	for name, rate := range map[string]string{"20%": "20", "10%": "10", "0%": "0"} {
		d.vat[rate] = d.insert("Catalog_СтавкиНДС", row{"Description": name, "Ставка": number(rate), "ПеречислениеСтавкаНДС": "НДС" + rate})
	}
	d.vat["none"] = d.insert("Catalog_СтавкиНДС", row{"Description": "Без НДС", "ПеречислениеСтавкаНДС": "БезНДС"})
	d.insert("Catalog_СтавкиНДС", row{"Description": "20/120", "Ставка": number("20"), "РасчетнаяСтавка": true, "ПеречислениеСтавкаНДС": "НДС20_120"})
	for _, name := range []string{"Розничная", "Закупочная"} {
		d.priceKind[name] = d.insert("Catalog_ВидыЦен", row{"Description": name, "ВалютаЦены_Key": d.currency[d.world.Currency], "ЦенаВключаетНДС": true})
	}
	d.insert("Catalog_ВидыНоменклатуры", row{"Description": "Товар"})
	d.organization = d.insert("Catalog_Организации", row{"Description": "Северный ветер ООО"})
	d.agreement = d.insert("Catalog_СоглашенияСКлиентами", row{"Description": "Интернет-магазин", "Типовое": true})
	d.insert("Catalog_ПричиныОтменыЗаказовКлиентов", row{"Description": "Отказ покупателя"})
	d.insert("Catalog_БанковскиеСчетаОрганизаций", row{"Description": "Основной счет", "Owner_Key": d.organization})
	d.insert("Catalog_Кассы", row{"Description": "Основная касса", "Owner_Key": d.organization})
	for name, kind := range map[string]string{"ТелефонПартнера": "Телефон", "EmailПартнера": "АдресЭлектроннойПочты", "АдресПартнера": "Адрес"} {
		d.vat[name] = d.insert("Catalog_ВидыКонтактнойИнформации", row{"Description": kind, "Тип": kind, "Predefined": true, "PredefinedDataName": name})
	}
	for _, name := range []string{"Ширина, см", "Высота, см", "Код стиля", "Вариант", "Бренд", "Категория", "Картинки", "В продаже"} {
		d.property[name] = d.insert("ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения", row{"Description": name})
	}
}

func (d *seeder) catalogs() {
	for _, w := range d.world.Warehouses {
		d.warehouses[w.Code] = d.insert("Catalog_Склады", row{"Description": w.Name, "ТипСклада": "ОптовыйСклад"})
	}
	for _, c := range d.world.Customers {
		kind, legal := "ЧастноеЛицо", "ФизЛицо"
		if c.Kind == schema.CompanyKind {
			kind, legal = "Компания", "ЮрЛицо"
		}
		partner := row{"Code": c.Code, "Description": c.Name, "НаименованиеПолное": c.Name, "ЮрФизЛицо": kind, "Клиент": true}
		partner["КонтактнаяИнформация"] = []row{
			{"Тип": "Телефон", "Вид_Key": d.vat["ТелефонПартнера"], "Представление": c.Phone, "НомерТелефона": strings.TrimPrefix(c.Phone, "+")},
			{"Тип": "АдресЭлектроннойПочты", "Вид_Key": d.vat["EmailПартнера"], "Представление": c.Email, "АдресЭП": c.Email},
			{"Тип": "Адрес", "Вид_Key": d.vat["АдресПартнера"], "Представление": c.Address},
		}
		d.partners[c.Code] = d.insert("Catalog_Партнеры", partner)
		d.firms[c.Code] = d.insert("Catalog_Контрагенты", row{
			"Description": c.Name, "НаименованиеПолное": c.Name, "ЮрФизЛицо": legal, "ИНН": c.INN, "КПП": c.KPP, "Партнер_Key": d.partners[c.Code],
		})
	}
}

func (d *seeder) articles() {
	folder := d.insert(setProduct, row{"Description": "Товары", "IsFolder": true})
	for _, p := range d.world.Products {
		if p.JushuitanOnly {
			continue
		}
		extra := []row{}
		for _, a := range [][2]string{
			{"Ширина, см", string(quantityNumber(p.WidthCm))},
			{"Высота, см", string(quantityNumber(p.HeightCm))},
			{"Код стиля", p.StyleCode},
			{"Вариант", p.Variant},
			{"Бренд", p.Brand},
			{"Категория", p.Category},
			{"Картинки", p.Picture},
		} {
			extra = append(extra, row{"Свойство_Key": d.property[a[0]], "Значение": a[1], "Значение_Type": "Edm.String", "ТекстоваяСтрока": a[1]})
		}
		ref := d.insert(setProduct, row{
			"Parent_Key": folder, "Артикул": p.SKU, "Description": p.Name, "НаименованиеПолное": p.Name, "Описание": p.Description,
			"ТипНоменклатуры": "Товар", "ЕдиницаИзмерения_Key": d.unit, "СтавкаНДС_Key": d.vat[p.VATRate],
			"ВесИспользовать": true, "ВесЧислитель": quantityNumber(p.WeightKg), "ВесЗнаменатель": number("1"), "ВесЕдиницаИзмерения_Key": d.vat["unit166"],
			"ДлинаИспользовать": true, "ДлинаЧислитель": quantityNumber(p.LengthCm), "ДлинаЗнаменатель": number("100"), "ДлинаЕдиницаИзмерения_Key": d.vat["unit006"],
			"ДополнительныеРеквизиты": extra,
		})
		d.products[p.SKU] = ref
		if p.Barcode != "" {
			d.table("InformationRegister_ШтрихкодыНоменклатуры").put(p.Barcode, row{
				"Штрихкод": p.Barcode, "Номенклатура_Key": ref, "Характеристика_Key": emptyGUID, "Упаковка_Key": emptyGUID,
			})
		}
	}
	d.products[d.opt.FreightArticle] = d.insert(setProduct, row{
		"Артикул": d.opt.FreightArticle, "Description": "Доставка", "НаименованиеПолное": "Доставка",
		"ТипНоменклатуры": "Услуга", "ЕдиницаИзмерения_Key": d.unit, "СтавкаНДС_Key": d.vat["20"],
	})
}

func (d *seeder) pricesOf() {
	section := "Товары"
	if d.opt.Pricing25 {
		section = "Товары2_5"
	}
	var rows []row
	for _, p := range d.world.Products {
		ref := d.products[p.SKU]
		if ref == "" {
			continue
		}
		for name, a := range map[string]schema.Amount{"Розничная": p.Retail, "Закупочная": p.Purchase} {
			rows = append(rows, row{"Номенклатура_Key": ref, "ВидЦены_Key": d.priceKind[name], "Цена": amountNumber(a), "Валюта_Key": d.currency[d.world.Currency]})
		}
	}
	ref := d.insert(setPrices, row{"Date": d.local(d.world.Start.AddDate(-3, 0, 0)), "Согласован": true, section: rows})
	r := d.get(setPrices, ref)
	r["Posted"] = true
	d.recordPrices(r, true)
}

// order seeds a past order with its payment and shipment.
func (d *seeder) order(o simworld.Order) {
	base := row{
		"Партнер_Key": d.partners[o.Customer], "Контрагент_Key": d.firms[o.Customer], "Организация_Key": d.organization, "Валюта_Key": d.currency[d.world.Currency],
	}
	head := row{
		"Date": d.local(o.At), "НомерПоДаннымКлиента": o.Number, "ДатаПоДаннымКлиента": d.local(o.At), "Соглашение_Key": d.agreement,
		"Склад_Key": d.warehouses[o.Warehouse], "СуммаДокумента": amountNumber(o.Total), "ЦенаВключаетНДС": true, "НалогообложениеНДС": "ПродажаОблагаетсяНДС",
		"ХозяйственнаяОперация": "РеализацияКлиенту", "Согласован": true, "СпособДоставки": "ДоКлиента", "АдресДоставки": o.Address,
		"Статус": "КОбеспечению",
	}
	head["ФормаОплаты"] = map[string]string{schema.MethodCard: "ПлатежнаяКарта", schema.MethodBankTransfer: "Безналичная"}[o.PaymentMethod]
	c := d.world.CustomerByCode(o.Customer)
	info := []string{}
	if c != nil {
		info = append(info, "Получатель: "+c.Name, "Телефон: "+c.Phone)
	}
	info = append(info, "Способ доставки: "+simworld.DeliveryMethod)
	if head["ФормаОплаты"] == "" {
		head["ФормаОплаты"] = "Наличная"
		info = append(info, "Оплата: при получении")
	}
	head["ДополнительнаяИнформацияПоДоставке"] = strings.Join(info, "\n")
	if o.Shipped && o.Paid {
		head["Статус"] = "Закрыт" // complete in every system
	}
	var goods []row
	for _, l := range o.Lines {
		goods = append(goods, d.orderLine(l.SKU, l.Quantity, l.Price, l.Amount))
	}
	if o.Freight > 0 {
		goods = append(goods, d.orderLine(d.opt.FreightArticle, schema.Pieces(1), o.Freight, o.Freight))
	}
	head["Товары"] = goods
	ref := d.insert(setOrder, merged(base, head))
	d.must(setOrder, ref)
	if o.Paid {
		d.payment(o, ref, base)
	}
	if o.Shipped {
		d.shipment(o, ref, merged(base, row{"Склад_Key": head["Склад_Key"]}), goods)
	}
}

func (d *seeder) orderLine(sku string, q schema.Quantity, p, sum schema.Amount) row {
	vat := schema.Amount((int64(sum)*20*2/120 + 1) / 2)
	return row{
		"Номенклатура_Key": d.products[sku], "КоличествоУпаковок": quantityNumber(q), "Количество": quantityNumber(q), "Цена": amountNumber(p),
		"Сумма": amountNumber(sum), "СтавкаНДС_Key": d.vat["20"], "СуммаНДС": amountNumber(vat), "СуммаСНДС": amountNumber(sum), "ВариантОбеспечения": "Отгрузить",
	}
}

func (d *seeder) payment(o simworld.Order, order string, base row) {
	set, operation := "Document_ПриходныйКассовыйОрдер", "ПоступлениеОплатыОтКлиента"
	values := row{}
	switch o.PaymentMethod {
	case schema.MethodBankTransfer:
		set = "Document_ПоступлениеБезналичныхДенежныхСредств"
		values = row{"ПроведеноБанком": true, "ДатаПроведенияБанком": d.local(o.PastPaidAt())}
	case schema.MethodCard:
		set, operation = "Document_ОперацияПоПлатежнойКарте", "ПоступлениеОплатыОтКлиентаПоПлатежнойКарте"
		values = row{"ОплатаВыполнена": true}
	}
	values["РасшифровкаПлатежа"] = []row{{
		"Партнер_Key": base["Партнер_Key"], "ОснованиеПлатежа": order, "ОснованиеПлатежа_Type": "StandardODATA." + setOrder,
		"Сумма": amountNumber(o.Total), "СуммаВзаиморасчетов": amountNumber(o.Total), "ВалютаВзаиморасчетов_Key": base["Валюта_Key"],
	}}
	for k, v := range map[string]any{
		"Date": d.local(o.PastPaidAt()), "ХозяйственнаяОперация": operation, "СуммаДокумента": amountNumber(o.Total),
		"Комментарий": fmt.Sprintf("[payment:%[1]s] [document:%[1]s]", d.opt.PaymentID(o)),
	} {
		values[k] = v
	}
	d.must(set, d.insert(set, merged(base, values)))
}

func (d *seeder) shipment(o simworld.Order, order string, base row, goods []row) {
	rows := make([]row, len(goods))
	for i, g := range goods {
		rows[i] = merged(g, row{"ЗаказКлиента": order, "ЗаказКлиента_Type": "StandardODATA." + setOrder})
		delete(rows[i], "ВариантОбеспечения")
	}
	d.must(setShipment, d.insert(setShipment, merged(base, row{
		"Date": d.local(o.PastShippedAt()), "ЗаказКлиента": order, "ЗаказКлиента_Type": "StandardODATA." + setOrder, "РеализацияПоЗаказам": true,
		"Статус": "Отгружено", "ХозяйственнаяОперация": "РеализацияКлиенту", "ЦенаВключаетНДС": true, "СуммаДокумента": amountNumber(o.Total),
		"ОснованиеНомер": o.InvoiceNumber, "ДополнительнаяИнформацияПоДоставке": "Трек-номер: " + o.Tracking + "\nПеревозчик: 顺丰速运", "Товары": rows,
	})))
}

// must posts a seeded document; the world is consistent, so nothing refuses it.
func (d *seeder) must(set, ref string) {
	r := d.get(set, ref)
	r["Posted"] = true
	d.record(set, r)
}

// stock opens the balances so that they equal the world's figures, which are
// those after the past orders.
func (d *seeder) stock() {
	var opening []movement
	for _, st := range d.world.Stock {
		ref, wh := d.products[st.SKU], d.warehouses[st.Warehouse]
		if ref == "" || wh == "" {
			continue
		}
		key := stockKey{wh, ref}
		q, r := st.Quantity, st.Reserved
		if b := d.balances[key]; b != nil {
			q, r = q-b.quantity, r-b.reserved
		}
		opening = append(opening, movement{key, q, r})
	}
	d.replace("opening", opening)
}

func merged(rows ...row) row {
	out := row{}
	for _, r := range rows {
		for k, v := range r {
			out[k] = v
		}
	}
	return out
}

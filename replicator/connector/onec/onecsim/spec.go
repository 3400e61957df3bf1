package onecsim

import (
	"strconv"
	"strings"
)

// A field's kind: how its value is checked, kept and answered.
const (
	kindString    = 's' // s50: cut to 50 characters without a word
	kindBool      = 'b'
	kindNumber    = 'n' // Edm.Double, a JSON number
	kindInt64     = 'i' // travels as a JSON string
	kindGUID      = 'g'
	kindDate      = 'd'
	kindComposite = 'c' // a text beside X_Type
)

// field is one property of an entity.
type field struct {
	name string
	kind byte
	size int // of a string, 0 = unlimited
}

// entity is what the simulator knows of one entity set.
type entity struct {
	name     string
	kind     string // Catalog, Document, InformationRegister, AccumulationRegister, ChartOfCharacteristicTypes
	fields   map[string]field
	order    []field
	sections map[string]*entity
	key      string // the dimension that is the key of an independent register
}

// specText lists the entity sets and the properties that the simulator keeps,
// a part of those of UT 11.5.18: "set field:kind … [section field:kind …]".
// "key" stands before the dimension of an independent register.
const specText = `
Catalog_Номенклатура Parent_Key:g IsFolder:b Code:s11 Description:s100 Артикул:s50 НаименованиеПолное:s1024 ТипНоменклатуры:s ВидНоменклатуры_Key:g ЕдиницаИзмерения_Key:g СтавкаНДС_Key:g ВесИспользовать:b ВесЧислитель:n ВесЗнаменатель:n ВесЕдиницаИзмерения_Key:g ДлинаИспользовать:b ДлинаЧислитель:n ДлинаЗнаменатель:n ДлинаЕдиницаИзмерения_Key:g Описание:s1024 Марка_Key:g Производитель_Key:g ФайлКартинки_Key:g ИспользованиеХарактеристик:s [ДополнительныеРеквизиты Свойство_Key:g Значение:c ТекстоваяСтрока:s]
Catalog_УпаковкиЕдиницыИзмерения Parent_Key:g Code:s4 Description:s50 НаименованиеПолное:s100 МеждународноеСокращение:s9
Catalog_СтавкиНДС Description:s15 ПеречислениеСтавкаНДС:s РасчетнаяСтавка:b Ставка:n
Catalog_ВидыЦен Parent_Key:g IsFolder:b Description:s50 Идентификатор:s50 ВалютаЦены_Key:g ЦенаВключаетНДС:b
Catalog_Валюты Code:s3 Description:s10 НаименованиеПолное:s50
Catalog_ВидыНоменклатуры Parent_Key:g IsFolder:b Description:s50
Catalog_Склады Parent_Key:g IsFolder:b Description:s50 ТипСклада:s
Catalog_Организации Description:s50 ИНН:s12 КПП:s9
Catalog_СоглашенияСКлиентами Description:s150 Типовое:b ВидЦен_Key:g
Catalog_ПричиныОтменыЗаказовКлиентов Description:s100
Catalog_БанковскиеСчетаОрганизаций Description:s100 Owner_Key:g
Catalog_Кассы Description:s100 Owner_Key:g
Catalog_ВидыКонтактнойИнформации Description:s100 Тип:s
Catalog_Партнеры Parent_Key:g Code:s11 Description:s100 НаименованиеПолное:s250 ЮрФизЛицо:s Клиент:b Поставщик:b Комментарий:s ДатаРегистрации:d [КонтактнаяИнформация Тип:s Вид_Key:g Представление:s500 ЗначенияПолей:s АдресЭП:s100 НомерТелефона:s20 Значение:s] [ДополнительныеРеквизиты Свойство_Key:g Значение:c ТекстоваяСтрока:s]
Catalog_Контрагенты Description:s100 НаименованиеПолное:s250 ЮрФизЛицо:s ИНН:s КПП:s9 Партнер_Key:g ДополнительнаяИнформация:s [КонтактнаяИнформация Тип:s Вид_Key:g Представление:s500 ЗначенияПолей:s АдресЭП:s100 НомерТелефона:s20 Значение:s]
ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения Parent_Key:g IsFolder:b Description:s150 Имя:s150
Document_ЗаказКлиента Партнер_Key:g Контрагент_Key:g Организация_Key:g Соглашение_Key:g Валюта_Key:g СуммаДокумента:n Склад_Key:g ЦенаВключаетНДС:b Статус:s Согласован:b ФормаОплаты:s ДатаОтгрузки:d АдресДоставки:s500 СпособДоставки:s НалогообложениеНДС:s ХозяйственнаяОперация:s Комментарий:s НомерПоДаннымКлиента:s30 ДатаПоДаннымКлиента:d ДополнительнаяИнформация:s ДополнительнаяИнформацияПоДоставке:s ИдентификаторПлатежа:s25 НазначениеПлатежа:s210 МаксимальныйКодСтроки:i [Товары Номенклатура_Key:g Характеристика_Key:g Упаковка_Key:g КоличествоУпаковок:n Количество:n ВидЦены_Key:g Цена:n Сумма:n СтавкаНДС_Key:g СуммаНДС:n СуммаСНДС:n ПроцентРучнойСкидки:n СуммаРучнойСкидки:n СуммаАвтоматическойСкидки:n ПричинаОтмены_Key:g КодСтроки:i Отменено:b Склад_Key:g ДатаОтгрузки:d Содержание:s1000 ВариантОбеспечения:s] [ДополнительныеРеквизиты Свойство_Key:g Значение:c ТекстоваяСтрока:s]
Document_РеализацияТоваровУслуг АдресДоставки:s500 Валюта_Key:g ЗаказКлиента:c Организация_Key:g Контрагент_Key:g Партнер_Key:g Соглашение_Key:g Склад_Key:g СуммаДокумента:n Комментарий:s ФормаОплаты:s ХозяйственнаяОперация:s НалогообложениеНДС:s ЦенаВключаетНДС:b РеализацияПоЗаказам:b Статус:s СпособДоставки:s ДополнительнаяИнформацияПоДоставке:s Основание:s300 ОснованиеДата:d ОснованиеНомер:s128 [Товары Номенклатура_Key:g Характеристика_Key:g Упаковка_Key:g КоличествоУпаковок:n Количество:n Цена:n Сумма:n СтавкаНДС_Key:g СуммаНДС:n СуммаСНДС:n КодСтроки:i Склад_Key:g ЗаказКлиента:c]
Document_ПоступлениеБезналичныхДенежныхСредств Организация_Key:g БанковскийСчет_Key:g ХозяйственнаяОперация:s СуммаДокумента:n Контрагент_Key:g ДатаВходящегоДокумента:d НомерВходящегоДокумента:s11 НазначениеПлатежа:s250 Валюта_Key:g Комментарий:s ПроведеноБанком:b ДатаПроведенияБанком:d ИдентификаторПлатежа:s25 Партнер_Key:g [РасшифровкаПлатежа Партнер_Key:g ОснованиеПлатежа:c Сумма:n ВалютаВзаиморасчетов_Key:g СуммаВзаиморасчетов:n]
Document_ПриходныйКассовыйОрдер Организация_Key:g Касса_Key:g СуммаДокумента:n ХозяйственнаяОперация:s ПринятоОт:s250 Основание:s250 Контрагент_Key:g Валюта_Key:g Комментарий:s Партнер_Key:g [РасшифровкаПлатежа Партнер_Key:g ОснованиеПлатежа:c Сумма:n ВалютаВзаиморасчетов_Key:g СуммаВзаиморасчетов:n]
Document_ОперацияПоПлатежнойКарте ХозяйственнаяОперация:s Организация_Key:g Контрагент_Key:g ДоговорЭквайринга_Key:g СуммаДокумента:n Валюта_Key:g ОплатаВыполнена:b Комментарий:s Партнер_Key:g [РасшифровкаПлатежа Партнер_Key:g ОснованиеПлатежа:c Сумма:n СуммаВзаиморасчетов:n ВалютаВзаиморасчетов_Key:g]
Document_УстановкаЦенНоменклатуры Комментарий:s Согласован:b Статус:s [Товары Номенклатура_Key:g Характеристика_Key:g Упаковка_Key:g ВидЦены_Key:g Цена:n ЦенаИзмененаВручную:b Валюта_Key:g] [Товары2_5 Номенклатура_Key:g ХарактеристикаЦО_Key:g СерияЦО_Key:g УпаковкаЦО_Key:g Упаковка_Key:g ВидЦены_Key:g Цена:n ЦенаИзмененаВручную:b Валюта_Key:g] [ВидыЦен ВидЦены_Key:g]
Document_ОприходованиеИзлишковТоваров Комментарий:s Организация_Key:g Подразделение_Key:g Склад_Key:g СтатьяДоходов_Key:g ВидЦены_Key:g Валюта_Key:g [Товары Номенклатура_Key:g Характеристика_Key:g Количество:n Цена:n Сумма:n]
Document_СписаниеНедостачТоваров Комментарий:s Организация_Key:g Подразделение_Key:g Склад_Key:g СтатьяРасходов:c ВидЦены_Key:g [Товары Номенклатура_Key:g Характеристика_Key:g Количество:n]
InformationRegister_ШтрихкодыНоменклатуры key Штрихкод:s200 Номенклатура_Key:g Характеристика_Key:g Упаковка_Key:g
InformationRegister_ИО_ОшибкиОбмена key ИдентификаторОшибки:s36 ДатаВозникновения:d Направление:s20 ВидОбъекта:s50 КлючОбъекта:s100 КодОшибки:s50 Сообщение:s1000 Попытка:i Состояние:s20
InformationRegister_ЦеныНоменклатуры
InformationRegister_ЦеныНоменклатуры_RecordType
InformationRegister_ЦеныНоменклатуры25
InformationRegister_ЦеныНоменклатуры25_RecordType
AccumulationRegister_ТоварыНаСкладах
AccumulationRegister_ТоварыНаСкладах_RecordType`

// parseSpec reads specText.
func parseSpec() map[string]*entity {
	out := map[string]*entity{}
	for line := range strings.SplitSeq(strings.TrimSpace(specText), "\n") {
		head, _, _ := strings.Cut(line, " [")
		words := strings.Fields(head)
		e := newEntity(words[0])
		e.kind, _, _ = strings.Cut(e.name, "_")
		for _, w := range words[1:] {
			if w == "key" {
				continue
			}
			f := e.add(w)
			if e.key == "" && e.kind == "InformationRegister" {
				e.key = f.name
			}
		}
		for _, part := range strings.Split(line, " [")[1:] {
			sw := strings.Fields(strings.TrimSuffix(strings.TrimSpace(part), "]"))
			s := newEntity(sw[0])
			for _, w := range sw[1:] {
				s.add(w)
			}
			e.sections[s.name] = s
		}
		e.addStandard()
		out[e.name] = e
	}
	return out
}

func newEntity(name string) *entity {
	return &entity{name: name, fields: map[string]field{}, sections: map[string]*entity{}}
}

func (e *entity) add(word string) field {
	name, kind, _ := strings.Cut(word, ":")
	f := field{name: name, kind: kind[0]}
	f.size, _ = strconv.Atoi(kind[1:])
	e.fields[name] = f
	e.order = append(e.order, f)
	if f.kind == kindComposite {
		e.add(name + "_Type:s")
	}
	return f
}

// addStandard gives objects the properties that every one of their kind has.
func (e *entity) addStandard() {
	if !e.isObject() {
		return
	}
	e.add("DeletionMark:b")
	if e.kind == "Document" {
		for _, w := range []string{"Number:s11", "Date:d", "Posted:b"} {
			e.add(w)
		}
		return
	}
	e.add("Predefined:b")
	e.add("PredefinedDataName:s")
}

func (e *entity) isObject() bool {
	return e.kind == "Catalog" || e.kind == "Document" || e.kind == "ChartOfCharacteristicTypes"
}

// independent tells a register whose records are written one by one.
func (e *entity) independent() bool { return e.kind == "InformationRegister" && e.key != "" }

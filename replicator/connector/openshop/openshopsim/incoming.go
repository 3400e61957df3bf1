package openshopsim

// The shapes of what 1C sends, as this shop reads them.
type inDocument struct {
	Classifier *inClassifier `xml:"Классификатор"`
	Catalog    *inCatalog    `xml:"Каталог"`
	Offers     *inOffers     `xml:"ПакетПредложений"`
	Changes    []inOffers    `xml:"ИзмененияПакетаПредложений"`
	Documents  []inOrder     `xml:"Документ"`
}

type inClassifier struct {
	Groups []inGroup `xml:"Группы>Группа"`
}

type inGroup struct {
	ID     string    `xml:"Ид"`
	Name   string    `xml:"Наименование"`
	Groups []inGroup `xml:"Группы>Группа"`
}

type inCatalog struct {
	Products []inProduct `xml:"Товары>Товар"`
}

type inPair struct {
	Name  string `xml:"Наименование"`
	Value string `xml:"Значение"`
}

type inUnit struct {
	Code string `xml:"Код,attr"`
}

type inProduct struct {
	Status      string   `xml:"Статус,attr"`
	ID          string   `xml:"Ид"`
	Barcode     string   `xml:"Штрихкод"`
	Article     string   `xml:"Артикул"`
	Name        string   `xml:"Наименование"`
	Unit        inUnit   `xml:"БазоваяЕдиница"`
	Groups      []string `xml:"Группы>Ид"`
	Description string   `xml:"Описание"`
	Images      []string `xml:"Картинка"`
	Brand       string   `xml:"ТорговаяМарка"`
	Taxes       []inTax  `xml:"СтавкиНалогов>СтавкаНалога"`
	Traits      []inPair `xml:"ХарактеристикиТовара>ХарактеристикаТовара"`
	Requisites  []inPair `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
}

type inTax struct {
	Name string `xml:"Наименование"`
	Rate string `xml:"Ставка"`
}

type inOffers struct {
	PriceTypes []inPriceType `xml:"ТипыЦен>ТипЦены"`
	Offers     []inOffer     `xml:"Предложения>Предложение"`
}

type inPriceType struct {
	ID   string `xml:"Ид"`
	Name string `xml:"Наименование"`
}

type inOffer struct {
	ID      string    `xml:"Ид"`
	Article string    `xml:"Артикул"`
	Prices  []inPrice `xml:"Цены>Цена"`
	Rests   []inRest  `xml:"Склад"`
	Rests2  []inRest  `xml:"Склады"`
}

type inPrice struct {
	Type     string `xml:"ИдТипаЦены"`
	Amount   string `xml:"ЦенаЗаЕдиницу"`
	Currency string `xml:"Валюта"`
}

type inRest struct {
	Warehouse string `xml:"ИдСклада,attr"`
	Quantity  string `xml:"КоличествоНаСкладе,attr"`
}

type inOrder struct {
	Number     string   `xml:"Номер"`
	Requisites []inPair `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
}

func find(pairs []inPair, name string) string {
	for _, p := range pairs {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

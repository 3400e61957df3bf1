package commerceml_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

func sampleProducts() []*schema.Product {
	p := &schema.Product{
		SKU: "LMP-1", Name: `Лампа «Заря» & "Ко" <1>`, Description: "Первая строка\nвторая\tстрока 🚀", Category: "Товары/Лампы", Brand: "Дракон & Ко",
		Barcode: "4600000000015", UnitCode: "796", VATRate: "20", Variant: "белый;S", StyleCode: "ST1", WeightKg: 1400, LengthCm: 20000, WidthCm: 1, HeightCm: 30500, Enabled: true,
		Prices: []schema.ProductPrice{{PriceType: "retail", Amount: 125050, Currency: "RUB"}},
		Images: []schema.ProductImage{{Position: 1, URL: "https://img.example.com/1.jpg?a=1&b=2"}},
	}
	q := &schema.Product{SKU: "LMP-2", Name: "Лампа", VATRate: "none", Barcode: "ABC", Prices: []schema.ProductPrice{}, Images: []schema.ProductImage{}}
	q.DeletedAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return []*schema.Product{p, q}
}

func writeOptions(tb testing.TB) commerceml.WriteOptions {
	tb.Helper()
	return commerceml.WriteOptions{
		FormedAt: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), Location: moscow(tb), ChangesOnly: true,
		PriceTypes: []commerceml.WritePriceType{{Type: "retail", ID: "t1", Name: "Розничная", Currency: "RUB"}},
		Warehouses: []commerceml.WriteWarehouse{{Code: "MAIN", ID: "w1", Name: "Основной"}},
	}
}

// written makes one document of every kind that the package writes.
func written(tb testing.TB) map[string][]byte {
	tb.Helper()
	products, o := sampleProducts(), writeOptions(tb)
	stock := []*schema.StockBalance{{WarehouseCode: "MAIN", SKU: "LMP-1", Quantity: 5000, Reserved: 7000}}
	out := map[string][]byte{}
	keep := func(name string, write func(io.Writer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			tb.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	keep("import.xml", func(w io.Writer) error {
		return commerceml.WriteCatalog(w, o, []string{"Товары/Лампы", ""}, slices.Values(products))
	})
	keep("offers.xml", func(w io.Writer) error {
		return commerceml.WriteOffers(w, o, slices.Values([]commerceml.OfferRow{{Product: products[0], Stock: stock}, {Product: products[1]}}))
	})
	keep("changes.xml", func(w io.Writer) error {
		return commerceml.WriteChanges(w, o, slices.Values([]commerceml.ChangeRow{{Product: products[0], Stock: stock}}))
	})
	keep("orders.xml", func(w io.Writer) error {
		return commerceml.WriteStatuses(w, o, slices.Values([]commerceml.StatusDocument{{
			ID: "501", Number: "A-501", OrderedAt: o.FormedAt, Currency: "RUB", Total: 100, CustomerCode: "C1", Status: "[C] Отменён",
			ChangedAt: o.FormedAt, Cancelled: true, TrackingNumber: "SF1",
		}}))
	})
	return out
}

func TestWrite_keeps_the_order_of_children_that_the_schema_demands(t *testing.T) {
	t.Parallel()
	sequences := map[string][]string{
		"Классификатор":     {"Ид", "Наименование", "Владелец", "Группы", "Свойства", "ТипыЦен"},
		"Каталог":           {"Ид", "ИдКлассификатора", "Наименование", "Владелец", "Товары"},
		"Товар":             {"Ид", "Штрихкод", "Артикул", "Наименование", "БазоваяЕдиница", "Группы", "Описание", "Картинка", "Страна", "ТорговаяМарка", "ЗначенияСвойств", "СтавкиНалогов", "ХарактеристикиТовара", "ЗначенияРеквизитов"},
		"ПакетПредложений":  {"Ид", "Наименование", "ИдКаталога", "ИдКлассификатора", "Владелец", "ТипыЦен", "Склады", "Предложения"},
		"ЗначениеРеквизита": {"Наименование", "Значение"},
		"Цена":              {"Представление", "ИдТипаЦены", "ЦенаЗаЕдиницу", "Валюта"},
		"Документ":          {"Ид", "Номер", "Дата", "ХозОперация", "Роль", "Валюта", "Курс", "Сумма", "Контрагенты", "Время", "ЗначенияРеквизитов"},
		"ИзмененияПакетаПредложений": {"Ид", "ИдКаталога", "Предложения"},
	}
	offer := map[string][]string{
		"offers.xml":  {"Ид", "Штрихкод", "Артикул", "Наименование", "БазоваяЕдиница", "Цены", "Количество", "Склад"},
		"changes.xml": {"Ид", "Артикул", "Склады", "Цены", "Количество"},
	}
	for name, doc := range written(t) {
		d := xml.NewDecoder(bytes.NewReader(doc))
		type place struct {
			name string
			at   int
		}
		var stack []place
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s is not well-formed: %v", name, err)
			}
			switch e := tok.(type) {
			case xml.StartElement:
				if len(stack) > 0 {
					up := &stack[len(stack)-1]
					seq := sequences[up.name]
					if up.name == "Предложение" {
						seq = offer[name]
					}
					if seq != nil {
						at := slices.Index(seq, e.Name.Local)
						if at < up.at {
							t.Errorf("%s: %s stands at the wrong place in %s", name, e.Name.Local, up.name)
						}
						up.at = max(at, up.at)
					}
				}
				stack = append(stack, place{name: e.Name.Local})
			case xml.EndElement:
				stack = stack[:len(stack)-1]
			}
		}
	}
}

func TestWrite_then_Read_gives_the_same_records(t *testing.T) {
	t.Parallel()
	docs := written(t)
	out, err := commerceml.MapPackage(testMapping(t),
		commerceml.Read(bytes.NewReader(docs["import.xml"]), commerceml.Options{}), commerceml.Read(bytes.NewReader(docs["offers.xml"]), commerceml.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range sampleProducts() {
		got := pick[*schema.Product](t, out, want.RecordKey())
		if len(want.Prices) == 0 {
			want.Prices, want.Images = got.Prices, got.Images // nil and empty say the same
		}
		if schema.Hash(got) != schema.Hash(want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if b := pick[*schema.StockBalance](t, out, "MAIN/LMP-1"); b.Quantity != 0 {
		t.Errorf("what is promised beyond the stock is written as zero, got %s", b.Quantity)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWrite_reports_a_broken_writer(t *testing.T) {
	t.Parallel()
	err := commerceml.WriteCatalog(brokenPipe{}, commerceml.WriteOptions{}, nil, slices.Values(sampleProducts()))
	if !errors.Is(err, os.ErrClosed) || !strings.Contains(err.Error(), "write CommerceML catalogue") {
		t.Errorf("got %v", err)
	}
}

func TestCleanText_drops_what_xml_cannot_hold(t *testing.T) {
	t.Parallel()
	if got := commerceml.CleanText(" a\x00\x1fb\r\nc\uFFFE "); got != "ab\nc" {
		t.Errorf("got %q", got)
	}
	if got := commerceml.CleanPath(" Товары // Лампы /"); got != "Товары/Лампы" {
		t.Errorf("got %q", got)
	}
}

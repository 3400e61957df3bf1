package commerceml_test

import (
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

func TestMapPackage_never_names_a_price_by_a_guid(t *testing.T) {
	t.Parallel()
	const guid = "5b4a5c1e-0000-4000-8000-000000000001"
	price := func(kind, amount string) string {
		return `<Цена><ИдТипаЦены>` + kind + `</ИдТипаЦены><ЦенаЗаЕдиницу>` + amount + `</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена>`
	}
	offer := func(sku string) string {
		return `<Предложение><Ид>` + sku + `</Ид><Артикул>` + sku + `</Артикул><Наименование>Имя</Наименование><БазоваяЕдиница Код="796"/><Цены>` + price(guid, "5") + price("Особая", "7") + `</Цены></Предложение>`
	}
	for _, tt := range []struct {
		name, types string
		mapping     map[string]string
		want        string // price types of the product
		refused     string
	}{
		{"unknown", "", nil, "особая", "product  unmapped prices"},
		{"named in the package", `<ТипыЦен><ТипЦены><Ид>` + guid + `</Ид><Наименование>Оптовая</Наименование></ТипЦены></ТипыЦен>`, nil, "оптовая особая", ""},
		{"mapped", "", map[string]string{guid: "wholesale"}, "wholesale особая", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := testMapping(t)
			m.PriceTypes = tt.mapping
			out, err := commerceml.MapPackage(m, text(`<ПакетПредложений>`+tt.types+`<Предложения>`+offer("P-1")+offer("P-2")+`</Предложения></ПакетПредложений>`))
			if err != nil {
				t.Fatal(err)
			}
			var types []string
			for _, p := range pick[*schema.Product](t, out, "P-2").Prices {
				types = append(types, p.PriceType)
			}
			if got := strings.Join(types, " "); got != tt.want || refusals(out) != tt.refused {
				t.Errorf("prices %q, refused %q", got, refusals(out))
			}
			if tt.refused != "" && !strings.HasSuffix(out.Refused[0].Problems[0].Reason, "left out: 2") {
				t.Errorf("refused %v", out.Refused)
			}
		})
	}
}

package commerceml_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// manyOffers is a package of articles with two characteristics each.
func manyOffers(articles int) iter.Seq2[commerceml.Item, error] {
	var b strings.Builder
	for i := range articles {
		id := fmt.Sprintf("d8a8b3a2-0000-4000-8000-%012d", i)
		for c := range 2 {
			fmt.Fprintf(&b, `<Предложение><Ид>%s#%d</Ид><Артикул>W-%d</Артикул><Наименование>Имя</Наименование><БазоваяЕдиница Код="796"/><Цены><Цена><ИдТипаЦены>t</ИдТипаЦены><ЦенаЗаЕдиницу>10</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена></Цены><Склад ИдСклада="w1" КоличествоНаСкладе="%d"/></Предложение>`, id, c, i, i+c)
		}
	}
	// The article of the first, long after it was handed over.
	b.WriteString(`<Предложение><Ид>d8a8b3a2-0000-4000-8000-999999999999</Ид><Артикул>W-0</Артикул><Количество>1</Количество></Предложение>`)
	return text(`<ПакетПредложений><ТипыЦен><ТипЦены><Ид>t</Ид><Наименование>Розничная</Наименование></ТипЦены></ТипыЦен><Предложения>` + b.String() + `</Предложения></ПакетПредложений>`)
}

func TestMapper_hands_over_in_portions_what_it_would_say_at_the_end(t *testing.T) {
	t.Parallel()
	const articles = 2500
	describe := func(together bool) (lines []string, atEnd int) {
		mapper := commerceml.NewMapper(testMapping(t))
		if together {
			mapper.Together()
		}
		var out commerceml.Mapped
		take := func(m commerceml.Mapped) {
			out.Records, out.Refused = append(out.Records, m.Records...), append(out.Refused, m.Refused...)
		}
		for it, err := range manyOffers(articles) {
			if err != nil {
				t.Fatal(err)
			}
			mapper.Add(it)
			take(mapper.Take())
		}
		before := len(out.Records)
		take(mapper.Finish())
		for _, r := range out.Records {
			lines = append(lines, string(r.RecordEntity())+" "+string(r.RecordKey())+" "+schema.Hash(r))
		}
		slices.Sort(lines)
		return append(lines, refusals(out)), len(out.Records) - before
	}
	held, all := describe(false)
	paged, last := describe(true)
	if !slices.Equal(held, paged) {
		t.Errorf("%d lines against %d; the last are %q and %q", len(held), len(paged), held[len(held)-1], paged[len(paged)-1])
	}
	if all != 2*articles || last > 2*1000 || held[len(held)-1] != "product W-0 duplicate sku" {
		t.Errorf("%d and %d records waited for the end, refused %q", all, last, held[len(held)-1])
	}
}

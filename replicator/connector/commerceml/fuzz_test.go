package commerceml_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
)

// FuzzRead: whatever comes in, reading ends with items or a ParseError, and what
// was read can be mapped.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/xml/*.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		mapper := commerceml.NewMapper(testMapping(t))
		for it, err := range commerceml.Read(bytes.NewReader(doc), commerceml.Options{MaxText: 1 << 16, MaxItem: 1 << 18, MaxBytes: 1 << 20}) {
			if err != nil {
				var pe *commerceml.ParseError
				if !errors.As(err, &pe) {
					t.Fatalf("not a ParseError: %v", err)
				}
				break
			}
			mapper.Add(it)
		}
		for _, r := range mapper.Finish().Records {
			if problems := r.Validate(); len(problems) > 0 {
				t.Fatalf("an unfit record came out: %v", problems)
			}
		}
	})
}

func BenchmarkReadOffers(b *testing.B) {
	const rows = 5000
	var doc strings.Builder
	doc.WriteString(`<КоммерческаяИнформация ВерсияСхемы="2.07" ДатаФормирования="2026-11-23T00:00:00"><ПакетПредложений><Ид>c#</Ид><Предложения>`)
	for i := range rows {
		fmt.Fprintf(&doc, `<Предложение><Ид>id-%d</Ид><Артикул>SKU-%d</Артикул><Наименование>Товар номер %d</Наименование><БазоваяЕдиница Код="796"/><Цены><Цена><Представление>%d RUB</Представление><ИдТипаЦены>t1</ИдТипаЦены><ЦенаЗаЕдиницу>%d.50</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена></Цены><Количество>%d</Количество><Склад ИдСклада="w1" КоличествоНаСкладе="%d"/></Предложение>`, i, i, i, i, i, i, i)
	}
	doc.WriteString(`</Предложения></ПакетПредложений></КоммерческаяИнформация>`)
	text := doc.String()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for it, err := range commerceml.Read(strings.NewReader(text), commerceml.Options{}) {
			if err != nil {
				b.Fatal(err)
			}
			if _, ok := it.(*commerceml.Offer); ok {
				n++
			}
		}
		if n != rows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

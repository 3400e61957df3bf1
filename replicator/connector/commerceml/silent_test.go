package commerceml_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

func TestMapPackage_of_a_list_of_counterparties(t *testing.T) {
	t.Parallel()
	out, err := commerceml.MapPackage(testMapping(t), text(`<Контрагенты>
<Контрагент><Ид>c1</Ид><Наименование>ООО Пример</Наименование><ОфициальноеНаименование>ООО «Пример»</ОфициальноеНаименование><ИНН>7700000001</ИНН></Контрагент>
<Контрагент><Ид>c2</Ид><ПометкаУдаления>true</ПометкаУдаления><Наименование>Анна</Наименование></Контрагент>
<Контрагент><Наименование>Без ключа</Наименование></Контрагент></Контрагенты>`))
	if err != nil {
		t.Fatal(err)
	}
	if c := pick[*schema.Customer](t, out, "c1"); c.Kind != schema.CompanyKind || !c.DeletedAt.IsZero() {
		t.Errorf("customer %+v", c)
	}
	if c := pick[*schema.Customer](t, out, "c2"); c.DeletedAt.IsZero() {
		t.Errorf("customer %+v", c)
	}
	if got := refusals(out); got != "customer  malformed customer_code" {
		t.Errorf("refused %s", got)
	}
}

func TestMapPackage_names_a_section_that_nobody_reads(t *testing.T) {
	t.Parallel()
	out, err := commerceml.MapPackage(testMapping(t), text(`<Сертификаты><Сертификат><Ид>1</Ид></Сертификат></Сертификаты>`))
	if err != nil || len(out.Refused) != 1 || out.Refused[0].Problems[0].Field != "Сертификаты" {
		t.Errorf("refused %v, %v", out.Refused, err)
	}
}

func TestMapPackage_reads_the_mark_of_deletion_as_an_element(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{`<Статус>Удален</Статус>`, `<Статус>Удалён</Статус>`, `<ПометкаУдаления>true</ПометкаУдаления>`} {
		out, err := commerceml.MapPackage(testMapping(t), text(`<Каталог><Товары><Товар><Ид>1</Ид><Артикул>D-1</Артикул><Наименование>Имя</Наименование><БазоваяЕдиница Код="796"/>`+mark+`</Товар></Товары></Каталог>`))
		if err != nil {
			t.Fatal(err)
		}
		if p := pick[*schema.Product](t, out, "D-1"); p.Enabled || p.DeletedAt.IsZero() {
			t.Errorf("%s: %+v", mark, p)
		}
	}
}

func TestLoadFile_refuses_archives_that_hold_no_document(t *testing.T) {
	t.Parallel()
	inner, err := os.ReadFile(writeZip(t, entry{name: "import.xml", body: own(t, "import_207.xml")}))
	if err != nil {
		t.Fatal(err)
	}
	for want, e := range map[string]entry{
		"holds no XML document": {name: "photo.jpg", body: []byte("\xFF\xD8\xFFpicture")},
		"holds a zip archive":   {name: "inner.zip", body: inner},
		"holds gzip":            {name: "import.xml.gz", body: []byte("\x1F\x8B\x08data")},
	} {
		pages, err := load(t.Context(), t, commerceml.LoadOptions{}, writeZip(t, e))
		if err == nil || !strings.Contains(err.Error(), want) || len(pages) != 0 {
			t.Errorf("want %q, got %v and %d pages", want, err, len(pages))
		}
	}
}

func TestLoadFile_counts_dictionaries(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "units.xml")
	doc := []byte(`<Классификатор><Ид>c</Ид><ЕдиницыИзмерения><ЕдиницаИзмерения><Ид>796</Ид></ЕдиницаИзмерения></ЕдиницыИзмерения><Группы><Группа><Ид>g</Ид><Наименование>Имя</Наименование></Группа></Группы></Классификатор>`)
	if err := os.WriteFile(path, bytes.Clone(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	var got commerceml.Counts
	if _, err := load(t.Context(), t, commerceml.LoadOptions{Told: func(c commerceml.Counts) { got = c }}, path); err != nil {
		t.Fatal(err)
	}
	if want := (commerceml.Counts{Groups: 1, Units: 1}); got != want || got.Total() != 2 {
		t.Errorf("got %+v", got)
	}
}

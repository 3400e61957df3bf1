package commerceml_test

import (
	"iter"
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// text reads a document that a test writes out.
func text(body string) iter.Seq2[commerceml.Item, error] {
	return commerceml.Read(strings.NewReader(`<КоммерческаяИнформация ВерсияСхемы="2.07">`+body+`</КоммерческаяИнформация>`), commerceml.Options{})
}

// offersOf writes a package; each offer is "Ид=quantity" of the article Q-1.
func offersOf(changesOnly bool, offers ...string) iter.Seq2[commerceml.Item, error] {
	attr := "false"
	if changesOnly {
		attr = "true"
	}
	var b strings.Builder
	for _, o := range offers {
		id, q, _ := strings.Cut(o, "=")
		b.WriteString(`<Предложение><Ид>` + id + `</Ид><Артикул>Q-1</Артикул><Наименование>Имя</Наименование><Склад ИдСклада="w1" КоличествоНаСкладе="` + q + `"/></Предложение>`)
	}
	return text(`<ПакетПредложений СодержитТолькоИзменения="` + attr + `"><Ид>c#</Ид><Предложения>` + b.String() + `</Предложения></ПакетПредложений>`)
}

func TestMapPackage_never_sums_a_part_of_the_characteristics(t *testing.T) {
	t.Parallel()
	full := []string{"q1#a=3", "q1#b=5"}
	for _, tt := range []struct {
		name     string
		packages []iter.Seq2[commerceml.Item, error]
		want     schema.Quantity // below zero: no balance
		refused  string
	}{
		{"a full package", []iter.Seq2[commerceml.Item, error]{offersOf(false, full...)}, schema.Pieces(8), ""},
		{"changes of one characteristic", []iter.Seq2[commerceml.Item, error]{offersOf(true, "q1#a=2")}, -1, "stock_balance MAIN/Q-1 partial quantity"},
		{"changes after the full package", []iter.Seq2[commerceml.Item, error]{offersOf(false, full...), offersOf(true, "q1#a=2")}, schema.Pieces(7), ""},
		{"a new characteristic after the full package", []iter.Seq2[commerceml.Item, error]{offersOf(false, full...), offersOf(true, "q1#c=1")}, schema.Pieces(9), ""},
		{"changes of a product without characteristics", []iter.Seq2[commerceml.Item, error]{offersOf(true, "q1=2")}, schema.Pieces(2), ""},
		{"a characteristic that cannot be read", []iter.Seq2[commerceml.Item, error]{offersOf(false, "q1#a=3", "q1#b=много")}, -1, "product Q-1 malformed quantity"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := commerceml.MapPackage(testMapping(t), tt.packages...)
			if err != nil {
				t.Fatal(err)
			}
			if got := refusals(out); got != tt.refused {
				t.Errorf("refused %q, want %q", got, tt.refused)
			}
			got := schema.Quantity(-1)
			for _, r := range out.Records {
				if b, ok := r.(*schema.StockBalance); ok {
					got = b.Quantity
				}
			}
			if got != tt.want {
				t.Errorf("balance %s, want %s", got, tt.want)
			}
		})
	}
}

const twins = `<Каталог><Ид>c</Ид><Товары>
<Товар><Ид>t1</Ид><Артикул>T-1</Артикул><Наименование>Первый</Наименование><БазоваяЕдиница Код="796"/></Товар>
<Товар><Ид>t2</Ид><Артикул>T-1</Артикул><Наименование>Второй</Наименование><БазоваяЕдиница Код="796"/></Товар></Товары></Каталог>`

const twinOffers = `<ПакетПредложений><Ид>c#</Ид><Предложения>
<Предложение><Ид>t1</Ид>%<Склад ИдСклада="w1" КоличествоНаСкладе="3"/></Предложение>
<Предложение><Ид>t2</Ид>%<Склад ИдСклада="w1" КоличествоНаСкладе="5"/></Предложение></Предложения></ПакетПредложений>`

func TestMapPackage_refuses_the_second_product_of_an_article(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		packages []string
		refused  int
	}{
		{"offers with articles", []string{twins, strings.ReplaceAll(twinOffers, "%", "<Артикул>T-1</Артикул>")}, 2},
		{"offers without articles", []string{twins, strings.ReplaceAll(twinOffers, "%", "")}, 2},
		{"offers before the catalogue", []string{strings.ReplaceAll(twinOffers, "%", "<Артикул>T-1</Артикул>"), twins}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := commerceml.MapPackage(testMapping(t), text(tt.packages[0]), text(tt.packages[1]))
			if err != nil {
				t.Fatal(err)
			}
			if b := pick[*schema.StockBalance](t, out, "MAIN/T-1"); b.Quantity != schema.Pieces(3) {
				t.Errorf("balance %s", b.Quantity)
			}
			if p := pick[*schema.Product](t, out, "T-1"); p.Name != "Первый" {
				t.Errorf("product %q", p.Name)
			}
			if len(out.Refused) != tt.refused || len(out.Identifiers) != 1 {
				t.Fatalf("refused %v, identifiers %v", out.Refused, out.Identifiers)
			}
			for _, r := range out.Refused {
				if why := r.Problems[0].Reason; r.Code != "duplicate" || !strings.Contains(why, "Ид t1") || !strings.Contains(why, "Ид t2") {
					t.Errorf("refused %+v", r)
				}
			}
		})
	}
}

func TestMapPackage_knows_whose_article_it_was_in_an_earlier_file(t *testing.T) {
	t.Parallel()
	m := testMapping(t)
	m.SKUByID = func(id string) (string, bool) { return "T-1", id == "t1" }
	held := &schema.Product{SKU: "T-1", Name: "Первый", UnitCode: "796"}
	held.ExternalID = "t1"
	m.Held = func(string) *schema.Product { return held }
	second := `<ПакетПредложений><Предложения><Предложение><Ид>t2</Ид><Артикул>T-1</Артикул><Количество>5</Количество></Предложение></Предложения></ПакетПредложений>`
	out, err := commerceml.MapPackage(m, text(second))
	if err != nil || len(out.Records) != 0 || refusals(out) != "product T-1 duplicate sku" {
		t.Errorf("records %v, refused %s, %v", out.Records, refusals(out), err)
	}
}

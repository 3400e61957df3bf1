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

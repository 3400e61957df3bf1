package onec

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sverka/schema"
)

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func TestRow_ReadsWhatOneCSends(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("testdata", "wire", "order.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r row
	if err := decode(append([]byte("\xef\xbb\xbf"), b...), &r); err != nil {
		t.Fatal(err)
	}
	c := newBench(t).client
	if got := r.ref("Ref_Key"); got != "0000000c-1111-11ee-8a3c-00155d012345" {
		t.Errorf("reference %q", got)
	}
	if r.ref("Соглашение_Key") != "" || r.text("НомерПоДаннымКлиента") != "101" || r.text("СерийныйУчет") != "" || r.digits("КурсВзаиморасчетов") != "1" {
		t.Error("empty reference, padded text, null or Int64 are misread")
	}
	if sum, err := r.amount("СуммаДокумента"); err != nil || sum != 150050 {
		t.Errorf("sum %s, %v", sum, err)
	}
	if at := c.time(r, "Date"); !at.Equal(time.Date(2024, 5, 2, 7, 11, 12, 0, time.UTC)) {
		t.Errorf("10:11:12 in Moscow is %s", at)
	}
	if at := c.time(r, "ДатаПоДаннымКлиента"); !at.IsZero() {
		t.Errorf("an empty date is %s", at)
	}
	lines := r.lines("Товары")
	if q, err := lines[1].quantity("Количество"); len(lines) != 2 || err != nil || q != 125 || !lines[1].flag("Отменено") {
		t.Errorf("lines %v", lines)
	}
	if _, ok := lines[0].writable()["Ref_Key"]; ok {
		t.Error("a line is sent back with its Ref_Key")
	}
}

func TestEscape_SpacesAndQuotesTravelAsOneCWantsThem(t *testing.T) {
	t.Parallel()
	got := escapeQuery(eqText("Артикул", "O'Нил + 5%") + " and X eq true")
	if strings.Contains(got, "+") || !strings.Contains(got, "%20eq%20'O''") || !strings.Contains(got, "%2B") || !strings.Contains(got, "%25") {
		t.Errorf("got %s", got)
	}
	if got := escapePath("A(Штрихкод='1/2')"); !strings.Contains(got, "='1%2F2')") {
		t.Errorf("got %s", got)
	}
}

func TestRelabel_KeepsWhatPeopleWroteBesideOurLines(t *testing.T) {
	t.Parallel()
	order := []string{labelReceiver, labelPhone}
	text := relabel("Код домофона: 12\r\nТелефон: старый\nзвонить дважды", order, map[string]string{labelReceiver: "Анна\nПетровна", labelPhone: "+79123456789"})
	if want := "Получатель: Анна Петровна\nТелефон: +79123456789\nКод домофона: 12\nзвонить дважды"; text != want {
		t.Errorf("got %q", text)
	}
	if got := labelled(text, labelReceiver); got != "Анна Петровна" {
		t.Errorf("got %q", got)
	}
	if again := relabel(text, order, map[string]string{labelReceiver: "Анна Петровна", labelPhone: "+79123456789"}); again != text {
		t.Errorf("the second time gives %q", again)
	}
}

func TestPhone_IsNormalisedOnlyBeyondDoubt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"8 (912) 345-67-89": "+79123456789", "+7 912 345 67 89": "+79123456789", "８９１２３４５６７８９": "+79123456789", "+86 138 0013 8000": "+8613800138000",
		"доб. 12": "доб. 12", "345-67-89": "345-67-89", "": "",
	} {
		if got := phone(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestMeasure_UnitsAreConvertedExactly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		numerator, denominator schema.Quantity
		unit                   string
		want                   schema.Quantity
	}{
		{3500000, 1000, "163", 3500}, {3500, 1000, "166", 3500}, {12500, 100000, "006", 12500}, {125000, 1000, "003", 12500}, {1000, 3000, "166", 333}, {2000, 3000, "166", 667}, {1, 1000, "168", 1000},
	} {
		up, down := unitFactor(c.unit)
		if got := ratio(int64(c.numerator)*1000, up, int64(c.denominator), down); got != c.want {
			t.Errorf("%s/%s of %s is %s, want %s", c.numerator, c.denominator, c.unit, got, c.want)
		}
	}
}

func TestDiscountShares_NeverLoseAKopeck(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := &schema.SalesOrder{Freight: schema.Amount(rapid.IntRange(0, 100000).Draw(t, "freight"))}
		for range rapid.IntRange(1, 6).Draw(t, "lines") {
			o.Lines = append(o.Lines, schema.SalesOrderLine{Amount: schema.Amount(rapid.IntRange(0, 1<<40).Draw(t, "sum")), Cancelled: rapid.Bool().Draw(t, "cancelled")})
		}
		o.Discount = schema.Amount(rapid.Int64Range(0, int64(o.LinesTotal()+o.Freight)).Draw(t, "discount"))
		var sum schema.Amount
		for i, s := range discountShares(o) {
			limit := o.Freight
			if i < len(o.Lines) {
				limit = o.Lines[i].Amount
				if o.Lines[i].Cancelled {
					limit = 0
				}
			}
			if s < 0 || s > limit {
				t.Fatalf("share %d is %s of %s", i, s, limit)
			}
			sum += s
		}
		if sum != o.Discount {
			t.Fatalf("the shares add up to %s, the discount is %s", sum, o.Discount)
		}
	})
}

func TestOrderSums_PartsAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	o := &schema.SalesOrder{Discount: 100, Lines: []schema.SalesOrderLine{{SKU: "A", Quantity: 3000, Amount: 1000}, {SKU: "B", Quantity: 1000, Amount: 500, Cancelled: true}}}
	s := netSums(o)
	if whole, ok := s.part("A", 3000); !ok || whole != 900 {
		t.Errorf("the whole is %s", whole)
	}
	if _, ok := s.part("B", 1000); ok {
		t.Error("a cancelled line has a sum")
	}
	if vatWithin(12000, "20") != 2000 || vatWithin(100, "none") != 0 || vatWithin(1, "20") != 0 || vatWithin(11000, "10") != 1000 {
		t.Error("VAT within a sum is wrong")
	}
}

// samplesDir is where the shared samples of real systems lie, beside the repository.
func samplesDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", "samples", "odata")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("shared samples are absent: " + dir)
	}
	return dir
}

func TestNames_ExistInTheFieldMapOfUT(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(samplesDir(t), "ut-11.5.18-fieldmap.derived.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Entities map[string]struct {
			Fields  map[string]string            `json:"fields"`
			Tabular map[string]map[string]string `json:"tabular"`
		} `json:"entities"`
	}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	c := newBench(t).client
	sets := map[string][]string{
		c.n.Products: productFields(), c.n.Partners: partnerFields(), c.n.Counterparties: firmFields(), c.n.Orders: c.orderSelect(), c.n.Shipments: c.shipmentSelect(),
		c.n.Surplus: {"Склад_Key", "Комментарий", "Товары"}, c.n.Shortage: {"Склад_Key", "Комментарий", "Товары"}, c.n.PriceDocument: {pricesPlain, prices25, "ВидыЦен", "Статус", "Согласован"},
	}
	for _, k := range c.paymentKinds() {
		sets[k.set] = c.paymentSelect(k)
	}
	for set, fields := range sets {
		e, ok := m.Entities[set]
		if !ok {
			t.Errorf("%s is not in the map", set)
		}
		for _, f := range fields {
			if e.Fields[f] == "" && e.Tabular[f] == nil {
				t.Errorf("%s has no %s", set, f)
			}
		}
	}
}

func TestRow_ReadsTheSharedSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(samplesDir(t), "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v %v", files, err)
	}
	c := newBench(t).client
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var body row
		if err := decode(b, &body); err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		if strings.HasPrefix(filepath.Base(name), "AccumulationRegister_ТоварыНаСкладах") {
			got, err := c.balance("MAIN", item{sku: "A"}, body.lines("value")[0])
			if err != nil || got.Quantity != 12000 || got.Reserved != 2000 {
				t.Errorf("balance %+v, %v", got, err)
			}
		}
		if strings.Contains(name, "response-201") {
			if sum, err := lineSum(body.lines("Товары")[0]); err != nil || sum != 150000 {
				t.Errorf("line sum %s, %v", sum, err)
			}
		}
	}
}

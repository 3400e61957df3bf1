package commerceml_test

import (
	"bytes"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

func ownFile(tb testing.TB, name string) iter.Seq2[commerceml.Item, error] {
	tb.Helper()
	b, err := os.ReadFile("testdata/xml/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return commerceml.Read(bytes.NewReader(b), commerceml.Options{File: name})
}

func pick[T schema.Record](t *testing.T, out commerceml.Mapped, key schema.Key) T {
	t.Helper()
	for _, r := range out.Records {
		if v, ok := r.(T); ok && r.RecordKey() == key {
			return v
		}
	}
	var none T
	t.Fatalf("no %T %s among %d records; refused: %v", none, key, len(out.Records), out.Refused)
	return none
}

func refusals(out commerceml.Mapped) string {
	var lines []string
	for _, r := range out.Refused {
		lines = append(lines, string(r.Entity)+" "+string(r.Key)+" "+r.Code+" "+r.Problems[0].Field)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestMapPackage_joins_products_and_offers_in_any_order(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"import_207.xml", "offers_207.xml"}, {"offers_207.xml", "import_207.xml"}} {
		out, err := commerceml.MapPackage(testMapping(t), ownFile(t, order[0]), ownFile(t, order[1]))
		if err != nil {
			t.Fatal(err)
		}
		p := pick[*schema.Product](t, out, "LMP-1")
		want := schema.Product{
			SKU: "LMP-1", Name: "Лампа настольная", Description: "Светит & греет", Category: "Товары/Лампы", Brand: "Заря", Barcode: "4600000000015",
			UnitCode: "796", VATRate: "20", WeightKg: 1400, Enabled: true,
			Prices: []schema.ProductPrice{{PriceType: "retail", Amount: 125050, Currency: "RUB"}},
			Images: []schema.ProductImage{{Position: 1, URL: "import_files/aa/1.jpg"}, {Position: 2, URL: "import_files/aa/2.jpg"}},
		}
		if schema.Hash(p) != schema.Hash(&want) {
			t.Errorf("%v: got %+v", order, p)
		}
		if p.Extra["Цвет"] != "Белый" || p.Extra["Нечто/Внутри"] != "значение" || p.System != schema.OpenShop || p.ExternalID != "id-1" {
			t.Errorf("provenance: %+v", p.Provenance)
		}
		if b := pick[*schema.StockBalance](t, out, "MAIN/LMP-1"); b.Quantity != schema.Pieces(6) {
			t.Errorf("the characteristics of one article lie in one balance: got %s", b.Quantity)
		}
		if d := pick[*schema.Product](t, out, "LMP-2"); d.Enabled || d.DeletedAt.IsZero() || len(d.Prices) != 0 {
			t.Errorf("a deleted product with a price of unknown currency: %+v", d)
		}
		want2 := "product  malformed sku\nproduct  unmapped sku\nproduct  unmapped sku\nproduct LMP-2 validation prices.оптовая.currency\nproduct LMP-9 malformed price\nwarehouse  unmapped warehouse_code"
		if got := refusals(out); got != want2 {
			t.Errorf("refusals: got\n%s\nwant\n%s", got, want2)
		}
		if len(out.Identifiers) != 2 {
			t.Errorf("identifiers: %v", out.Identifiers)
		}
	}
}

func TestMapPackage_with_held_changes_only_what_the_package_says(t *testing.T) {
	t.Parallel()
	m := testMapping(t)
	held := &schema.Product{SKU: "LMP-1", Name: "Лампа", Description: "Текст", Enabled: true, Prices: []schema.ProductPrice{{PriceType: "market", Amount: 1, Currency: "RUB"}}}
	m.Held = func(sku string) *schema.Product {
		if sku == "LMP-1" {
			return held
		}
		return nil
	}
	m.SKUByID = func(id string) (string, bool) { return "LMP-1", id == "id-1" }
	out, err := commerceml.MapPackage(m, ownFile(t, "offers_207.xml"))
	if err != nil {
		t.Fatal(err)
	}
	p := pick[*schema.Product](t, out, "LMP-1")
	if p.Description != "Текст" || len(p.Prices) != 2 || p.Prices[1].Amount != 125050 {
		t.Errorf("got %+v", p)
	}
	if len(held.Prices) != 1 {
		t.Error("the held record was changed")
	}
}

func TestMapPackage_of_an_order(t *testing.T) {
	t.Parallel()
	out, err := commerceml.MapPackage(testMapping(t), ownFile(t, "order_203.cp1251.xml"))
	if err != nil {
		t.Fatal(err)
	}
	o := pick[*schema.SalesOrder](t, out, "A-501")
	if o.Freight != 34800 || o.Total != 154850 || len(o.Lines) != 1 || o.Lines[0].Price != 60025 || o.Lines[0].UnitCode != "796" || o.Lines[0].VATRate != "20" {
		t.Errorf("order %+v", o)
	}
	if o.CustomerCode != "77" || o.ReceiverPhone != "+79120000001" || o.AddressText != "101000, Москва, Садовая, 1" || o.PaymentMethod != schema.MethodCash || o.Comment != "Позвонить" {
		t.Errorf("order %+v", o)
	}
	if !o.OrderedAt.Equal(time.Date(2026, 11, 22, 12, 40, 40, 0, time.UTC)) {
		t.Errorf("ordered at %s", o.OrderedAt)
	}
	if c := pick[*schema.Customer](t, out, "77"); c.Email != "anna@example.com" || c.Kind != schema.PersonKind {
		t.Errorf("customer %+v", c)
	}
	if s := pick[*schema.OrderStatus](t, out, "A-501"); s.Phase != schema.PhaseAwaitingPayment || s.VendorStatus != "[N] Принят, ожидается оплата" || s.ChangedAt.Hour() != 13 {
		t.Errorf("status %+v", s)
	}
	if p := pick[*schema.Payment](t, out, "PAY-9"); p.Amount != 154850 || p.PaidAt.IsZero() || p.Status != schema.PaymentPaid {
		t.Errorf("payment %+v", p)
	}
}

func TestMapPackage_of_documents_of_schema_3(t *testing.T) {
	t.Parallel()
	out, err := commerceml.MapPackage(testMapping(t), ownFile(t, "documents_31.xml"))
	if err != nil {
		t.Fatal(err)
	}
	o := pick[*schema.SalesOrder](t, out, "B-77")
	if o.Discount != 1000 || o.Total != 19000 || o.Lines[0].VATAmount != 3333 || o.Lines[0].Price != 10000 {
		t.Errorf("order %+v", o)
	}
	if s := pick[*schema.OrderStatus](t, out, "B-77"); s.Phase != schema.PhaseUnknown || s.VendorStatus != "Загадочный" {
		t.Errorf("status %+v", s)
	}
	if c := pick[*schema.Customer](t, out, "c1"); c.Kind != schema.CompanyKind || c.INN != "7700000001" {
		t.Errorf("customer %+v", c)
	}
	if got := refusals(out); got != "sales_order B-78 malformed lines[1].quantity\nsales_order B-79 unmapped operation" {
		t.Errorf("one bad order stops no other: %s", got)
	}
}

func TestMapPackage_without_article_takes_the_id_only_when_told_so(t *testing.T) {
	t.Parallel()
	m := testMapping(t)
	m.SKUFromID, m.DefaultWarehouse = true, "MAIN"
	out, err := commerceml.MapPackage(m, ownFile(t, "import_207.xml"), ownFile(t, "rests_31.xml"))
	if err != nil {
		t.Fatal(err)
	}
	pick[*schema.Product](t, out, "id-3")
	if b := pick[*schema.StockBalance](t, out, "MAIN/LMP-2"); b.Quantity != schema.Pieces(12) {
		t.Errorf("a bare quantity lies in the default warehouse: %+v", b)
	}
}

func TestMapPackage_of_an_order_whose_sums_do_not_agree(t *testing.T) {
	t.Parallel()
	doc := string(own(t, "order_undeclared.cp1251.xml"))
	doc = strings.Replace(doc, "<\xd1\xf3\xec\xec\xe0>10<", "<\xd1\xf3\xec\xec\xe0>11<", 1)
	out, err := commerceml.MapPackage(testMapping(t), commerceml.Read(strings.NewReader(doc), commerceml.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Records) != 0 || refusals(out) != "sales_order U-1 validation total" {
		t.Errorf("records %v, refused %s", out.Records, refusals(out))
	}
}

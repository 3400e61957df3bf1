package openshopsim_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sverka/replicator/connector/openshop/openshopsim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// browser speaks the exchange protocol by hand.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	cookie string
	sessid string
}

func start(t *testing.T, opts openshopsim.Options) (*openshopsim.Sim, *simworld.World, *browser) {
	t.Helper()
	w := simworld.New(simworld.Options{NewProducts: 1})
	s := openshopsim.New(w, opts)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, w, &browser{t: t, base: server.URL, client: server.Client()}
}

func (b *browser) do(method, query string, body string) (int, string, http.Header) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+"/1c_exchange?"+query, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.SetBasicAuth("exchange", "exchange")
	if b.cookie != "" {
		req.Header.Set("Cookie", b.cookie)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header
}

// login opens a session of a kind.
func (b *browser) login(kind string) {
	b.t.Helper()
	b.cookie = ""
	_, text, _ := b.do("GET", "type="+kind+"&mode=checkauth", "")
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != "success" || !strings.HasPrefix(lines[3], "sessid=") {
		b.t.Fatalf("checkauth answers %q", text)
	}
	b.cookie, b.sessid = lines[1]+"="+lines[2], "&"+lines[3]
}

func (b *browser) call(method, query, body string) string {
	b.t.Helper()
	_, text, _ := b.do(method, query+b.sessid, body)
	return text
}

func (b *browser) expect(want, method, query, body string) {
	b.t.Helper()
	if got := b.call(method, query, body); !strings.HasPrefix(got, want) {
		b.t.Fatalf("%s answers %q, want %q", query, got, want)
	}
}

func TestSession_follows_the_protocol(t *testing.T) {
	t.Parallel()
	s, _, b := start(t, openshopsim.Options{FileLimit: 100})
	if status, text, _ := b.do("GET", "type=catalog&mode=init", ""); status != 401 || !strings.HasPrefix(text, "failure") {
		t.Errorf("init without a session: %d %q", status, text)
	}
	b.login("catalog")
	if got := b.call("GET", "type=catalog&mode=init", ""); got != "zip=no\nfile_limit=100" {
		t.Errorf("init must answer exactly two lines: %q", got)
	}
	b.expect("failure", "GET", "type=sale&mode=init", "")
	b.expect("failure", "POST", "type=catalog&mode=file&filename=../x.xml", "a")
	b.expect("failure", "POST", "type=catalog&mode=file&filename=x.xml", "")
	b.expect("failure", "POST", "type=catalog&mode=file&filename=x.xml", strings.Repeat("a", 101))
	b.expect("failure", "GET", "type=catalog&mode=import&filename=none.xml", "")
	b.expect("failure", "GET", "type=catalog&mode=deactivate", "")
	b.expect("failure", "GET", "type=catalog&mode=query", "")
	if s.Sessions() != 1 {
		t.Errorf("%d sessions", s.Sessions())
	}
}

const importDoc = `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" ВерсияСхемы="2.07">
<Классификатор><Группы><Группа><Ид>g</Ид><Наименование>Товары</Наименование></Группа></Группы></Классификатор>
<Каталог><Товары><Товар><Ид>id-1</Ид><Артикул>HAND-1</Артикул><Наименование>Вещь</Наименование><Группы><Ид>g</Ид></Группы></Товар>%s</Товары></Каталог></КоммерческаяИнформация>`

const offersDoc = `<КоммерческаяИнформация><ПакетПредложений><ТипыЦен><ТипЦены><Ид>t</Ид><Наименование>Розничная</Наименование></ТипЦены></ТипыЦен>
<Предложения><Предложение><Ид>id-1</Ид><Цены><Цена><ИдТипаЦены>t</ИдТипаЦены><ЦенаЗаЕдиницу>99.50</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена></Цены>
<Склад ИдСклада="sklad-main" КоличествоНаСкладе="4"/></Предложение></Предложения></ПакетПредложений></КоммерческаяИнформация>`

func TestImport_appends_fragments_reports_progress_and_takes_all_or_nothing(t *testing.T) {
	t.Parallel()
	s, _, b := start(t, openshopsim.Options{FileLimit: 200, ProgressSteps: 2})
	b.login("catalog")
	doc := strings.Replace(importDoc, "%s", "", 1)
	for len(doc) > 0 {
		n := min(150, len(doc))
		b.expect("success", "POST", "type=catalog&mode=file&filename=import.xml", doc[:n])
		doc = doc[n:]
	}
	for _, want := range []string{"progress", "progress", "success", "success"} {
		b.expect(want, "GET", "type=catalog&mode=import&filename=import.xml", "")
	}
	p, ok := s.Product("HAND-1")
	if !ok || p.Category != "Товары" || p.ID != "id-1" || !p.Enabled {
		t.Errorf("product %+v", p)
	}
	bad := strings.Replace(strings.Replace(importDoc, "HAND-1", "HAND-2", 1), "%s", "<Товар><Артикул>HAND-3</Артикул></Товар>", 1)
	for i := 0; i < len(bad); i += 200 {
		b.expect("success", "POST", "type=catalog&mode=file&filename=bad.xml", bad[i:min(len(bad), i+200)])
	}
	b.expect("progress", "GET", "type=catalog&mode=import&filename=bad.xml", "")
	b.expect("progress", "GET", "type=catalog&mode=import&filename=bad.xml", "")
	b.expect("failure", "GET", "type=catalog&mode=import&filename=bad.xml", "")
	if _, ok := s.Product("HAND-2"); ok {
		t.Error("half a package was taken")
	}
}

func TestImport_unpacks_a_zip(t *testing.T) {
	t.Parallel()
	s, _, b := start(t, openshopsim.Options{Zip: true})
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, doc := range map[string]string{"import0_1.xml": strings.Replace(importDoc, "%s", "", 1), "offers0_1.xml": offersDoc} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, doc); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b.login("catalog")
	b.expect("zip=yes", "GET", "type=catalog&mode=init", "")
	b.expect("success", "POST", "type=catalog&mode=file&filename=v8_1.zip", buf.String())
	b.expect("success", "GET", "type=catalog&mode=import&filename=import0_1.xml", "")
	b.expect("success", "GET", "type=catalog&mode=import&filename=offers0_1.xml", "")
	if p, _ := s.Product("HAND-1"); p.Retail != 9950 {
		t.Errorf("product %+v", p)
	}
	if q, _ := s.Stock("MAIN", "HAND-1"); q != schema.Pieces(4) {
		t.Errorf("stock %s", q)
	}
}

func TestImport_names_what_is_missing(t *testing.T) {
	t.Parallel()
	_, w, b := start(t, openshopsim.Options{})
	send := func(kind, doc string) string {
		b.login(kind)
		b.expect("success", "POST", "type="+kind+"&mode=file&filename=x.xml", doc)
		return b.call("GET", "type="+kind+"&mode=import&filename=x.xml", "")
	}
	offer := `<КоммерческаяИнформация><ИзмененияПакетаПредложений><Предложения><Предложение><Артикул>%1</Артикул><Склады ИдСклада="%2" КоличествоНаСкладе="%3"/></Предложение></Предложения></ИзмененияПакетаПредложений></КоммерческаяИнформация>`
	fill := func(a, b, c string) string { return strings.NewReplacer("%1", a, "%2", b, "%3", c).Replace(offer) }
	status := `<КоммерческаяИнформация><Документ><Номер>%1</Номер><ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Статус заказа</Наименование><Значение>%2</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ></КоммерческаяИнформация>`
	sku := w.Products[0].SKU
	for _, tt := range []struct{ kind, doc, code string }{
		{"catalog", fill("GHOST", "sklad-main", "1"), "product_missing"},
		{"catalog", fill(sku, "sklad-moon", "1"), "warehouse_missing"},
		{"catalog", fill(sku, "sklad-main", "-1"), "malformed"},
		{"catalog", fill(sku, "sklad-main", "1")[:100], "malformed"},
		{"catalog", fill(w.Products[len(w.Products)-1].SKU, "sklad-main", "1"), "product_missing"}, // known to Jushuitan only
		{"sale", strings.NewReplacer("%1", "GHOST", "%2", "[N] Принят").Replace(status), "order_missing"},
		{"sale", strings.NewReplacer("%1", w.Orders[0].Number, "%2", "[Ы] Странный").Replace(status), "malformed"},
	} {
		if got := send(tt.kind, tt.doc); !strings.HasPrefix(got, "failure\n") || !strings.HasSuffix(got, "\ncode="+tt.code) {
			t.Errorf("got %q, want code %s", got, tt.code)
		}
	}
	if got := send("catalog", fill(sku, "sklad-main", "77")); !strings.HasPrefix(got, "success") {
		t.Errorf("got %q", got)
	}
}

func TestQuery_is_well_formed_in_both_encodings_and_taken_only_by_success(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"utf-8", "windows-1251"} {
		s, w, b := start(t, openshopsim.Options{Encoding: encoding})
		b.login("sale")
		_, doc, head := b.do("GET", "type=sale&mode=query"+b.sessid, "")
		if !strings.HasSuffix(head.Get("Content-Type"), encoding) || strings.Count(doc, "</Сумма>") == 0 && encoding == "utf-8" {
			t.Errorf("%s: %v", encoding, head)
		}
		if encoding == "utf-8" {
			var orders struct {
				Documents []struct {
					Number string `xml:"Номер"`
				} `xml:"Документ"`
			}
			if err := xml.Unmarshal([]byte(doc), &orders); err != nil || len(orders.Documents) != len(w.Orders) {
				t.Errorf("%d documents, %v", len(orders.Documents), err)
			}
		}
		if v, _ := s.Order(w.Orders[0].Number); v.Taken {
			t.Error("a query alone takes nothing")
		}
		other := *b
		other.login("sale")
		other.expect("success", "GET", "type=sale&mode=success", "") // its session queried nothing
		if v, _ := s.Order(w.Orders[0].Number); v.Taken {
			t.Error("another session took the orders")
		}
		b.expect("success", "GET", "type=sale&mode=success", "")
		b.expect("success", "GET", "type=sale&mode=success", "")
		if v, _ := s.Order(w.Orders[0].Number); !v.Taken || v.Status != "[F] Выполнен" || v.Tracking == "" {
			t.Errorf("order %+v", v)
		}
	}
}

func TestReadBack_pages_in_the_order_of_keys(t *testing.T) {
	t.Parallel()
	_, w, b := start(t, openshopsim.Options{})
	get := func(path string) (int, []map[string]any, bool) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("exchange", "exchange")
		resp, err := b.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var out struct {
			Items []map[string]any
			More  bool
		}
		_ = json.NewDecoder(resp.Body).Decode(&out) // a failing answer has no body
		return resp.StatusCode, out.Items, out.More
	}
	_, first, more := get("/api/products?limit=3")
	if len(first) != 3 || !more {
		t.Fatalf("%v, more %v", first, more)
	}
	last, _ := first[2]["sku"].(string)
	_, second, _ := get("/api/products?limit=1000&after=" + last)
	if len(second) != len(w.Products)-1-3 || second[0]["sku"] == last {
		t.Errorf("%d items after %s", len(second), last)
	}
	for _, path := range []string{"/api/products?limit=0", "/api/stock", "/api/orders?limit=x"} {
		if status, _, _ := get(path); status != http.StatusBadRequest {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

// TestImport_takes_real_files replays what real 1C sends into the shop.
func TestImport_takes_real_files(t *testing.T) {
	t.Parallel()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil; _, err = os.Stat(filepath.Join(dir, "go.mod")) {
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	samples := filepath.Join(dir, "..", "shared", "samples", "commerceml")
	if _, err := os.Stat(samples); err != nil {
		t.Skip("shared samples are absent: ../shared/samples/commerceml")
	}
	s, _, b := start(t, openshopsim.Options{})
	for name, want := range map[string]int{"carono_import.xml": 2, "dobromyslov_import0_1.xml": 36, "bigperson_import.xml": 2} {
		doc, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		before := len(s.Arrivals())
		b.login("catalog")
		b.expect("success", "POST", "type=catalog&mode=file&filename="+name, string(doc))
		b.expect("success", "GET", "type=catalog&mode=import&filename="+name, "")
		if got := len(s.Arrivals()) - before; got != want {
			t.Errorf("%s: %d products, want %d", name, got, want)
		}
	}
	if p, _ := s.Product("PM-421-WP"); p.Category != "Коврики для дома" {
		t.Errorf("product %+v", p)
	}
}

func TestPeople_are_told_what_cannot_be(t *testing.T) {
	t.Parallel()
	s, w, _ := start(t, openshopsim.Options{})
	for name, err := range map[string]error{
		"a number twice":         s.PlaceOrder(w.Orders[0]),
		"a stranger":             s.PlaceOrder(simworld.Order{Number: "X", Customer: "nobody"}),
		"a broken number":        s.PlaceBrokenOrder(w.Orders[0].Number),
		"payment of nothing":     s.Pay("X", "P", "", w.Start),
		"cancel of nothing":      s.Cancel("X"),
		"stock of nothing":       s.SetShownStock("MAIN", "X", 1),
		"stock in no such place": s.SetShownStock("MOON", w.Products[0].SKU, 1),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	st := w.Stock[0]
	if q, ok := s.Stock(st.Warehouse, st.SKU); !ok || q != st.Quantity-st.Reserved {
		t.Errorf("the shop begins with %s", q)
	}
}

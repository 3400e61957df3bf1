package commerceml_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

func readAll(tb testing.TB, r io.Reader, opts commerceml.Options) ([]commerceml.Item, error) {
	tb.Helper()
	var out []commerceml.Item
	for it, err := range commerceml.Read(r, opts) {
		if err != nil {
			return out, err
		}
		out = append(out, it)
	}
	return out, nil
}

func TestRead_refuses_what_is_not_an_honest_document(t *testing.T) {
	t.Parallel()
	const open = `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.07" ДатаФормирования="2026-11-23">`
	const shut = `</КоммерческаяИнформация>`
	tables := []struct{ name, xml, reason, element string }{
		{"empty", " \n", "the document is empty", ""},
		{"doctype", `<!DOCTYPE x [<!ENTITY a "b">]><КоммерческаяИнформация/>`, "DOCTYPE", ""},
		{"entity", open + `<Документ><Номер>&a;</Номер></Документ>` + shut, "the XML is broken", "Документ"},
		{"too deep", open + strings.Repeat("<а>", 70) + strings.Repeat("</а>", 70) + shut, "nested deeper than 64", "КоммерческаяИнформация/а"},
		{"long text", open + `<Документ><Номер>` + strings.Repeat("9", 3000) + `</Номер></Документ>` + shut, "longer than 2000 bytes", "Номер"},
		{"long attribute", open + `<Документ x="` + strings.Repeat("9", 3000) + `"/>` + shut, "longer than 2000 bytes", ""},
		{"large item", open + `<Документ>` + strings.Repeat(`<Номер>`+strings.Repeat("9", 1000)+`</Номер>`, 60) + `</Документ>` + shut, "one item is larger", "Документ"},
		{"long document", open + strings.Repeat(`<Документ><Номер>1</Номер></Документ>`, 5000) + shut, "the document is longer", ""},
		{"long name", open + "<" + strings.Repeat("а", 150) + "/>" + shut, "name is longer than 200 bytes", "…"},
		{"truncated", open + `<Документ><Номер>1</Номер>`, "ends in the middle", "Документ"},
		{"wrong nesting", open + `<Документ><Номер>1</Документ></Номер>` + shut, "the XML is broken", "Номер"},
		{"other root", `<html><body/></html>`, "the root element is not КоммерческаяИнформация", "html"},
		{"text only", `success`, "text stands before the root element", ""},
		{"two documents", open + shut + open + shut, "after the end of the root", ""},
		{"cp1251 declared as utf-8", strings.Replace(open, "Коммерческая", "\xca\xee\xec", 1), "declares UTF-8, but", ""},
		{"utf-8 declared as cp1251", strings.Replace(open, "UTF-8", "windows-1251", 1) + shut, "declares windows-1251, but", ""},
		{"utf-16", "\xFF\xFE<\x00", "UTF-16", ""},
		{"cut inside a letter", open + `<Документ><Номер>Ж` + "\xD0", "ends in the middle", "Номер"},
		{"undeclared and cut inside a letter", `<Каталог><Ид>Ж` + "\xD0", "ends in the middle", "Ид"},
		{"long and cut inside a letter", open + strings.Repeat(`<Документ><Номер>1</Номер></Документ>`, 1500) + `<Документ><Номер>Ж` + "\xD0", "ends in the middle", "Номер"},
		{"cut inside a tag's letter", open + `<Документ><Ном` + "\xD0", "ends in the middle", "Документ"},
		{"gzip", "\x1F\x8B\x08\x00data", "the file is gzip", ""},
		{"pdf", "%PDF-1.7\n%\xE2\xE3", "the file is a PDF file", ""},
		{"zip", "PK\x03\x04data", "the file is a zip archive", ""},
		{"rar", "Rar!\x1A\x07", "the file is a RAR archive", ""},
		{"binary", "\x01\x02\x00\x03", "the file is binary", ""},
		{"koi8", `<?xml version="1.0" encoding="koi8-r"?><a/>`, "koi8-r is not supported", ""},
	}
	for _, tt := range tables {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := readAll(t, strings.NewReader(tt.xml), commerceml.Options{File: "bad.xml", MaxText: 2000, MaxItem: 50_000, MaxBytes: 200_000})
			var pe *commerceml.ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("got %v, want a ParseError", err)
			}
			if pe.File != "bad.xml" || !strings.Contains(pe.Reason, tt.reason) || !strings.Contains(pe.Element, tt.element) {
				t.Errorf("got %v, want %q at %q", pe, tt.reason, tt.element)
			}
			if strings.Contains(err.Error(), "999") {
				t.Errorf("the error quotes the document: %v", err)
			}
		})
	}
}

func TestRead_gives_everything_before_the_place_where_a_document_breaks(t *testing.T) {
	t.Parallel()
	items, err := readAll(t, strings.NewReader(`<Каталог><Товары><Товар><Ид>1</Ид></Товар><Товар><Ид>2</Ид></Товар><Товар><Ид>`), commerceml.Options{})
	if err == nil || len(items) != 4 { // header, package, two products
		t.Fatalf("got %d items and %v", len(items), err)
	}
}

func TestRead_stops_when_the_consumer_stops(t *testing.T) {
	t.Parallel()
	n := 0
	for _, err := range commerceml.Read(strings.NewReader(`<Каталог><Ид>1</Ид><Товары/>`), commerceml.Options{}) {
		if n++; err == nil {
			break
		}
	}
	if n != 1 {
		t.Errorf("%d items came after the first was enough", n)
	}
}

func TestRead_keeps_what_has_no_field(t *testing.T) {
	t.Parallel()
	items, err := readAll(t, strings.NewReader(`<Каталог><Товары><Товар новый="да"><Ид>1</Ид><А><Б>раз</Б><Б>два</Б></А></Товар></Товары><Хвост>конец</Хвост></Каталог>`), commerceml.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, ok := items[2].(*commerceml.Product)
	if !ok || p.Extra["@новый"] != "да" || p.Extra["А/Б"] != "раз" || p.Extra["А/Б[2]"] != "два" {
		t.Errorf("got %#v", items[2])
	}
	if u, ok := items[3].(*commerceml.Unknown); !ok || u.Path != "Каталог/Хвост" || u.Text != "конец" {
		t.Errorf("got %#v", items[3])
	}
}

func TestPhaseOf(t *testing.T) {
	t.Parallel()
	table := map[string]schema.Phase{"[X] Особый": schema.PhaseHeld, "Z": schema.PhaseReturned}
	for text, want := range map[string]schema.Phase{
		"[N] Принят, ожидается оплата": schema.PhaseAwaitingPayment, "[N] Принят": schema.PhaseReceived, "N": schema.PhaseReceived,
		"[P] Оплачен, формируется к отправке": schema.PhaseAccepted, "[F] Доставлен": schema.PhaseDelivered, "[SP] что-то": schema.PhaseShippedPartial,
		"[X] Особый": schema.PhaseHeld, "[Z] Вернули": schema.PhaseReturned, "Загадка": schema.PhaseUnknown, "": schema.PhaseUnknown, "[Q] Загадка": schema.PhaseUnknown,
		"отменён": schema.PhaseCancelled, "L": schema.PhaseShipped,
	} {
		if got := commerceml.PhaseOf(text, table); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	for _, p := range []schema.Phase{schema.PhaseReceived, schema.PhaseAwaitingPayment, schema.PhaseAccepted, schema.PhaseShipped, schema.PhaseClosedShort, schema.PhaseReturned} {
		if got := commerceml.PhaseOf(commerceml.StatusText(p), nil); got != p {
			t.Errorf("%s is written as %q and read as %s", p, commerceml.StatusText(p), got)
		}
	}
}

func TestNormalPhone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"8 (912) 000-00-01": "+79120000001", "+7 912 0000001": "+79120000001", "9120000001": "+79120000001", "+86 138 0000 0000": "+8613800000000",
		"13800000000": "13800000000", "8-800-1 доб. 2": "8-800-1 доб. 2", "": "", "12345": "12345",
	} {
		if got := commerceml.NormalPhone(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestCurrencyCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"руб": "RUB", "руб.": "RUB", "643": "RUB", "RUB": "RUB", "cny": "CNY", "тугрик": "", "": ""} {
		if got := commerceml.CurrencyCode(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// endless gives a catalogue of any number of products without holding it.
type endless struct {
	head, item, tail string
	items            int
	given            int64
	left             string
}

func (e *endless) Read(p []byte) (int, error) {
	for e.left == "" {
		switch {
		case e.head != "":
			e.left, e.head = e.head, ""
		case e.items > 0:
			e.left = e.item
			e.items--
		case e.tail != "":
			e.left, e.tail = e.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, e.left)
	e.left = e.left[n:]
	e.given += int64(n)
	return n, nil
}

func TestRead_holds_no_more_than_it_needs(t *testing.T) {
	t.Parallel()
	e := &endless{head: `<Каталог><Ид>1</Ид><Товары>`, item: `<Товар><Ид>1</Ид><Артикул>A</Артикул><Наименование>Имя</Наименование></Товар>`, items: 20_000, tail: `</Товары></Каталог>`}
	n, atFirst := 0, int64(0)
	for it, err := range commerceml.Read(e, commerceml.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := it.(*commerceml.Product); ok {
			if n++; n == 1 {
				atFirst = e.given
			}
		}
	}
	if n != 20_000 || atFirst > 128<<10 {
		t.Errorf("%d products; %d of %d bytes were read before the first came out", n, atFirst, e.given)
	}
}

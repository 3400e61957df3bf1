package bankfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
	"sverka/schema"
)

const ours, theirs = "40702810900000000011", "40702810900000000022"

// exchange makes a statement of our account around documents.
func exchange(docs ...string) string {
	return "1CClientBankExchange\nРасчСчет=" + ours + "\nСекцияРасчСчет\nРасчСчет=" + ours + "\nКонецРасчСчет\n" + strings.Join(docs, "") + "КонецФайла\n"
}

// incoming makes one incoming document with further tags.
func incoming(tags ...string) string {
	return "СекцияДокумент=Платежное поручение\n" + strings.Join(append(tags, "ПлательщикСчет="+theirs, "ПолучательСчет="+ours,
		"Номер=1", "Дата=23.11.2026", "ДатаПоступило=23.11.2026", "Сумма=10.00"), "\n") + "\nКонецДокумента\n"
}

func mustParse(t *testing.T, text string, o bankfile.Options) (bankfile.Statement, []replicator.Refusal) {
	t.Helper()
	st, refused, err := bankfile.Parse(strings.NewReader(text), "test.txt", o)
	if err != nil {
		t.Fatal(err)
	}
	return st, refused
}

func TestParse_refuses_wrong_files_with_what_to_do(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, says string }{
		"an empty file":          {"", "is empty; export"},
		"blank lines":            {" \r\n\n", "is empty"},
		"a workbook":             {"PK\x03\x04....", "Excel workbook"},
		"a picture of a page":    {"%PDF-1.7", "is a PDF"},
		"another text":           {"\n\nДата;Сумма\n1;2\n", "line 3: the first line is not 1CClientBankExchange"},
		"a CSV table":            {"Дата;Сумма\n1;2\n", "it is a table, CSV; export"},
		"MT940":                  {":20:STMT\n:25:40702810900000000011\n", "it is MT940 of SWIFT; export"},
		"MT940 in an envelope":   {"{1:F01BANKRUMMAXXX}{4:\n:20:1\n-}", "it is MT940 of SWIFT"},
		"only comments":          {"// one\n// two", "holds only comments"},
		"nothing inside":         {"1CClientBankExchange\nВерсияФормата=1.03\nКонецФайла", "neither СекцияРасчСчет nor СекцияДокумент"},
		"another XML":            {"<КоммерческаяИнформация><Каталог/></КоммерческаяИнформация>", "line 1: element КоммерческаяИнформация/Каталог is not a statement"},
		"an intraday report":     {"<Document><BkToCstmrAcctRpt/></Document>", "Document/BkToCstmrAcctRpt is not a statement"},
		"broken XML":             {"<Document><BkToCstmrStmt>\n<Stmt></Stm", "line 2: the XML cannot be read"},
		"camt without account":   {"<Document><BkToCstmrStmt><Stmt><Acct><Ccy>RUB</Ccy></Acct></Stmt></BkToCstmrStmt></Document>", "neither IBAN nor Othr/Id"},
		"DirectBank, no account": {"<Statement><Data></Data></Statement>", "has no Account"},
		"an unheard encoding":    {`<?xml version="1.0" encoding="koi8-r"?><Statement/>`, "not one of utf-8"},
	}
	for name, c := range cases {
		_, _, err := bankfile.Parse(strings.NewReader(c.text), "x.txt", bankfile.Options{})
		var wrong *bankfile.FileError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "statement x.txt: ") || wrong.Hint == "" {
			t.Errorf("%s: got %v, want a FileError with a hint that says %q", name, err, c.says)
		}
	}
}

func TestParse_refuses_the_statement_of_another_account(t *testing.T) {
	t.Parallel()
	o := bankfile.Options{Accounts: []string{"40702810900000000099"}}
	for _, path := range []string{"windows.txt", "camt_02.xml", "directbank.xml"} {
		b, err := os.ReadFile(filepath.Join("testdata", path))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = bankfile.Parse(bytes.NewReader(b), path, o)
		if err == nil || !strings.Contains(err.Error(), "is not one of our accounts") || strings.Contains(err.Error(), ours) {
			t.Errorf("%s: got %v, want a refusal that does not show the whole account", path, err)
		}
	}
}

func TestParse_passes_a_read_error_on(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk is gone")
	_, _, err := bankfile.Parse(iotest.ErrReader(broken), "x.txt", bankfile.Options{})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "x.txt") {
		t.Errorf("got %v, want the reader's error with the file's name", err)
	}
}

func TestParse_decides_the_direction_and_never_guesses(t *testing.T) {
	t.Parallel()
	doc := func(tags ...string) string {
		return "СекцияДокумент=Платежное поручение\nНомер=1\nДата=22.11.2026\nСумма=5.00\n" + strings.Join(tags, "\n") + "\nКонецДокумента\n"
	}
	cases := map[string]struct{ text, account, direction, booked, code string }{
		"we are paid":               {exchange(doc("ПлательщикСчет="+theirs, "ПолучательСчет="+ours, "ДатаПоступило=23.11.2026")), ours, "in", "2026-11-23", ""},
		"we pay":                    {exchange(doc("ПлательщикРасчСчет="+ours, "ПолучательСчет="+theirs, "ДатаСписано=23.11.2026")), ours, "out", "2026-11-23", ""},
		"no date of the movement":   {exchange(doc("ПлательщикРасчСчет=" + ours)), ours, "out", "2026-11-22", ""},
		"the receipt's date":        {exchange(doc("ПолучательРасчСчет="+ours, "КвитанцияДата=24.11.2026")), ours, "in", "2026-11-24", ""},
		"only the date of a credit": {exchange(doc("ПлательщикСчет=1", "ПолучательСчет=2", "ДатаПоступило=23.11.2026")), ours, "in", "2026-11-23", ""},
		"only the date of a debit":  {exchange(doc("ПлательщикСчет=1", "ПолучательСчет=2", "ДатаСписано=23.11.2026")), ours, "out", "2026-11-23", ""},
		"neither says":              {exchange(doc("ПлательщикСчет=1", "ПолучательСчет=2")), "", "", "", bankfile.CodeUnmapped},
		"both are ours":             {exchange(doc("ПлательщикСчет="+ours, "ПолучательСчет="+ours, "ДатаСписано=23.11.2026")), "", "", "", bankfile.CodeUnmapped},
		"an order to the bank":      {"1CClientBankExchange\n" + doc("ПлательщикСчет="+ours) + "КонецФайла", "", "", "", bankfile.CodePaymentOrder},
		"booked without a section":  {"1CClientBankExchange\n" + doc("ПлательщикСчет="+ours, "ДатаСписано=23.11.2026") + "КонецФайла", ours, "out", "2026-11-23", ""},
	}
	for name, c := range cases {
		o := bankfile.Options{}
		if strings.Contains(name, "without a section") {
			o.Accounts = []string{ours}
		}
		st, refused := mustParse(t, c.text, o)
		if c.code != "" {
			if len(refused) != 1 || refused[0].Code != c.code || len(st.Transactions) != 0 {
				t.Errorf("%s: refused %v, want code %s", name, refused, c.code)
			}
			continue
		}
		if len(st.Transactions) != 1 {
			t.Errorf("%s: %d transactions, refused %v", name, len(st.Transactions), refused)
			continue
		}
		if r := st.Transactions[0]; r.Account != c.account || r.Direction != c.direction || day(r.BookedOn) != c.booked {
			t.Errorf("%s: %s %s on %s, want %s %s on %s", name, r.Account, r.Direction, day(r.BookedOn), c.account, c.direction, c.booked)
		}
	}
}

func TestParse_finds_order_numbers_in_purposes(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"Оплата по заказу клиента №9614, НДС не облагается": "9614",
		"Оплата заказа OS-100123 по счету 55":               "OS-100123",
		"оплата os-100123.":     "os-100123",
		"Payment for order 123": "123",
		"Order #A-17/2":         "A-17/2",
		"За товары, по счету №125 на сумму 175000-00": "125",
		"По счёту на оплату № УТ-88 от 18 апреля":     "УТ-88",
		"Оплата по сч. N10":                           "10",
		"Оплата по счету N 10 за товар":               "10",
		"Заказ: 77": "77",
		"Заказ покупателя номер 5":             "5",
		"Перевод на счет 40702810900000000011": "",
		"Комиссия за ведение счета":            "",
		"Предзаказ 5":                          "",
		"":                                     "",
	}
	for purpose, want := range cases {
		st, _ := mustParse(t, exchange(incoming("НазначениеПлатежа="+purpose)), bankfile.Options{})
		if got := st.Transactions[0].OrderReference; got != want {
			t.Errorf("%q: order %q, want %q", purpose, got, want)
		}
	}
	st, _ := mustParse(t, exchange(incoming("НазначениеПлатежа=ref X-12 and order 5")), bankfile.Options{OrderPattern: regexp.MustCompile(`ref (\S+)`)})
	if got := st.Transactions[0].OrderReference; got != "X-12" {
		t.Errorf("a pattern of one's own found %q", got)
	}
}

func TestParse_splits_payers_from_their_numbers(t *testing.T) {
	t.Parallel()
	cases := []struct{ written, inn, name, number string }{
		{"7777777777, ООО Ромашка", "", "ООО Ромашка", "7777777777"},
		{"ИНН 7777777777 ООО Ромашка", "", "ООО Ромашка", "7777777777"},
		{"инн: 771234567890/ Иванова Анна", "", "Иванова Анна", "771234567890"},
		{"7123456789012, ИП", "7123456789", "ИП", "7123456789"},
		{"ООО 2000, Тверь", "0", "ООО 2000, Тверь", ""},
		{"ООО Ромашка", "7777777777", "ООО Ромашка", "7777777777"},
	}
	for _, c := range cases {
		st, _ := mustParse(t, exchange(incoming("Плательщик="+c.written, "ПлательщикИНН="+c.inn)), bankfile.Options{})
		if r := st.Transactions[0]; r.PayerName != c.name || r.PayerINN != c.number {
			t.Errorf("%q: name %q number %q, want %q %q", c.written, r.PayerName, r.PayerINN, c.name, c.number)
		}
	}
}

func TestTransactionID_is_one_for_one_line(t *testing.T) {
	t.Parallel()
	ids := func(docs ...string) []string {
		st, refused := mustParse(t, exchange(docs...), bankfile.Options{})
		if len(refused) != 0 {
			t.Fatalf("refused %v", refused)
		}
		var out []string
		for _, r := range st.Transactions {
			out = append(out, r.TransactionID)
		}
		return out
	}
	line := incoming("НазначениеПлатежа=Заказ 1", "Плательщик=ООО Ромашка")
	other := incoming("Сумма=11.00")
	alone, twice := ids(line), ids(line, other, line)
	if twice[0] == twice[2] {
		t.Error("two equal lines of one file became one")
	}
	if alone[0] != twice[0] {
		t.Error("the same line has another key in another file")
	}
	if cut := ids(incoming("НазначениеПлатежа=Заказ", "Плательщик=ООО")); cut[0] != alone[0] {
		t.Error("a purpose that the bank cut made another line")
	}
	if again := ids(line, line); again[0] != twice[0] || again[1] != twice[2] {
		t.Error("the keys of repeated lines depend on what stands between them")
	}
	for what, doc := range map[string]string{
		"amount": other, "number": incoming("Номер=2"), "date": incoming("ДатаПоступило=24.11.2026"), "payer": incoming("ПлательщикСчет=40702810900000000033"),
	} {
		if got := ids(doc); got[0] == alone[0] {
			t.Errorf("another %s gives the same key", what)
		}
	}
}

func TestParse_warns_when_the_banks_totals_differ(t *testing.T) {
	t.Parallel()
	text := func(in, closing string) string {
		return "1CClientBankExchange\nСекцияРасчСчет\nРасчСчет=" + ours + "\nНачальныйОстаток=0\nВсегоПоступило=" + in +
			"\nВсегоСписано=0.00\nКонечныйОстаток=" + closing + "\nКонецРасчСчет\n" + incoming() + "КонецФайла"
	}
	cases := map[string]struct {
		text  string
		codes int
	}{
		"all agree":           {text("10.00", "10.00"), 0},
		"a line is missing":   {text("15.00", "15.00"), 1},
		"the balance is off":  {text("10.00", "11.00"), 1},
		"both are off":        {text("15.00", "11.00"), 2},
		"the bank says none":  {exchange(incoming()), 0},
		"repeated section":    {strings.Replace(text("10.00", "10.00"), "СекцияДокумент", "СекцияРасчСчет\nРасчСчет="+ours+"\nВсегоПоступило=10.00\nВсегоСписано=0\nКонецРасчСчет\nСекцияДокумент", 1), 0},
		"a total is no money": {text("много", "10.00"), 0},
	}
	for name, c := range cases {
		st, _ := mustParse(t, c.text, bankfile.Options{})
		n := 0
		for _, w := range st.Warnings {
			if w.Code == bankfile.CodeControlTotal {
				n++
			}
		}
		if n != c.codes || len(st.Transactions) != 1 {
			t.Errorf("%s: %d warnings of totals, want %d: %v", name, n, c.codes, st.Warnings)
		}
	}
}

func TestParse_takes_the_currency_from_the_account_or_the_options(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(exchange(incoming()), ours, "40702156900000000011")
	for o, want := range map[string]string{"": "CNY", "USD": "USD"} {
		st, _ := mustParse(t, text, bankfile.Options{Currency: o})
		if got := st.Transactions[0].Currency; got != want {
			t.Errorf("currency %q with option %q, want %q", got, o, want)
		}
	}
}

func TestParse_reads_UTF16_and_old_line_ends(t *testing.T) {
	t.Parallel()
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range exchange(incoming()) {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	for name, text := range map[string]string{"utf-16": string(utf16), "utf-8": strings.ReplaceAll(exchange(incoming()), "\n", "\r")} {
		st, _ := mustParse(t, text, bankfile.Options{})
		if st.Encoding != name || len(st.Transactions) != 1 {
			t.Errorf("encoding %s with %d transactions, want %s with one", st.Encoding, len(st.Transactions), name)
		}
	}
}

func TestParse_keeps_personal_data_out_of_problems(t *testing.T) {
	t.Parallel()
	const name = "Иванова Анна"
	broken := incoming("Плательщик="+name, "НазначениеПлатежа=от "+name, "Дата=вчера")
	st, refused := mustParse(t, exchange(broken, incoming("Сумма=-5", "Плательщик="+name), "оборванная строка "+name+"\n"), bankfile.Options{})
	if len(refused) != 2 || len(st.Warnings) == 0 {
		t.Fatalf("refused %v, warnings %v", refused, st.Warnings)
	}
	for _, r := range refused {
		for _, p := range r.Problems {
			if strings.Contains(p.Error(), name) {
				t.Errorf("a refusal shows a name: %v", p)
			}
		}
	}
	for _, w := range st.Warnings {
		if strings.Contains(w.Problem.Error(), name) {
			t.Errorf("a warning shows a name: %v", w.Problem)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.[tx][xm][tl]")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		st, _, err := bankfile.Parse(bytes.NewReader(data), "fuzz", bankfile.Options{Clock: fixedClock})
		if err != nil {
			return
		}
		again, _, _ := bankfile.Parse(bytes.NewReader(data), "fuzz", bankfile.Options{Clock: fixedClock})
		seen := map[schema.Key]bool{}
		for i, r := range st.Transactions {
			if problems := r.Validate(); len(problems) > 0 {
				t.Fatalf("a transaction that cannot be staged was returned: %v", problems)
			}
			if strings.ContainsRune(r.Purpose+r.PayerName+r.DocumentNumber, 0) {
				t.Fatal("a text holds what no database column takes")
			}
			if seen[r.RecordKey()] {
				t.Fatalf("two lines of one file share the key %s", r.RecordKey())
			}
			seen[r.RecordKey()] = true
			if again.Transactions[i].TransactionID != r.TransactionID {
				t.Fatal("reading twice gives other keys")
			}
		}
	})
}

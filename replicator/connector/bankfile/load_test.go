package bankfile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
)

func TestLoadFile_holds_a_page_in_memory_and_not_the_file(t *testing.T) { //nolint:paralleltest // it measures the heap of the process
	const documents = 5_000
	long := "НазначениеПлатежа=" + strings.Repeat("оплата по договору ", 30)
	var camt strings.Builder
	camt.WriteString("<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>" + ours + "</Id></Othr></Id></Acct>")
	var text []string
	for i := range documents {
		text = append(text, incoming(fmt.Sprintf("Номер=%d", i), long))
		fmt.Fprintf(&camt, "<Ntry><NtryRef>%d</NtryRef><Amt Ccy=\"RUB\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-23</Dt></BookgDt><AddtlNtryInf>%s</AddtlNtryInf></Ntry>", i, long)
	}
	camt.WriteString("</Stmt></BkToCstmrStmt></Document>")
	dir := t.TempDir()
	put(t, dir, "big.txt", exchange(text...), 0)
	put(t, dir, "big.xml", camt.String(), 0)
	for _, name := range []string{"big.txt", "big.xml"} {
		rows, most := 0, uint64(0)
		before := heap()
		err := bankfile.LoadFile(t.Context(), filepath.Join(dir, name), bankfile.Options{}, func(p replicator.Page) error {
			rows += len(p.Records)
			if now := heap(); now > before {
				most = max(most, now-before)
			}
			return nil
		}, nil)
		if err != nil || rows != documents {
			t.Fatalf("%s: %d rows, %v", name, rows, err)
		}
		if most > 5<<20 {
			t.Errorf("%s: %d KiB are held at once, want a page and the keys", name, most>>10)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestLoadFile_emits_nothing_of_a_file_that_is_wrong_at_its_end(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	entry := "<Ntry><Amt Ccy=\"RUB\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-23</Dt></BookgDt></Ntry>"
	put(t, dir, "broken.xml", "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>"+ours+"</Id></Othr></Id></Acct>"+strings.Repeat(entry, 3000)+"</Stm", 0)
	put(t, dir, "theirs.txt", exchange(incoming())+"СекцияРасчСчет\nРасчСчет="+theirs+"\nКонецРасчСчет\n", 0)
	for _, name := range []string{"broken.xml", "theirs.txt"} {
		err := bankfile.LoadFile(t.Context(), filepath.Join(dir, name), bankfile.Options{Accounts: []string{ours}}, func(p replicator.Page) error {
			t.Errorf("%s: %d rows were emitted", name, len(p.Records))
			return nil
		}, nil)
		if wrong := (*bankfile.FileError)(nil); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want a FileError", name, err)
		}
	}
}

func TestLoadFile_says_that_it_needs_a_file(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{filepath.Join(dir, "pipe"): "is a pipe", dir: "is a folder", os.DevNull: "is a device"} {
		err := bankfile.LoadFile(t.Context(), path, bankfile.Options{}, nil, nil)
		if wrong := (*bankfile.FileError)(nil); !errors.As(err, &wrong) || !strings.Contains(wrong.Reason, says) || wrong.Hint == "" {
			t.Errorf("%s: got %v, want %q and what to do", path, err, says)
		}
	}
}

func TestLoadFile_stops_in_the_middle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "x.txt", exchange(strings.Repeat(incoming(), 5000)), 0)
	ctx, cancel := context.WithCancel(t.Context())
	pages := 0
	err := bankfile.LoadFile(ctx, filepath.Join(dir, "x.txt"), bankfile.Options{}, func(replicator.Page) error { pages++; cancel(); return nil }, nil)
	if !errors.Is(err, context.Canceled) || pages != 1 {
		t.Errorf("%d pages, %v; want the first and the context's error", pages, err)
	}
}

func TestParse_refuses_a_document_with_an_endless_text(t *testing.T) {
	t.Parallel()
	endless := strings.Repeat("оплата ", 10_000)
	xml := func(entry string) string {
		return "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>" + ours + "</Id></Othr></Id></Acct>" + entry +
			"<Ntry><Amt Ccy=\"RUB\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-23</Dt></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>"
	}
	many := ""
	for i := range 40 {
		many += fmt.Sprintf("Показатель%d=%s\n", i, endless[:52_000])
	}
	for name, c := range map[string]struct{ text, field string }{
		"a purpose":             {exchange(incoming("НазначениеПлатежа="+endless), incoming()), "НазначениеПлатежа"},
		"a purpose of lines":    {exchange(incoming("НазначениеПлатежа=x\n"+strings.Repeat(endless[:13000]+"\n", 12)), incoming()), "назначениеплатежа"},
		"many tags":             {exchange(incoming(many), incoming()), "Показатель20"},
		"an entry of camt":      {xml("<Ntry><Amt Ccy=\"RUB\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-23</Dt></BookgDt><AddtlNtryInf>" + endless + "</AddtlNtryInf></Ntry>"), "purpose"},
		"a reference of camt":   {xml("<Ntry><NtryRef>" + endless + "</NtryRef><Amt Ccy=\"RUB\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-23</Dt></BookgDt></Ntry>"), "document_number"},
		"not the last document": {exchange(incoming(), incoming("Плательщик="+endless)), "Плательщик"},
	} {
		st, refused := mustParse(t, c.text, bankfile.Options{})
		if len(refused) != 1 || len(st.Transactions) != 1 || refused[0].Problems[0].Field != c.field || !strings.Contains(refused[0].Problems[0].Reason, "longer than 64 KiB") {
			t.Errorf("%s: %d rows, refused %.300v; want the other document and %s named", name, len(st.Transactions), refused, c.field)
		}
	}
	_, _, err := bankfile.Parse(strings.NewReader(xml("<X>"+strings.Repeat("x", 2<<20)+"</X>")), "x.xml", bankfile.Options{})
	if err == nil || !strings.Contains(err.Error(), "a text is longer than 1 MiB") {
		t.Errorf("a text that no memory should hold gave %v", err)
	}
}

func TestParse_names_the_entry_where_the_file_is_one_line(t *testing.T) {
	t.Parallel()
	entry := func(head, amount string) string {
		return "<Ntry>" + head + "<Amt Ccy=\"RUB\">" + amount + "</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-23</Dt></BookgDt></Ntry>"
	}
	st, refused := mustParse(t, "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>"+ours+"</Id></Othr></Id></Acct><TxsSummry><TtlCdtNtries><Sum>9</Sum></TtlCdtNtries><TtlDbtNtries><Sum>0</Sum></TtlDbtNtries></TxsSummry>"+
		entry("", "1.00")+entry("<NtryRef>69</NtryRef>", "x")+entry("<AcctSvcrRef>B-7</AcctSvcrRef>", "y")+entry("", "z")+"</Stmt></BkToCstmrStmt></Document>", bankfile.Options{})
	var got []string
	for _, r := range refused {
		got = append(got, r.ExternalID)
		if !strings.Contains(r.Problems[0].Reason, strings.TrimPrefix(r.ExternalID, "test.txt:1 ")+": ") {
			t.Errorf("%s: the reason does not name the entry: %v", r.ExternalID, r.Problems)
		}
	}
	want := "test.txt:1 entry 2 (NtryRef 69)|test.txt:1 entry 3 (AcctSvcrRef B-7)|test.txt:1 entry 4"
	if strings.Join(got, "|") != want {
		t.Errorf("refused %v, want %s", got, want)
	}
	dir := t.TempDir()
	put(t, dir, "totals.txt", strings.Replace(exchange(incoming()), "КонецРасчСчет", "ВсегоПоступило=11\nВсегоСписано=0\nКонецРасчСчет", 1), 0)
	err := bankfile.LoadFile(t.Context(), filepath.Join(dir, "totals.txt"), bankfile.Options{}, func(p replicator.Page) error {
		if len(p.Refused) != 1 || p.Refused[0].ExternalID != "totals.txt" {
			t.Errorf("what concerns the whole file is at %v, want no line", p.Refused)
		}
		return nil
	}, nil)
	if err != nil || len(st.Warnings) == 0 {
		t.Errorf("%d warnings, %v", len(st.Warnings), err)
	}
}

func TestParse_tells_UTF8_across_the_parts_in_which_it_is_read(t *testing.T) {
	t.Parallel()
	for pad := range 4 {
		text := exchange(incoming("НазначениеПлатежа=" + strings.Repeat("x", pad) + strings.Repeat("я", 30_000)))
		st, refused := mustParse(t, strings.Repeat("\n", 40_000)+text, bankfile.Options{})
		if st.Encoding != "utf-8" || len(st.Transactions) != 1 {
			t.Errorf("pad %d: %s, %d rows, refused %.200v", pad, st.Encoding, len(st.Transactions), refused)
		}
	}
	cut := append([]byte(exchange(incoming())), 0xD0) // ends inside a character
	if st, _, err := bankfile.Parse(bytes.NewReader(cut), "x", bankfile.Options{}); err != nil || st.Encoding == "utf-8" {
		t.Errorf("%s, %v; want another encoding than utf-8", st.Encoding, err)
	}
}

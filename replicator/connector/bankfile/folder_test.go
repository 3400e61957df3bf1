package bankfile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
	"sverka/replicator/connector/bankfile/banksim"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// put writes a statement file of a given age.
func put(t *testing.T, dir, name, text string, age time.Duration) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	grow(t, path, age)
}

// grow makes a file look as if it had not changed for a while.
func grow(t *testing.T, path string, age time.Duration) {
	t.Helper()
	at := time.Now().Add(-age)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// readFolder reads the folder once; it returns the pages and the cursor to go on from.
func readFolder(t *testing.T, dir, cursor string) ([]replicator.Page, string) {
	t.Helper()
	var pages []replicator.Page
	for p, err := range bankfile.Folder(dir, bankfile.Options{Clock: fixedClock}).Read(t.Context(), cursor) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Cursor != "" {
			cursor = p.Cursor
		}
		pages = append(pages, p)
	}
	return pages, cursor
}

func rows(pages []replicator.Page) (records, refused int) {
	for _, p := range pages {
		records += len(p.Records)
		refused += len(p.Refused)
	}
	return records, refused
}

func TestFolder_reads_each_file_once_and_again_when_it_is_replaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "a.txt", exchange(incoming()), time.Minute)
	put(t, dir, "b.txt", exchange(incoming("Номер=2"), incoming("Номер=3")), time.Minute)
	pages, cursor := readFolder(t, dir, "")
	if n, _ := rows(pages); n != 3 || len(pages) != 2 {
		t.Fatalf("read %d rows in %d pages, want 3 in 2", n, len(pages))
	}
	for _, r := range pages[0].Records {
		if p := r.Prov(); p.System != schema.Bank || !p.ObservedAt.Equal(fixedClock()) {
			t.Errorf("provenance %+v, want the bank at the moment before the read", p)
		}
	}
	if again, same := readFolder(t, dir, cursor); len(again) != 0 || same != cursor {
		t.Errorf("files that did not change were read again: %d pages", len(again))
	}
	put(t, dir, "a.txt", exchange(incoming(), incoming("Номер=9")), time.Second*30)
	pages, cursor = readFolder(t, dir, cursor)
	if n, _ := rows(pages); n != 2 {
		t.Errorf("the replaced file gave %d rows, want 2", n)
	}
	if err := os.Remove(filepath.Join(dir, "b.txt")); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "c.txt", exchange(incoming("Номер=5")), time.Minute)
	if _, cursor = readFolder(t, dir, cursor); strings.Contains(cursor, "b.txt") || !strings.Contains(cursor, "a.txt") {
		t.Errorf("cursor %s: want what is still in the folder and nothing else", cursor)
	}
}

func TestFolder_leaves_what_is_still_being_written(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unfinished := strings.TrimSuffix(exchange(incoming()), "КонецФайла\n")
	put(t, dir, "fresh.txt", exchange(incoming()), -time.Hour)
	put(t, dir, "unfinished.txt", unfinished, time.Minute)
	put(t, dir, "empty.txt", "", time.Minute)
	put(t, dir, "half.xml", "<Statement><Data><Account>1</Acc", time.Minute)
	put(t, dir, "copy.txt.part", exchange(incoming()), time.Minute)
	put(t, dir, ".hidden.txt", exchange(incoming()), time.Minute)
	if err := os.Mkdir(filepath.Join(dir, "done"), 0o750); err != nil {
		t.Fatal(err)
	}
	if pages, _ := readFolder(t, dir, ""); len(pages) != 0 {
		t.Fatalf("read %d pages of files that are not finished", len(pages))
	}
	grow(t, filepath.Join(dir, "fresh.txt"), 2*time.Second)
	if pages, _ := readFolder(t, dir, ""); len(pages) != 1 || len(pages[0].Records) != 1 {
		t.Errorf("the finished file was not read: %d pages", len(pages))
	}
	for _, name := range []string{"unfinished.txt", "empty.txt", "half.xml"} {
		grow(t, filepath.Join(dir, name), time.Hour)
	}
	pages, _ := readFolder(t, dir, "")
	if records, refused := rows(pages); len(pages) != 4 || records != 2 || refused != 3 {
		t.Errorf("abandoned files gave %d pages, %d rows, %d refusals; want 4, 2 and 3: a lasting fault must be told", len(pages), records, refused)
	}
}

func TestFolder_a_wrong_file_stops_no_other(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "1.pdf", "%PDF-1.7", 3*time.Minute)
	put(t, dir, "2.txt", exchange(incoming()), 2*time.Minute)
	put(t, dir, "3.txt", exchange(incoming("Сумма=x")), time.Minute)
	pages, cursor := readFolder(t, dir, "")
	records, refused := rows(pages)
	if records != 1 || refused != 2 || len(pages) != 3 {
		t.Fatalf("%d rows, %d refusals, %d pages; want 1, 2, 3", records, refused, len(pages))
	}
	if p := pages[0].Refused[0]; p.Code != bankfile.CodeMalformed || !strings.Contains(p.Problems[0].Error(), "1.pdf") || p.Problems[0].Hint == "" {
		t.Errorf("refusal of the wrong file: %+v", p)
	}
	if again, _ := readFolder(t, dir, cursor); len(again) != 0 {
		t.Errorf("the wrong file is refused anew at every read")
	}
}

func TestFolder_stops_when_the_reader_stops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 3 {
		put(t, dir, fmt.Sprintf("%d.txt", i), exchange(incoming()), time.Minute)
	}
	n := 0
	for _, err := range bankfile.Folder(dir, bankfile.Options{}).Read(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for p, err := range bankfile.Folder(dir, bankfile.Options{}).Read(ctx, "") {
		if !errors.Is(err, context.Canceled) || len(p.Records) != 0 {
			t.Errorf("a cancelled read gave %d rows and %v", len(p.Records), err)
		}
	}
	if n != 1 {
		t.Errorf("read %d pages after the reader stopped", n)
	}
}

func TestFolder_tells_a_folder_or_cursor_that_is_not_there(t *testing.T) {
	t.Parallel()
	for cursor, dir := range map[string]string{"": filepath.Join(t.TempDir(), "absent"), "not json": t.TempDir()} {
		var got error
		for _, err := range bankfile.Folder(dir, bankfile.Options{}).Read(t.Context(), cursor) {
			got = err
		}
		if got == nil || !strings.Contains(got.Error(), "folder of statements") {
			t.Errorf("cursor %q: error %v", cursor, got)
		}
	}
}

func TestFolder_reads_what_the_bank_writes(t *testing.T) {
	t.Parallel()
	dir, world := t.TempDir(), simworld.New(simworld.Options{})
	bank := banksim.New(world, banksim.Options{Dir: dir, Account: ours, Opening: 1000})
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	order := world.Orders[0]
	number := bank.Pay(order.Number, order.Total, banksim.Payer{}, at)
	bank.Charge("Комиссия банка", 4200, banksim.Payer{Name: "Банк"}, at)
	for range 2 {
		path, err := bank.WriteStatement(at)
		if err != nil {
			t.Fatal(err)
		}
		grow(t, path, time.Minute)
	}
	pages, _ := readFolder(t, dir, "")
	keys := map[schema.Key]*schema.BankTransaction{}
	for _, p := range pages {
		if len(p.Refused) != 0 {
			t.Errorf("refused %v", p.Refused)
		}
		for _, r := range p.Records {
			keys[r.RecordKey()], _ = r.(*schema.BankTransaction)
		}
	}
	if len(pages) != 2 || len(keys) != 2 {
		t.Fatalf("%d pages with %d keys, want 2 overlapping statements with 2 keys", len(pages), len(keys))
	}
	for _, r := range keys {
		if r.Direction == schema.BankIn && (r.OrderReference != order.Number || r.Amount != order.Total || r.DocumentNumber != number || r.PayerName != world.CustomerByCode(order.Customer).Name) {
			t.Errorf("the payment was read as %+v", r)
		}
	}
}

func TestLoadFile_emits_pages_and_tells_progress(t *testing.T) {
	t.Parallel()
	var docs []string
	for i := range 2500 {
		docs = append(docs, incoming(fmt.Sprintf("Номер=%d", i)))
	}
	dir := t.TempDir()
	put(t, dir, "big.txt", exchange(append(docs, incoming("Сумма=x"))...), 0)
	var pages, done, total int64
	load := func(emit func(replicator.Page) error) error {
		return bankfile.LoadFile(t.Context(), filepath.Join(dir, "big.txt"), bankfile.Options{}, emit, func(d, all int64) { done, total = d, all })
	}
	if err := load(func(p replicator.Page) error { pages++; return nil }); err != nil {
		t.Fatal(err)
	}
	if pages != 3 || done != 2501 || total != 2501 {
		t.Errorf("%d pages, %d of %d rows; want 3 pages and 2501 of 2501", pages, done, total)
	}
	full := errors.New("database is full")
	if err := load(func(replicator.Page) error { return full }); !errors.Is(err, full) || !strings.Contains(err.Error(), "big.txt") {
		t.Errorf("error %v, want the emitter's with the file's name", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := bankfile.LoadFile(ctx, filepath.Join(dir, "big.txt"), bankfile.Options{}, func(replicator.Page) error { return nil }, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled load gave %v", err)
	}
	if err := bankfile.LoadFile(t.Context(), filepath.Join(dir, "absent.txt"), bankfile.Options{}, nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent file gave %v", err)
	}
}

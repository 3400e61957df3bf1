package workbook

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sverka/schema"
)

func TestReport_gives_the_same_bytes_again(t *testing.T) {
	t.Parallel()
	for _, language := range []Language{Russian, English, Chinese} {
		first := rendered(t, someReport(language), limits{sheetRows: 2, resolve: 3, warehouses: 1, currencies: 2})
		for range 4 {
			if again := rendered(t, someReport(language), limits{sheetRows: 2, resolve: 3, warehouses: 1, currencies: 2}); !bytes.Equal(first, again) {
				t.Fatalf("%s: the same report gave other bytes", language)
			}
		}
	}
}

func TestFindings_that_do_not_fit_one_sheet_continue_on_the_next(t *testing.T) {
	t.Parallel()
	const n = 100_000
	r := someReport(Russian)
	r.Findings = manyFindings(n)
	r.Stated = &Totals{Findings: n, Open: n * 3 / 4}
	// Summary is sheet 1, To resolve 2, Stock 1 to 3 and Orders follow.
	want := map[string]int{"2": 500, "3": 40_000, "4": 40_000, "5": 10_000, "6": 10_000}
	parts := unzipped(t, rendered(t, r, limits{sheetRows: 40_000, resolve: 500, warehouses: 200, currencies: 16}))
	for sheet, rows := range want {
		if got := bytes.Count(parts["xl/worksheets/sheet"+sheet+".xml"], []byte("<is><t>F-")); got != rows {
			t.Errorf("sheet %s has %d findings, want %d", sheet, got, rows)
		}
	}
	if !bytes.Contains(parts["xl/sharedStrings.xml"], []byte("Показано 500 самых крупных из 75000")) {
		t.Error("the shortened list does not say that it is one")
	}
	if !bytes.Contains(parts["xl/worksheets/sheet1.xml"], []byte("решения требуют 75000")) {
		t.Error("the verdict does not count all open findings")
	}
}

// unzipped are the parts of a large workbook, unread.
func unzipped(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestMemory_does_not_grow_with_the_findings(t *testing.T) {
	peak := func(n int) uint64 {
		r := someReport(Russian)
		findings := manyFindings(n)
		var most uint64
		r.Findings = func() iter.Seq2[Finding, error] {
			return func(yield func(Finding, error) bool) {
				i := 0
				for f, err := range findings() {
					if i++; i%20_000 == 0 {
						runtime.GC()
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapAlloc)
					}
					if !yield(f, err) {
						return
					}
				}
			}
		}
		if err := Render(context.Background(), discard{}, r); err != nil {
			t.Fatal(err)
		}
		return most
	}
	small, large := peak(20_000), peak(60_000)
	if large > small+4<<20 || large > 64<<20 {
		t.Errorf("20,000 findings take %d KiB, 60,000 take %d KiB", small>>10, large>>10)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestWrite_never_replaces_a_file(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "2026", "11")
	var hashes []string
	for _, want := range []string{"sverka-2026-11-23-daily.xlsx", "sverka-2026-11-23-daily-02.xlsx", "sverka-2026-11-23-daily-03.xlsx"} {
		got, err := Write(context.Background(), dir, someReport(Russian))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(got.Path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(got.Path) != want || info.Size() != got.Bytes || got.Rows != 9 {
			t.Errorf("wrote %+v (%d bytes on disk), want %s with 9 rows", got, info.Size(), want)
		}
		hashes = append(hashes, got.SHA256)
	}
	if hashes[0] != hashes[1] || len(hashes[0]) != 64 {
		t.Errorf("the same report has the fingerprints %v", hashes)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("the folder holds %v (%v), want three workbooks and nothing else", entries, err)
	}
}

func TestWrite_leaves_nothing_behind_when_it_fails(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	for name, c := range map[string]struct {
		findings func() iter.Seq2[Finding, error]
		ctx      func() context.Context
		want     error
	}{
		"the findings break off": {want: broken, ctx: context.Background, findings: func() iter.Seq2[Finding, error] {
			return func(yield func(Finding, error) bool) { yield(Finding{}, broken) }
		}},
		"the caller gives up": {want: context.Canceled, findings: manyFindings(20_000), ctx: func() context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx
		}},
		"the findings change": {want: errChanged, ctx: context.Background, findings: shrinking()},
		"the findings grow":   {want: errChanged, ctx: context.Background, findings: growing()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := someReport(Russian)
			r.Findings = c.findings
			if _, err := Write(c.ctx(), dir, r); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
				t.Errorf("left behind: %v (%v)", entries, err)
			}
		})
	}
}

// shrinking brings fewer findings each time it is asked.
func shrinking() func() iter.Seq2[Finding, error] {
	n := 12
	return func() iter.Seq2[Finding, error] {
		n -= 2
		return manyFindings(n)()
	}
}

// growing brings more findings each time it is asked.
func growing() func() iter.Seq2[Finding, error] {
	n := 10
	return func() iter.Seq2[Finding, error] {
		n += 2
		return manyFindings(n)()
	}
}

func TestRender_names_what_a_report_lacks(t *testing.T) {
	t.Parallel()
	err := Render(context.Background(), discard{}, Report{Run: RunInfo{Language: "de"}})
	for _, want := range []string{"Run.ID", "Run.AsOf", `"de" is not one of ru, en, zh`, "Run.Currency", "Findings is nil"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

func TestRender_refuses_a_sum_that_does_not_fit(t *testing.T) {
	t.Parallel()
	r := someReport(Russian)
	huge := Finding{ID: "F-1", Area: AreaStock, Amount: schema.Amount(1) << 62}
	r.Findings = stream([]Finding{huge, huge})
	if err := Render(context.Background(), discard{}, r); !errors.Is(err, errTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestVerdict_is_the_graver_of_two(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Report)
		want   Verdict
		words  string
	}{
		"clean and nothing open":       {func(r *Report) { r.Run.Verdict = Clean; r.Findings = stream(nil) }, Clean, "решений не требуется"},
		"said clean, findings open":    {func(r *Report) { r.Run.Verdict = Clean }, Differences, "решения требуют 6"},
		"a stale source":               {func(r *Report) { r.Sources[1].Fresh = false }, Incomplete, "Jushuitan"},
		"a partial source":             {func(r *Report) { r.Sources[2].Complete = false }, Incomplete, "получено не всё: OpenShop"},
		"a control that does not tie":  {func(r *Report) { r.Controls[0].Ties = false }, Incomplete, "контрольные итоги: 1"},
		"other totals in the database": {func(r *Report) { r.Stated = &Totals{Findings: 10, Open: 6} }, Incomplete, "не равны итогам базы"},
		"said incomplete":              {func(r *Report) { r.Run.Verdict = Incomplete }, Incomplete, "так решила сверка"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := someReport(Russian)
			c.change(&r)
			words := textsOf(Russian)
			counted, err := r.count(context.Background(), defaultLimits(), words)
			if err != nil {
				t.Fatal(err)
			}
			verdict, sentence := (&book{r: &r, t: words, tally: counted}).verdict()
			if verdict != c.want || !strings.Contains(sentence, c.words) {
				t.Errorf("%s: %q", verdict, sentence)
			}
			if got := readBack(t, rendered(t, r, defaultLimits())).Sheet("Сводка").Cell("A4").Value; got != sentence {
				t.Errorf("the Summary says %q", got)
			}
		})
	}
}

func TestWarehouses_that_a_spreadsheet_takes_for_equal_are_counted_by_us(t *testing.T) {
	t.Parallel()
	r := someReport(English)
	r.Warehouses = nil
	r.Findings = stream([]Finding{
		{ID: "1", Area: AreaStock, Warehouse: "01", Amount: 100},
		{ID: "2", Area: AreaStock, Warehouse: "1", Amount: 200},
		{ID: "3", Area: AreaStock, Warehouse: "main", Amount: 300},
		{ID: "4", Area: AreaStock, Warehouse: "MAIN", Amount: 400},
		{ID: "5", Area: AreaStock, Warehouse: "A*", Amount: 500},
		{ID: "6", Area: AreaStock, Warehouse: "AB", Amount: 600},
	})
	summary := readBack(t, rendered(t, r, defaultLimits())).Sheet("Summary")
	want := map[string]string{"01": "1.00", "1": "2.00", "main": "3.00", "MAIN": "4.00", "A*": "5.00", "AB": "6.00"}
	found := 0
	for _, c := range summary.Cells {
		if amount, ok := want[c.Value]; ok && c.Ref[0] == 'A' && c.Kind == "s" {
			found++
			cell := summary.Cell("C" + c.Ref[1:])
			if cell.Value != amount {
				t.Errorf("warehouse %s has %s, want %s", c.Value, cell.Value, amount)
			}
			if live := cell.Formula != ""; live != (c.Value == "A*" || c.Value == "AB") {
				t.Errorf("warehouse %s: live formula %t", c.Value, live)
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d warehouses are on the Summary", found, len(want))
	}
}

func TestToResolve_shows_the_gravest_first(t *testing.T) {
	t.Parallel()
	w := worst{limit: 3}
	for i, amount := range []schema.Amount{5, -900, 40, 7, 300, -1} {
		w.add(&Finding{ID: fmt.Sprint(i), Severity: []Severity{Low, Medium}[i%2], Amount: amount})
	}
	var got []string
	for _, f := range w.sorted() {
		got = append(got, f.ID)
	}
	if strings.Join(got, " ") != "1 3 5" {
		t.Errorf("kept %v, want the medium ones by size: 1 3 5", got)
	}
}

func TestFileName_is_the_day_of_the_zone(t *testing.T) {
	t.Parallel()
	run := RunInfo{AsOf: time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC), Zone: time.FixedZone("MSK", 3*3600)}
	if got := FileName(run); got != "sverka-2026-11-23-daily.xlsx" {
		t.Error(got)
	}
}

package workbook

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"sverka/reports/workbook/workbooktest"
	"sverka/schema"
)

func TestFormulas_compute_the_value_that_they_carry(t *testing.T) {
	t.Parallel()
	small := limits{sheetRows: 3, resolve: 4, warehouses: 200, currencies: 16} // several parts of each sheet
	for name, l := range map[string]limits{"one sheet of a kind": defaultLimits(), "continued sheets": small} {
		for _, language := range []Language{Russian, English, Chinese} {
			t.Run(name+" "+string(language), func(t *testing.T) {
				t.Parallel()
				file := rendered(t, someReport(language), l)
				f, err := excelize.OpenReader(bytes.NewReader(file))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				checked := 0
				for _, s := range readBack(t, file).Sheets {
					for _, c := range s.Cells {
						if c.Formula == "" {
							continue
						}
						checked++
						got, err := f.CalcCellValue(s.Name, c.Ref, excelize.Options{RawCellValue: true})
						if err != nil {
							t.Errorf("%s!%s =%s: %v", s.Name, c.Ref, c.Formula, err)
						}
						if !sameValue(got, c.Value) {
							t.Errorf("%s!%s shows %s, its formula gives %s: =%s", s.Name, c.Ref, c.Value, got, c.Formula)
						}
					}
				}
				if checked < 60 {
					t.Errorf("only %d formulas were checked", checked)
				}
			})
		}
	}
}

// sameValue compares what a spreadsheet computes in floats with an exact value.
func sameValue(got, want string) bool {
	g, okG := new(big.Rat).SetString(got)
	w, okW := new(big.Rat).SetString(want)
	if !okG || !okW {
		return got == want
	}
	d := new(big.Rat).Sub(g, w)
	return d.Abs(d).Cmp(big.NewRat(1, 1_000_000)) < 0
}

func TestText_that_looks_like_a_formula_stays_text(t *testing.T) {
	t.Parallel()
	evil := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", `=HYPERLINK("http://example.com","x")`, "</t></is></c><c><f>1+1</f></c>", `]]>`, "=cmd|' /C calc'!A0"}
	r := someReport(Russian)
	var findings []Finding
	for i, text := range evil {
		findings = append(findings, Finding{
			ID: fmt.Sprintf("%s-%d", text, i), Class: Class(text), Severity: Severity(text), Area: AreaStock, Warehouse: text, SKU: text, Product: text,
			Unit: text, Cause: text, Repair: text, CarriedNote: text, DocOneC: text, Currency: text,
		}, Finding{
			ID: fmt.Sprintf("o%s-%d", text, i), Class: Class(text), Area: Area(text), State: State(text), OrderNumber: text, Customer: text, StatusShop: text, Left: schema.System(text),
		})
	}
	r.Findings = stream(findings)
	r.Held = []HeldLine{{Document: evil[0], Flow: evil[0], Reason: evil[0], State: evil[0]}}
	r.Owners = evil
	r.Run.ID, r.Run.VerdictNote = evil[0], evil[0]
	book := readBack(t, rendered(t, r, defaultLimits()))
	for _, s := range book.Sheets {
		detail := s.Name != "Сводка" && s.Name != "Контроль"
		for _, c := range s.Cells {
			if c.Formula != "" && (detail || strings.Contains(c.Formula, "HYPERLINK(") && !strings.Contains(c.Formula, `"=`)) {
				t.Errorf("%s!%s became a formula: %s", s.Name, c.Ref, c.Formula)
			}
		}
	}
	products := 0
	for _, c := range book.Sheet("Остатки").Cells {
		if strings.HasPrefix(c.Ref, "F") && c.Kind == "s" {
			products++
		}
	}
	if products != len(evil)+1 { // and the header
		t.Errorf("%d products are text, want %d", products, len(evil)+1)
	}
}

func TestText_round_trips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ _x0-9A-F<&>"'=\t\n\r]{0,30}`), rapid.SampledFrom([]string{"_x0041_", "_x005F_x0041_", "\x00\x01", "a\xffb", " pad ", "a\r\nb", "\uFFFE", "_x_x0041_"})).Draw(t, "text")
		book := sheetOf(t, text)
		if got := book.Sheet("S").Cell("A1").Value; got != printable(text) {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

// sheetOf is the smallest package with one text in it.
func sheetOf(t *rapid.T, text string) *workbooktest.Book {
	t.Helper()
	parts := map[string][]byte{
		typesPart: []byte(`<Types><Default Extension="rels"/><Override PartName="/xl/workbook.xml"/><Override PartName="/xl/s.xml"/></Types>`),
		"xl/workbook.xml": []byte(`<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<sheets><sheet name="S" r:id="r1"/></sheets></workbook>`),
		"xl/_rels/workbook.xml.rels": []byte(`<Relationships><Relationship Id="r1" Target="s.xml"/></Relationships>`),
		"xl/s.xml":                   []byte(`<worksheet><sheetData/></worksheet>`),
	}
	var out bytes.Buffer
	p := &packer{styles: &styles{}, zone: time.UTC}
	if err := p.pack(context.Background(), &out, parts, map[string]filler{"xl/s.xml": func(c *cells) error {
		c.begin(1, 0)
		c.text(0, text)
		return c.end()
	}}); err != nil {
		t.Fatal(err)
	}
	book, err := workbooktest.Read(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if problems := book.Check(); len(problems) > 0 {
		t.Fatalf("package: %v", problems)
	}
	return book
}

// printable is the text with U+FFFD for what XML cannot hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if (r < 0x20 && r != '\t' && r != '\n' && r != '\r') || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, string([]rune(text))) // []rune makes one U+FFFD of each bad byte
}

func TestText_that_is_too_long_ends_with_an_ellipsis(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		units int
		cut   bool
	}{
		"fits":          {strings.Repeat("я", 32_767), 32_767, false},
		"one too many":  {strings.Repeat("я", 32_768), 32_767, true},
		"pairs count 2": {strings.Repeat("😀", 20_000), 32_767, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(appendText(nil, c.text))
			units := 0
			for _, r := range got {
				units++
				if r > 0xFFFF {
					units++
				}
			}
			if units > c.units || units < c.units-1 || strings.HasSuffix(got, "…") != c.cut {
				t.Errorf("%d units, ellipsis %t", units, strings.HasSuffix(got, "…"))
			}
		})
	}
}

func TestTexts_every_key_has_words_in_every_language(t *testing.T) {
	t.Parallel()
	ru, all := textRU(), map[Language]texts{English: textEN(), Chinese: textZH()}
	for language, words := range all {
		for key := range ru {
			if strings.TrimSpace(words[key]) == "" {
				t.Errorf("%s has no words for %s", language, key)
			}
			if strings.Count(words[key], "%") != strings.Count(ru[key], "%") {
				t.Errorf("%s: %s fills in another number of values than the Russian", language, key)
			}
		}
		for key := range words {
			if _, ok := ru[key]; !ok {
				t.Errorf("%s has words for %s, Russian has none", language, key)
			}
		}
	}
	for _, class := range Classes() {
		for _, prefix := range []string{"class.", "help.", "repair."} {
			if ru[prefix+string(class)] == "" {
				t.Errorf("no words for %s%s", prefix, class)
			}
		}
	}
	for _, language := range []Language{Russian, English, Chinese} {
		if text := readBack(t, rendered(t, someReport(language), defaultLimits())).Text(); strings.Contains(text, "⟦") {
			t.Errorf("%s: a key without words is on a sheet: %s", language, text[strings.Index(text, "⟦"):][:60])
		}
		words := textsOf(language)
		if !strings.HasPrefix(words["state.reopened"], words["state.open"]) {
			t.Errorf("%s: the formulas count what begins with %q; %q does not", language, words["state.open"], words["state.reopened"])
		}
		for _, key := range []string{"state.provisional", "state.accepted", "state.resolved"} {
			if strings.HasPrefix(words[key], words["state.open"]) {
				t.Errorf("%s: %q would be counted as open", language, words[key])
			}
		}
	}
}

func TestSerial_is_the_wall_time_of_the_zone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-23T00:00:00Z": "46349", "2026-11-23T18:00:00Z": "46349.7500000000", "1901-01-01T00:00:00Z": "367",
		"2026-11-23T23:59:59Z": "46349.9999884259",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := serial(at, true); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

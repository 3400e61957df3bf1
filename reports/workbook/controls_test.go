package workbook

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestSummary_counts_the_control_totals_and_lists_those_that_do_not_tie(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		broken, listed int
		more           bool
	}{
		{"all of them tie", 0, 0, false},
		{"two do not", 2, 2, false},
		{"too many do not for one page", 20, brokenTotals, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := someReport(English)
			r.Controls = nil
			for i := range 33 {
				c := ControlTotal{Name: fmt.Sprintf("total-%02d", i), Area: []Area{AreaStock, AreaOrder, "of_tomorrow"}[i%3], Left: CountOf(10), Right: CountOf(10), Ties: true}
				if i < tt.broken {
					c.Right, c.Ties = CountOf(7), false
				}
				r.Controls = append(r.Controls, c)
			}
			file := rendered(t, r, defaultLimits())
			text := readBack(t, file).Text()
			summary, rest, ok := strings.Cut(text, "\n=== ")
			if !ok {
				t.Fatal("the book has one sheet only")
			}
			if got := strings.Count(summary, `A "total-`); got != tt.listed {
				t.Errorf("%d control totals stand on the Summary, want %d", got, tt.listed)
			}
			if got := strings.Count(rest, `A "total-`); got != 33 {
				t.Errorf("%d control totals stand on Control, want all 33", got)
			}
			if got := strings.Contains(summary, "more are on the Control sheet"); got != tt.more {
				t.Errorf("the Summary says that there are more: %t, want %t", got, tt.more)
			}
			countsAgree(t, file)
		})
	}
}

// countsAgree recomputes what the Summary says about the control totals.
func countsAgree(t *testing.T, file []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	checked := 0
	for _, c := range readBack(t, file).Sheet("Summary").Cells {
		if !strings.Contains(c.Formula, "'Control'!") {
			continue
		}
		checked++
		if got, err := f.CalcCellValue("Summary", c.Ref, excelize.Options{RawCellValue: true}); err != nil || !sameValue(got, c.Value) {
			t.Errorf("%s shows %s, its formula gives %s, %v", c.Ref, c.Value, got, err)
		}
	}
	if checked != 6 {
		t.Errorf("%d counts of control totals were checked, want two for each of three sections", checked)
	}
}

func TestSummary_and_Control_print_on_one_page_each(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(rendered(t, someReport(English), defaultLimits())))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sheet, want := range map[string]int{"Summary": 1, "Control": 1, "Legend": 1, "Stock": 0} {
		layout, err := f.GetPageLayout(sheet)
		if err != nil || layout.FitToHeight == nil || *layout.FitToHeight != want {
			t.Errorf("%s prints %v pages tall, %v; want %d", sheet, layout.FitToHeight, err, want)
		}
	}
}

func TestLineHeight(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		width      float64
		want       float64
	}{
		{"one line keeps the height that the row has", "short", 20, 27},
		{"Chinese takes twice the room", strings.Repeat("差", 20), 22, 27},
		{"three lines need more", strings.Repeat("a", 50), 20, 3 * lineSpace},
		{"a paragraph begins a line", "a\nb\nc", 20, 3 * lineSpace},
		{"a very long text is cut by the row, not by the cell", strings.Repeat("a", 5000), 20, maxLines * lineSpace},
	}
	for _, tt := range tests {
		if got := lineHeight(tt.text, tt.width, 27); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

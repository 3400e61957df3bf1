package workbook

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// page is how a sheet looks on the screen and on paper.
type page struct {
	portrait   bool
	onePage    bool   // printed on one sheet of paper
	headerRow  int    // repeated on every page; 0 for none
	idColumn   bool   // column A is repeated as well
	area       string // "A:P" with the last row added, or "" for all
	lastRow    int64
	freezeCols int
	selected   string // the cell that a person starts at
}

// page sets up the view and the print of a sheet.
func (b *book) page(name string, p page) error {
	no, zoom := false, 90.0
	orientation, size, wide, tall := "landscape", 9, 1, 0
	if p.portrait {
		orientation = "portrait"
	}
	if p.onePage {
		tall = 1
	}
	side, top, edge, centred, fit := 0.4, 0.6, 0.3, true, true
	return named("page", errors.Join(
		b.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}),
		b.f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no, ZoomScale: &zoom}),
		b.f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall}),
		b.f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{
			Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge, Horizontally: &centred,
		}),
		b.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{
			// The space after &8 keeps a digit that follows from being read as part of the size.
			OddHeader: "&L&8 " + b.t.say("page.header") + "&R&8 " + b.t.say("page.asof", b.when(b.r.Run.AsOf)),
			OddFooter: "&L&8 &F&C&8 &A&R&8 " + b.t.say("page.footer"),
		}),
		b.printNames(name, p),
		b.panes(name, p),
	))
}

// printNames sets what is printed and what is repeated on every page.
func (b *book) printNames(name string, p page) error {
	var problems []error
	if p.headerRow > 0 {
		refers := fmt.Sprintf("%s!$%d:$%d", quoted(name), p.headerRow, p.headerRow)
		if p.idColumn {
			refers = fmt.Sprintf("%s!$A:$A,%s", quoted(name), refers)
		}
		problems = append(problems, b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: refers, Scope: name}))
	}
	if from, to, ok := strings.Cut(p.area, ":"); ok {
		refers := fmt.Sprintf("%s!$%s$1:$%s$%d", quoted(name), from, to, p.lastRow)
		problems = append(problems, b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", RefersTo: refers, Scope: name}))
	}
	return named("print names", errors.Join(problems...))
}

func (b *book) panes(name string, p page) error {
	if p.headerRow == 0 {
		return nil
	}
	corner := fmt.Sprintf("%s%d", letters(p.freezeCols), p.headerRow+1)
	start, pane := p.selected, "bottomRight"
	if start == "" {
		start = corner
	}
	if p.freezeCols == 0 {
		pane = "bottomLeft"
	}
	return named("panes", b.f.SetPanes(name, &excelize.Panes{
		Freeze: true, XSplit: p.freezeCols, YSplit: p.headerRow, TopLeftCell: corner, ActivePane: pane,
		Selection: []excelize.Selection{{SQRef: start, ActiveCell: start, Pane: pane}},
	}))
}

// widths sets the widths of the columns from A on.
func (b *book) widths(name string, widths ...float64) error {
	for i, w := range widths {
		if err := b.f.SetColWidth(name, letters(i), letters(i), w); err != nil {
			return fmt.Errorf("width of column %s: %w", letters(i), err)
		}
	}
	return nil
}

// put writes a text cell of the shell.
func (b *book) put(name, cell, text string, style int) error {
	return named("cell "+cell, errors.Join(b.f.SetCellStr(name, cell, text), b.f.SetCellStyle(name, cell, cell, style)))
}

// heading is the title of a sheet and the two lines under it.
func (b *book) heading(name, title, note string) error {
	return errors.Join(
		b.put(name, "A1", title, b.styles.title), b.f.SetRowHeight(name, 1, 24),
		b.put(name, "A2", b.runLine(), b.styles.note), b.put(name, "A3", note, b.styles.note),
	)
}

func (b *book) runLine() string {
	run := b.r.Run
	return b.t.say("line.run", b.when(run.AsOf), run.ID, run.RuleVersion, b.r.zone().String())
}

// when is a moment in words, in the zone of the report.
func (b *book) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if b.r.Run.Language == Russian {
		return t.In(b.r.zone()).Format("02.01.2006 15:04")
	}
	return t.In(b.r.zone()).Format("2006-01-02 15:04")
}

// quoted is the name of a sheet as formulas write it.
func quoted(sheet string) string { return "'" + strings.ReplaceAll(sheet, "'", "''") + "'" }

// named puts the operation before an error.
func named(operation string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

package workbook

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"
)

// book is one workbook while it is made.
type book struct {
	f      *excelize.File
	r      *Report
	t      texts
	tally  *tally
	styles *styles
	sheets []sheet

	stock, orders []part // the detail sheets, in parts
	resolve       []Finding
}

// sheet is one page of the workbook.
type sheet struct {
	name string
	// shell sets up what excelize knows: widths, header, table, lists, charts, print.
	shell func(name string) error
	// fill writes the rows, below those that the shell has put there.
	fill func(*cells) error
	// hidden sheets serve the others.
	hidden bool
}

// part is one detail sheet of an area: the findings from the number first on.
type part struct {
	name         string
	first, count int64
	index, of    int
}

// plan is the order of the sheets. A further sheet is one line here.
func (b *book) plan() []sheet {
	sheets := []sheet{b.summarySheet(), b.resolveSheet()}
	for _, p := range b.stock {
		sheets = append(sheets, b.stockSheet(p))
	}
	for _, p := range b.orders {
		sheets = append(sheets, b.ordersSheet(p))
	}
	sheets = append(sheets, b.heldSheet(), b.controlSheet())
	if len(b.r.Trend) > 0 {
		sheets = append(sheets, b.trendSheet())
	}
	return append(sheets, b.legendSheet(), b.listsSheet())
}

// render writes the workbook and returns how many findings stand on its detail
// sheets.
func render(ctx context.Context, w io.Writer, r *Report, l limits) (int64, error) {
	if err := r.validate(); err != nil {
		return 0, err
	}
	b := &book{r: r, t: textsOf(r.Run.Language)}
	var err error
	if b.tally, err = r.count(ctx, l, b.t); err != nil {
		return 0, err
	}
	b.resolve = b.tally.worst.sorted()
	b.stock = parts(b.t.say("sheet.stock"), b.tally.stock, l.sheetRows)
	b.orders = parts(b.t.say("sheet.orders"), b.tally.orders, l.sheetRows)

	b.f = excelize.NewFile()
	defer b.f.Close() //nolint:errcheck // nothing was spilled to disk: the shell is small
	fill, err := b.shell()
	if err != nil {
		return 0, fmt.Errorf("shell of run %s: %w", r.Run.ID, err)
	}
	shell, err := shellParts(b.f)
	if err != nil {
		return 0, fmt.Errorf("shell of run %s: %w", r.Run.ID, err)
	}
	p := &packer{asOf: r.Run.AsOf.UTC().Truncate(2 * time.Second), styles: b.styles, words: b.t, zone: r.zone()}
	if err := p.pack(ctx, w, shell, fill); err != nil {
		return 0, fmt.Errorf("workbook of run %s: %w", r.Run.ID, err)
	}
	return b.tally.stock + b.tally.orders, nil
}

// parts divides the findings of an area into sheets that can hold them. There is
// always one sheet, so that formulas and links have somewhere to point.
func parts(name string, rows, limit int64) []part {
	n := max(1, int((rows+limit-1)/limit))
	out := make([]part, n)
	for i := range out {
		first := int64(i) * limit
		out[i] = part{name: name, first: first, count: min(limit, rows-first), index: i + 1, of: n}
		if n > 1 {
			out[i].name = fmt.Sprintf("%s %d", name, i+1)
		}
	}
	return out
}

// shell makes every sheet in excelize; the returned fillers belong to the parts
// of the package.
func (b *book) shell() (map[string]filler, error) {
	var err error
	if b.styles, err = newStyles(b.f, b.r.Run, b.tally.currencies); err != nil {
		return nil, err
	}
	if err := b.properties(); err != nil {
		return nil, err
	}
	b.sheets = b.plan()
	fill := map[string]filler{}
	for i, s := range b.sheets {
		if i == 0 {
			err = b.f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = b.f.NewSheet(s.name)
		}
		if err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.name, err)
		}
		fill[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = s.fill
	}
	for _, s := range b.sheets {
		if err := s.shell(s.name); err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.name, err)
		}
		if s.hidden {
			if err := b.f.SetSheetVisible(s.name, false, true); err != nil {
				return nil, fmt.Errorf("hide sheet %s: %w", s.name, err)
			}
		}
	}
	b.f.SetActiveSheet(0)
	return fill, nil
}

// properties name the document; they are of the run, so that the same run gives
// the same bytes.
func (b *book) properties() error {
	run := b.r.Run
	at := run.AsOf.UTC().Format(time.RFC3339)
	if err := b.f.SetDocProps(&excelize.DocProperties{
		Title: b.t.say("title"), Subject: b.t.say("doc.subject", run.ID), Creator: "sverka", LastModifiedBy: "sverka",
		Language: run.Language.tag(), Created: at, Modified: at,
	}); err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	for _, p := range []struct{ name, value string }{{"RunID", run.ID}, {"RuleVersion", run.RuleVersion}, {"CodeVersion", run.CodeVersion}} {
		if p.value == "" {
			continue
		}
		if err := b.f.SetCustomProps(excelize.CustomProperty{Name: p.name, Value: p.value}); err != nil {
			return fmt.Errorf("property %s: %w", p.name, err)
		}
	}
	if err := b.f.SetDefaultFont(fontOf(run.Language)); err != nil {
		return fmt.Errorf("default font: %w", err)
	}
	return nil
}

package workbook

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"sverka/schema"
)

// The names that validation lists are found by.
const (
	listResolution = "ListResolution"
	listOwner      = "ListOwner"
)

// resolveSheet is the working sheet: what is open, gravest first, with the
// columns that people fill in. It is not protected, because sorting must work;
// whoever reads it back takes columns O to Q by the ID and nothing else.
func (b *book) resolveSheet() sheet {
	g := grid[Finding]{
		title: b.t.say("title.resolve"), note: b.resolveNote() + " " + b.t.say("line.amounts", b.r.Run.Currency), columns: b.resolveColumns(), rows: int64(len(b.resolve)),
		table: "tblToResolve", height: 27, page: page{area: "A:P", freezeCols: 3, selected: "O5"},
	}
	return sheet{
		name: b.t.say("sheet.resolve"),
		shell: func(name string) error {
			return errors.Join(shellGrid(b, name, g), b.resolveLists(name, g.lastRow()), b.resolveColours(name, g.lastRow()))
		},
		fill: func(c *cells) error { return fillGrid(c, g, b.resolve) },
	}
}

func (b *book) resolveNote() string {
	shown, all := len(b.resolve), b.tally.open
	switch {
	case all == 0:
		return b.t.say("line.none")
	case int64(shown) < all:
		return b.t.say("line.cut", shown, all)
	default:
		return b.t.say("line.resolve", shown, all)
	}
}

// resolveColumns are A to W of the specification, and the currency behind them.
func (b *book) resolveColumns() []column[Finding] {
	out := b.stockKeys()
	out[slices.IndexFunc(out, func(c column[Finding]) bool { return c.key == "col.product" })] = wrapped("col.product", 28, b.subject)
	out = append(out[:len(out)-3:len(out)-3], // unexplained becomes a formula here
		column[Finding]{key: "col.unexplained", width: 15, put: func(c *cells, f *Finding) {
			right, left, ok := f.gap()
			if !ok {
				c.quantity(f.Unexplained)
				return
			}
			c.formula(c.styles.quantity(f.Unexplained.V), fmt.Sprintf("%s%d-%s%d-K%d", right, c.row, left, c.row, c.row), f.Unexplained.V.String())
		}},
		out[len(out)-2], out[len(out)-1])
	blank := func(style func(*styles) int) func(*cells, *Finding) {
		return func(c *cells, _ *Finding) { c.blank(style(c.styles)) }
	}
	return append(out,
		column[Finding]{key: "col.resolution", width: 19, input: true, put: blank(func(s *styles) int { return s.input })},
		column[Finding]{key: "col.comment", width: 26, input: true, put: blank(func(s *styles) int { return s.inputWrap })},
		column[Finding]{key: "col.owner", width: 15, input: true, put: blank(func(s *styles) int { return s.input })},
		wrapped("col.cause", 30, func(f *Finding) string { return f.Cause }),
		wrapped("col.repair", 26, func(f *Finding) string { return b.t.repair(f) }),
		plain("col.document", 15, func(f *Finding) string { return f.document() }),
		column[Finding]{key: "col.systems", width: 16, put: func(c *cells, f *Finding) { c.text(c.styles.text, c.words.systems(f)) }},
		column[Finding]{key: "col.firstseen", width: 11, put: func(c *cells, f *Finding) { c.day(f.FirstSeen) }},
		wrapped("col.carried", 30, func(f *Finding) string { return f.CarriedNote }),
		b.currencyColumn(),
	)
}

// subject is what a printed row is about: the product, or the document of a
// finding that has none.
func (b *book) subject(f *Finding) string {
	if f.Product != "" || f.Area == AreaStock {
		return f.Product
	}
	return strings.TrimSpace(b.t.or("area.", string(f.Area)) + " " + f.document())
}

// stockKeys are the columns A to N, which To resolve and Stock share.
func (b *book) stockKeys() []column[Finding] {
	quantity := func(key string, width float64, of func(*Finding) Optional[schema.Quantity]) column[Finding] {
		return column[Finding]{key: key, width: width, put: func(c *cells, f *Finding) { c.quantity(of(f)) }}
	}
	return []column[Finding]{
		identifier("col.id", 17, func(f *Finding) string { return f.ID }),
		b.severityColumn(),
		b.classColumn(),
		plain("col.warehouse", 10, func(f *Finding) string { return f.Warehouse }),
		wrapped("col.sku", 14, func(f *Finding) string { return f.SKU }),
		wrapped("col.product", 28, func(f *Finding) string { return f.Product }),
		plain("col.unit", 6, func(f *Finding) string { return f.Unit }),
		quantity("col.qty.onec", 10, func(f *Finding) Optional[schema.Quantity] { return f.QtyOneC }),
		quantity("col.qty.wms", 10, func(f *Finding) Optional[schema.Quantity] { return f.QtyJushuitan }),
		quantity("col.qty.shop", 10, func(f *Finding) Optional[schema.Quantity] { return f.QtyOpenShop }),
		quantity("col.inflight", 9, func(f *Finding) Optional[schema.Quantity] { return f.InFlight }),
		quantity("col.unexplained", 15, func(f *Finding) Optional[schema.Quantity] { return f.Unexplained }),
		b.amountColumn("col.amount"),
		{key: "col.age", width: 7, put: func(c *cells, f *Finding) { c.count(c.styles.count, int64(f.AgeDays)) }},
	}
}

func plain(key string, width float64, of func(*Finding) string) column[Finding] {
	return column[Finding]{key: key, width: width, put: func(c *cells, f *Finding) { c.text(c.styles.text, of(f)) }}
}

// wrapped breaks a text that is longer than its column.
func wrapped(key string, width float64, of func(*Finding) string) column[Finding] {
	return column[Finding]{key: key, width: width, wraps: of, put: func(c *cells, f *Finding) { c.paragraph(of(f), width) }}
}

// identifier shows a long number in small letters, whole.
func identifier(key string, width float64, of func(*Finding) string) column[Finding] {
	return column[Finding]{key: key, width: width, put: func(c *cells, f *Finding) { c.text(c.styles.id, of(f)) }}
}

func (b *book) severityColumn() column[Finding] {
	return column[Finding]{key: "col.severity", width: 10, put: func(c *cells, f *Finding) {
		c.text(c.styles.text, c.words.or("severity.", string(f.Severity)))
	}}
}

func (b *book) classColumn() column[Finding] {
	return column[Finding]{key: "col.class", width: 20, put: func(c *cells, f *Finding) { c.text(c.styles.text, c.words.class(f)) }}
}

func (b *book) amountColumn(key string) column[Finding] {
	return column[Finding]{key: key, width: 13, put: func(c *cells, f *Finding) { c.amount(Known(f.Amount), b.r.currency(f.Currency)) }}
}

func (b *book) currencyColumn() column[Finding] {
	return column[Finding]{key: "col.currency", width: 8, put: func(c *cells, f *Finding) { c.text(c.styles.code, b.r.currency(f.Currency)) }}
}

func (b *book) stateColumn() column[Finding] {
	return column[Finding]{key: "col.state", width: 18, put: func(c *cells, f *Finding) { c.text(c.styles.text, c.words.state(f.State)) }}
}

// resolveLists offer the resolutions, and the owners where there are any.
func (b *book) resolveLists(name string, last int64) error {
	resolution := excelize.NewDataValidation(true)
	resolution.SetSqref(fmt.Sprintf("O%d:O%d", headerRow+1, last))
	resolution.SetSqrefDropList(listResolution)
	resolution.SetInput(b.t.say("list.prompt.title"), b.t.say("list.prompt"))
	resolution.SetError(excelize.DataValidationErrorStyleStop, b.t.say("list.error.title"), b.t.say("list.error"))
	problems := []error{b.f.AddDataValidation(name, resolution)}
	if len(b.r.Owners) > 0 {
		owner := excelize.NewDataValidation(true)
		owner.SetSqref(fmt.Sprintf("Q%d:Q%d", headerRow+1, last))
		owner.SetSqrefDropList(listOwner)
		owner.SetInput(b.t.say("col.owner"), b.t.say("owner.prompt"))
		owner.SetError(excelize.DataValidationErrorStyleWarning, b.t.say("list.error.title"), b.t.say("owner.error"))
		problems = append(problems, b.f.AddDataValidation(name, owner))
	}
	return named("lists", errors.Join(problems...))
}

// resolveColours grey a row out once it has a resolution, and mark what is old
// or urgent; the word and the symbol stand there as well.
func (b *book) resolveColours(name string, last int64) error {
	rule := func(from, to, formula string, style int, stop bool) error {
		return b.f.SetConditionalFormat(name, fmt.Sprintf("%s%d:%s%d", from, headerRow+1, to, last), []excelize.ConditionalFormatOptions{
			{Type: "formula", Criteria: formula, Format: &style, StopIfTrue: stop},
		})
	}
	return named("colours", errors.Join(
		rule("A", "N", `LEN($O5)>0`, b.styles.resolved, true),
		rule("N", "N", fmt.Sprintf(`$N5>%d`, agedDays), b.styles.aged, false),
		rule("B", "B", `LEFT($B5,1)="▲"`, b.styles.high, false),
	))
}

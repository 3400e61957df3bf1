package workbook

import (
	"fmt"
	"slices"
	"unicode"

	"github.com/xuri/excelize/v2"

	"sverka/schema"
)

// The colours; each pair of text and ground has a contrast of 7:1 or more.
const (
	navy, white        = "1F3864", "FFFFFF"
	inputHead, inputBg = "FFE699", "FFFBEB"
	warnText, warnBg   = "833C0B", "FCE4D6"
	goodText, goodBg   = "375623", "E2EFDA"
	greyText, ruleGrey = "404040", "BFBFBF"
)

// styles are the numbers of the cell styles in the shell.
type styles struct {
	title, note, head, block, inputHead        int
	headLeft, id, wrapTop                      int
	good, warn, alert                          int // the verdict line
	text, wrap, qty, qtyPart, money, count     int
	percent, day, stamp, input, inputWrap      int
	total, totalCount, totalMoney, link, label int
	check, sign, code                          int
	resolved, aged, high, bad, fine            int // conditional
	foreign                                    map[string]int
	base                                       string
}

// quantity chooses between whole and broken quantities: one format for both would
// print "12." for twelve.
func (s *styles) quantity(q schema.Quantity) int {
	if q%1000 != 0 {
		return s.qtyPart
	}
	return s.qty
}

// moneyIn shows the sign of a currency that is not the run's own.
func (s *styles) moneyIn(currency string) int {
	if id, ok := s.foreign[currency]; ok {
		return id
	}
	return s.money
}

// styler makes styles until one fails.
type styler struct {
	f    *excelize.File
	font string
	err  error
}

// look is one style before it has a number.
type look struct {
	bold, wrap, top, underline bool
	size                       float64
	color, fill, format, align string
	border                     string // "", row, box, total, line
}

func (s *styler) style(l look) int { return s.add(l, s.f.NewStyle) }

func (s *styler) add(l look, create func(*excelize.Style) (int, error)) int {
	if s.err != nil {
		return 0
	}
	style := &excelize.Style{
		Font:      &excelize.Font{Family: s.font, Size: l.size, Bold: l.bold, Color: l.color},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: l.wrap, Horizontal: l.align},
		Border:    borders(l.border),
	}
	if l.size == 0 {
		style.Font.Size = 10
	}
	if l.top {
		style.Alignment.Vertical = "top" // a text that does not fit shows its beginning
	}
	if l.underline {
		style.Font.Underline = "single"
	}
	if l.fill != "" {
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.format != "" {
		style.CustomNumFmt = &l.format
	}
	id, err := create(style)
	if err != nil {
		s.err = fmt.Errorf("style %+v: %w", l, err)
	}
	return id
}

func borders(kind string) []excelize.Border {
	line := func(side, color string, style int) excelize.Border {
		return excelize.Border{Type: side, Color: color, Style: style}
	}
	switch kind {
	case "row":
		return []excelize.Border{line("bottom", ruleGrey, 1)}
	case "box":
		return []excelize.Border{line("left", ruleGrey, 1), line("right", ruleGrey, 1), line("top", ruleGrey, 1), line("bottom", ruleGrey, 1)}
	case "total":
		return []excelize.Border{line("top", navy, 1), line("bottom", navy, 6)}
	case "line":
		return []excelize.Border{line("bottom", greyText, 1)}
	default:
		return nil
	}
}

// The formats. The minus stays beside the red: colour is never the only signal.
const (
	formatText    = "@"
	formatQty     = `#,##0;[Red]-#,##0;"–"`
	formatQtyPart = `#,##0.0##;[Red]-#,##0.0##;"–"`
	formatMoney   = `#,##0.00;[Red]-#,##0.00;"–"`
	formatCount   = `#,##0`
	formatPercent = `0.00%`
)

// formatDay is how the language writes a date.
func formatDay(l Language) string {
	if l == Russian {
		return "dd.mm.yyyy"
	}
	return "yyyy-mm-dd"
}

// fontOf is a font that has the characters of the language.
func fontOf(l Language) string {
	if l == Chinese {
		return "Microsoft YaHei"
	}
	return "Calibri"
}

// newStyles makes every style of the workbook; currencies are those of the
// findings.
func newStyles(f *excelize.File, run RunInfo, currencies []string) (*styles, error) {
	s := &styler{f: f, font: fontOf(run.Language)}
	day := formatDay(run.Language)
	out := &styles{
		title: s.style(look{bold: true, size: 16, color: navy}), note: s.style(look{color: greyText}),
		head:      s.style(look{bold: true, wrap: true, color: white, fill: navy, align: "center", border: "box"}),
		inputHead: s.style(look{bold: true, wrap: true, color: navy, fill: inputHead, align: "center", border: "box"}),
		headLeft:  s.style(look{bold: true, color: white, fill: navy}),
		wrapTop:   s.style(look{border: "row", format: formatText, wrap: true, top: true}),
		id:        s.style(look{size: 8, border: "row", format: formatText, wrap: true}),
		block:     s.style(look{bold: true, size: 12, color: navy, border: "line"}),
		good:      s.style(look{bold: true, size: 12, color: goodText, fill: goodBg}),
		warn:      s.style(look{bold: true, size: 12, color: navy, fill: inputHead}),
		alert:     s.style(look{bold: true, size: 12, color: warnText, fill: warnBg}),

		text: s.style(look{border: "row", format: formatText}), wrap: s.style(look{border: "row", format: formatText, wrap: true}),
		qty: s.style(look{border: "row", format: formatQty}), qtyPart: s.style(look{border: "row", format: formatQtyPart}),
		money: s.style(look{border: "row", format: formatMoney}), count: s.style(look{border: "row", format: formatCount}),
		percent: s.style(look{border: "row", format: formatPercent}),
		day:     s.style(look{border: "row", format: day, align: "center"}), stamp: s.style(look{border: "row", format: day + " hh:mm", align: "center"}),
		input: s.style(look{border: "box", fill: inputBg, format: formatText}), inputWrap: s.style(look{border: "box", fill: inputBg, wrap: true, top: true, format: formatText}),

		total: s.style(look{bold: true, border: "total"}), totalCount: s.style(look{bold: true, border: "total", format: formatCount}),
		totalMoney: s.style(look{bold: true, border: "total", format: formatMoney}),
		link:       s.style(look{underline: true, color: "1F4E9E", border: "row", align: "center"}), label: s.style(look{color: greyText, border: "row"}),
		check: s.style(look{bold: true, border: "row", align: "center"}), code: s.style(look{border: "row", align: "center", format: formatText}), sign: s.style(look{border: "line"}),
		foreign: map[string]int{}, base: run.Currency,
	}
	for _, currency := range currencies {
		if currency != run.Currency {
			sign := ` "` + currencySign(currency) + `"`
			out.foreign[currency] = s.style(look{border: "row", format: `#,##0.00` + sign + `;[Red]-#,##0.00` + sign + `;"–"`})
		}
	}
	conditional(s, out)
	return out, s.err
}

// conditional adds the styles of conditional formats.
func conditional(s *styler, out *styles) {
	add := func(style excelize.Style) int {
		if s.err != nil {
			return 0
		}
		id, err := s.f.NewConditionalStyle(&style)
		if err != nil {
			s.err = fmt.Errorf("conditional style: %w", err)
		}
		return id
	}
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	out.resolved = add(excelize.Style{Font: &excelize.Font{Color: "7F7F7F", Strike: true}})
	out.aged = add(excelize.Style{Font: &excelize.Font{Color: warnText, Bold: true}, Fill: fill(warnBg)})
	out.high = add(excelize.Style{Font: &excelize.Font{Color: warnText, Bold: true}})
	out.bad = add(excelize.Style{Font: &excelize.Font{Color: warnText, Bold: true}, Fill: fill(warnBg)})
	out.fine = add(excelize.Style{Font: &excelize.Font{Color: goodText, Bold: true}})
}

// currencySign is what stands behind an amount.
func currencySign(currency string) string {
	signs := []string{"CNY", "¥", "RUB", "₽", "USD", "$", "EUR", "€"}
	if i := slices.Index(signs, currency); i >= 0 && i%2 == 0 {
		return signs[i+1]
	}
	plain := slices.DeleteFunc([]rune(currency), func(r rune) bool { return r == '"' || r == '\\' || !unicode.IsPrint(r) })
	return string(plain[:min(len(plain), 8)]) // never a quote, which would end the format
}

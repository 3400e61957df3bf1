package workbook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cond is one condition of a COUNTIFS: the key of a column and its criterion.
type cond struct{ key, criterion string }

// maxFormula is how long a formula may be; a longer one is left out and its value
// stands alone.
const maxFormula = 8_000

// exactly is the criterion that takes just this text: COUNTIFS reads * ? ~ as
// patterns, and compares without regard to case.
func exactly(text string) string {
	return "=" + strings.NewReplacer("~", "~~", "*", "~*", "?", "~?").Replace(text)
}

// stillOpen is the criterion of the states that need a decision: the words of
// "reopened" begin with those of "open".
func (b *book) stillOpen() cond { return cond{"col.state", b.t.say("state.open") + "*"} }

// area says where the columns of a detail sheet stand.
type area struct {
	parts   []part
	columns []column[Finding]
	amount  string // key of the amount column
}

func (b *book) stockArea() area { return area{b.stock, b.stockColumns(), "col.amount"} }

func (b *book) ordersArea() area { return area{b.orders, b.ordersColumns(), "col.difference"} }

// span is the range of a column on one part.
func (a area) span(p part, key string) string {
	i := slices.IndexFunc(a.columns, func(c column[Finding]) bool { return c.key == key })
	l := letters(i)
	return fmt.Sprintf("%s!$%s$%d:$%s$%d", quoted(p.name), l, headerRow+1, l, headerRow+max(1, p.count))
}

func (a area) criteria(p part, conditions []cond) string {
	out := make([]string, 0, len(conditions))
	for _, c := range conditions {
		out = append(out, fmt.Sprintf(`%s,"%s"`, a.span(p, c.key), strings.ReplaceAll(c.criterion, `"`, `""`)))
	}
	return strings.Join(out, ",")
}

// countIfs counts the rows of all parts of the areas that meet the conditions.
func countIfs(areas []area, conditions ...cond) string {
	var terms []string
	for _, a := range areas {
		for _, p := range a.parts {
			terms = append(terms, fmt.Sprintf("COUNTIFS(%s)", a.criteria(p, conditions)))
		}
	}
	return strings.Join(terms, "+")
}

// netIfs adds the amounts up with their signs.
func netIfs(areas []area, conditions ...cond) string {
	var terms []string
	for _, a := range areas {
		for _, p := range a.parts {
			terms = append(terms, fmt.Sprintf("SUMIFS(%s,%s)", a.span(p, a.amount), a.criteria(p, conditions)))
		}
	}
	return strings.Join(terms, "+")
}

// grossIfs adds the amounts up without their signs.
func grossIfs(areas []area, conditions ...cond) string {
	var terms []string
	for _, a := range areas {
		plus := netIfs([]area{a}, append(slices.Clone(conditions), cond{a.amount, ">0"})...)
		minus := netIfs([]area{a}, append(slices.Clone(conditions), cond{a.amount, "<0"})...)
		terms = append(terms, plus, "-"+strings.ReplaceAll(minus, "+SUMIFS", "-SUMIFS"))
	}
	return strings.ReplaceAll(strings.Join(terms, "+"), "+-", "-")
}

// live is a formula with its value, or the value alone when the formula cannot be
// trusted to find the same rows.
func (c *cells) live(style int, expression, exact string, usable bool) {
	if !usable || expression == "" || len(expression) > maxFormula {
		c.number(style, exact)
		return
	}
	c.formula(style, expression, exact)
}

// criteriaCollide finds the names that COUNTIFS cannot tell from another one: it
// ignores case and compares what looks like a number as a number, so that "01"
// and "1" are the same to it.
func criteriaCollide(names []string) map[string]bool {
	first := map[string]string{}
	out := map[string]bool{}
	for _, name := range names {
		key := strings.ToLower(name)
		if n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(key), ",", "."), 64); err == nil {
			key = strconv.FormatFloat(n, 'g', 15, 64) // only a key: no number passes through it
		}
		if other, ok := first[key]; ok && other != name {
			out[name], out[other] = true, true
		}
		first[key] = name
		if name == "" || len(name) > 200 {
			out[name] = true
		}
	}
	return out
}

package workbook

import (
	"slices"
	"strings"

	"sverka/schema"
)

// verdict is the graver of what the reconciler says and what the workbook sees,
// with the sentence for people.
func (b *book) verdict() (Verdict, string) {
	reasons := b.incomplete()
	seen := Clean
	switch {
	case len(reasons) > 0:
		seen = Incomplete
	case b.tally.open > 0:
		seen = Differences
	}
	said := b.r.Run.Verdict
	if said.rank() > seen.rank() {
		seen = said
		if said.rank() == Incomplete.rank() {
			seen, reasons = Incomplete, append(reasons, b.t.say("reason.said"))
		}
	}
	var sentence string
	switch seen {
	case Incomplete:
		sentence = b.t.say("verdict.incomplete", strings.Join(reasons, "; "), b.tally.open)
	case Differences:
		sentence = b.t.say("verdict.differences", b.tally.open, b.money(), b.tally.high)
	default:
		sentence = b.t.say("verdict.clean")
	}
	if note := strings.TrimSpace(b.r.Run.VerdictNote); note != "" {
		sentence += " " + note
	}
	return seen, sentence
}

// incomplete are the reasons why the verdict cannot be trusted, in words.
func (b *book) incomplete() []string {
	var stale, partial, reasons []string
	for _, s := range b.r.Sources {
		if !s.Fresh {
			stale = append(stale, b.sourceName(s))
		}
		if !s.Complete {
			partial = append(partial, b.sourceName(s))
		}
	}
	if len(stale) > 0 {
		reasons = append(reasons, b.t.say("reason.stale", strings.Join(stale, ", ")))
	}
	if len(partial) > 0 {
		reasons = append(reasons, b.t.say("reason.partial", strings.Join(partial, ", ")))
	}
	broken := 0
	for _, c := range b.r.Controls {
		if !c.Ties {
			broken++
		}
	}
	if broken > 0 {
		reasons = append(reasons, b.t.say("reason.control", broken))
	}
	if s := b.r.Stated; s != nil && (s.Findings != b.tally.stock+b.tally.orders || s.Open != b.tally.open) {
		reasons = append(reasons, b.t.say("reason.stated"))
	}
	return reasons
}

func (b *book) sourceName(s SourceInfo) string {
	if s.Name != "" {
		return s.Name
	}
	return b.t.system(s.System)
}

// money is the absolute amount of what is open, in each currency.
func (b *book) money() string {
	var out []string
	for _, currency := range b.currenciesOf(b.tally.total) {
		out = append(out, grouped(b.tally.total[currency].gross, b.r.Run.Language)+" "+currency)
	}
	return strings.Join(out, " + ")
}

// currenciesOf are the currencies of a sum: the run's own first.
func (b *book) currenciesOf(m map[string]*sum) []string {
	out := make([]string, 0, len(m))
	for currency := range m {
		out = append(out, currency)
	}
	slices.SortFunc(out, b.byCurrency)
	return out
}

func (b *book) byCurrency(x, y string) int {
	if own := b.r.Run.Currency; (x == own) != (y == own) {
		if x == own {
			return -1
		}
		return 1
	}
	return strings.Compare(x, y)
}

// grouped writes an amount with its thousands apart.
func grouped(a schema.Amount, l Language) string {
	gap, mark := ",", "."
	if l == Russian {
		gap, mark = "\u00a0", ","
	}
	whole, frac, _ := strings.Cut(strings.TrimPrefix(a.String(), "-"), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + gap + whole[i:]
	}
	if a < 0 {
		whole = "-" + whole
	}
	return whole + mark + frac
}

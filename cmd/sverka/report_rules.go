package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// ruleLines writes one rule: a plain value on one line, one that differs from
// flow to flow or from currency to currency on several, what is new here as JSON.
func ruleLines(l workbook.Language, name, shown string, raw json.RawMessage) []workbook.Parameter {
	one := func(value string) []workbook.Parameter { return []workbook.Parameter{{Name: shown, Value: value}} }
	var text string
	var byName map[string]string
	var limits map[string]reconcile.Limits
	var list []string
	switch {
	case json.Unmarshal(raw, &text) == nil && text == "" && name == "since":
		return one(threeWords{"без ограничения", "no limit", "不限"}.in(l))
	case name == "tolerance_amount":
		return one(amountText(l, decode[schema.Amount](raw)))
	case json.Unmarshal(raw, &text) == nil:
		return one(durationText(l, text))
	case name == "materiality" && json.Unmarshal(raw, &limits) == nil:
		return limitLines(l, shown, limits)
	case json.Unmarshal(raw, &list) == nil:
		return one(sourceList(l, list))
	case json.Unmarshal(raw, &byName) == nil && len(byName) > 0:
		return namedLines(l, shown, byName)
	}
	return one(string(raw))
}

// namedLines has one line when all values are equal, otherwise one for each name.
func namedLines(l workbook.Language, shown string, byName map[string]string) []workbook.Parameter {
	names := slices.Sorted(maps.Keys(byName))
	values := slices.Sorted(maps.Values(byName))
	if values[0] == values[len(values)-1] {
		return []workbook.Parameter{{Name: shown, Value: durationText(l, values[0])}}
	}
	out := make([]workbook.Parameter, 0, len(names))
	for _, name := range names {
		flow, _, _ := flowWords(l, name)
		out = append(out, workbook.Parameter{Name: shown, Value: durationText(l, byName[name]) + " · " + flow})
	}
	return out
}

// limitLines says the bounds of each currency.
func limitLines(l workbook.Language, shown string, limits map[string]reconcile.Limits) []workbook.Parameter {
	var out []workbook.Parameter
	for _, currency := range slices.Sorted(maps.Keys(limits)) {
		b, suffix := limits[currency], " "+currency
		if currency == "" {
			suffix = ""
			if len(limits) > 1 {
				suffix = threeWords{" (прочие валюты)", " (other currencies)", "（其他币种）"}.in(l)
			}
		}
		for _, bound := range []struct {
			words threeWords
			value schema.Amount
		}{
			{threeWords{": принято до", ": accepted up to", "：自动接受上限"}, b.Accept},
			{threeWords{": низкая до", ": low up to", "：低等级上限"}, b.List},
			{threeWords{": высокая от", ": high from", "：高等级下限"}, b.Escalate},
		} {
			out = append(out, workbook.Parameter{Name: shown + bound.words.in(l), Value: amountText(l, bound.value) + suffix})
		}
	}
	return out
}

// sourceList names sources such as "onec:payment".
func sourceList(l workbook.Language, sources []string) string {
	if len(sources) == 0 {
		return threeWords{"нет", "none", "无"}.in(l)
	}
	out := make([]string, 0, len(sources))
	for _, s := range sources {
		if system, entity, ok := strings.Cut(s, ":"); ok {
			s = systemWord(l, schema.System(system)) + ": " + entityWord(l, schema.Entity(entity))
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// amountText writes money with separators between the thousands.
func amountText(l workbook.Language, a schema.Amount) string {
	whole, cents, _ := strings.Cut(a.String(), ".")
	space, point := ",", "."
	if l == workbook.Russian {
		space, point = "\u00a0", ","
	}
	digits := strings.TrimPrefix(whole, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + space + digits[i:]
	}
	if strings.HasPrefix(whole, "-") {
		digits = "-" + digits
	}
	return digits + point + cents
}

// durationText reads "1h30m0s" as "1 ч 30 мин"; other text stays as it is.
func durationText(l workbook.Language, text string) string {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return text
	}
	var out []string
	for _, unit := range []struct {
		size  time.Duration
		words threeWords
	}{
		{time.Hour, threeWords{"ч", "h", "小时"}}, {time.Minute, threeWords{"мин", "min", "分钟"}}, {time.Second, threeWords{"с", "s", "秒"}},
	} {
		if n := d / unit.size; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, unit.words.in(l)))
			d -= n * unit.size
		}
	}
	if d > 0 {
		return text // parts of a second: rather exact than short
	}
	return strings.Join(out, " ")
}

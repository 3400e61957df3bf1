package reconcile

import (
	"strings"
	"time"

	"sverka/schema"
)

// Languages of [Explain].
const (
	LanguageEN = "en"
	LanguageRU = "ru"
	LanguageZH = "zh"
)

// words are the sentences of one language. Sentences hold slots in braces that
// are filled from the evidence; a slot without evidence takes its clause along, see fill.
type words struct {
	causes, repairs, reasons, systems, entities map[string]string
	timeLayout                                  string
}

func wordsOf(lang string) words {
	switch lang {
	case LanguageRU:
		return wordsRU()
	case LanguageZH:
		return wordsZH()
	default:
		return wordsEN()
	}
}

// Explain words the probable cause of a finding and its proposed repair in one
// sentence each, from the codes and the evidence alone: the same finding always
// reads the same. Times are shown in zone (UTC when nil); an unknown language
// reads English, an unknown code is shown as it is.
func Explain(f *Finding, lang string, zone *time.Location) (cause, repair string) {
	w := wordsOf(lang)
	slots := w.slots(f, zone)
	return sentence(w.causes, f.Cause, slots), sentence(w.repairs, f.Repair, slots)
}

func sentence(texts map[string]string, code string, slots map[string]string) string {
	text, ok := texts[code]
	if !ok {
		return code
	}
	return fill(text, slots)
}

// fill puts values into a sentence: {name} is a value, [… {name} …] a clause that
// disappears when one of its values is empty.
func fill(text string, slots map[string]string) string {
	var out strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			out.WriteString(replaceSlots(text, slots))
			break
		}
		out.WriteString(replaceSlots(text[:open], slots))
		end := strings.IndexByte(text[open:], ']') + open
		clause := text[open+1 : end]
		if complete(clause, slots) {
			out.WriteString(replaceSlots(clause, slots))
		}
		text = text[end+1:]
	}
	return out.String()
}

func complete(clause string, slots map[string]string) bool {
	for name, value := range slots {
		if value == "" && strings.Contains(clause, "{"+name+"}") {
			return false
		}
	}
	return true
}

// replaceSlots goes over the sentence once: a value that looks like a slot stays as it is.
func replaceSlots(text string, slots map[string]string) string {
	pairs := make([]string, 0, 2*len(slots))
	for name, value := range slots {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// slots are the values that sentences may use.
func (w words) slots(f *Finding, zone *time.Location) map[string]string {
	if zone == nil {
		zone = time.UTC
	}
	when := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.In(zone).Format(w.timeLayout)
	}
	e := &f.Evidence
	s := map[string]string{
		"document": f.Document, "order": f.OrderNumber, "sku": f.SKU, "warehouse": f.WarehouseCode,
		"a": w.system(f.SystemA), "b": w.system(f.SystemB), "missing": w.system(schema.System(e.MissingIn)),
		"since": when(e.DeliverySince), "by": when(f.ExpectedBy), "at": when(f.HappenedAt),
		"reason": w.reason(e.Reason), "failure": e.Failure, "mode": e.Mode,
		"factor": string(e.Factor), "twin": e.TwinSKU, "other": e.OtherWarehouse,
		"phase_a": phaseOf(f, f.SystemA, e.VendorA), "phase_b": phaseOf(f, f.SystemB, e.VendorB),
		"keys": strings.Join(e.Keys, ", "), "entity": w.entity(e.Entity), "last": when(e.LastComplete),
		"ordered_a": when(e.OrderedA), "ordered_b": when(e.OrderedB), "shipped_a": when(e.ShippedA), "shipped_b": when(e.ShippedB),
		"deleted": when(e.DeletedAt), "seen": "", "documents": "", "line": "", "line_a": "", "line_b": "",
	}
	w.documentSlots(s, e, zone)
	if e.Line != nil {
		s["line"] = e.Line.SKU
		s["line_a"], s["line_b"] = side(e.Line.QtyA, e.Line.AmountA), side(e.Line.QtyB, e.Line.AmountB)
	}
	return s
}

// documentSlots name the movements: "88231 (Jushuitan, 23.11.2026 18:04)", at most three.
func (w words) documentSlots(s map[string]string, e *Evidence, zone *time.Location) {
	if len(e.Documents) == 0 {
		return
	}
	s["seen"] = w.system(e.Documents[0].SeenIn)
	var names []string
	for i, d := range e.Documents {
		if i == 3 {
			names = append(names, "…")
			break
		}
		names = append(names, d.Document+" ("+w.system(d.SeenIn)+", "+d.At.In(zone).Format(w.timeLayout)+")")
	}
	s["documents"] = strings.Join(names, ", ")
}

func side(q *schema.Quantity, a *schema.Amount) string {
	switch {
	case q == nil:
		return "–"
	case a == nil:
		return short(q.String())
	default:
		return short(q.String()) + " (" + a.String() + ")"
	}
}

// short drops the zeros behind a whole number of units.
func short(decimal string) string {
	if !strings.Contains(decimal, ".") {
		return decimal
	}
	return strings.TrimRight(strings.TrimRight(decimal, "0"), ".")
}

func phaseOf(f *Finding, s schema.System, vendor string) string {
	phase := f.PhaseOneC
	switch s {
	case schema.Jushuitan:
		phase = f.PhaseJushuitan
	case schema.OpenShop:
		phase = f.PhaseOpenShop
	default:
	}
	if vendor != "" && vendor != string(phase) {
		return string(phase) + " (" + vendor + ")"
	}
	return string(phase)
}

func (w words) system(s schema.System) string { return wordOr(w.systems, string(s)) }
func (w words) reason(code string) string     { return wordOr(w.reasons, code) }
func (w words) entity(code string) string     { return wordOr(w.entities, code) }
func wordOr(m map[string]string, k string) string {
	if v, ok := m[k]; ok {
		return v
	}
	return k
}

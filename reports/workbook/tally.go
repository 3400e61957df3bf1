package workbook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sverka/schema"
)

// limits are what a workbook can hold; tests make them small.
type limits struct {
	sheetRows  int64 // findings on one sheet
	resolve    int   // rows of To resolve
	warehouses int   // own lines on the Summary
	currencies int
}

// defaultLimits: Excel has 1,048,576 rows; a person can decide on some thousands.
func defaultLimits() limits {
	return limits{sheetRows: 1_048_000, resolve: 5_000, warehouses: 200, currencies: 16}
}

// sum is how many findings there are and what they come to.
type sum struct {
	items, old, stock int64
	net, gross        schema.Amount
}

// group is a line of the Summary: all findings with these words in this currency.
type group struct{ name, currency string }

// tally is what the first pass learns about the findings. It grows with the
// number of classes, warehouses and currencies, never with that of findings.
type tally struct {
	limits                        limits
	stock, orders                 int64 // rows of the two detail sheets
	open, high                    int64
	classes, warehouses, ages     map[group]*sum // open findings; warehouses: stock only
	total                         map[string]*sum
	states                        map[State]map[string]*sum // not open
	classSheets                   map[string]Area           // where most people look: stock or order
	currencies                    []string
	othersHidden                  bool // some warehouses share one line
	worst                         worst
	run                           string // the run's own currency
	overflow                      error
	words                         texts
	warehouseNames, currencyNames map[string]bool
}

// ageBands are the lower bounds of the bands of age, in days.
func ageBands() []int { return []int{0, 2, 8, 15, 31} }

const agedDays = 14

func newTally(l limits, t texts, run string) *tally {
	return &tally{
		limits: l, words: t, run: run, classes: map[group]*sum{}, warehouses: map[group]*sum{}, ages: map[group]*sum{},
		total: map[string]*sum{}, states: map[State]map[string]*sum{}, classSheets: map[string]Area{}, worst: worst{limit: l.resolve},
		warehouseNames: map[string]bool{}, currencyNames: map[string]bool{run: true}, currencies: []string{run},
	}
}

// count is the first pass over the findings.
func (r *Report) count(ctx context.Context, l limits, t texts) (*tally, error) {
	out := newTally(l, t, r.Run.Currency)
	n := 0
	for f, err := range r.Findings() {
		if err != nil {
			return nil, fmt.Errorf("read finding %d: %w", n+1, err)
		}
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("count findings: %w", ctx.Err())
		}
		out.add(&f)
	}
	for _, s := range r.Sources {
		out.known(r.currency(s.Currency))
	}
	for _, c := range r.Controls {
		for _, f := range []Figure{c.Left, c.Right} {
			out.known(r.currency(f.currency))
		}
	}
	return out, out.overflow
}

// known remembers a currency. Past the limit they are told apart no more in the
// totals: their lines carry "*".
func (t *tally) known(currency string) string {
	if t.currencyNames[currency] {
		return currency
	}
	if len(t.currencies) >= t.limits.currencies {
		return otherCurrency
	}
	t.currencyNames[currency] = true
	t.currencies = append(t.currencies, currency)
	return currency
}

// otherCurrency stands for all currencies past the limit; otherWarehouse for all
// warehouses past theirs.
const (
	otherCurrency  = "*"
	otherWarehouse = "\x00others"
)

func (t *tally) add(f *Finding) {
	if f.Area == AreaStock {
		t.stock++
	} else {
		t.orders++
	}
	currency := f.Currency
	if currency == "" {
		currency = t.run
	}
	currency = t.known(currency)
	if !f.State.open() {
		if t.states[f.State] == nil {
			t.states[f.State] = map[string]*sum{}
		}
		t.put(entry(t.states[f.State], currency), f)
		return
	}
	t.open++
	if f.Severity.rank() == 0 {
		t.high++
	}
	class := t.words.class(f)
	if f.Area != AreaStock {
		if _, ok := t.classSheets[class]; !ok {
			t.classSheets[class] = AreaOrder
		}
	} else {
		t.classSheets[class] = AreaStock
	}
	t.put(entry(t.total, currency), f)
	t.put(entry(t.classes, group{class, currency}), f)
	t.put(entry(t.ages, group{ageBand(f.AgeDays), currency}), f)
	if f.Area == AreaStock {
		t.put(entry(t.warehouses, group{t.warehouse(f.Warehouse), currency}), f)
	}
	t.worst.add(f)
}

func (t *tally) warehouse(code string) string {
	if t.warehouseNames[code] {
		return code
	}
	if len(t.warehouseNames) >= t.limits.warehouses {
		t.othersHidden = true
		return otherWarehouse
	}
	t.warehouseNames[code] = true
	return code
}

func entry[K comparable](m map[K]*sum, k K) *sum {
	s, ok := m[k]
	if !ok {
		s = &sum{}
		m[k] = s
	}
	return s
}

// put adds one finding to a sum. A sum that does not fit is an error, never a
// wrong number.
func (t *tally) put(s *sum, f *Finding) {
	s.items++
	if f.AgeDays > agedDays {
		s.old++
	}
	if f.Area == AreaStock {
		s.stock++
	}
	gross := f.Amount
	if gross < 0 {
		gross = -gross
	}
	net := s.net + f.Amount
	if (f.Amount > 0 && net < s.net) || (f.Amount < 0 && net > s.net) || gross < 0 || s.gross+gross < s.gross {
		t.overflow = fmt.Errorf("finding %s: the sum of amounts does not fit: %w", f.ID, errTooLarge)
		return
	}
	s.net, s.gross = net, s.gross+gross
}

var errTooLarge = errors.New("too large")

// ageBand names the band of an age: "2–7", "31+".
func ageBand(days int) string {
	bands := ageBands()
	i := len(bands) - 1
	for i > 0 && days < bands[i] {
		i--
	}
	return bandName(i)
}

func bandName(i int) string {
	bands := ageBands()
	if i == len(bands)-1 {
		return fmt.Sprintf("%d+", bands[i])
	}
	return fmt.Sprintf("%d–%d", bands[i], bands[i+1]-1)
}

// classLines are the lines by class: most items first, then by name.
func (t *tally) classLines() []group {
	return slices.SortedFunc(maps.Keys(t.classes), func(a, b group) int {
		return cmp.Or(-cmp.Compare(t.classes[a].items, t.classes[b].items), strings.Compare(a.name, b.name), strings.Compare(a.currency, b.currency))
	})
}

// warehouseLines are the lines by warehouse code; the shared one stands last.
func (t *tally) warehouseLines() []group {
	return slices.SortedFunc(maps.Keys(t.warehouses), func(a, b group) int {
		if (a.name == otherWarehouse) != (b.name == otherWarehouse) {
			if a.name == otherWarehouse {
				return 1
			}
			return -1
		}
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.currency, b.currency))
	})
}

// worst keeps the findings that To resolve shows: by severity, then by size.
type worst struct {
	limit int
	kept  []Finding // a heap while counting: the mildest on top
}

// milder orders two findings; the ID makes the order complete.
func milder(a, b *Finding) int {
	return cmp.Or(-cmp.Compare(a.Severity.rank(), b.Severity.rank()), cmp.Compare(magnitude(a.Amount), magnitude(b.Amount)), -strings.Compare(a.ID, b.ID))
}

func magnitude(a schema.Amount) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func (w *worst) add(f *Finding) {
	switch {
	case len(w.kept) < w.limit:
		w.kept = append(w.kept, *f)
		for i := len(w.kept) - 1; i > 0; {
			parent := (i - 1) / 2
			if milder(&w.kept[parent], &w.kept[i]) <= 0 {
				return
			}
			w.kept[parent], w.kept[i] = w.kept[i], w.kept[parent]
			i = parent
		}
	case w.limit > 0 && milder(&w.kept[0], f) < 0:
		w.kept[0] = *f
		w.sink()
	}
}

func (w *worst) sink() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(w.kept) {
			return
		}
		if child+1 < len(w.kept) && milder(&w.kept[child+1], &w.kept[child]) < 0 {
			child++
		}
		if milder(&w.kept[i], &w.kept[child]) <= 0 {
			return
		}
		w.kept[i], w.kept[child] = w.kept[child], w.kept[i]
		i = child
	}
}

// sorted are the kept findings, gravest first.
func (w *worst) sorted() []Finding {
	slices.SortFunc(w.kept, func(a, b Finding) int { return -milder(&a, &b) })
	return w.kept
}

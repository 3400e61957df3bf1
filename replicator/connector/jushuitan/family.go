package jushuitan

import (
	"slices"
	"strings"

	"sverka/schema"
)

// combine makes one order out of all rows of a number. Usually there is one; a
// split leaves the old order behind and makes several that carry the same number,
// whose lines, money and payments add up to the whole.
func combine(rows []*orderRow) *orderRow {
	rows = newest(rows)
	for _, dead := range []schema.Phase{schema.PhaseSuperseded, schema.PhaseCancelled} {
		if live := slices.DeleteFunc(slices.Clone(rows), func(r *orderRow) bool { return phaseOf(string(r.Status)) == dead }); len(live) > 0 {
			rows = live
		}
	}
	if len(rows) == 1 {
		return rows[0]
	}
	sum := *rows[0]
	sum.Items, sum.Pays = nil, nil
	sum.PayAmount, sum.PaidAmount, sum.Freight = 0, 0, 0
	var statuses []string
	for _, r := range rows {
		sum.PayAmount += r.PayAmount
		sum.PaidAmount += r.PaidAmount
		sum.Freight += r.Freight
		sum.Items = append(sum.Items, r.Items...)
		sum.addPays(r.Pays)
		sum.TS = max(sum.TS, r.TS)
		sum.Modified = max(sum.Modified, r.Modified)
		sum.SendDate = max(sum.SendDate, r.SendDate)
		statuses = append(statuses, string(r.Status))
	}
	sum.Status = text(familyStatus(statuses))
	return &sum
}

// newest keeps the highest version of each order and sorts by id.
func newest(rows []*orderRow) []*orderRow {
	byID := map[text]*orderRow{}
	for _, r := range rows {
		if known := byID[r.ID]; known == nil || r.TS >= known.TS {
			byID[r.ID] = r
		}
	}
	var out []*orderRow
	for _, r := range byID {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *orderRow) int {
		if len(a.ID) != len(b.ID) {
			return len(a.ID) - len(b.ID)
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out
}

func (r *orderRow) addPays(pays []payRow) {
	for _, p := range pays {
		i := slices.IndexFunc(r.Pays, func(known payRow) bool { return p.OuterID != "" && known.OuterID == p.OuterID })
		if i < 0 {
			r.Pays = append(r.Pays, p)
		} else {
			r.Pays[i].Amount += p.Amount
		}
	}
}

// familyStatus is one status for the parts of a split order: what they agree on;
// a part that needs a person wins; else the least advanced of them, whose sent
// lines then make the whole "shipped in part".
func familyStatus(statuses []string) string {
	least := statuses[0]
	for _, s := range statuses {
		p := phaseOf(s)
		if p == schema.PhaseHeld || p == schema.PhaseUnknown {
			return s
		}
		if p.Rank() < phaseOf(least).Rank() {
			least = s
		}
	}
	if phaseOf(least) != schema.PhaseShipped && slices.Contains(statuses, "Sent") {
		return "Delivering"
	}
	return least
}

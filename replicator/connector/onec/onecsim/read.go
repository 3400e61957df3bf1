package onecsim

import (
	"maps"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// list answers a set of rows after $filter, $orderby, $skip, $top and $select.
func (s *Sim) list(w http.ResponseWriter, req *request, rows []row, metadata string) *odataError {
	if f := req.options["$filter"]; f != "" {
		pass, err := parseFilter(f)
		if err != nil {
			return err
		}
		kept := make([]row, 0, 16)
		for _, r := range rows {
			if pass(r) {
				kept = append(kept, r)
			}
		}
		rows = kept
	}
	count := len(rows)
	orderRows(rows, req.options["$orderby"])
	if n, err := strconv.Atoi(req.options["$skip"]); err == nil {
		rows = rows[min(max(n, 0), len(rows)):]
	}
	if n, err := strconv.Atoi(req.options["$top"]); err == nil {
		rows = rows[:min(max(n, 0), len(rows))]
	}
	if metadata == "" {
		metadata = req.set
	}
	answer := map[string]any{"odata.metadata": req.base + "/$metadata#" + metadata, "value": s.selectFields(req, rows)}
	if req.options["$inlinecount"] == "allpages" {
		answer["odata.count"] = strconv.Itoa(count)
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

func orderRows(rows []row, by string) {
	if by == "" || by == "Ref_Key" || by == "Ref_Key asc" {
		return // the order in which rows are kept
	}
	fields := strings.Split(by, ",")
	sort.SliceStable(rows, func(i, j int) bool {
		for _, f := range fields {
			words := strings.Fields(f)
			if len(words) == 0 {
				continue
			}
			c := compare(rows[i][words[0]], rows[j][words[0]])
			if len(words) > 1 && words[1] == "desc" {
				c = -c
			}
			if c != 0 {
				return c < 0
			}
		}
		return false
	})
}

func (s *Sim) selectFields(req *request, rows []row) []row {
	names := []string{}
	if sel := req.options["$select"]; sel != "" {
		names = strings.Split(sel, ",")
	}
	out := make([]row, 0, len(rows))
	for _, r := range rows {
		if len(names) == 0 {
			out = append(out, withLinks(req.set, r))
			continue
		}
		part := row{}
		for _, n := range names {
			if v, ok := r[strings.TrimSpace(n)]; ok {
				part[strings.TrimSpace(n)] = v
			}
		}
		out = append(out, part)
	}
	return out
}

// withLinks adds the navigation links that 1C gives for filled references.
func withLinks(set string, r row) row {
	ref := text(r, "Ref_Key")
	if ref == "" {
		return r
	}
	out := maps.Clone(r)
	for k, v := range r {
		if name, ok := strings.CutSuffix(k, "_Key"); ok && name != "Ref" && v != emptyGUID {
			out[name+"@navigationLinkUrl"] = set + "(guid'" + ref + "')/" + name
		}
	}
	return out
}

func (s *Sim) element(w http.ResponseWriter, req *request, t *table) *odataError {
	r := t.rows[strings.ToLower(req.key)]
	if t.entity.independent() {
		r = t.rows[req.key]
	}
	if r == nil {
		return errNotFound()
	}
	s.answerElement(w, req, http.StatusOK, r)
	return nil
}

func (s *Sim) answerElement(w http.ResponseWriter, req *request, status int, r row) {
	out := maps.Clone(withLinks(req.set, r))
	out["odata.metadata"] = req.base + "/$metadata#" + req.set + "/@Element"
	writeJSON(w, status, out)
}

// priceRows are the records of a price register that pass a condition.
func (s *Sim) priceRows(register string, pass predicate) []row {
	out := []row{}
	for _, p := range s.prices {
		if p.register == register && (pass == nil || pass(p.row)) {
			out = append(out, p.row)
		}
	}
	return out
}

// sliceLast gives the latest record of each set of dimensions.
func (s *Sim) sliceLast(register string, args map[string]string) ([]row, *odataError) {
	pass, err := condition(args)
	if err != nil {
		return nil, err
	}
	last := map[string]row{}
	for _, r := range s.priceRows(register, pass) {
		if p := args["Period"]; p != "" && text(r, "Period") > p {
			continue
		}
		key := strings.Join([]string{text(r, "Номенклатура_Key"), text(r, "ВидЦены_Key"), text(r, "Характеристика_Key"), text(r, "ХарактеристикаЦО_Key")}, "|")
		if old := last[key]; old == nil || text(old, "Period") <= text(r, "Period") {
			last[key] = r
		}
	}
	return slices.Collect(maps.Values(last)), nil
}

func condition(args map[string]string) (predicate, *odataError) {
	if args["Condition"] == "" {
		return nil, nil
	}
	return parseFilter(args["Condition"])
}

// balanceRows is the virtual table of what lies in the warehouses; rows whose
// every resource is zero are not listed.
func (s *Sim) balanceRows(args map[string]string) ([]row, *odataError) {
	pass, err := condition(args)
	if err != nil {
		return nil, err
	}
	dims := args["Dimensions"]
	out := []row{}
	for key, b := range s.balances {
		if b.quantity == 0 && b.reserved == 0 {
			continue
		}
		r := row{"Номенклатура_Key": key.product, "Склад_Key": key.warehouse}
		if dims == "" {
			for _, d := range []string{"Характеристика_Key", "Назначение_Key", "Помещение_Key", "Серия_Key"} {
				r[d] = emptyGUID
			}
		}
		if pass != nil && !pass(r) {
			continue
		}
		r["ВНаличииBalance"], r["КОтгрузкеBalance"] = quantityNumber(b.quantity), quantityNumber(b.reserved)
		out = append(out, r)
	}
	return out, nil
}

package onecsim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// write carries out a POST or PATCH. If-Match is not looked at: standard.odata
// has no optimistic locking.
func (s *Sim) write(w http.ResponseWriter, req *request, t *table, body map[string]any) *odataError {
	if t.entity.independent() {
		return s.writeRecord(w, req, t, body)
	}
	if !t.entity.isObject() {
		return errMethod()
	}
	if req.http.Method == http.MethodPost {
		if req.hasKey {
			return errMethod()
		}
		return s.create(w, req, t, body)
	}
	key := strings.ToLower(req.key)
	old := t.rows[key]
	if old == nil {
		return errNotFound()
	}
	r := old.clone()
	if err := t.merge(r, body); err != nil {
		return err
	}
	if flag(r, "DeletionMark") && flag(r, "Posted") {
		return errHandler("ПередЗаписью", "ОбщийМодуль.ОбщегоНазначенияУТ.Модуль(1204)", "Документ проведен. Пометка удаления невозможна.")
	}
	assignLineCodes(r)
	r["DataVersion"] = nextVersion(text(old, "DataVersion"))
	t.put(key, r)
	s.answerElement(w, req, http.StatusOK, r)
	return nil
}

func (s *Sim) create(w http.ResponseWriter, req *request, t *table, body map[string]any) *odataError {
	r := t.blank(s.newRef())
	if t.entity.kind == "Document" {
		r["Date"] = s.now()
	}
	if err := t.merge(r, body); err != nil {
		return err
	}
	t.assignNumber(r)
	assignLineCodes(r)
	t.put(text(r, "Ref_Key"), r)
	// The header carries raw UTF-8, as 1C sends it.
	w.Header().Set("Location", req.base+"/"+req.set+"(guid'"+text(r, "Ref_Key")+"')")
	s.answerElement(w, req, http.StatusCreated, r)
	return nil
}

// assignLineCodes gives new lines of an order their КодСтроки, by which shipments refer to them.
func assignLineCodes(r row) {
	if _, ok := r["МаксимальныйКодСтроки"]; !ok {
		return
	}
	top, _ := strconv.Atoi(text(r, "МаксимальныйКодСтроки"))
	for _, l := range lines(r, "Товары") {
		n, _ := strconv.Atoi(text(l, "КодСтроки"))
		top = max(top, n)
	}
	for _, l := range lines(r, "Товары") {
		if text(l, "КодСтроки") == "0" {
			top++
			l["КодСтроки"] = strconv.Itoa(top)
		}
	}
	r["МаксимальныйКодСтроки"] = strconv.Itoa(top)
}

// writeRecord writes one record of an independent register: a POST of an
// existing key is refused, a PATCH needs one.
func (s *Sim) writeRecord(w http.ResponseWriter, req *request, t *table, body map[string]any) *odataError {
	key, _ := body[t.entity.key].(string)
	if req.http.Method == http.MethodPatch {
		key = req.key
	}
	old := t.rows[key]
	switch {
	case req.http.Method == http.MethodPost && old != nil:
		return errDuplicate()
	case req.http.Method == http.MethodPatch && old == nil:
		return errNotFound()
	case old == nil:
		old = row{}
		for _, f := range t.entity.order {
			old[f.name] = zeroValue(f)
		}
	}
	r := old.clone()
	if err := t.merge(r, body); err != nil {
		return err
	}
	r[t.entity.key] = key
	t.put(key, r)
	w.Header().Set("Location", req.base+"/"+req.set+"("+t.entity.key+"='"+url.PathEscape(key)+"')")
	s.answerElement(w, req, http.StatusOK, r)
	return nil
}

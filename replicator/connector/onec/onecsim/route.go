package onecsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// request is a parsed call: Set[(key)][/Call[(arguments)]].
type request struct {
	http    *http.Request
	set     string
	key     string // guid, or the text of a register's key
	hasKey  bool
	call    string // Post, Unpost, Balance, SliceLast
	args    map[string]string
	options map[string]string // $filter and the like, decoded
	base    string            // address of the service, for metadata
}

// parseRequest splits the path before it is unescaped, so that an escaped slash
// inside a key stays inside the key.
func parseRequest(r *http.Request, path string) (*request, *odataError) {
	req := &request{http: r, options: map[string]string{}, base: "http://" + r.Host + strings.TrimSuffix(r.URL.Path, "/")}
	if i := strings.Index(req.base, "/standard.odata"); i >= 0 {
		req.base = req.base[:i+len("/standard.odata")]
	}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		k, v, _ := strings.Cut(pair, "=")
		name, err1 := url.PathUnescape(k) // PathUnescape: a + is not a space here
		value, err2 := url.PathUnescape(v)
		if err := errors.Join(err1, err2); err != nil {
			return nil, errFilter()
		}
		req.options[name] = value
	}
	if path == "" {
		return req, nil
	}
	// Brackets and quotes may come escaped or plain; only an escaped slash must stay apart.
	whole, err := url.PathUnescape(strings.NewReplacer("%2F", slash, "%2f", slash).Replace(path))
	if err != nil {
		return nil, errSegment(path)
	}
	parts := splitOutsideQuotes(whole, '/')
	var key string
	req.set, key, req.hasKey = splitCall(parts[0])
	req.key = literal(key)
	if len(parts) > 1 {
		call, args, _ := splitCall(parts[1])
		req.call, req.args = call, parseArgs(args)
	}
	return req, nil
}

// slash stands for an escaped slash while a path is split.
const slash = "\x00"

func splitOutsideQuotes(s string, sep byte) []string {
	var out []string
	inside, from := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			inside = !inside
		case s[i] == sep && !inside:
			out, from = append(out, s[from:i]), i+1
		}
	}
	return append(out, s[from:])
}

// splitCall separates "Name(arguments)".
func splitCall(s string) (name, args string, has bool) {
	if i := strings.IndexByte(s, '('); i >= 0 && strings.HasSuffix(s, ")") {
		return s[:i], s[i+1 : len(s)-1], true
	}
	return s, "", false
}

// literal reads guid'…', Имя='…' or '…' as its value.
func literal(s string) string {
	i := strings.IndexByte(s, '\'')
	if i < 0 || !strings.HasSuffix(s, "'") || i == len(s)-1 {
		return s
	}
	return strings.NewReplacer("''", "'", slash, "/").Replace(s[i+1 : len(s)-1])
}

func parseArgs(s string) map[string]string {
	out := map[string]string{}
	for _, part := range splitOutsideQuotes(s, ',') {
		if name, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			out[name] = literal(value)
		}
	}
	return out
}

func (s *Sim) route(w http.ResponseWriter, req *request) *odataError {
	switch req.set {
	case "":
		return s.serviceDocument(w, req)
	case "$metadata":
		return s.metadata(w)
	}
	t := s.tables[req.set]
	switch {
	case t == nil && s.isSection(req.set):
		return errSection()
	case t == nil:
		return errSegment(req.set)
	case req.call != "":
		return s.routeCall(w, req, t)
	}
	switch req.http.Method {
	case http.MethodGet:
		if req.hasKey {
			return s.element(w, req, t)
		}
		return s.list(w, req, s.tableRows(req.set, t), "")
	case http.MethodPost, http.MethodPatch:
		body, err := readBody(req.http)
		if err != nil {
			return err
		}
		return s.write(w, req, t, body)
	case http.MethodDelete:
		if t.rows[req.key] == nil {
			return errNotFound()
		}
		t.remove(req.key)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return errMethod()
}

func (s *Sim) routeCall(w http.ResponseWriter, req *request, t *table) *odataError {
	switch {
	case (req.call == "Post" || req.call == "Unpost") && t.entity.kind == "Document" && req.http.Method == http.MethodPost:
		r := t.rows[req.key]
		if r == nil {
			return errNotFound()
		}
		act := s.post
		if req.call == "Unpost" {
			act = s.unpost
		}
		if err := act(req.set, r); err != nil {
			return err
		}
		w.WriteHeader(http.StatusOK)
		return nil
	case req.call == "Balance" && req.set == "AccumulationRegister_ТоварыНаСкладах":
		rows, err := s.balanceRows(req.args)
		if err != nil {
			return err
		}
		return s.list(w, req, rows, "Collection(StandardODATA."+req.set+"_Balance)")
	case req.call == "SliceLast" && strings.HasSuffix(req.set, "_RecordType"):
		rows, err := s.sliceLast(strings.TrimSuffix(req.set, "_RecordType"), req.args)
		if err != nil {
			return err
		}
		return s.list(w, req, rows, "")
	}
	return errMethod()
}

func (s *Sim) isSection(name string) bool {
	i := strings.LastIndexByte(name, '_')
	if i < 0 {
		return false
	}
	t := s.tables[name[:i]]
	return t != nil && t.entity.sections[name[i+1:]] != nil
}

// tableRows are the rows of a set in the order of its keys.
func (s *Sim) tableRows(set string, t *table) []row {
	if strings.HasSuffix(set, "_RecordType") {
		return s.priceRows(strings.TrimSuffix(set, "_RecordType"), nil)
	}
	out := make([]row, 0, len(t.rows))
	for _, k := range t.sorted() {
		out = append(out, t.rows[k])
	}
	return out
}

func readBody(r *http.Request) (map[string]any, *odataError) {
	b, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return nil, errJSON()
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	body := map[string]any{}
	if err := dec.Decode(&body); err != nil {
		return nil, errJSON()
	}
	return body, nil
}

func (s *Sim) serviceDocument(w http.ResponseWriter, req *request) *odataError {
	value := []map[string]string{}
	for _, name := range s.sets() {
		value = append(value, map[string]string{"name": name, "url": name})
	}
	writeJSON(w, http.StatusOK, map[string]any{"odata.metadata": req.base + "/$metadata", "value": value})
	return nil
}

// metadata lists the entity sets; a real answer of 17 MB describes every property.
func (s *Sim) metadata(w http.ResponseWriter) *odataError {
	w.Header().Set("Content-Type", "application/xml;charset=utf-8")
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+
		`<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">`+
		`<edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" m:DataServiceVersion="3.0" m:MaxDataServiceVersion="3.0">`+
		`<Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm" Namespace="StandardODATA"><EntityContainer Name="EnterpriseV8" m:IsDefaultEntityContainer="true">`)
	for _, name := range s.sets() {
		_, _ = fmt.Fprintf(w, `<EntitySet Name="%s" EntityType="StandardODATA.%s"/>`, name, name)
	}
	_, _ = io.WriteString(w, `</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
	return nil
}

package onecsim

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strconv"
)

// table holds the objects or records of one entity set.
type table struct {
	entity *entity
	rows   map[string]row // by Ref_Key, or by the key of an independent register
	keys   []string       // sorted; rebuilt when dirty
	dirty  bool
	number int // last automatic code or number
}

func newTable(e *entity) *table { return &table{entity: e, rows: map[string]row{}} }

// sorted gives the keys in the order of Ref_Key.
func (t *table) sorted() []string {
	if t.dirty {
		t.keys = t.keys[:0]
		for k := range t.rows {
			t.keys = append(t.keys, k)
		}
		sort.Strings(t.keys)
		t.dirty = false
	}
	return t.keys
}

func (t *table) put(key string, r row) {
	if _, ok := t.rows[key]; !ok {
		t.dirty = true
	}
	t.rows[key] = r
}

func (t *table) remove(key string) {
	delete(t.rows, key)
	t.dirty = true
}

// find returns the first row that has the value, nil when none has.
func (t *table) find(name, value string) row {
	for _, k := range t.sorted() {
		if r := t.rows[k]; text(r, name) == value && !flag(r, "DeletionMark") {
			return r
		}
	}
	return nil
}

// blank is a new object with the defaults that 1C fills.
func (t *table) blank(ref string) row {
	r := row{"Ref_Key": ref, "DataVersion": dataVersion(0)}
	for _, f := range t.entity.order {
		r[f.name] = zeroValue(f)
	}
	for name := range t.entity.sections {
		r[name] = []row{}
	}
	return r
}

// dataVersion is the base64 of an eight-byte counter, as 1C prints it.
func dataVersion(n uint32) string {
	var b [8]byte
	binary.BigEndian.PutUint32(b[:4], n)
	return base64.StdEncoding.EncodeToString(b[:])
}

func nextVersion(version string) string {
	b, err := base64.StdEncoding.DecodeString(version)
	if err != nil || len(b) < 4 {
		return dataVersion(1)
	}
	return dataVersion(binary.BigEndian.Uint32(b[:4]) + 1)
}

// merge puts the fields of a decoded body over an object. Unknown fields are
// ignored, a section is replaced as a whole.
func (t *table) merge(into row, body map[string]any) *odataError {
	for name, v := range body {
		if f, ok := t.entity.fields[name]; ok {
			if name == "Posted" && into["Number"] != nil {
				into[name] = v == true // only the flag: movements are made by /Post alone
				continue
			}
			kept, err := coerce(f, v)
			if err != nil {
				return err
			}
			into[name] = kept
			continue
		}
		if s, ok := t.entity.sections[name]; ok {
			rows, err := sectionRows(s, into["Ref_Key"], v)
			if err != nil {
				return err
			}
			into[name] = rows
		}
	}
	return nil
}

// sectionRows reads the lines of a section; LineNumber must run from 1 without gaps.
func sectionRows(s *entity, ref, v any) ([]row, *odataError) {
	list, ok := v.([]any)
	if !ok {
		return nil, errInternal()
	}
	out := make([]row, 0, len(list))
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok || m["LineNumber"] == nil {
			return nil, errInternal()
		}
		if n, _ := strconv.Atoi(fmt.Sprint(m["LineNumber"])); n != i+1 {
			return nil, &odataError{400, "1", "Номера строк табличной части должны идти подряд, начиная с 1"}
		}
		r := row{"Ref_Key": ref, "LineNumber": strconv.Itoa(i + 1)}
		for _, f := range s.order {
			kept, err := coerce(f, m[f.name])
			if err != nil {
				return nil, err
			}
			r[f.name] = kept
		}
		out = append(out, r)
	}
	return out, nil
}

// refKeys makes Ref_Key values that grow, so that a list in their order is a list by age.
func (s *Sim) newRef() string {
	s.refs++
	return fmt.Sprintf("%08x-1111-11ee-8a3c-00155d012345", s.refs)
}

// assignNumber gives a new object its code or number.
func (t *table) assignNumber(r row) {
	name, form := "Code", "УТ-%08d"
	if t.entity.kind == "Document" {
		name, form = "Number", "00УТ-%06d"
	}
	f, ok := t.entity.fields[name]
	if !ok || text(r, name) != "" || f.size < 11 {
		return
	}
	t.number++
	r[name] = fmt.Sprintf(form, t.number)
}

func (s *Sim) table(name string) *table { return s.tables[name] }

// get finds an object by its reference, nil when there is none.
func (s *Sim) get(set, ref string) row {
	if t := s.tables[set]; t != nil {
		return t.rows[ref]
	}
	return nil
}

// sets lists the entity sets in alphabetical order.
func (s *Sim) sets() []string {
	out := make([]string, 0, len(s.tables))
	for name := range s.tables {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

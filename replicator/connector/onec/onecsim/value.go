package onecsim

import (
	"encoding/json"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sverka/schema"
)

const (
	emptyGUID = "00000000-0000-0000-0000-000000000000"
	emptyDate = "0001-01-01T00:00:00"
	dateForm  = "2006-01-02T15:04:05"
)

// row is an object, a line of a section or a record, by property name. Its
// values are string, bool, number and []row.
type row map[string]any

// number is an Edm.Double as 1C prints it: digits without needless zeros.
type number string

// MarshalJSON writes the digits themselves.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// normalNumber drops the zeros that 1C does not print.
func normalNumber(s string) number {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "" || s == "-0" || s == "-" {
		s = "0"
	}
	return number(s)
}

func amountNumber(a schema.Amount) number     { return normalNumber(a.String()) }
func quantityNumber(q schema.Quantity) number { return normalNumber(q.String()) }

func text(r row, name string) string {
	s, _ := r[name].(string)
	return s
}

func flag(r row, name string) bool {
	b, _ := r[name].(bool)
	return b
}

func quantity(r row, name string) schema.Quantity {
	n, _ := r[name].(number)
	q, _ := schema.ParseQuantity(string(n))
	return q
}

func amount(r row, name string) schema.Amount {
	n, _ := r[name].(number)
	a, _ := schema.ParseAmount(string(n))
	return a
}

func lines(r row, section string) []row {
	rows, _ := r[section].([]row)
	return rows
}

// clone copies a row with its sections.
func (r row) clone() row {
	out := maps.Clone(r)
	for k, v := range out {
		if rows, ok := v.([]row); ok {
			copied := make([]row, len(rows))
			for i, l := range rows {
				copied[i] = maps.Clone(l)
			}
			out[k] = copied
		}
	}
	return out
}

func zeroValue(f field) any {
	switch f.kind {
	case kindBool:
		return false
	case kindNumber:
		return number("0")
	case kindInt64:
		return "0"
	case kindGUID:
		return emptyGUID
	case kindDate:
		return emptyDate
	}
	if strings.HasSuffix(f.name, "_Type") {
		return "StandardODATA.Undefined"
	}
	return ""
}

// guidForm is a pattern, not state.
var guidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// coerce turns a decoded JSON value into what the field keeps, as leniently and
// as strictly as 1C was seen to be.
func coerce(f field, v any) (any, *odataError) {
	if v == nil {
		return zeroValue(f), nil
	}
	s, isText := v.(string)
	n, isNumber := v.(json.Number)
	switch f.kind {
	case kindBool:
		b, ok := v.(bool)
		if !ok {
			return nil, errParse(s, "Edm.Boolean")
		}
		return b, nil
	case kindNumber:
		if isNumber {
			s = n.String()
		}
		if _, err := strconv.ParseFloat(s, 64); err != nil { // only the form is checked; the digits are kept
			return nil, errParse(s, "Edm.Double")
		}
		return normalNumber(s), nil
	case kindInt64:
		if isNumber {
			s = n.String()
		}
		if _, err := strconv.ParseInt(s, 10, 64); err != nil {
			return "0", nil //nolint:nilerr // 1C keeps 0 for a wrong text
		}
		return s, nil
	case kindGUID:
		if s = strings.ToLower(s); !guidForm.MatchString(s) {
			return nil, errParse(s, "Edm.Guid")
		}
		return s, nil
	case kindDate:
		if _, err := time.Parse(dateForm, s); err != nil {
			return nil, errParse(s, "Edm.DateTime")
		}
		return s, nil
	}
	if !isText {
		return nil, errInternal()
	}
	if r := []rune(s); f.size > 0 && len(r) > f.size {
		s = string(r[:f.size]) // cut without a word
	}
	return s, nil
}

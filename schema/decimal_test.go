package schema_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"sverka/schema"
)

func TestParseAmount_reads_what_systems_write(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"1234.50": "1234.50", "1 234,50": "1234.50", "1\u00a0234,5": "1234.50", "1\u202f234.5": "1234.50", "99": "99.00", "0": "0.00", "-7": "-7.00", "+7": "7.00",
		"1,234.50": "1234.50", "1.234,50": "1234.50", "1.234.567,89": "1234567.89", ".5": "0.50", "5.": "5.00", "-0": "0.00", "-0.01": "-0.01", "10.000": "10.00",
		"1,234": "1.23|", "0001.10": "1.10", "9999999999999999.99": "9999999999999999.99", " 12 ": "12.00", "1.2300000": "1.23",
	}
	for text, want := range cases {
		got, err := schema.ParseAmount(text)
		if strings.HasSuffix(want, "|") { // three digits after one mark are decimals, and too many of them
			if !errors.Is(err, schema.ErrDecimal) {
				t.Errorf("%q read as %s, want a refusal: it would have to be rounded or guessed", text, got)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%q read as %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestParseDecimal_refuses_what_it_would_have_to_guess(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "-", "+", ".", ",", "--1", "1-", "1e3", "0x10", "NaN", "Inf", "1,2,3", "1.2.3", "1,23.45.6", "12,34.50", "1 234 руб", "１２", "1_000", "1.234.5678,9",
		"99999999999999999999", "10000000000000000.00",
	} {
		if got, err := schema.ParseAmount(text); !errors.Is(err, schema.ErrDecimal) || got != 0 {
			t.Errorf("amount %q read as %s (%v), want zero and ErrDecimal", text, got, err)
		}
		if got, err := schema.ParseQuantity(text); text != "10000000000000000.00" && (!errors.Is(err, schema.ErrDecimal) || got != 0) {
			t.Errorf("quantity %q read as %s (%v), want zero and ErrDecimal", text, got, err)
		}
	}
	if _, err := schema.ParseAmount("0.005"); err == nil || !strings.Contains(err.Error(), `"0.005"`) || !strings.Contains(err.Error(), "2 decimal places") {
		t.Errorf("error %v must name the text and why", err)
	}
	if q, err := schema.ParseQuantity("1 234,5670"); err != nil || q.String() != "1234.567" {
		t.Errorf("quantity read as %s, %v", q, err)
	}
	if _, err := schema.ParseQuantity("0.0001"); !errors.Is(err, schema.ErrDecimal) {
		t.Errorf("four decimal places of a quantity gave %v", err)
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1 234,50", "-0.01", "1,234.5", "", "9999999999999999.99", "1.2.3", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := schema.ParseAmount(text)
		if err != nil {
			if !errors.Is(err, schema.ErrDecimal) || a != 0 {
				t.Fatalf("%q: %d with %v", text, a, err)
			}
			return
		}
		back, err := schema.ParseAmount(a.String())
		if err != nil || back != a {
			t.Fatalf("%q: %s reads back as %s (%v)", text, a, back, err)
		}
		requireExact(t, text, a.String())
	})
}

func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"12", "12.5", "1 234,500", "-7,001", "1e3", "0.0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := schema.ParseQuantity(text)
		if err != nil {
			if !errors.Is(err, schema.ErrDecimal) || q != 0 {
				t.Fatalf("%q: %d with %v", text, q, err)
			}
			return
		}
		var back schema.Quantity
		b, err := json.Marshal(q)
		if err != nil || json.Unmarshal(b, &back) != nil || back != q {
			t.Fatalf("%q: %s reads back as %s (%v)", text, b, back, err)
		}
		requireExact(t, text, q.String())
	})
}

// requireExact holds a plain text ("-12.50") against the big decimals of the standard library.
func requireExact(t *testing.T, text, got string) {
	t.Helper()
	if strings.Trim(text, "0123456789.-") != "" || strings.Count(text, ".") > 1 {
		return
	}
	want, ok := new(big.Rat).SetString(text)
	have, _ := new(big.Rat).SetString(got)
	if ok && want.Cmp(have) != 0 {
		t.Fatalf("%q read as %s", text, got)
	}
}

func TestDecimals_travel_through_JSON_and_SQL_unchanged(t *testing.T) {
	t.Parallel()
	for _, a := range []schema.Amount{0, 1, -1, 99, 100, -12345, math.MaxInt64, math.MinInt64} {
		if s := a.String(); strings.Count(s, ".") != 1 || len(s)-strings.Index(s, ".") != 3 {
			t.Errorf("amount %d is written %q", int64(a), s)
		}
	}
	type row struct {
		A schema.Amount   `json:"a"`
		Q schema.Quantity `json:"q"`
	}
	b, err := json.Marshal(row{-5, 1234567})
	if err != nil || string(b) != `{"a":-0.05,"q":1234.567}` {
		t.Errorf("marshalled %s (%v)", b, err)
	}
	for text, want := range map[string]row{
		`{"a":12.5,"q":0.001}`: {1250, 1}, `{"a":"1 234,50","q":"7"}`: {123450, 7000}, `{"a":null,"q":null}`: {}, `{"a":"-1","q":-1}`: {-100, -1000},
	} {
		got := row{9, 9}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s read as %+v (%v), want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{`{"a":1e2}`, `{"a":0.001}`, `{"a":true}`, `{"a":[]}`, `{"q":""}`, `{"q":1.0001}`} {
		if err := json.Unmarshal([]byte(text), &row{}); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func TestDecimals_scan_texts_and_refuse_floats(t *testing.T) {
	t.Parallel()
	var a schema.Amount
	var q schema.Quantity
	for _, src := range []any{"12.30", []byte("12.30")} {
		if err := a.Scan(src); err != nil || a != 1230 {
			t.Errorf("scan %T gave %s, %v", src, a, err)
		}
	}
	if err := q.Scan(nil); err != nil || q != 0 {
		t.Errorf("NULL gave %s, %v", q, err)
	}
	for _, src := range []any{12.3, float32(1), int64(5), true} {
		if err := a.Scan(src); !errors.Is(err, schema.ErrDecimal) {
			t.Errorf("scan of %T gave %v, want a refusal (invariant 10)", src, err)
		}
	}
	if v, err := schema.Amount(-1).Value(); err != nil || v != "-0.01" {
		t.Errorf("value %v, %v", v, err)
	}
	if v, err := schema.Pieces(3).Value(); err != nil || v != "3.000" {
		t.Errorf("value %v, %v", v, err)
	}
}

func TestQuantity_times_a_price_is_rounded_half_away_from_zero(t *testing.T) {
	t.Parallel()
	cases := []struct {
		quantity, price, want string
		ok                    bool
	}{
		{"3", "19.99", "59.97", true},
		{"0.5", "0.01", "0.01", true},
		{"0.499", "0.01", "0.00", true},
		{"-0.5", "0.01", "-0.01", true},
		{"-1.5", "-0.01", "0.02", true},
		{"0", "9999999999.99", "0.00", true},
		{"1", "0", "0.00", true},
		{"999999999999.999", "9999999999.99", "0.00", false},
	}
	for _, c := range cases {
		q, errQ := schema.ParseQuantity(c.quantity)
		p, errP := schema.ParseAmount(c.price)
		got, ok := q.Times(p)
		if errQ != nil || errP != nil || ok != c.ok || (ok && got.String() != c.want) {
			t.Errorf("%s × %s = %s, %v; want %s, %v", c.quantity, c.price, got, ok, c.want, c.ok)
		}
	}
}

func TestNoFieldOfAnyRecordIsAFloat(t *testing.T) {
	t.Parallel()
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
			t.Errorf("%s is a %s (invariant 10)", path, typ)
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(path+"[]", typ.Elem())
		case reflect.Struct:
			if typ.PkgPath() == "time" {
				return
			}
			for i := range typ.NumField() {
				walk(path+"."+typ.Field(i).Name, typ.Field(i).Type)
			}
		default:
		}
	}
	for _, e := range schema.Entities() {
		walk(string(e), reflect.TypeOf(schema.NewRecord(e)))
	}
}

package main

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// timeOfDay is an hour and a minute, written "06:30".
type timeOfDay struct{ Hour, Minute int }

// String writes "06:30".
func (t timeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t.Hour, t.Minute) }

// timeZone is an IANA time zone.
type timeZone struct{ *time.Location }

func mustZone(name string) timeZone {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // only names written in this program, and its zone table is built in
	}
	return timeZone{l}
}

// setValue reads one setting from its text. The error says what is allowed and
// never repeats a secret.
func setValue(target reflect.Value, raw any) error {
	if _, empty := raw.(emptyText); empty {
		if target.IsZero() {
			return nil
		}
		return fmt.Errorf("is empty; allowed: a value, or no such line, which means %s", valueText(target))
	}
	switch p := target.Addr().Interface().(type) {
	case *map[string]string:
		return setMap(p, raw)
	case *[]string:
		*p = texts(raw)
		return nil
	}
	switch raw.(type) {
	case string, bool, int: // a flag brings its own type
	default:
		return errors.New("is a list or a section; allowed: one value")
	}
	text := fmt.Sprint(raw)
	switch p := target.Addr().Interface().(type) {
	case *string:
		*p = text
	case *apicall.Secret:
		*p = apicall.Secret(text)
	case *bool:
		return parseInto(p, text, strconv.ParseBool, "true or false")
	case *int:
		return parseInto(p, text, strconv.Atoi, "a whole number")
	case *time.Duration:
		return parseInto(p, text, time.ParseDuration, "a duration with its unit, such as 30s, 5m or 24h")
	case *schema.Amount:
		return parseInto(p, text, dotted(schema.ParseAmount), "an amount with at most two decimal places after a dot, such as 0.50")
	case *schema.Quantity:
		return parseInto(p, text, dotted(schema.ParseQuantity), "a quantity with at most three decimal places after a dot, such as 1.5")
	case *timeOfDay:
		return parseInto(p, text, parseTimeOfDay, "a time of day from 00:00 to 23:59")
	case *timeZone:
		return parseInto(p, text, parseZone, "an IANA time zone such as Europe/Moscow or Asia/Shanghai")
	default:
		panic(fmt.Sprintf("setting of type %s has no reader", target.Type()))
	}
	return nil
}

func parseInto[T any](p *T, text string, parse func(string) (T, error), allowed string) error {
	v, err := parse(text)
	if err != nil {
		return fmt.Errorf("%q is not valid; allowed: %s", text, allowed)
	}
	*p = v
	return nil
}

// dotted refuses what files of other systems may hold: a decimal comma, spaces
// between thousands. Somebody who types 1,500 may mean either.
func dotted[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(text string) (T, error) {
		if strings.Trim(text, "-0123456789.") != "" {
			var none T
			return none, fmt.Errorf("decimal %q", text)
		}
		return parse(text)
	}
}

func parseTimeOfDay(text string) (timeOfDay, error) {
	t, err := time.Parse("15:04", text)
	return timeOfDay{t.Hour(), t.Minute()}, err
}

func parseZone(text string) (timeZone, error) {
	if text == "" || text == "Local" {
		return timeZone{}, fmt.Errorf("zone %q", text)
	}
	l, err := time.LoadLocation(text)
	return timeZone{l}, err
}

// texts reads a list, which in one line is written with commas.
func texts(raw any) []string {
	var parts []string
	switch v := raw.(type) {
	case []string:
		parts = v
	case string:
		parts = strings.Split(v, ",")
	}
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// setMap reads pairs "from=to". They travel as a list of texts, because viper
// lowers the case of map keys and cuts them at dots, and warehouse codes must
// match to the letter.
func setMap(p *map[string]string, raw any) error {
	out := map[string]string{}
	for _, pair := range texts(raw) {
		cut := strings.LastIndex(pair, "=")
		if cut <= 0 || cut == len(pair)-1 {
			return fmt.Errorf("%q is not valid; allowed: pairs such as 10001=MAIN", pair)
		}
		from, to := strings.TrimSpace(pair[:cut]), strings.TrimSpace(pair[cut+1:])
		if _, twice := out[from]; twice {
			return fmt.Errorf("%q stands twice", from)
		}
		out[from] = to
	}
	*p = out
	return nil
}

// valueText writes a setting the way the file has it: one line of YAML.
func valueText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case map[string]string:
		pairs := make([]string, 0, len(x))
		for from, to := range x {
			pairs = append(pairs, strconv.Quote(from)+": "+quoteText(to))
		}
		sort.Strings(pairs)
		return "{" + strings.Join(pairs, ", ") + "}"
	case []string:
		items := make([]string, 0, len(x))
		for _, s := range x {
			items = append(items, strconv.Quote(s))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case string:
		return quoteText(x)
	case time.Duration:
		return shortDuration(x)
	case timeOfDay:
		return strconv.Quote(x.String())
	default:
		return fmt.Sprint(x)
	}
}

// quoteText leaves plain words bare; everything else is quoted so that YAML cannot misread it.
func quoteText(s string) string {
	for _, r := range s {
		if (r < 'a' || r > 'z') && r != '_' && r != '/' && r != '-' {
			return "'" + strings.ReplaceAll(s, "'", "''") + "'"
		}
	}
	if s == "" || s == "true" || s == "false" || s == "null" || strings.HasPrefix(s, "-") {
		return "'" + s + "'"
	}
	return s
}

// shortDuration writes "2m" where time.Duration writes "2m0s".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

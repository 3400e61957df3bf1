package jushuitan

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sverka/schema"
)

// wallTime is how the vendor writes times: wall time of Shanghai, no zone.
const wallTime = "2006-01-02 15:04:05"

// text takes a JSON string, number, boolean or null as text.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	*t = text(s)
	return err
}

// integer takes a whole number written as number or string; "" and null are 0.
type integer int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *integer) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	v, err := parseInteger(s)
	*n = integer(v)
	return err
}

// parseInteger also takes "2.0", as some endpoints write counts.
func parseInteger(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	if whole, frac, found := strings.Cut(s, "."); found && strings.Trim(frac, "0") == "" {
		s = whole
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", s)
	}
	return v, nil
}

// money takes an exact sum written as number or string; "" and null are 0.
type money schema.Amount

// UnmarshalJSON implements json.Unmarshaler.
func (m *money) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil || s == "" {
		*m = 0
		return err
	}
	v, err := schema.ParseAmount(s)
	*m = money(v)
	return err
}

// truth takes true, "true", 1 and "1" as true.
type truth bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *truth) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	*f = truth(strings.EqualFold(s, "true") || s == "1")
	return err
}

// scalar is the text of a JSON string, number, boolean or null ("").
func scalar(b []byte) (string, error) {
	switch {
	case string(b) == "null":
		return "", nil
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return "", fmt.Errorf("string: %w", err)
		}
		return strings.TrimSpace(s), nil
	case b[0] == '{' || b[0] == '[':
		return "", fmt.Errorf("a single value was expected, not %c…", b[0])
	}
	return string(b), nil
}

// parseTime reads a wall time; empty text and the vendor's zero dates are the zero time.
func (c *Client) parseTime(s text) (time.Time, error) {
	if s == "" || strings.HasPrefix(string(s), "0001-") {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(wallTime, string(s), c.cfg.Location)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time like %s", string(s), wallTime)
	}
	return t.UTC(), nil
}

func (c *Client) formatTime(t time.Time) string { return t.In(c.cfg.Location).Format(wallTime) }

// rounded reads a decimal that may have more places than scale allows, half up;
// exact is false when it was cut, and the caller keeps the original beside it.
func rounded[T ~int64](s string, scale int, parse func(string) (T, error)) (v T, exact bool, err error) {
	if v, err = parse(s); err == nil {
		return v, true, nil
	}
	whole, frac, found := strings.Cut(s, ".")
	if !found || len(frac) <= scale || strings.Trim(frac, "0123456789") != "" {
		return 0, false, err
	}
	if v, err = parse(whole + "." + frac[:scale]); err != nil {
		return 0, false, err
	}
	if frac[scale] >= '5' {
		if strings.HasPrefix(whole, "-") {
			v--
		} else {
			v++
		}
	}
	return v, false, nil
}

// shorten cuts text to a number of characters.
func shorten(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}

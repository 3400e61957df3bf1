package schema

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ErrDecimal is wrapped by every error of the decimal parsers.
var ErrDecimal = errors.New("not an exact decimal")

// parseDecimal reads text such as "1 234,50", "1234.5" or "-7" as an integer of
// 10^-scale units. Digits beyond the scale must be zeros: a value is never
// rounded in silence (invariant 10).
func parseDecimal(text string, scale int) (int64, error) {
	fail := func(why string) (int64, error) {
		return 0, fmt.Errorf("%q: %s: %w", text, why, ErrDecimal)
	}
	s := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\t', '\r', '\n':
			return -1
		}
		return r
	}, text)
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	whole, frac, err := splitDecimal(s)
	if err != nil {
		return fail(err.Error())
	}
	if len(frac) > scale {
		if strings.Trim(frac[scale:], "0") != "" {
			return fail(fmt.Sprintf("more than %d decimal places", scale))
		}
		frac = frac[:scale]
	}
	frac += strings.Repeat("0", scale-len(frac))
	digits := strings.TrimLeft(whole+frac, "0")
	if digits == "" {
		return 0, nil
	}
	if len(digits) > 18 {
		return fail("more than 18 digits")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return fail("not a number")
	}
	if neg {
		n = -n
	}
	return n, nil
}

// splitDecimal separates whole and fractional digits. A dot or a comma is the
// decimal mark when it stands once; both together ("1,234.50") make the last one
// the mark, and the other must then be a grouping of threes.
func splitDecimal(s string) (whole, frac string, err error) {
	mark := strings.LastIndexAny(s, ".,")
	if mark < 0 {
		whole = s
	} else {
		whole, frac = s[:mark], s[mark+1:]
		if strings.ContainsAny(whole, ".,") {
			groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
			if strings.ContainsRune(whole, rune(s[mark])) || !groupsOfThree(groups) {
				return "", "", errors.New("ambiguous separators")
			}
			whole = strings.Join(groups, "")
		}
	}
	if whole == "" && frac == "" {
		return "", "", errors.New("empty")
	}
	for _, part := range []string{whole, frac} {
		for i := range len(part) {
			if part[i] < '0' || part[i] > '9' {
				return "", "", errors.New("not a number")
			}
		}
	}
	return whole, frac, nil
}

func groupsOfThree(groups []string) bool {
	for i, g := range groups {
		if len(g) != 3 && (i > 0 || len(g) > 3 || g == "") {
			return false
		}
	}
	return len(groups) > 0
}

// formatDecimal writes n units of 10^-scale with exactly scale decimal places.
func formatDecimal(n int64, scale int) string {
	sign := ""
	u := uint64(n) // two's complement is undone right below for negative values
	if n < 0 {
		sign = "-"
		u = -u
	}
	digits := strconv.FormatUint(u, 10)
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	cut := len(digits) - scale
	return sign + digits[:cut] + "." + digits[cut:]
}

// mulDiv returns a*b/div rounded half away from zero, and false on overflow.
func mulDiv(a, b, div int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	if a == math.MinInt64 || b == math.MinInt64 {
		return 0, false
	}
	p := a * b
	if p/b != a {
		return 0, false
	}
	q, r := p/div, p%div
	if r < 0 {
		r = -r
	}
	if 2*r >= div {
		if (a < 0) != (b < 0) {
			q--
		} else {
			q++
		}
	}
	return q, true
}

package schema

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checker gathers the problems of one record.
type checker struct{ problems []Problem }

func (c *checker) add(field, value, reason, hint string) {
	if utf8.RuneCountInString(value) > 60 {
		value = string([]rune(value)[:60]) + "…"
	}
	c.problems = append(c.problems, Problem{Field: field, Value: value, Reason: reason, Hint: hint})
}

func (c *checker) required(field, value string) { c.requiredIn("", field, value) }

func (c *checker) requiredIn(parent, field, value string) {
	if parent != "" {
		field = parent + "." + field
	}
	if strings.TrimSpace(value) == "" {
		c.add(field, "", "is empty", "fill it in the source system")
	}
}

func (c *checker) limit(field, value string, runes int) {
	if n := utf8.RuneCountInString(value); n > runes {
		c.add(field, value, fmt.Sprintf("has %d characters, at most %d are allowed", n, runes), "shorten it in the source system")
	}
}

// key checks a business key: present, trimmed, printable, not too long.
func (c *checker) key(field, value string, runes int) {
	c.required(field, value)
	c.limit(field, value, runes)
	if value != strings.TrimSpace(value) {
		c.add(field, value, "has spaces around it", "keys must match to the letter in all systems")
	}
	for _, r := range value {
		if !unicode.IsPrint(r) {
			c.add(field, value, "has characters that cannot be printed", "keys must match to the letter in all systems")
			return
		}
	}
}

// keyPart is a key that stands before another one in a compound key.
func (c *checker) keyPart(field, value string, runes int) {
	c.key(field, value, runes)
	if strings.Contains(value, KeySeparator) {
		c.add(field, value, "must not contain "+KeySeparator, "choose a code without it")
	}
}

func (c *checker) currency(field, value string) {
	if len(value) != 3 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.add(field, value, "is not a currency code of three capital letters", "send ISO 4217 letters such as RUB or CNY")
	}
}

func (c *checker) notNegative(field string, n int64, value fmt.Stringer) {
	if n < 0 {
		c.add(field, value.String(), "cannot be negative", "correct it in the source system")
	}
}

func (c *checker) oneOf(field, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	c.add(field, value, "must be one of "+strings.Join(allowed, ", "), "correct it in the source system")
}

func lineField(i int) string { return fmt.Sprintf("lines[%d]", i+1) }

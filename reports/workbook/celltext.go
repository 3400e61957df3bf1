package workbook

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCellUnits is how much text a cell holds. Excel counts UTF-16 units, so a
// character outside the basic plane counts twice.
const maxCellUnits = 32_767

// appendText appends text as the content of a <t> element. Characters that XML
// cannot hold become U+FFFD; "_x0041_", which Excel would read as "A", is
// escaped; text that is too long ends with "…".
func appendText(dst []byte, text string) []byte {
	if len(text) > maxCellUnits {
		text = cutText(text)
	}
	plain := 0
	for i := 0; i < len(text); {
		b := text[i]
		if b >= 0x20 && b < utf8.RuneSelf && b != '&' && b != '<' && b != '>' && b != '_' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if with := replacement(r, size, text[i:]); with != "" {
			dst = append(dst, text[plain:i]...)
			dst = append(dst, with...)
			plain = i + size
		}
		i += size
	}
	return append(dst, text[plain:]...)
}

// replacement is what stands in XML for the first rune of rest; "" when it may
// stand as it is.
func replacement(r rune, size int, rest string) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '\r':
		return "&#13;" // a bare CR would be read as LF
	case r == '\t' || r == '\n':
		return ""
	case r < 0x20 || r == 0xFFFE || r == 0xFFFF || (r == utf8.RuneError && size == 1):
		return "\uFFFD"
	case r == '_' && looksEscaped(rest):
		return "_x005F_"
	default:
		return ""
	}
}

// looksEscaped tells whether s begins like _x0041_, Excel's own escape.
func looksEscaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// cutText shortens text to what a cell holds, "…" included.
func cutText(text string) string {
	units, cut := 0, -1
	for i, r := range text {
		n := utf16.RuneLen(r)
		if n < 1 {
			n = 1
		}
		if cut < 0 && units+n > maxCellUnits-1 {
			cut = i
		}
		units += n
		if units > maxCellUnits {
			return text[:cut] + "…"
		}
	}
	return text
}

// needsPreserve tells whether XML readers may drop spaces of the text.
func needsPreserve(text string) bool {
	return text != "" && (text[0] <= ' ' || text[len(text)-1] <= ' ' || strings.Contains(text, "\n") || strings.Contains(text, "  "))
}

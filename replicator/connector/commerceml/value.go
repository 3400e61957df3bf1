package commerceml

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

func isTrue(s string) bool {
	switch strings.ToLower(s) {
	case "true", "1", "да", "истина":
		return true
	}
	return false
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// oneLine folds line breaks inside a name, which pretty-printers put there;
// spaces within a line stay.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\t") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= 60 {
		return s
	}
	return string([]rune(s)[:60]) + "…"
}

// zoneless is a date and time between which a sender left its zone's name or
// offset, as PHP's date("Y-m-dTH:i:s") does: "2013-05-12MSK14:30:00".
var zoneless = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})([A-Z]{2,5}|[+-]\d{2})(\d{1,2}:\d{2}:\d{2})$`)

// parseMoment reads the dates that senders really write. A time without zone is
// wall time of loc.
func parseMoment(text string, loc *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02",
		"02.01.2006 15:04:05", "02.01.2006T15:04:05", "02.01.2006 15:04", "02.01.2006", "20060102150405", "20060102",
	} {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t.UTC(), nil
		}
	}
	if m := zoneless.FindStringSubmatch(text); m != nil {
		if m[2] == "UTC" || m[2] == "GMT" {
			loc = time.UTC
		}
		if t, err := time.ParseInLocation("2006-01-02 15:04:05", m[1]+" "+m[3], loc); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date", shorten(text))
}

// NormalPhone writes a phone as E.164 where its country is clear, else as it came.
func NormalPhone(text string) string {
	text = strings.TrimSpace(text)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789 +-()\u00a0.", r) }) {
		return text // an extension or a remark: not ours to cut
	}
	switch {
	case strings.HasPrefix(text, "+") && len(digits) >= 8 && len(digits) <= 15:
		return "+" + digits
	case len(digits) == 11 && (digits[0] == '7' || digits[0] == '8'):
		return "+7" + digits[1:]
	case len(digits) == 10 && digits[0] == '9':
		return "+7" + digits
	}
	return text
}

// CurrencyCode normalises "руб", "643", "rub" to ISO 4217 letters; "" when the
// word is not known.
func CurrencyCode(text string) string {
	switch strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ".") {
	case "rub", "rur", "643", "810", "руб", "р", "₽", "рубль", "рублей", "российский рубль":
		return "RUB"
	case "usd", "840", "$", "долл", "доллар", "долл. сша":
		return "USD"
	case "eur", "978", "€", "евро":
		return "EUR"
	case "cny", "156", "¥", "юань", "rmb":
		return "CNY"
	case "kzt", "398", "тенге":
		return "KZT"
	case "byn", "933":
		return "BYN"
	}
	return ""
}

// vatRate normalises "20%", "20.00", "НДС20", "Без НДС"; "" when the word is not known.
func vatRate(text string) string {
	s := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	if s == "безндс" || s == "none" {
		return "none"
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "ндс"), "%")
	s = strings.ReplaceAll(s, ",", ".")
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(frac, "0") == "" {
		s = whole
	}
	if isDigits(s) && len(s) <= 2 {
		return s
	}
	return ""
}

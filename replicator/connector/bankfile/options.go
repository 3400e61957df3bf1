package bankfile

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Options say how statements are read. The zero value reads any account of any owner.
type Options struct {
	// Accounts are our own account numbers. When given, a statement of another
	// account is refused.
	Accounts []string
	// OrderPattern finds an order number in a purpose: its first group that took
	// part, or the whole match. Nil looks for "OS-100123", then "заказ(у) клиента
	// №9614" and "order 123", then "счет(у) №125".
	OrderPattern *regexp.Regexp
	// Location turns moments with an offset (camt.053) into the bank's date;
	// Moscow when nil.
	Location *time.Location
	// Currency of lines that name none; "" takes it from the digits of a Russian
	// account number, else RUB.
	Currency string
	// Clock tells ObservedAt; time.Now when nil. The age of files is always told by
	// the machine's own clock, which stamped them.
	Clock func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Location == nil {
		o.Location = time.FixedZone("MSK", 3*60*60)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

func (o Options) owns(account string) bool {
	return len(o.Accounts) == 0 || slices.Contains(o.Accounts, account)
}

// currencyOf reads the currency out of digits 6 to 8 of a Russian account number.
func (o Options) currencyOf(account string) string {
	if o.Currency != "" {
		return o.Currency
	}
	if len(account) == 20 && account[0] == '4' {
		switch account[5:8] {
		case "156":
			return "CNY"
		case "840":
			return "USD"
		case "978":
			return "EUR"
		}
	}
	return "RUB"
}

// orderPatterns are tried in order; the shop's own form of number comes first.
func orderPatterns() []*regexp.Regexp {
	const (
		before = `(?i)(?:^|[^\p{L}\p{N}])`
		number = `(?:\s+(?:клиента|покупателя|на\s+оплату))*` + // whose it is
			`(?:\s*:?\s*(?:№|#|N[o0]?\.?\s|номер|number)\s*:?\s*|\s*:\s*|\s+)` + // a sign, or only a space
			`([\p{L}\p{N}-]*\d[\p{L}\p{N}/-]*)`
	)
	return []*regexp.Regexp{
		regexp.MustCompile(before + `(OS-\d{3,12})(?:$|[^\p{N}])`),
		regexp.MustCompile(before + `(?:заказ\p{L}*|order)` + number),
		regexp.MustCompile(before + `(?:сч[её]т\p{L}*|сч\.?|invoice)` + number),
	}
}

// finder reads order numbers out of purposes.
type finder struct{ patterns []*regexp.Regexp }

func newFinder(o Options) finder {
	if o.OrderPattern != nil {
		return finder{[]*regexp.Regexp{o.OrderPattern}}
	}
	return finder{orderPatterns()}
}

// orderIn is the first order number of a purpose, "" when there is none.
func (f finder) orderIn(purpose string) string {
	for _, p := range f.patterns {
		for _, m := range p.FindAllStringSubmatch(purpose, -1) {
			if number := chosenGroup(m); fitsOrderNumber(number) {
				return number
			}
		}
	}
	return ""
}

func chosenGroup(m []string) string {
	for _, g := range m[1:] {
		if g != "" {
			g = strings.TrimRight(g, "-/")
			if digits, is := strings.CutPrefix(g, "N"); is && strings.Trim(digits, "0123456789") == "" {
				g = digits // "счет N10": the sign is written together with the number
			}
			return g
		}
	}
	return m[0]
}

// fitsOrderNumber keeps out account numbers and what no system could hold.
func fitsOrderNumber(s string) bool {
	return s != "" && len([]rune(s)) <= 30 && (len(s) < 20 || strings.Trim(s, "0123456789") != "")
}

package bankfile

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"sverka/schema"
)

// addDocument makes a row of one СекцияДокумент.
func (x *exchange) addDocument(s *section) {
	if s.long != "" {
		x.refuseLong(s.line, s.long)
		return
	}
	for _, key := range []string{"дата", "датапоступило", "датасписано", "квитанциядата"} {
		if _, err := parseDate(s.values[key]); err != nil {
			x.refuse(s.line, CodeValidation, s.names[key], clip(s.values[key]), err.Error(), "ask the bank for a correct statement")
			return
		}
	}
	d := document{
		line: s.line, number: s.values["номер"], date: s.date("дата"), kind: s.kind, amount: s.values["сумма"],
		purpose: s.purpose(), extra: s.extra(),
		payer: x.party(s.first("плательщик", "плательщик1"), s.values["плательщикинн"], s.first("плательщикрасчсчет", "плательщиксчет")),
		payee: x.party(s.first("получатель", "получатель1"), s.values["получательинн"], s.first("получательрасчсчет", "получательсчет")),
	}
	if !x.booked && s.first("датапоступило", "датасписано") == "" {
		x.refuse(s.line, CodePaymentOrder, "СекцияДокумент", "", "is an order to the bank, not a movement of money: the file has no СекцияРасчСчет and the document no ДатаПоступило or ДатаСписано", "load the bank's statement instead of the file that 1C sends to the bank")
		return
	}
	if !x.orient(&d, s) {
		return
	}
	if d.direction == schema.BankIn {
		d.bookedOn = s.date("датапоступило", "квитанциядата", "датасписано", "дата")
	} else {
		d.bookedOn = s.date("датасписано", "квитанциядата", "датапоступило", "дата")
	}
	x.add(d)
}

// orient finds our own account and the direction of money: by the accounts of the
// file, then by the dates of credit and debit. What neither decides is refused.
func (x *exchange) orient(d *document, s *section) bool {
	payer := x.ownOf(s.values["плательщикрасчсчет"], s.values["плательщиксчет"])
	payee := x.ownOf(s.values["получательрасчсчет"], s.values["получательсчет"])
	credited, debited := s.values["датапоступило"] != "", s.values["датасписано"] != ""
	switch {
	case payer != "" && payee == "":
		d.account, d.direction = payer, schema.BankOut
	case payee != "" && payer == "":
		d.account, d.direction = payee, schema.BankIn
	case payer != "" && payer != payee && credited != debited:
		// Between two of our accounts: each side comes as a document of its own.
		d.account, d.direction = payee, schema.BankIn
		if debited {
			d.account, d.direction = payer, schema.BankOut
		}
	case payer == "" && len(x.own) == 1 && credited != debited:
		d.account, d.direction = x.own[0], schema.BankIn
		if debited {
			d.direction = schema.BankOut
		}
		x.st.warn(CodeOddity, s.line, "РасчСчет", "", "neither side is the account of the statement; the direction was taken from the dates", "check that the statement belongs to the right account")
	default:
		x.refuse(s.line, CodeUnmapped, "direction", "", "the direction cannot be told: our own account must be exactly one of ПлательщикРасчСчет and ПолучательРасчСчет, or exactly one of ДатаПоступило and ДатаСписано must be filled", "take a statement of one account, or name our accounts in the configuration")
		return false
	}
	return true
}

// ownOf is the first of two account numbers that is ours: named by the file, or by
// the configuration where the file names none.
func (x *exchange) ownOf(accounts ...string) string {
	own := x.own
	if len(own) == 0 {
		own = x.opts.Accounts
	}
	for _, a := range accounts {
		if a != "" && slices.Contains(own, a) {
			return a
		}
	}
	return ""
}

// date is the first of several tags that holds a date; they were checked before.
func (s *section) date(keys ...string) time.Time {
	d, _ := parseDate(s.first(keys...))
	return d
}

// purpose is НазначениеПлатежа, or its numbered parts where it is empty.
func (s *section) purpose() string {
	if p := s.values["назначениеплатежа"]; p != "" {
		return p
	}
	var parts []string
	for i := 1; i <= 6; i++ {
		if p := s.values["назначениеплатежа"+strconv.Itoa(i)]; p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}

// extra keeps every tag that has no column.
func (s *section) extra() schema.Extra {
	extra := schema.Extra{}
	for key, v := range s.values {
		if v != "" && !inColumns(key) {
			extra[s.names[key]] = v
		}
	}
	return extra
}

// parseDate reads dd.mm.yyyy, also with a two-digit year (below 50 it is 20yy).
// An empty text is no date and no error.
func parseDate(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	errBad := errors.New("is not a date such as 31.12.2026")
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return time.Time{}, errBad
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return time.Time{}, errBad
		}
		n[i] = int(v)
	}
	switch len(parts[2]) {
	case 2:
		n[2] += 1900
		if n[2] < 1950 {
			n[2] += 100
		}
	case 4:
	default:
		return time.Time{}, errBad
	}
	d := time.Date(n[2], time.Month(n[1]), n[0], 0, 0, 0, 0, time.UTC)
	if d.Day() != n[0] || int(d.Month()) != n[1] || n[2] < 1990 {
		return time.Time{}, errBad
	}
	return d, nil
}

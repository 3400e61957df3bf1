package bankfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// document is one movement as a format's reader found it, before it is a canonical row.
type document struct {
	line       int // where it begins in the file
	externalID string
	account    string // our own
	direction  string
	amount     string // as the file writes it
	currency   string // "" takes the options' choice
	bookedOn   time.Time
	number     string
	date       time.Time
	kind       string
	payer      party
	payee      party
	purpose    string
	extra      schema.Extra
}

// party is one side of a payment.
type party struct{ name, inn, account string }

// builder turns documents into rows of one statement and refuses what does not fit.
type builder struct {
	opts     Options
	orders   finder
	names    *regexp.Regexp
	at       time.Time
	st       *Statement
	refused  []replicator.Refusal
	repeated map[[sha256.Size]byte]int
	read     map[string]turnover // by account
	since    turnover            // since the reader of the format cleared it
	take     func(*schema.BankTransaction) error
	stopped  error // of take; the reader of the format ends with it
}

func newBuilder(st *Statement, o Options, at time.Time) *builder {
	return &builder{opts: o, orders: newFinder(o), names: innThenName(), at: at.UTC(), st: st, repeated: map[[sha256.Size]byte]int{}, read: map[string]turnover{}}
}

// refuse files a document that cannot be read.
func (b *builder) refuse(line int, code, field, value, reason, hint string) {
	b.refused = append(b.refused, b.st.refusal(line, code, schema.Problem{
		Field: field, Value: value, Reason: b.st.position(line) + reason, Hint: hint,
	}))
}

// add makes a row of a document.
func (b *builder) add(d document) {
	if field := d.longField(); field != "" {
		b.refuseLong(d.line, field)
		return
	}
	amount, err := schema.ParseAmount(d.amount)
	if err != nil {
		b.refuse(d.line, CodeValidation, "amount", clip(d.amount), "is not an amount with at most two decimal places", "ask the bank for a correct statement")
		return
	}
	if d.currency == "" {
		d.currency = b.opts.currencyOf(d.account)
	}
	t := &schema.BankTransaction{
		Provenance: schema.Provenance{System: schema.Bank, ExternalID: d.externalID, ObservedAt: b.at, Extra: d.extra},
		Account:    d.account, Direction: d.direction, Amount: amount, Currency: d.currency, BookedOn: d.bookedOn,
		DocumentNumber: d.number, DocumentDate: d.date, DocumentKind: d.kind,
		PayerName: d.payer.name, PayerINN: d.payer.inn, PayerAccount: d.payer.account,
		PayeeName: d.payee.name, PayeeINN: d.payee.inn, PayeeAccount: d.payee.account,
		Purpose: d.purpose, OrderReference: b.orders.orderIn(d.purpose),
	}
	content := contentOf(t)
	digest := sha256.Sum256([]byte(content))
	t.TransactionID = transactionID(content, b.repeated[digest])
	if problems := t.Validate(); len(problems) > 0 {
		for i := range problems {
			problems[i].Reason = b.st.position(d.line) + problems[i].Reason
		}
		b.refused = append(b.refused, b.st.refusal(d.line, CodeValidation, problems...))
		return
	}
	b.repeated[digest]++
	sum := b.read[t.Account]
	sum.add(t)
	b.read[t.Account] = sum
	b.since.add(t)
	b.stopped = b.take(t)
}

// refuseLong refuses a document for a text that no payment has.
func (b *builder) refuseLong(line int, field string) {
	b.refuse(line, CodeValidation, clip(field), "", fmt.Sprintf("is longer than %d KiB", maxField>>10), "ask the bank for a correct statement")
}

// longField is the first text of a document that is too long, "" when none is.
func (d *document) longField() string {
	for _, f := range []struct{ name, text string }{
		{"external_id", d.externalID},
		{"document_number", d.number},
		{"document_kind", d.kind},
		{"purpose", d.purpose},
		{"payer_name", d.payer.name},
		{"payer_inn", d.payer.inn},
		{"payer_account", d.payer.account},
		{"payee_name", d.payee.name},
		{"payee_inn", d.payee.inn},
		{"payee_account", d.payee.account},
	} {
		if len(f.text) > maxField {
			return f.name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.extra)) {
		if len(d.extra[name]) > maxField {
			return name
		}
	}
	return ""
}

// contentOf is what makes a line of a statement this line and no other.
func contentOf(t *schema.BankTransaction) string {
	counter := t.PayerAccount
	if t.Direction == schema.BankOut {
		counter = t.PayeeAccount
	}
	return strings.Join([]string{
		t.Account, t.BookedOn.Format(time.DateOnly), t.DocumentNumber, t.Amount.String(), t.Direction, counter,
	}, "\x1f")
}

// transactionID is the key of a statement line: a digest of our account, the
// booked date, the document's number, the amount, the direction, the counter
// account, and how many equal lines stand before it in the same file. The date is
// part of the content, so the count is per day: two equal lines of one file stay
// two, and the same lines in another file (a day's statement, then the month's)
// get the same two keys. Names and purposes are left out, because banks cut them
// differently from file to file.
func transactionID(content string, before int) string {
	sum := sha256.Sum256([]byte(content + "\x1f" + strconv.Itoa(before)))
	return hex.EncodeToString(sum[:20])
}

// innThenName is a name field that begins with the taxpayer's number: "7777777777, ООО …", "ИНН 7777777777 ООО …".
func innThenName() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:инн)?\s*:?\s*(\d{10,13})(?:\s*[,/;]\s*|\s+)(.+)$`)
}

// party splits the taxpayer's number off a name; a number that stands by itself wins.
func (b *builder) party(name, inn, account string) party {
	name, inn = strings.TrimSpace(name), strings.TrimSpace(inn)
	if strings.Trim(inn, "0") == "" {
		inn = "" // banks write 0 for "none"
	}
	if m := b.names.FindStringSubmatch(name); m != nil {
		name = strings.TrimSpace(m[2])
		if inn == "" && (len(m[1]) == 10 || len(m[1]) == 12) {
			inn = m[1]
		}
	}
	return party{name: name, inn: inn, account: account}
}

// clip bounds a value that is shown to people.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}

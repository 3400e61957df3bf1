package bankfile

import (
	"strconv"
	"strings"

	"sverka/schema"
)

// entry makes rows of one Ntry: one for each of its transactions where each has
// its own amount, else one for the whole.
func (c *camt) entry(e camtEntry, line int) {
	if status := firstOf(e.Status.Code, e.Status.Text); status != "" && status != "BOOK" {
		c.st.warn(CodeNotBooked, line, "Sts", clip(status), "the entry is not booked yet and was left out", "it comes again in a later statement")
		return
	}
	direction, ok := map[string]string{"CRDT": schema.BankIn, "DBIT": schema.BankOut}[strings.TrimSpace(e.Indicator)]
	if !ok {
		c.refuse(line, CodeUnmapped, "CdtDbtInd", clip(e.Indicator), "must be CRDT or DBIT", "ask the bank for a correct statement")
		return
	}
	booked, err := c.day(e.Booked)
	if err == nil && booked.IsZero() {
		booked, err = c.day(e.Value)
	}
	if err != nil {
		c.refuse(line, CodeValidation, "BookgDt", "", err.Error(), "ask the bank for a correct statement")
		return
	}
	d := document{
		line: line, account: c.account.Account, direction: direction, bookedOn: booked,
		amount: e.Amount.Text, currency: firstOf(e.Amount.Currency, c.ccy), kind: firstOf(e.Kind, e.Domain),
	}
	if !e.split() {
		e.Details = append(e.Details, camtDetail{})[:1]
	}
	for _, t := range e.Details {
		c.add(d.with(e, t))
	}
}

// entryName names an entry by its place and its first reference: a file may be one line.
func entryName(index int, references ...string) string {
	name := "entry " + strconv.Itoa(index)
	for i := 0; i+1 < len(references); i += 2 {
		if ref := firstOf(references[i+1]); ref != "" {
			return name + " (" + references[i] + " " + clip(ref) + ")"
		}
	}
	return name
}

// split tells whether the entry is a batch whose parts all have an amount.
func (e camtEntry) split() bool {
	if len(e.Details) < 2 {
		return false
	}
	for _, t := range e.Details {
		if firstOf(t.Amount.Text, t.Amount02.Text) == "" {
			return false
		}
	}
	return true
}

// with fills a document from one transaction of its entry. The number is the first
// reference that stays the same from statement to statement; NtryRef often only
// counts lines, so it comes last.
func (d document) with(e camtEntry, t camtDetail) document {
	if len(e.Details) > 1 {
		d.amount = firstOf(t.Amount.Text, t.Amount02.Text)
	}
	endToEnd := strings.TrimSpace(t.Refs.EndToEnd)
	if strings.EqualFold(endToEnd, "NOTPROVIDED") {
		endToEnd = ""
	}
	d.number = firstOf(endToEnd, t.Refs.Instruction, t.Refs.Transaction, t.Refs.Servicer, e.Servicer, e.Ref)
	d.externalID = firstOf(t.Refs.Servicer)
	if d.externalID == "" && len(e.Details) == 1 {
		d.externalID = firstOf(e.Servicer) // of a batch it names the whole, not the part
	}
	d.payer = party{name: t.Debtor.name(), inn: t.Debtor.inn(), account: t.DebtorAcct.number()}
	d.payee = party{name: t.Creditor.name(), inn: t.Creditor.inn(), account: t.CreditorAcct.number()}
	if d.direction == schema.BankIn && d.payee.account == "" {
		d.payee.account = d.account // banks leave our own side out
	}
	if d.direction == schema.BankOut && d.payer.account == "" {
		d.payer.account = d.account
	}
	d.purpose = firstOf(strings.Join(t.Unstructured, " "), strings.Join(t.Structured, " "), t.Info, e.Info)
	d.extra = schema.Extra{}
	for k, v := range map[string]string{"NtryRef": e.Ref, "AcctSvcrRef": e.Servicer, "TxId": t.Refs.Transaction, "AddtlNtryInf": e.Info} {
		if v = strings.TrimSpace(v); v != "" {
			d.extra[k] = v
		}
	}
	return d
}

func (p camtParty) name() string {
	if p.Inner != nil {
		return firstOf(p.Inner.Name, p.Name)
	}
	return strings.TrimSpace(p.Name)
}

// inn is the taxpayer's number: the identification with scheme TXID, or the only one of its length.
func (p camtParty) inn() string {
	if p.Inner != nil {
		p = *p.Inner
	}
	for _, o := range append(append([]camtOther{}, p.Org...), p.Person...) {
		if n := len(o.ID); o.Scheme == "TXID" || o.Scheme == "" && (n == 10 || n == 12) {
			return strings.TrimSpace(o.ID)
		}
	}
	return ""
}

package bankfile

import (
	"encoding/xml"
	"errors"
	"io"
	"time"

	"sverka/schema"
)

// The elements of a DirectBank statement that matter, by local names.
type (
	dbParty struct {
		Name    string `xml:"Name"`
		INN     string `xml:"INN"`
		KPP     string `xml:"KPP"`
		Account string `xml:"Account"`
		BIC     string `xml:"Bank>BIC"`
	}
	// dbPayment is what all kinds of payment document share.
	dbPayment struct {
		XMLName xml.Name
		Number  string  `xml:"DocNo"`
		Date    string  `xml:"DocDate"`
		Sum     string  `xml:"Sum"`
		Payer   dbParty `xml:"Payer"`
		Payee   dbParty `xml:"Payee"`
		Purpose string  `xml:"Purpose"`
		Code    string  `xml:"Code"`
	}
	dbOperation struct {
		PayDoc struct {
			ID       string      `xml:"id,attr"`
			Kind     string      `xml:"docKind,attr"`
			Payments []dbPayment `xml:",any"` // PayDocRu, BankOrder, MemOrder …: one
		} `xml:"PayDoc"`
		DC   string `xml:"DC"` // 1 debit, 2 credit of our account
		Date string `xml:"Date"`
	}
)

// directBank reads one Statement.
type directBank struct {
	*builder
	d       *xml.Decoder
	account AccountTotals
	index   int // of the operation, from 1
}

func readDirectBank(b *builder, src *source) error {
	s := &directBank{builder: b, d: newXML(src)}
	for {
		tok, err := s.d.Token()
		line, _ := s.d.InputPos()
		if errors.Is(err, io.EOF) {
			s.st.Complete = true
			return s.finish()
		}
		if el, ok := tok.(xml.StartElement); ok && err == nil {
			err = s.start(el, line)
		}
		var whole *FileError
		if errors.As(err, &whole) {
			return err
		}
		if s.stopped != nil {
			return s.stopped
		}
		if err != nil {
			return brokenXML(s.st.Name, line, err)
		}
	}
}

func (s *directBank) start(el xml.StartElement, line int) error {
	switch el.Name.Local {
	case "Statement", "Data":
		return nil
	case "Account", "DateFrom", "DateTo", "OpeningBalance", "ClosingBalance", "TotalDebits", "TotalCredits":
		var text string
		if err := s.d.DecodeElement(&text, &el); err != nil {
			return err //nolint:wrapcheck // readDirectBank names file and line
		}
		return s.head(el.Name.Local, firstOf(text), line)
	case "OperationInfo":
		var o dbOperation
		if err := s.d.DecodeElement(&o, &el); err != nil {
			return err //nolint:wrapcheck // readDirectBank names file and line
		}
		s.index++
		s.st.entry = entryName(s.index, "PayDoc id", o.PayDoc.ID)
		s.operation(o, line)
		s.st.entry = ""
		return nil
	}
	return s.d.Skip() //nolint:wrapcheck // readDirectBank names file and line
}

// head reads a value of the statement itself.
func (s *directBank) head(name, text string, line int) error {
	a := &s.account
	switch name {
	case "Account":
		a.Account = text
		if !s.opts.owns(text) {
			return &FileError{File: s.st.Name, Line: line, Reason: "Account " + masked(text) + " is not one of our accounts", Hint: "add the account to the configuration, or take the file out of the folder"}
		}
	case "DateFrom": // a period that cannot be read only leaves the totals without a label
		a.From, _ = isoDay(text)
	case "DateTo":
		a.To, _ = isoDay(text)
	case "OpeningBalance":
		a.Opening = s.sum(name, text, line)
	case "ClosingBalance":
		a.Closing = s.sum(name, text, line)
	case "TotalDebits":
		a.Out = s.sum(name, text, line)
	case "TotalCredits":
		a.In = s.sum(name, text, line)
	}
	return nil
}

func (s *directBank) sum(name, text string, line int) *schema.Amount {
	if text == "" {
		return nil
	}
	v, err := schema.ParseAmount(text)
	if err != nil {
		s.st.warn(CodeOddity, line, name, clip(text), "is not an amount; the total cannot be checked", "ask the bank for a correct statement")
		return nil
	}
	return &v
}

func (s *directBank) operation(o dbOperation, line int) {
	if s.account.Account == "" {
		s.refuse(line, CodeUnmapped, "Account", "", "the operation stands before the statement's Account", "ask the bank for a correct statement")
		return
	}
	direction, ok := map[string]string{"1": schema.BankOut, "2": schema.BankIn}[o.DC]
	if !ok {
		s.refuse(line, CodeUnmapped, "DC", clip(o.DC), "must be 1 (debit) or 2 (credit)", "ask the bank for a correct statement")
		return
	}
	if len(o.PayDoc.Payments) != 1 {
		s.refuse(line, CodeMalformed, "PayDoc", "", "must hold exactly one payment document", "ask the bank for a correct statement")
		return
	}
	p := o.PayDoc.Payments[0]
	booked, err := isoDay(o.Date)
	date, errDate := isoDay(p.Date)
	if err != nil || errDate != nil {
		s.refuse(line, CodeValidation, "Date", "", "is not a date such as 2026-12-31", "ask the bank for a correct statement")
		return
	}
	d := document{
		line: line, externalID: o.PayDoc.ID, account: s.account.Account, direction: direction, amount: p.Sum,
		bookedOn: booked, number: firstOf(p.Number), date: date, kind: p.XMLName.Local, purpose: firstOf(p.Purpose),
		payer: s.party(p.Payer.Name, p.Payer.INN, firstOf(p.Payer.Account)),
		payee: s.party(p.Payee.Name, p.Payee.INN, firstOf(p.Payee.Account)), extra: schema.Extra{},
	}
	for k, v := range map[string]string{
		"docKind": o.PayDoc.Kind, "Code": p.Code, "Payer.KPP": p.Payer.KPP, "Payer.BIC": p.Payer.BIC, "Payee.KPP": p.Payee.KPP, "Payee.BIC": p.Payee.BIC,
	} {
		if v = firstOf(v); v != "" && v != "0" {
			d.extra[k] = v
		}
	}
	s.add(d)
}

// finish files the totals.
func (s *directBank) finish() error {
	if s.account.Account == "" {
		return &FileError{File: s.st.Name, Reason: "Statement/Data has no Account", Hint: "ask the bank for a correct statement"}
	}
	fillTurnover(&s.account, s.since)
	s.st.Accounts = append(s.st.Accounts, s.account)
	return nil
}

// isoDay is the date at the start of 2026-12-31 or 2026-12-31T10:00:00.
func isoDay(text string) (time.Time, error) {
	text = firstOf(text)
	if text == "" {
		return time.Time{}, nil
	}
	if len(text) > len(time.DateOnly) {
		text = text[:len(time.DateOnly)]
	}
	return time.Parse(time.DateOnly, text) //nolint:wrapcheck // the caller names what the date is of
}

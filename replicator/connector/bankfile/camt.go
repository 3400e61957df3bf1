package bankfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sverka/schema"
)

// The elements of camt.053 that matter, by local names: banks use versions 02 to
// 13 and namespaces of their own.
type (
	camtAmount struct {
		Text     string `xml:",chardata"`
		Currency string `xml:"Ccy,attr"`
	}
	camtDate struct {
		Dt   string `xml:"Dt"`
		DtTm string `xml:"DtTm"`
	}
	camtOther struct {
		ID     string `xml:"Id"`
		Scheme string `xml:"SchmeNm>Cd"`
	}
	camtAccount struct {
		IBAN     string `xml:"Id>IBAN"`
		Other    string `xml:"Id>Othr>Id"`
		Currency string `xml:"Ccy"`
	}
	camtParty struct {
		Name   string      `xml:"Nm"`
		Org    []camtOther `xml:"Id>OrgId>Othr"`
		Person []camtOther `xml:"Id>PrvtId>Othr"`
		Inner  *camtParty  `xml:"Pty"` // since version 08 the party stands one level deeper
	}
	camtBalance struct {
		Code      string     `xml:"Tp>CdOrPrtry>Cd"`
		Amount    camtAmount `xml:"Amt"`
		Indicator string     `xml:"CdtDbtInd"`
	}
	camtSummary struct {
		Credits string `xml:"TtlCdtNtries>Sum"`
		Debits  string `xml:"TtlDbtNtries>Sum"`
	}
	camtDetail struct {
		Refs struct {
			EndToEnd    string `xml:"EndToEndId"`
			Instruction string `xml:"InstrId"`
			Transaction string `xml:"TxId"`
			Servicer    string `xml:"AcctSvcrRef"`
		} `xml:"Refs"`
		Amount       camtAmount  `xml:"Amt"`
		Amount02     camtAmount  `xml:"AmtDtls>TxAmt>Amt"`
		Debtor       camtParty   `xml:"RltdPties>Dbtr"`
		DebtorAcct   camtAccount `xml:"RltdPties>DbtrAcct"`
		Creditor     camtParty   `xml:"RltdPties>Cdtr"`
		CreditorAcct camtAccount `xml:"RltdPties>CdtrAcct"`
		Unstructured []string    `xml:"RmtInf>Ustrd"`
		Structured   []string    `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
		Info         string      `xml:"AddtlTxInf"`
	}
	camtEntry struct {
		Ref       string     `xml:"NtryRef"`
		Amount    camtAmount `xml:"Amt"`
		Indicator string     `xml:"CdtDbtInd"`
		Status    struct {
			Text string `xml:",chardata"` // before version 08
			Code string `xml:"Cd"`
		} `xml:"Sts"`
		Booked   camtDate     `xml:"BookgDt"`
		Value    camtDate     `xml:"ValDt"`
		Servicer string       `xml:"AcctSvcrRef"`
		Kind     string       `xml:"BkTxCd>Prtry>Cd"`
		Domain   string       `xml:"BkTxCd>Domn>Fmly>SubFmlyCd"`
		Details  []camtDetail `xml:"NtryDtls>TxDtls"`
		Info     string       `xml:"AddtlNtryInf"`
	}
)

// camtVersion is the version in the namespace: "camt.053.001.08".
func camtVersion(root xml.StartElement) string {
	return root.Name.Space[strings.LastIndex(root.Name.Space, ":")+1:]
}

// camt reads one camt.053 file as a stream of elements.
type camt struct {
	*builder
	d       *xml.Decoder
	account AccountTotals
	ccy     string
	index   int // of the entry in its statement, from 1
}

func readCamt(b *builder, src *source) error {
	c := &camt{builder: b, d: newXML(src)}
	for {
		tok, err := c.d.Token()
		if errors.Is(err, io.EOF) {
			c.st.Complete = true
			return nil
		}
		line, _ := c.d.InputPos()
		if err == nil {
			switch el := tok.(type) {
			case xml.StartElement:
				err = c.start(el, line)
			case xml.EndElement:
				if el.Name.Local == "Stmt" {
					c.endStatement()
				}
			}
		}
		var whole *FileError
		if errors.As(err, &whole) {
			return err
		}
		if c.stopped != nil {
			return c.stopped
		}
		if err != nil {
			return brokenXML(c.st.Name, line, err)
		}
	}
}

// start reads the parts of a statement; everything else is passed over.
func (c *camt) start(el xml.StartElement, line int) error {
	switch el.Name.Local {
	case "Document", "BkToCstmrStmt":
		return nil
	case "Stmt":
		c.account, c.ccy, c.since, c.index = AccountTotals{}, "", turnover{}, 0
		return nil
	case "Acct":
		var a camtAccount
		if err := c.d.DecodeElement(&a, &el); err != nil {
			return err //nolint:wrapcheck // readCamt names file and line
		}
		c.account.Account, c.ccy = a.number(), a.Currency
		if c.account.Account == "" {
			return &FileError{File: c.st.Name, Line: line, Reason: "Stmt/Acct has neither IBAN nor Othr/Id", Hint: "ask the bank for a correct statement"}
		}
		if !c.opts.owns(c.account.Account) {
			return &FileError{File: c.st.Name, Line: line, Reason: "Acct " + masked(c.account.Account) + " is not one of our accounts", Hint: "add the account to the configuration, or take the file out of the folder"}
		}
		return nil
	case "FrToDt":
		var p struct {
			From string `xml:"FrDtTm"`
			To   string `xml:"ToDtTm"`
		}
		err := c.d.DecodeElement(&p, &el)
		// A period that cannot be read only leaves the totals without a label.
		c.account.From, _ = c.day(camtDate{DtTm: p.From})
		c.account.To, _ = c.day(camtDate{DtTm: p.To})
		return err //nolint:wrapcheck // readCamt names file and line
	case "Bal":
		var b camtBalance
		err := c.d.DecodeElement(&b, &el)
		c.balance(b, line)
		return err //nolint:wrapcheck // readCamt names file and line
	case "TxsSummry":
		var s camtSummary
		err := c.d.DecodeElement(&s, &el)
		c.account.In, c.account.Out = c.sum(s.Credits, line), c.sum(s.Debits, line)
		return err //nolint:wrapcheck // readCamt names file and line
	case "Ntry":
		var e camtEntry
		err := c.d.DecodeElement(&e, &el)
		if err == nil {
			c.index++
			c.st.entry = entryName(c.index, "NtryRef", e.Ref, "AcctSvcrRef", e.Servicer)
			c.entry(e, line)
			c.st.entry = ""
		}
		return err //nolint:wrapcheck // readCamt names file and line
	}
	return c.d.Skip() //nolint:wrapcheck // readCamt names file and line
}

func (a camtAccount) number() string { return firstOf(a.IBAN, a.Other) }

func (c *camt) balance(b camtBalance, line int) {
	a := c.sum(b.Amount.Text, line)
	if a != nil && b.Indicator == "DBIT" {
		*a = -*a
	}
	switch b.Code {
	case "OPBD", "PRCD":
		if c.account.Opening == nil {
			c.account.Opening = a
		}
	case "CLBD":
		c.account.Closing = a
	}
}

func (c *camt) sum(text string, line int) *schema.Amount {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	a, err := schema.ParseAmount(text)
	if err != nil {
		c.st.warn(CodeOddity, line, "Amt", clip(text), "is not an amount; the total cannot be checked", "ask the bank for a correct statement")
		return nil
	}
	return &a
}

// endStatement files the totals; a statement without sums is held against its balances.
func (c *camt) endStatement() {
	fillTurnover(&c.account, c.since)
	c.st.Accounts = append(c.st.Accounts, c.account)
}

// day reads a date; a moment with an offset becomes the bank's own date.
func (c *camt) day(d camtDate) (time.Time, error) {
	text := firstOf(d.Dt, d.DtTm)
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		text = t.In(c.opts.Location).Format(time.DateOnly)
	}
	if len(text) > len(time.DateOnly) {
		text = text[:len(time.DateOnly)]
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("is not a date such as 2026-12-31")
	}
	return t, nil
}

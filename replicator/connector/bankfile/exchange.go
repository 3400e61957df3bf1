package bankfile

import (
	"fmt"
	"strings"
	"time"

	"sverka/schema"
)

// section is a run of tags: the head of the file, one account, or one document.
type section struct {
	line   int
	kind   string            // what stands after СекцияДокумент=
	values map[string]string // by lower-case tag; the first value that is not empty wins
	names  map[string]string // the tag as it was written
	last   string            // tag of the line before, for broken lines
}

func newSection(line int, kind string) *section {
	return &section{line: line, kind: kind, values: map[string]string{}, names: map[string]string{}}
}

func (s *section) set(tag, value string) {
	key := strings.ToLower(tag)
	s.last = key
	if s.values[key] == "" {
		s.values[key], s.names[key] = value, tag
	}
}

// first is the first of several tags that has a value.
func (s *section) first(keys ...string) string {
	for _, k := range keys {
		if v := s.values[k]; v != "" {
			return v
		}
	}
	return ""
}

// exchange reads one 1CClientBankExchange file.
type exchange struct {
	*builder
	text    text
	head    *section
	account *section // open, else nil
	doc     *section // open, else nil
	own     []string // accounts the file is about, in order of appearance
	booked  bool     // the file has an account section: it is a statement
	docs    []*section
}

func readExchange(b *builder, data []byte) error {
	txt, err := newText(data)
	if err != nil {
		return &FileError{File: b.st.Name, Reason: err.Error(), Hint: "save the file again from the bank's program"}
	}
	b.st.Encoding = txt.name
	x := &exchange{builder: b, text: txt, head: newSection(1, "")}
	for i := range txt.lines {
		x.take(i+1, txt.line(i))
	}
	x.finish()
	return x.settle()
}

// take reads one line.
func (x *exchange) take(number int, line string) {
	if line == "" || strings.HasPrefix(line, "//") {
		return
	}
	tag, value, pair := strings.Cut(line, "=")
	tag, value = strings.TrimSpace(tag), strings.TrimSpace(value)
	switch key := strings.ToLower(tag); key {
	case markFile:
	case markAccount:
		x.closeAccount(number, false)
		x.closeDocument(number, false)
		x.account = newSection(number, "")
	case markAccountEnd:
		x.closeAccount(number, true)
	case markDocument:
		x.closeAccount(number, false)
		x.closeDocument(number, false)
		x.doc = newSection(number, value)
	case markDocumentEnd:
		x.closeDocument(number, true)
	case markFileEnd, markFileEndAlfa:
		x.closeAccount(number, false)
		x.closeDocument(number, false)
		x.st.Complete = true
	default:
		x.set(number, tag, value, pair, line)
	}
}

// set files a pair into the section that is open.
func (x *exchange) set(number int, tag, value string, pair bool, line string) {
	open := x.head
	switch {
	case x.doc != nil:
		open = x.doc
	case x.account != nil:
		open = x.account
	}
	switch {
	case pair:
		open.set(tag, value)
		if open == x.head && strings.EqualFold(tag, "РасчСчет") {
			x.addOwn(value)
		}
	case strings.HasPrefix(open.last, "назначениеплатежа"):
		// A purpose that the bank's program broke over two lines.
		open.values[open.last] = strings.TrimSpace(open.values[open.last] + " " + line)
	default:
		x.st.warn(CodeOddity, number, "line", "", "is neither a tag with a value nor a mark of the format and was left out", "ask the bank for a correct statement when a value is missing")
	}
}

func (x *exchange) addOwn(account string) {
	for _, a := range x.own {
		if a == account {
			return
		}
	}
	if account != "" {
		x.own = append(x.own, account)
	}
}

func (x *exchange) closeAccount(number int, marked bool) {
	s := x.account
	if s == nil {
		return
	}
	x.account = nil
	x.booked = true
	x.addOwn(s.values["расчсчет"])
	if !marked {
		x.st.warn(CodeOddity, number, "СекцияРасчСчет", "", fmt.Sprintf("the section that begins at line %d has no КонецРасчСчет; its totals are not used", s.line), "ask the bank for a correct statement")
		return
	}
	a := AccountTotals{Account: s.values["расчсчет"], From: x.date(s, "датаначала"), To: x.date(s, "датаконца")}
	a.Opening, a.In = x.total(s, "начальныйостаток"), x.total(s, "всегопоступило")
	a.Out, a.Closing = x.total(s, "всегосписано"), x.total(s, "конечныйостаток")
	x.st.Accounts = append(x.st.Accounts, a)
}

func (x *exchange) closeDocument(number int, marked bool) {
	if x.doc == nil {
		return
	}
	if !marked {
		x.st.warn(CodeOddity, number, "КонецДокумента", "", fmt.Sprintf("the document that begins at line %d has no end mark; it was read up to here", x.doc.line), "ask the bank for a correct statement")
	}
	x.docs = append(x.docs, x.doc)
	x.doc = nil
}

// finish looks at what is open at the end of the file: a document that the file
// breaks off may lack its last values and is refused.
func (x *exchange) finish() {
	if x.account != nil {
		x.closeAccount(len(x.text.lines), false)
	}
	if x.doc != nil {
		x.refuse(x.doc.line, CodeMalformed, "КонецДокумента", "", "the file ends inside this document", "take the whole file from the bank again")
		x.doc = nil
	}
	if !x.st.Complete {
		x.st.warn(CodeOddity, 0, "КонецФайла", "", "the file has no end mark; documents may be missing", "take the whole file from the bank again")
	}
}

// settle makes rows of all documents; accounts of the whole file are known by now.
func (x *exchange) settle() error {
	x.st.Version = x.head.values["версияформата"]
	if len(x.docs) == 0 && !x.booked && len(x.refused) == 0 {
		return &FileError{File: x.st.Name, Reason: "has neither СекцияРасчСчет nor СекцияДокумент", Hint: "export a statement (выписка) for 1C in the bank's program"}
	}
	for _, a := range x.own {
		if !x.opts.owns(a) {
			return &FileError{File: x.st.Name, Reason: "РасчСчет " + masked(a) + " is not one of our accounts", Hint: "add the account to the configuration, or take the file out of the folder"}
		}
	}
	for _, s := range x.docs {
		x.addDocument(s)
	}
	return nil
}

// date reads a date of an account section; a bad one is only a warning.
func (x *exchange) date(s *section, key string) time.Time {
	d, err := parseDate(s.values[key])
	if err != nil {
		x.st.warn(CodeOddity, s.line, s.names[key], clip(s.values[key]), err.Error(), "ask the bank for a correct statement")
	}
	return d
}

func (x *exchange) total(s *section, key string) *schema.Amount {
	v := s.values[key]
	if v == "" {
		return nil
	}
	a, err := schema.ParseAmount(v)
	if err != nil {
		x.st.warn(CodeOddity, s.line, s.names[key], clip(v), "is not an amount; the total cannot be checked", "ask the bank for a correct statement")
		return nil
	}
	return &a
}

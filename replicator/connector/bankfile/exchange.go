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
	size   int               // of all values
	long   string            // the first tag whose value is too long
}

func newSection(line int, kind string) *section {
	return &section{line: line, kind: kind, values: map[string]string{}, names: map[string]string{}}
}

func (s *section) set(tag, value string) {
	key := strings.ToLower(tag)
	s.last = key
	s.size += len(tag) + len(value)
	if len(value) > maxField || s.size > maxDocument {
		s.cut(tag)
	} else if s.values[key] == "" {
		s.values[key], s.names[key] = value, tag
	}
}

// cut remembers a value that was not kept whole.
func (s *section) cut(tag string) {
	if s.long == "" {
		s.long = tag
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

// exchangeFile reads one 1CClientBankExchange file: first its frame, because the
// accounts of the whole file decide the direction of every document, then the documents.
type exchangeFile struct {
	text  text
	frame *exchange // nil until it is known
}

func (f *exchangeFile) read(b *builder) error {
	if f.frame == nil {
		f.frame = &exchange{builder: b, head: newSection(1, ""), framing: true}
		f.frame.readLines(f.text)
		if err := f.frame.settle(); err != nil {
			return err
		}
	}
	x := &exchange{builder: b, head: newSection(1, ""), own: f.frame.own, booked: f.frame.booked}
	x.readLines(f.text)
	return b.stopped
}

// exchange is one reading of a file.
type exchange struct {
	*builder
	framing bool // everything but the documents is taken, else the documents alone
	head    *section
	account *section // open, else nil
	doc     *section // open, else nil
	own     []string // accounts the file is about, in order of appearance
	booked  bool     // the file has an account section: it is a statement
	docs    int
}

func (x *exchange) readLines(t text) {
	last := 0
	for number, line := range t.lines() {
		last = number
		x.take(number, line)
		if x.stopped != nil {
			return
		}
	}
	x.finish(last)
}

// odd warns in the first reading only.
func (x *exchange) odd(line int, field, value, reason, hint string) {
	if x.framing {
		x.st.warn(CodeOddity, line, field, value, reason, hint)
	}
}

// take reads one line.
func (x *exchange) take(number int, line textLine) {
	if line.text == "" || strings.HasPrefix(line.text, "//") {
		return
	}
	tag, value, pair := strings.Cut(line.text, "=")
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
func (x *exchange) set(number int, tag, value string, pair bool, line textLine) {
	open := x.head
	switch {
	case x.doc != nil:
		open = x.doc
	case x.account != nil:
		open = x.account
	}
	switch {
	case pair && x.framing == (open == x.doc):
		open.last = strings.ToLower(tag) // the other reading takes the value
	case pair:
		open.set(tag, value)
		if line.long {
			open.cut(tag)
		}
		if open != x.doc && open.long != "" {
			x.odd(number, clip(tag), "", "is too long and was left out", "ask the bank for a correct statement")
			open.long, open.size = "", 0
		}
		if open == x.head && strings.EqualFold(tag, "РасчСчет") {
			x.addOwn(value)
		}
	case strings.HasPrefix(open.last, "назначениеплатежа"):
		// A purpose that the bank's program broke over two lines.
		if whole := strings.TrimSpace(open.values[open.last] + " " + line.text); line.long || len(whole) > maxField {
			open.cut(open.last)
		} else {
			open.values[open.last] = whole
		}
	default:
		x.odd(number, "line", "", "is neither a tag with a value nor a mark of the format and was left out", "ask the bank for a correct statement when a value is missing")
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
	if !x.framing {
		return
	}
	x.booked = true
	x.addOwn(s.values["расчсчет"])
	if !marked {
		x.odd(number, "СекцияРасчСчет", "", fmt.Sprintf("the section that begins at line %d has no КонецРасчСчет; its totals are not used", s.line), "ask the bank for a correct statement")
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
		x.odd(number, "КонецДокумента", "", fmt.Sprintf("the document that begins at line %d has no end mark; it was read up to here", x.doc.line), "ask the bank for a correct statement")
	}
	x.docs++
	if !x.framing {
		x.addDocument(x.doc)
	}
	x.doc = nil
}

// finish looks at what is open at the end of the file: a document that the file
// breaks off may lack its last values and is refused.
func (x *exchange) finish(lines int) {
	if x.account != nil {
		x.closeAccount(lines, false)
	}
	if x.doc != nil && x.framing {
		x.refuse(x.doc.line, CodeMalformed, "КонецДокумента", "", "the file ends inside this document", "take the whole file from the bank again")
		x.doc = nil
	}
	if !x.st.Complete {
		x.odd(0, "КонецФайла", "", "the file has no end mark; documents may be missing", "take the whole file from the bank again")
	}
}

// settle refuses a file that is no statement, or not ours.
func (x *exchange) settle() error {
	x.st.Version = x.head.values["версияформата"]
	if x.docs == 0 && !x.booked && len(x.refused) == 0 {
		return &FileError{File: x.st.Name, Reason: "has neither СекцияРасчСчет nor СекцияДокумент", Hint: "export a statement (выписка) for 1C in the bank's program"}
	}
	for _, a := range x.own {
		if !x.opts.owns(a) {
			return &FileError{File: x.st.Name, Reason: "РасчСчет " + masked(a) + " is not one of our accounts", Hint: "add the account to the configuration, or take the file out of the folder"}
		}
	}
	return nil
}

// date reads a date of an account section; a bad one is only a warning.
func (x *exchange) date(s *section, key string) time.Time {
	d, err := parseDate(s.values[key])
	if err != nil {
		x.odd(s.line, s.names[key], clip(s.values[key]), err.Error(), "ask the bank for a correct statement")
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
		x.odd(s.line, s.names[key], clip(v), "is not an amount; the total cannot be checked", "ask the bank for a correct statement")
		return nil
	}
	return &a
}

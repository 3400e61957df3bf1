// Package banksim is a bank that people pay into: it remembers payments to one
// account and writes statement files as bank programs do, 1CClientBankExchange
// 1.03 in windows-1251 with CRLF, into a folder. It reads the format's
// description on its own and knows nothing of the package that reads the files.
package banksim

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/encoding/charmap"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// Options describe the account. Dir must exist; everything else has a default.
type Options struct {
	Dir     string        // where statements are put
	Account string        // ours, 40702810900000000011 when ""
	Owner   string        // our name
	INN     string        // our taxpayer's number
	Opening schema.Amount // balance before the first payment
}

// Payer is who pays, or is paid. Empty fields are invented.
type Payer struct{ Name, INN, Account string }

// Sim is the bank. It is safe for concurrent use.
type Sim struct {
	world *simworld.World
	opts  Options

	mu       sync.Mutex
	payments []payment
	written  map[string]int // statements of a day
}

type payment struct {
	number  int
	at      time.Time
	amount  schema.Amount
	out     bool
	other   Payer
	purpose string
	kind    string
}

// New opens the account.
func New(world *simworld.World, o Options) *Sim {
	o.Account = cmp.Or(o.Account, "40702810900000000011")
	o.Owner = cmp.Or(o.Owner, "ООО «Северка»")
	o.INN = cmp.Or(o.INN, "7709999999")
	return &Sim{world: world, opts: o, written: map[string]int{}}
}

// Pay queues an incoming payment for an order and returns the number of its
// payment order. The payer's name defaults to the customer of the order.
func (s *Sim) Pay(order string, amount schema.Amount, payer Payer, at time.Time) string {
	if payer.Name == "" {
		payer.Name, payer.INN = s.customerOf(order)
	}
	return s.add(payment{at: at, amount: amount, other: payer, kind: "Платежное поручение", purpose: "Оплата по заказу клиента №" + order + ", в т.ч. НДС 20%"})
}

// PayWithPurpose queues an incoming payment with the payer's own words.
func (s *Sim) PayWithPurpose(purpose string, amount schema.Amount, payer Payer, at time.Time) string {
	return s.add(payment{at: at, amount: amount, other: payer, kind: "Платежное поручение", purpose: purpose})
}

// Charge queues money that leaves the account.
func (s *Sim) Charge(purpose string, amount schema.Amount, payee Payer, at time.Time) string {
	return s.add(payment{at: at, amount: amount, out: true, other: payee, kind: "Банковский ордер", purpose: purpose})
}

func (s *Sim) add(p payment) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.number = len(s.payments) + 1
	p.other.Name = cmp.Or(p.other.Name, "Плательщик неназванный")
	p.other.Account = cmp.Or(p.other.Account, fmt.Sprintf("40817810%012d", 500000+p.number))
	s.payments = append(s.payments, p)
	return fmt.Sprint(p.number)
}

func (s *Sim) customerOf(order string) (name, inn string) {
	if s.world == nil {
		return "", ""
	}
	for _, o := range s.world.Orders {
		if o.Number == order {
			if c := s.world.CustomerByCode(o.Customer); c != nil {
				return c.Name, c.INN
			}
		}
	}
	return "", ""
}

// Statement is the statement of one day (a date in UTC) as the file's text in UTF-8.
func (s *Sim) Statement(day time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statement(day)
}

// WriteStatement puts the day's statement so far into the folder and returns its
// path. Statements of one day overlap, as banks' do. The file appears whole:
// it is written beside and renamed.
func (s *Sim) WriteStatement(day time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	date := day.UTC().Format(time.DateOnly)
	s.written[date]++
	path := filepath.Join(s.opts.Dir, fmt.Sprintf("kl_to_1c_%s_%d.txt", date, s.written[date]))
	if err := writeWhole(path, toWindows1251(s.statement(day))); err != nil {
		return "", fmt.Errorf("write statement of %s: %w", date, err)
	}
	return path, nil
}

// writeWhole writes beside the target, then renames: a reader never sees half a file.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".statement-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone after the rename; left behind it is hidden and harmless
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if errClose := f.Close(); err == nil {
		err = errClose
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// toWindows1251 encodes the text; a letter that the code page lacks becomes "?", as in real files.
func toWindows1251(text string) []byte {
	var b bytes.Buffer
	for _, r := range text {
		c, ok := charmap.Windows1251.EncodeRune(r)
		if !ok {
			c = '?'
		}
		b.WriteByte(c)
	}
	return b.Bytes()
}

// statement composes the file of one day; the caller holds the lock.
func (s *Sim) statement(day time.Time) string {
	date := day.UTC().Format("02.01.2006")
	opening := s.opts.Opening
	var in, out schema.Amount
	var docs strings.Builder
	sorted := slices.Clone(s.payments)
	slices.SortStableFunc(sorted, func(a, b payment) int { return a.at.Compare(b.at) })
	for _, p := range sorted {
		switch at := p.at.UTC().Format("02.01.2006"); {
		case at == date:
			if p.out {
				out += p.amount
			} else {
				in += p.amount
			}
			s.document(&docs, p)
		case p.at.Before(day) && p.out:
			opening -= p.amount
		case p.at.Before(day):
			opening += p.amount
		}
	}
	var b strings.Builder
	pairs(&b, "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Банк Пример Онлайн", "Получатель=1С:Предприятие",
		"ДатаСоздания="+date, "ВремяСоздания=19:00:00", "ДатаНачала="+date, "ДатаКонца="+date, "РасчСчет="+s.opts.Account,
		"СекцияРасчСчет", "ДатаНачала="+date, "ДатаКонца="+date, "РасчСчет="+s.opts.Account, "НачальныйОстаток="+opening.String(),
		"ВсегоПоступило="+in.String(), "ВсегоСписано="+out.String(), "КонечныйОстаток="+(opening+in-out).String(), "КонецРасчСчет")
	b.WriteString(docs.String())
	pairs(&b, "КонецФайла")
	return b.String()
}

// document writes one payment.
func (s *Sim) document(b *strings.Builder, p payment) {
	us := Payer{Name: s.opts.Owner, INN: s.opts.INN, Account: s.opts.Account}
	payer, payee, debited, credited := p.other, us, "", p.at.UTC().Format("02.01.2006")
	if p.out {
		payer, payee, debited, credited = us, p.other, credited, ""
	}
	pairs(b, "СекцияДокумент="+p.kind, fmt.Sprintf("Номер=%d", p.number), "Дата="+p.at.UTC().Format("02.01.2006"), "Сумма="+p.amount.String(),
		"ПлательщикСчет="+payer.Account, "ДатаСписано="+debited, "Плательщик="+innAndName(payer), "ПлательщикИНН="+payer.INN,
		"Плательщик1="+payer.Name, "ПлательщикРасчСчет="+payer.Account, "ПлательщикБанк1=Банк Пример", "ПлательщикБИК=044525000",
		"ПолучательСчет="+payee.Account, "ДатаПоступило="+credited, "Получатель="+innAndName(payee), "ПолучательИНН="+payee.INN,
		"Получатель1="+payee.Name, "ПолучательРасчСчет="+payee.Account, "ВидОплаты=01", "Очередность=5",
		"НазначениеПлатежа="+p.purpose, "КонецДокумента")
}

// innAndName is how banks write a party on one line.
func innAndName(p Payer) string {
	if p.INN == "" {
		return p.Name
	}
	return p.INN + ", " + p.Name
}

func pairs(b *strings.Builder, lines ...string) {
	for _, l := range lines {
		b.WriteString(strings.NewReplacer("\r", " ", "\n", " ").Replace(l))
		b.WriteString("\r\n")
	}
}

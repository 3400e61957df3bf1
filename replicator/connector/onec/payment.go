package onec

import (
	"context"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

const (
	paymentMark  = "payment"  // our id of a payment in its document's comment
	documentMark = "document" // number of the payment order or receipt, where no field holds it
)

// paymentKind is one of the three kinds of payment documents.
type paymentKind struct {
	set, method, operation string
}

func (c *Client) paymentKinds() []paymentKind {
	return []paymentKind{
		{c.n.BankPayment, schema.MethodBankTransfer, "ПоступлениеОплатыОтКлиента"},
		{c.n.CardPayment, schema.MethodCard, "ПоступлениеОплатыОтКлиентаПоПлатежнойКарте"},
		{c.n.CashPayment, schema.MethodCash, "ПоступлениеОплатыОтКлиента"},
	}
}

func (c *Client) kindOf(method string) (paymentKind, bool) {
	for _, k := range c.paymentKinds() {
		if k.method == method {
			return k, true
		}
	}
	return paymentKind{}, false
}

func (c *Client) paymentSelect(k paymentKind) []string {
	fields := []string{"Ref_Key", "DataVersion", "DeletionMark", "Number", "Date", "Posted", "СуммаДокумента", "Валюта_Key", "Комментарий", "ХозяйственнаяОперация", "РасшифровкаПлатежа"}
	if k.set == c.n.BankPayment {
		fields = append(fields, "НомерВходящегоДокумента")
	}
	return fields
}

// payments makes the canonical records of a payment document: one for each order
// that it pays. Lines that pay something else are not ours.
func (c *Client) payments(ctx context.Context, k paymentKind, r row, numbers map[string]string) ([]*schema.Payment, []*replicator.Refusal, error) {
	var lines []row
	for _, l := range r.lines("РасшифровкаПлатежа") {
		if strings.HasSuffix(l.text("ОснованиеПлатежа_Type"), "."+c.n.Orders) && l.ref("ОснованиеПлатежа") != "" {
			lines = append(lines, l)
		}
	}
	currency, err := c.currencyLetters(ctx, r.ref("Валюта_Key"))
	if err != nil {
		return nil, nil, err
	}
	var out []*schema.Payment
	var refused []*replicator.Refusal
	for _, l := range lines {
		p := &schema.Payment{
			Provenance: c.provenance(r), PaymentID: c.paymentID(r, l, len(lines)), OrderNumber: numbers[l.ref("ОснованиеПлатежа")],
			Currency: currency, Method: k.method, Status: schema.PaymentPending, PaidAt: c.time(r, "Date"),
			DocumentNumber: readMark(r.text("Комментарий"), documentMark),
		}
		if p.DocumentNumber == "" {
			p.DocumentNumber = strings.TrimSpace(r.text("НомерВходящегоДокумента"))
		}
		if r.flag("Posted") {
			p.Status = schema.PaymentPaid
		}
		if p.OrderNumber == "" {
			refused = append(refused, refuse(schema.EntityPayment, schema.Key(p.PaymentID), r, "unmapped", schema.Problem{
				Field: "order_number", Reason: "the order that is paid carries no outside number", Hint: "fill " + c.n.OrderNumber + " in the order",
			}))
			continue
		}
		if p.Amount, err = l.amount("Сумма"); err != nil {
			refused = append(refused, refuse(schema.EntityPayment, schema.Key(p.PaymentID), r, "malformed", malformed("amount", err)))
			continue
		}
		if problems := p.Validate(); len(problems) > 0 {
			refused = append(refused, refuse(schema.EntityPayment, schema.Key(p.PaymentID), r, "validation", problems...))
			continue
		}
		out = append(out, p)
	}
	return out, refused, nil
}

// paymentID is our id where the document carries one; a payment that was born in
// 1C is known by its reference, with the line where it pays several orders.
func (c *Client) paymentID(r, l row, lines int) string {
	id := readMark(r.text("Комментарий"), paymentMark)
	if id == "" {
		id = r.ref("Ref_Key")
	}
	if lines > 1 {
		id += "#" + l.text("LineNumber")
	}
	return id
}

// orderNumbers finds the shop's numbers of orders by reference.
func (c *Client) orderNumbers(ctx context.Context, refs map[string]bool) (map[string]string, error) {
	out := map[string]string{}
	var terms []string
	for ref := range refs {
		if n, ok := c.refs.orders.get(ref); ok {
			out[ref] = n
		} else if ref != "" {
			terms = append(terms, eqRef("Ref_Key", ref))
		}
	}
	rows, err := c.findAny(ctx, c.n.Orders, terms, []string{"Ref_Key", c.n.OrderNumber})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		n := r.text(c.n.OrderNumber)
		out[r.ref("Ref_Key")] = n
		if n != "" {
			c.refs.orders.put(r.ref("Ref_Key"), n)
		}
	}
	return out, nil
}

// projectPayment is what 1C would hold: money that came. A refund needs a
// document of its own that a person makes.
func projectPayment(source, held *schema.Payment) *schema.Payment {
	if !source.DeletedAt.IsZero() || source.Status != schema.PaymentPaid && source.Status != schema.PaymentRefunded {
		return nil
	}
	out := schema.Clone(source)
	out.Provenance = schema.Provenance{System: schema.OneC}
	if out.Method == schema.MethodOnDelivery || out.Method == "" {
		out.Method = schema.MethodCash // what the carrier hands over
	}
	if out.PaidAt.IsZero() {
		if out.PaidAt = source.SourceModifiedAt; out.PaidAt.IsZero() {
			out.PaidAt = source.ObservedAt
		}
	}
	if held != nil && !held.PaidAt.IsZero() {
		out.PaidAt = held.PaidAt // the date of a document is accounting's own once it exists
	}
	out.PaidAt = out.PaidAt.UTC().Truncate(time.Second)
	out.DocumentNumber = strings.NewReplacer("[", "", "]", "").Replace(oneLine(source.DocumentNumber))
	if held != nil {
		out.DeletedAt = held.DeletedAt
		// Date and number of a document that 1C has booked are the accountants' own.
		if held.Status == out.Status && !held.PaidAt.IsZero() {
			out.PaidAt = held.PaidAt
		}
		if out.DocumentNumber == "" || held.Status == out.Status && held.DocumentNumber != "" {
			out.DocumentNumber = held.DocumentNumber
		}
	}
	return out
}

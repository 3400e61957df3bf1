package onec

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// paymentDoc is a payment document that was found.
type paymentDoc struct {
	kind paymentKind
	row  row
}

// writePayments finds each payment by our id in the comments of all three kinds
// of documents before it creates one (invariant 4).
func (c *Client) writePayments(ctx context.Context, batch []replicator.Delivery, out *results) error {
	var ids, numbers []string
	for _, d := range batch {
		if w, ok := d.Wanted.(*schema.Payment); ok {
			ids, numbers = append(ids, w.PaymentID), append(numbers, w.OrderNumber)
		}
	}
	found, err := c.paymentsByID(ctx, ids)
	if err != nil {
		return err
	}
	orders, err := c.orderDocs(ctx, numbers)
	if err != nil {
		return err
	}
	out.each(ctx, len(batch), func(ctx context.Context, i int) error {
		w, ok := batch[i].Wanted.(*schema.Payment)
		if !ok {
			return rejected("write payment", "nothing is wanted", "")
		}
		if strings.ContainsAny(w.PaymentID, "[]") {
			return rejected("write payment", fmt.Sprintf("the payment id %q holds a bracket", w.PaymentID), "1C keeps the id in brackets; choose an id without them")
		}
		if w.Status == schema.PaymentRefunded {
			return &replicator.HoldError{
				Reason: "refund_needs_person", Message: "payment " + w.PaymentID + " was paid back",
				Hint: "register the refund in 1C; the difference then disappears from reconciliation",
			}
		}
		order, err := oneOrder(w.OrderNumber, orders[w.OrderNumber])
		if err != nil {
			return err
		}
		if order == nil {
			return orderMissing(w.OrderNumber)
		}
		return c.writePayment(ctx, i, w, order, found[w.PaymentID], out)
	})
	return nil
}

func (c *Client) paymentsByID(ctx context.Context, ids []string) (map[string][]paymentDoc, error) {
	terms := make([]string, 0, len(ids))
	for _, id := range ids {
		terms = append(terms, "substringof("+textLiteral(mark(paymentMark, id))+",Комментарий)")
	}
	out := map[string][]paymentDoc{}
	for _, k := range c.paymentKinds() {
		rows, err := c.findAny(ctx, k.set, terms, c.paymentSelect(k))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if !r.flag("DeletionMark") {
				id := readMark(r.text("Комментарий"), paymentMark)
				out[id] = append(out[id], paymentDoc{k, r})
			}
		}
	}
	return out, nil
}

func (c *Client) writePayment(ctx context.Context, i int, w *schema.Payment, order row, found []paymentDoc, out *results) error {
	k, ok := c.kindOf(w.Method)
	if !ok {
		return rejected("write payment", fmt.Sprintf("the payment method %q has no document in 1C", w.Method), "use card, bank_transfer, cash or on_delivery")
	}
	note := alreadyThere
	var doc row
	switch {
	case len(found) > 1:
		return rejected("find payment", fmt.Sprintf("%d documents of 1C carry the payment id %s", len(found), w.PaymentID), "mark all but one of them for deletion")
	case len(found) == 1:
		k, doc = found[0].kind, found[0].row
	default:
		note = "created"
		var err error
		if doc, err = c.createPayment(ctx, w, k, order); err != nil {
			return err
		}
	}
	ref := doc.ref("Ref_Key")
	if !doc.flag("Posted") {
		if err := c.postDocument(ctx, k.set, ref); err != nil {
			return err
		}
		var err error
		if doc, err = c.element(ctx, k.set, ref); err != nil {
			return afterWriting(err)
		}
	}
	return c.confirmPayment(ctx, i, w, k, doc, order, note, out)
}

func (c *Client) createPayment(ctx context.Context, w *schema.Payment, k paymentKind, order row) (row, error) {
	body, err := c.paymentBody(ctx, w, k, order)
	if err != nil {
		return nil, err
	}
	doc, err := c.create(ctx, k.set, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		again, askErr := c.paymentsByID(ctx, []string{w.PaymentID})
		if askErr == nil && len(again[w.PaymentID]) == 1 {
			return again[w.PaymentID][0].row, nil
		}
	}
	return doc, err
}

func (c *Client) paymentBody(ctx context.Context, w *schema.Payment, k paymentKind, order row) (row, error) {
	currency, err := c.currencyRef(ctx, w.Currency)
	if err != nil {
		return nil, err
	}
	organization, err := c.organization(ctx)
	if err != nil {
		return nil, err
	}
	body := row{
		"Date": c.local(w.PaidAt), "ХозяйственнаяОперация": k.operation, "Организация_Key": organization, "СуммаДокумента": w.Amount, "Валюта_Key": currency,
		"Контрагент_Key": orEmpty(order.ref("Контрагент_Key")), "Партнер_Key": orEmpty(order.ref("Партнер_Key")), "Комментарий": paymentComment(w),
		"РасшифровкаПлатежа": []row{{
			"LineNumber": 1, "Партнер_Key": orEmpty(order.ref("Партнер_Key")), "ОснованиеПлатежа": order.ref("Ref_Key"), "ОснованиеПлатежа_Type": "StandardODATA." + c.n.Orders,
			"Сумма": w.Amount, "СуммаВзаиморасчетов": w.Amount, "ВалютаВзаиморасчетов_Key": currency,
		}},
	}
	switch k.set {
	case c.n.BankPayment:
		account, err := c.configured(ctx, c.n.BankAccounts, "Description", c.cfg.Trade.BankAccount, "bank account")
		if err != nil {
			return nil, err
		}
		body["БанковскийСчет_Key"], body["ПроведеноБанком"], body["ДатаПроведенияБанком"] = orEmpty(account), true, c.local(w.PaidAt)
		if len([]rune(w.DocumentNumber)) <= 11 {
			body["НомерВходящегоДокумента"], body["ДатаВходящегоДокумента"] = w.DocumentNumber, c.local(w.PaidAt)
		}
	case c.n.CashPayment:
		desk, err := c.configured(ctx, c.n.CashDesk, "Description", c.cfg.Trade.CashDesk, "cash desk")
		if err != nil {
			return nil, err
		}
		body["Касса_Key"] = orEmpty(desk)
	case c.n.CardPayment:
		body["ОплатаВыполнена"] = true
	}
	return body, nil
}

func paymentComment(w *schema.Payment) string {
	if w.DocumentNumber == "" {
		return mark(paymentMark, w.PaymentID)
	}
	return mark(paymentMark, w.PaymentID) + " " + mark(documentMark, w.DocumentNumber)
}

func orEmpty(ref string) string {
	if ref == "" {
		return emptyGUID
	}
	return ref
}

// confirmPayment compares the document with what was wanted. A difference of
// money in a posted document is for a person: two systems disagree about money.
func (c *Client) confirmPayment(ctx context.Context, i int, w *schema.Payment, k paymentKind, doc, order row, note string, out *results) error {
	got, refused, err := c.payments(ctx, k, doc, map[string]string{order.ref("Ref_Key"): w.OrderNumber})
	if err != nil {
		return afterWriting(err)
	}
	if len(got) != 1 || len(refused) > 0 {
		return rejected("write payment", "the document of payment "+w.PaymentID+" cannot be read, or pays another order", "correct the payment document in 1C")
	}
	diff := differences(w, got[0])
	if len(diff) == 1 && diff[0] == "document_number" { // learnt later; moves nothing
		if doc, err = c.patch(ctx, k.set, doc.ref("Ref_Key"), row{"Комментарий": paymentComment(w)}); err != nil {
			return err
		}
		got[0].DocumentNumber = readMark(doc.text("Комментарий"), documentMark)
		diff = differences(w, got[0])
	}
	if note == alreadyThere {
		diff = slices.DeleteFunc(diff, func(field string) bool { return field == "paid_at" })
	}
	if len(diff) > 0 {
		return altered("write payment "+w.PaymentID, diff)
	}
	out.confirm(i, note, got[0].ExternalID, got[0])
	return nil
}

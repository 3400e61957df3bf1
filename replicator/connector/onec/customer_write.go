package onec

import (
	"context"
	"fmt"
	"strings"

	"sverka/replicator"
	"sverka/schema"
)

// customerState is what 1C has of a customer.
type customerState struct{ partner, firm row }

// writeCustomers finds each customer and creates or patches partner and
// counterparty. Found means: by our code; else, for a company, by INN and KPP.
// A name alone never finds anybody.
func (c *Client) writeCustomers(ctx context.Context, batch []replicator.Delivery, out *results) error {
	var terms []string
	for _, d := range batch {
		if w, ok := d.Wanted.(*schema.Customer); ok {
			terms = append(terms, partnerTerm(w.CustomerCode))
		}
	}
	partners, err := c.findAny(ctx, c.n.Partners, terms, partnerFields())
	if err != nil {
		return err
	}
	byCode := map[string]row{}
	var owners []string
	for _, p := range partners {
		if code := customerCode(p); byCode[code] == nil || byCode[code].flag("DeletionMark") {
			byCode[code] = p
		}
		owners = append(owners, eqRef("Партнер_Key", p.ref("Ref_Key")))
	}
	firms, err := c.findAny(ctx, c.n.Counterparties, owners, firmFields())
	if err != nil {
		return err
	}
	byPartner := map[string]row{}
	for _, f := range firms {
		if !f.flag("DeletionMark") {
			byPartner[f.ref("Партнер_Key")] = f
		}
	}
	out.each(ctx, len(batch), func(ctx context.Context, i int) error {
		w, ok := batch[i].Wanted.(*schema.Customer)
		if !ok {
			return rejected("write customer", "nothing is wanted", "")
		}
		st := customerState{partner: byCode[w.CustomerCode]}
		if st.partner != nil {
			st.firm = byPartner[st.partner.ref("Ref_Key")]
		}
		return c.writeCustomer(ctx, i, w, st, out)
	})
	return nil
}

func (c *Client) writeCustomer(ctx context.Context, i int, w *schema.Customer, st customerState, out *results) error {
	note := alreadyThere
	if st.partner == nil && w.Kind == schema.CompanyKind && w.INN != "" {
		// Two accounts of one company must not both find it unstamped.
		c.companyMu.Lock()
		defer c.companyMu.Unlock()
		found, err := c.companyByINN(ctx, w)
		if err != nil {
			return err
		}
		st = found
	}
	var err error
	if st.partner == nil {
		note = "created"
		if st.partner, err = c.createPartner(ctx, w); err != nil {
			return err
		}
	}
	if st, err = c.patchCustomer(ctx, w, st); err != nil {
		return err
	}
	got := c.customer(st.partner, st.firm)
	got.DiscountGroup = w.DiscountGroup // an agreement of 1C, not a field that is read here
	if diff := differences(w, got); len(diff) > 0 {
		return altered("write customer", diff)
	}
	out.confirm(i, note, got.ExternalID, got)
	c.refs.partners.put("code|"+w.CustomerCode, partner{ref: got.ExternalID, firm: st.firm.ref("Ref_Key"), code: w.CustomerCode})
	return nil
}

// companyByINN finds a company by INN and KPP. One that already belongs to
// another customer of ours is for a person to decide.
func (c *Client) companyByINN(ctx context.Context, w *schema.Customer) (customerState, error) {
	firms, err := c.find(ctx, c.n.Counterparties, eqText("ИНН", w.INN)+" and "+eqText("КПП", w.KPP)+" and DeletionMark eq false", firmFields())
	if err != nil || len(firms) == 0 {
		return customerState{}, err
	}
	if len(firms) > 1 {
		return customerState{}, &replicator.HoldError{
			Reason: "customer_ambiguous", Message: fmt.Sprintf("%d counterparties of 1C have the INN and KPP of customer %q", len(firms), w.CustomerCode),
			Hint: "leave one of them, or write " + mark(customerMark, w.CustomerCode) + " into the comment of the right partner",
		}
	}
	p, err := c.element(ctx, c.n.Partners, firms[0].ref("Партнер_Key"))
	if err != nil {
		return customerState{}, err
	}
	if other := readMark(p.text("Комментарий"), customerMark); other != "" && other != w.CustomerCode {
		return customerState{}, &replicator.HoldError{
			Reason: "customer_duplicate", Message: fmt.Sprintf("the company of customer %q is customer %q in 1C", w.CustomerCode, other),
			Hint: "merge the accounts in the shop, or give the second one a counterparty of its own",
		}
	}
	return customerState{partner: p, firm: firms[0]}, nil
}

func (c *Client) createPartner(ctx context.Context, w *schema.Customer) (row, error) {
	body := row{"Description": w.Name, "НаименованиеПолное": w.FullName, "ЮрФизЛицо": partnerKind(w.Kind), "Клиент": true}
	if len([]rune(w.CustomerCode)) <= maxCode {
		body["Code"] = w.CustomerCode
	} else {
		body["Комментарий"] = mark(customerMark, w.CustomerCode)
	}
	r, err := c.create(ctx, c.n.Partners, body)
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		found, askErr := c.find(ctx, c.n.Partners, partnerTerm(w.CustomerCode), partnerFields())
		if askErr == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return r, err
}

func partnerKind(kind string) string {
	if kind == schema.CompanyKind {
		return "Компания"
	}
	return "ЧастноеЛицо"
}

// patchCustomer brings partner and counterparty to what is wanted; a missing
// counterparty is created.
func (c *Client) patchCustomer(ctx context.Context, w *schema.Customer, st customerState) (customerState, error) {
	have := c.customer(st.partner, st.firm)
	body := row{}
	if have.CustomerCode != w.CustomerCode {
		body["Комментарий"] = strings.TrimSpace(st.partner.text("Комментарий") + " " + mark(customerMark, w.CustomerCode))
	}
	if have.Name != w.Name {
		body["Description"] = w.Name
	}
	if have.FullName != w.FullName {
		body["НаименованиеПолное"] = w.FullName
	}
	if have.Kind != w.Kind {
		body["ЮрФизЛицо"] = partnerKind(w.Kind)
	}
	if have.Phone != w.Phone || have.Email != w.Email || have.AddressText != w.AddressText {
		contacts, err := c.contactRows(ctx, w, st.partner)
		if err != nil {
			return st, err
		}
		body["КонтактнаяИнформация"] = contacts
	}
	if len(body) > 0 {
		r, err := c.patch(ctx, c.n.Partners, st.partner.ref("Ref_Key"), body)
		if err != nil {
			return st, err
		}
		st.partner = r
	}
	firm, err := c.writeFirm(ctx, w, st)
	st.firm = firm
	return st, err
}

// contactRows replaces the first line of each kind that we own and keeps the rest.
func (c *Client) contactRows(ctx context.Context, w *schema.Customer, p row) ([]row, error) {
	var rows []row
	taken := map[string]bool{}
	for _, l := range p.lines("КонтактнаяИнформация") {
		kind := l.text("Тип")
		ours := kind == contactPhone || kind == contactEmail || kind == contactAddress
		if ours && !taken[kind] {
			taken[kind] = true
			continue
		}
		rows = append(rows, l.writable())
	}
	for _, line := range []struct{ kind, name, value string }{
		{contactAddress, c.n.ContactAddress, w.AddressText}, {contactEmail, c.n.ContactEmail, w.Email}, {contactPhone, c.n.ContactPhone, w.Phone},
	} {
		if line.value == "" {
			continue
		}
		l := row{"Тип": line.kind, "Представление": line.value}
		if line.name != "-" {
			ref, err := c.configured(ctx, c.n.ContactKinds, "PredefinedDataName", line.name, "contact kinds")
			if err != nil {
				return nil, err
			}
			l["Вид_Key"] = ref
		}
		switch line.kind {
		case contactEmail:
			l["АдресЭП"] = line.value
		case contactPhone:
			l["НомерТелефона"] = cut(strings.TrimPrefix(line.value, "+"), 20)
		}
		rows = append([]row{l}, rows...)
	}
	return numbered(rows), nil
}

func (c *Client) writeFirm(ctx context.Context, w *schema.Customer, st customerState) (row, error) {
	legal := "ФизЛицо"
	if w.Kind == schema.CompanyKind {
		legal = "ЮрЛицо"
		if len(w.INN) == 12 {
			legal = "ИндивидуальныйПредприниматель"
		}
	}
	partner := st.partner.ref("Ref_Key")
	if st.firm == nil {
		r, err := c.create(ctx, c.n.Counterparties, row{
			"Description": w.Name, "НаименованиеПолное": w.FullName, "ИНН": w.INN, "КПП": w.KPP, "ЮрФизЛицо": legal, "Партнер_Key": partner,
		})
		if err != nil && replicator.KindOf(err) == replicator.Unknown {
			found, askErr := c.find(ctx, c.n.Counterparties, eqRef("Партнер_Key", partner), firmFields())
			if askErr == nil && len(found) > 0 {
				return found[0], nil
			}
		}
		return r, err
	}
	body := row{}
	for field, v := range map[string]string{"ИНН": w.INN, "КПП": w.KPP} {
		if strings.TrimSpace(st.firm.text(field)) != v {
			body[field] = v
		}
	}
	if len(body) == 0 {
		return st.firm, nil
	}
	return c.patch(ctx, c.n.Counterparties, st.firm.ref("Ref_Key"), body)
}

package onec

import (
	"context"
	"strings"

	"sverka/schema"
)

// Kinds of contact information, values of the field Тип.
const (
	contactPhone   = "Телефон"
	contactEmail   = "АдресЭлектроннойПочты"
	contactAddress = "Адрес"
)

// maxCode is the length of Catalog_Партнеры.Code.
const maxCode = 11

// customerMark names our code in a partner's comment, where Code cannot hold it.
const customerMark = "customer"

func partnerFields() []string {
	return []string{"Ref_Key", "DeletionMark", "Code", "Description", "НаименованиеПолное", "ЮрФизЛицо", "Клиент", "Комментарий", "КонтактнаяИнформация"}
}

func firmFields() []string {
	return []string{"Ref_Key", "DeletionMark", "Description", "НаименованиеПолное", "ИНН", "КПП", "Партнер_Key", "ЮрФизЛицо"}
}

// customerCode is our code of a partner: the mark in the comment where there is
// one, otherwise 1C's own code.
func customerCode(r row) string {
	if code := readMark(r.text("Комментарий"), customerMark); code != "" {
		return code
	}
	return strings.TrimSpace(r.text("Code"))
}

// customer makes the canonical record of a partner and his counterparty, which
// may be nil.
func (c *Client) customer(r, firm row) *schema.Customer {
	out := &schema.Customer{
		Provenance: c.provenance(r), CustomerCode: customerCode(r), Kind: schema.PersonKind,
		Name: r.text("Description"), FullName: r.text("НаименованиеПолное"),
	}
	if r.text("ЮрФизЛицо") == "Компания" {
		out.Kind = schema.CompanyKind
	}
	if firm != nil {
		out.INN, out.KPP = strings.TrimSpace(firm.text("ИНН")), strings.TrimSpace(firm.text("КПП"))
	}
	for _, l := range r.lines("КонтактнаяИнформация") {
		shown := strings.TrimSpace(l.text("Представление"))
		switch l.text("Тип") {
		case contactPhone:
			if out.Phone == "" {
				out.Phone = phone(shown)
			}
		case contactEmail:
			if out.Email == "" {
				if out.Email = l.text("АдресЭП"); out.Email == "" {
					out.Email = shown
				}
			}
		case contactAddress:
			if out.AddressText == "" {
				out.AddressText = shown
			}
		}
	}
	return out
}

// phone brings a Russian number to E.164 where it is one beyond doubt; anything
// else stays as it is.
func phone(s string) string {
	var d strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			d.WriteRune(r)
		case r >= '０' && r <= '９': // full width, as Chinese keyboards type them
			d.WriteRune(r - '０' + '0')
		case strings.ContainsRune(" +-()\u00a0.", r):
		default:
			return strings.TrimSpace(s)
		}
	}
	digits := d.String()
	switch {
	case len(digits) == 11 && (digits[0] == '8' || digits[0] == '7'):
		return "+7" + digits[1:]
	case strings.HasPrefix(strings.TrimSpace(s), "+") && len(digits) > 7:
		return "+" + digits
	}
	return strings.TrimSpace(s)
}

// projectCustomer is what 1C would hold; the discount group is 1C's own matter
// (agreement, segment) and stays.
func projectCustomer(source, held *schema.Customer) *schema.Customer {
	if !source.DeletedAt.IsZero() {
		return nil // a partner with documents is not removed because a shop account was
	}
	out := schema.Clone(source)
	out.Provenance = schema.Provenance{System: schema.OneC}
	out.Name = cut(strings.TrimSpace(source.Name), maxDescription)
	out.FullName = cut(strings.TrimSpace(source.FullName), 250)
	if out.FullName == "" {
		out.FullName = cut(strings.TrimSpace(source.Name), 250)
	}
	out.Phone, out.Email = phone(source.Phone), cut(strings.TrimSpace(source.Email), 100)
	out.AddressText = cut(strings.TrimSpace(source.AddressText), 500)
	out.INN, out.KPP, out.DiscountGroup = strings.TrimSpace(source.INN), strings.TrimSpace(source.KPP), ""
	if held != nil {
		out.DeletedAt, out.DiscountGroup = held.DeletedAt, held.DiscountGroup
		for to, old := range map[*string]string{
			&out.INN: held.INN, &out.KPP: held.KPP, &out.Phone: held.Phone, &out.Email: held.Email, &out.AddressText: held.AddressText,
		} {
			if *to == "" {
				*to = old // an empty value of the shop says nothing
			}
		}
	}
	return out
}

// partnerTerm is the filter that finds partners by our code.
func partnerTerm(code string) string {
	byMark := "substringof(" + textLiteral(mark(customerMark, code)) + ",Комментарий)"
	if len([]rune(code)) > maxCode {
		return byMark
	}
	return eqText("Code", code) + " or " + byMark
}

// partnersByCode finds customers for documents; what 1C lacks is absent.
func (c *Client) partnersByCode(ctx context.Context, codes map[string]bool) (map[string]partner, error) {
	out := map[string]partner{}
	var terms []string
	for code := range codes {
		if p, ok := c.refs.partners.get("code|" + code); ok {
			out[code] = p
		} else if code != "" {
			terms = append(terms, partnerTerm(code))
		}
	}
	rows, err := c.findAny(ctx, c.n.Partners, terms, []string{"Ref_Key", "Code", "Комментарий", "DeletionMark"})
	if err != nil {
		return nil, err
	}
	return out, c.keepPartners(ctx, rows, func(p partner) { out[p.code] = p })
}

// partnersByRef finds customers of documents that were read.
func (c *Client) partnersByRef(ctx context.Context, refs map[string]bool) (map[string]partner, error) {
	out := map[string]partner{}
	var terms []string
	for ref := range refs {
		if p, ok := c.refs.partners.get("ref|" + ref); ok {
			out[ref] = p
		} else if ref != "" {
			terms = append(terms, eqRef("Ref_Key", ref))
		}
	}
	rows, err := c.findAny(ctx, c.n.Partners, terms, []string{"Ref_Key", "Code", "Комментарий", "DeletionMark"})
	if err != nil {
		return nil, err
	}
	return out, c.keepPartners(ctx, rows, func(p partner) { out[p.ref] = p })
}

func (c *Client) keepPartners(ctx context.Context, rows []row, keep func(partner)) error {
	var terms []string
	for _, r := range rows {
		terms = append(terms, eqRef("Партнер_Key", r.ref("Ref_Key")))
	}
	firms, err := c.findAny(ctx, c.n.Counterparties, terms, []string{"Ref_Key", "Партнер_Key", "DeletionMark"})
	if err != nil {
		return err
	}
	byPartner := map[string]string{}
	for _, f := range firms {
		if !f.flag("DeletionMark") {
			byPartner[f.ref("Партнер_Key")] = f.ref("Ref_Key")
		}
	}
	for _, r := range rows {
		p := partner{ref: r.ref("Ref_Key"), firm: byPartner[r.ref("Ref_Key")], code: customerCode(r)}
		c.refs.partners.put("ref|"+p.ref, p)
		if r.flag("DeletionMark") {
			continue
		}
		if p.firm != "" {
			c.refs.partners.put("code|"+p.code, p)
		}
		keep(p)
	}
	return nil
}

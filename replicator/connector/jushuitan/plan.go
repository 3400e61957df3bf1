package jushuitan

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"sverka/replicator"
	"sverka/schema"
)

// projectOrder returns what Jushuitan would hold of an order. An order that was
// cancelled or deleted before it came there is not told at all; afterwards its
// end is the order status's business, and the order itself stays as it is.
func (c *Client) projectOrder(d *replicator.Delivery, src *schema.SalesOrder) (schema.Record, error) {
	held, _ := d.Held.(*schema.SalesOrder)
	switch {
	case ended(d, src) && held != nil:
		return schema.Clone(held), nil
	case ended(d, src) && d.AskFirst:
		// An upload of unknown outcome may have made the order after all: Write looks, and ends it.
		return &schema.SalesOrder{Provenance: schema.Provenance{System: schema.Jushuitan}, OrderNumber: src.OrderNumber}, nil
	case ended(d, src):
		return nil, nil //nolint:nilnil // the contract: nil means nothing to be told
	}
	wanted, err := c.planOrder(src, held, &d.Related)
	if err != nil {
		return nil, err
	}
	return wanted, nil
}

// ended tells that the source has cancelled or deleted the order.
func ended(d *replicator.Delivery, src *schema.SalesOrder) bool {
	return !src.DeletedAt.IsZero() || d.Related.Status != nil && d.Related.Status.Phase == schema.PhaseCancelled
}

// planOrder turns an order into Jushuitan's terms: whole pieces, services as
// freight, times to the second, texts within the vendor's limits. Names, the
// date and what stands behind a mask keep the held value, since an upload cannot
// change or show them.
func (c *Client) planOrder(src, held *schema.SalesOrder, rel *replicator.Related) (*schema.SalesOrder, error) {
	o := &schema.SalesOrder{
		Provenance: schema.Provenance{System: schema.Jushuitan}, OrderNumber: src.OrderNumber, CustomerCode: src.CustomerCode,
		OrderedAt: src.OrderedAt.UTC().Truncate(time.Second), Currency: src.Currency, Freight: src.Freight,
		WarehouseCode: src.WarehouseCode, ReceiverName: src.ReceiverName, ReceiverPhone: src.ReceiverPhone,
		Comment: strings.TrimSpace(shorten(src.Comment, 400)), Posted: true,
	}
	if src.PaymentMethod == schema.MethodOnDelivery {
		o.PaymentMethod = schema.MethodOnDelivery
	}
	if cust := rel.Customer; cust != nil {
		o.ReceiverName = firstOf(o.ReceiverName, cust.Name)
		o.ReceiverPhone = firstOf(o.ReceiverPhone, cust.Phone)
	}
	o.ReceiverName, o.ReceiverPhone = strings.TrimSpace(o.ReceiverName), strings.TrimSpace(o.ReceiverPhone)
	state, city, district := region(rel.Address)
	o.AddressText = joinAddress(state, city, district, addressOf(src))
	dropped, err := planLines(o, src, held)
	if err != nil {
		return nil, err
	}
	if err := planSums(o, src, held, dropped); err != nil {
		return nil, err
	}
	keepHeld(o, held)
	return o, checkPlan(o, src)
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// addressOf is the address as the buyer wrote it. Jushuitan demands one, so an
// order that the buyer fetches says so in the vendor's own word.
func addressOf(o *schema.SalesOrder) string {
	if a := strings.TrimSpace(o.AddressText); a != "" {
		return a
	}
	return "自提"
}

// region is what the geocoder made of the address; empty unless it is sure.
func region(a *schema.Address) (state, city, district string) {
	if a == nil || a.Status != schema.AddressResolved {
		return "", "", ""
	}
	return strings.TrimSpace(a.Region), strings.TrimSpace(a.City), strings.TrimSpace(a.District)
}

// planLines takes over the goods. Services become freight; a cancelled line that
// Jushuitan never had is left out.
func planLines(o, src, held *schema.SalesOrder) (dropped bool, err error) {
	for _, l := range src.Lines {
		known := lineOf(held, l.LineNo)
		switch {
		case l.IsService && l.Cancelled:
			continue
		case l.IsService:
			o.Freight += l.Amount
			continue
		case l.Cancelled && known == nil:
			dropped = true
			continue
		}
		if err := checkLine(src.OrderNumber, &l); err != nil {
			return false, err
		}
		line := schema.SalesOrderLine{
			LineNo: l.LineNo, SKU: l.SKU, Name: shorten(firstOf(l.Name, l.SKU), 100), Quantity: l.Quantity, UnitCode: pieceCode,
			Price: l.Price, Amount: l.Amount, Cancelled: l.Cancelled,
		}
		if known != nil {
			line.Name = known.Name
		}
		o.Lines = append(o.Lines, line)
	}
	sort.Slice(o.Lines, func(i, j int) bool { return o.Lines[i].LineNo < o.Lines[j].LineNo })
	if len(o.Lines) == 0 {
		return false, rejected("project order "+src.OrderNumber, "", "the order has no goods to send", "an order of services only cannot be given to a warehouse")
	}
	return dropped, nil
}

// checkLine: Jushuitan counts whole pieces of an article.
func checkLine(number string, l *schema.SalesOrderLine) error {
	op := fmt.Sprintf("project order %s line %d", number, l.LineNo)
	switch {
	case l.LineNo < 1:
		return rejected(op, "", "the line has no number", "lines are numbered from 1")
	case l.Quantity%1000 != 0:
		return rejected(op, "", "the quantity "+l.Quantity.String()+" of "+l.SKU+" is not whole", "enter the line in whole pieces")
	case !slices.Contains([]string{"", pieceCode, "715", "839", "704"}, l.UnitCode):
		// Pairs, sets and kits are one article each; packs and weights would need a factor.
		return rejected(op, "", "the unit "+l.UnitCode+" of "+l.SKU+" cannot be counted in pieces", "enter the line in pieces (796)")
	}
	return nil
}

// planSums: goods + freight - discount = what is due.
func planSums(o, src, held *schema.SalesOrder, dropped bool) error {
	var goods schema.Amount
	cancelled := false
	for _, l := range o.Lines {
		goods += l.Amount
		cancelled = cancelled || l.Cancelled
	}
	switch {
	case cancelled && held != nil:
		// The sums of an uploaded order stay; a cancelled line is only marked.
		o.Total, o.Freight = held.Total, held.Freight
	case dropped:
		o.Total = goods + o.Freight - src.Discount
	default:
		o.Total = src.Total
	}
	o.Discount = goods + o.Freight - o.Total
	if o.Discount < 0 || o.Total < 0 {
		return rejected("project order "+src.OrderNumber, "", "the total "+src.Total.String()+" does not equal goods "+goods.String()+" + freight "+o.Freight.String()+" - discount", "correct the sums of the order")
	}
	return nil
}

// keepHeld keeps what an upload cannot change.
func keepHeld(o, held *schema.SalesOrder) {
	if held == nil {
		return
	}
	o.OrderedAt = held.OrderedAt
	if o.WarehouseCode == "" {
		o.WarehouseCode = held.WarehouseCode
	}
	keepMasked(o, held)
}

// keepMasked takes a masked receiver for equal when the mask fits.
func keepMasked(o, held *schema.SalesOrder) {
	o.ReceiverName = unmasked(o.ReceiverName, held.ReceiverName)
	o.ReceiverPhone = unmasked(o.ReceiverPhone, held.ReceiverPhone)
	o.AddressText = unmasked(o.AddressText, held.AddressText)
}

func unmasked(want, shown string) string {
	first, last := strings.Index(shown, "*"), strings.LastIndex(shown, "*")
	if first >= 0 && strings.HasPrefix(want, shown[:first]) && strings.HasSuffix(want, shown[last+1:]) {
		return shown
	}
	return want
}

func lineOf(o *schema.SalesOrder, no int) *schema.SalesOrderLine {
	if o == nil {
		return nil
	}
	for i := range o.Lines {
		if o.Lines[i].LineNo == no {
			return &o.Lines[i]
		}
	}
	return nil
}

// checkPlan names the first field that Jushuitan would refuse; values are
// personal data and not shown.
func checkPlan(o, src *schema.SalesOrder) error {
	op := "project order " + src.OrderNumber
	for _, f := range []struct {
		field, value string
		limit        int
	}{
		{"customer_code", o.CustomerCode, 50},
		{"receiver_name", o.ReceiverName, 50},
		{"receiver_phone", o.ReceiverPhone, 50},
		{"address_text", addressOf(src), 200},
		{"currency", o.Currency, 3},
	} {
		if f.value == "" {
			return rejected(op, "", f.field+" is empty", "fill it in the order")
		}
		if n := utf8.RuneCountInString(f.value); n > f.limit {
			return rejected(op, "", fmt.Sprintf("%s has %d characters, at most %d are allowed", f.field, n, f.limit), "shorten it in the order")
		}
	}
	return nil
}

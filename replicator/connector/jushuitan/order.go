package jushuitan

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"sverka/schema"
)

// orderRow is a row of orders/single/query.
type orderRow struct {
	ID         text      `json:"o_id"`
	Number     text      `json:"so_id"`
	Status     text      `json:"status"`
	Customer   text      `json:"shop_buyer_id"`
	OrderDate  text      `json:"order_date"`
	Modified   text      `json:"modified"`
	SendDate   text      `json:"send_date"`
	PayAmount  money     `json:"pay_amount"`
	PaidAmount money     `json:"paid_amount"`
	Freight    money     `json:"freight"`
	Currency   text      `json:"currency"`
	State      text      `json:"receiver_state"`
	City       text      `json:"receiver_city"`
	District   text      `json:"receiver_district"`
	Address    text      `json:"receiver_address"`
	Name       text      `json:"receiver_name"`
	Mobile     text      `json:"receiver_mobile"`
	Phone      text      `json:"receiver_phone"`
	Message    text      `json:"buyer_message"`
	Warehouse  text      `json:"wms_co_id"`
	IsCOD      truth     `json:"is_cod"`
	IsSplit    truth     `json:"is_split"`
	Question   text      `json:"question_type"`
	Carrier    text      `json:"logistics_company"`
	Tracking   text      `json:"l_id"`
	Remark     text      `json:"remark"`
	TS         integer   `json:"ts"`
	Items      []itemRow `json:"items"`
	Pays       []payRow  `json:"pays"`

	asked time.Time // the moment before it was asked for by number
}

type itemRow struct {
	SKU       text    `json:"sku_id"`
	Name      text    `json:"name"`
	Qty       integer `json:"qty"`
	Price     text    `json:"price"`
	BasePrice text    `json:"base_price"`
	Amount    money   `json:"amount"`
	OuterID   text    `json:"outer_oi_id"`
	Refund    text    `json:"refund_status"`
	Status    text    `json:"item_status"`
}

type payRow struct {
	OuterID text  `json:"outer_pay_id"`
	ID      text  `json:"pay_id"`
	Amount  money `json:"amount"`
	Date    text  `json:"pay_date"`
	Method  text  `json:"payment"`
	Status  text  `json:"status"`
}

// lineID is outer_oi_id: the one link to an order's line that survives splits
// and merges.
func lineID(orderNumber string, lineNo int) string {
	return orderNumber + "-" + strconv.Itoa(lineNo)
}

// lineNo reads our line number out of an outer_oi_id, 0 when it is not ours.
func lineNo(orderNumber string, outerID text) int {
	suffix, ours := strings.CutPrefix(string(outerID), orderNumber+"-")
	n, err := strconv.Atoi(suffix)
	if !ours || err != nil || n < 1 {
		return 0
	}
	return n
}

// salesOrder is the order as Jushuitan holds it. What Jushuitan cannot hold (VAT,
// services, delivery method, most payment methods) is empty.
func (c *Client) salesOrder(row *orderRow, asked time.Time) (*schema.SalesOrder, error) {
	at, err := c.parseTime(row.OrderDate)
	if err != nil {
		return nil, fmt.Errorf("ordered_at: %w", err)
	}
	o := &schema.SalesOrder{
		Provenance: c.orderProvenance(row, asked), OrderNumber: string(row.Number), CustomerCode: string(row.Customer), OrderedAt: at,
		Currency: string(row.Currency), Total: schema.Amount(row.PayAmount), Freight: schema.Amount(row.Freight),
		WarehouseCode: c.placeCode(row.Warehouse), ReceiverName: string(row.Name), ReceiverPhone: string(row.Mobile),
		AddressText: joinAddress(string(row.State), string(row.City), string(row.District), string(row.Address)),
		Comment:     string(row.Message), Posted: true,
	}
	if o.Currency == "" {
		o.Currency = c.cfg.Currency
	}
	if o.ReceiverPhone == "" {
		o.ReceiverPhone = string(row.Phone)
	}
	if row.IsCOD {
		o.PaymentMethod = schema.MethodOnDelivery
	}
	if o.Lines, err = orderLines(o.OrderNumber, row.Items); err != nil {
		return nil, err
	}
	var goods schema.Amount
	for _, l := range o.Lines {
		goods += l.Amount
	}
	o.Discount = goods + o.Freight - o.Total
	return o, nil
}

func (c *Client) orderProvenance(row *orderRow, asked time.Time) schema.Provenance {
	p := schema.Provenance{System: schema.Jushuitan, ExternalID: string(row.ID), ObservedAt: asked}
	if t, err := c.parseTime(row.Modified); err == nil {
		p.SourceModifiedAt = t
	}
	for name, v := range map[string]text{"l_id": row.Tracking, "logistics_company": row.Carrier, "ts": text(strconv.FormatInt(int64(row.TS), 10))} {
		if v != "" {
			if p.Extra == nil {
				p.Extra = schema.Extra{}
			}
			p.Extra[name] = string(v)
		}
	}
	return p
}

// orderLines are the lines in the order of their numbers. Rows of one outer_oi_id
// (a line divided between split orders) are added up; rows that are not ours get
// numbers after all others.
func orderLines(number string, items []itemRow) ([]schema.SalesOrderLine, error) {
	byNo := map[int]*schema.SalesOrderLine{}
	last := 0
	for i := range items {
		last = max(last, lineNo(number, items[i].OuterID))
	}
	for i := range items {
		it := &items[i]
		price, err := unitPrice(it)
		if err != nil {
			return nil, fmt.Errorf("lines[%d].price: %w", i+1, err)
		}
		no := lineNo(number, it.OuterID)
		if known := byNo[no]; no > 0 && known != nil && known.SKU == string(it.SKU) {
			known.Quantity += schema.Pieces(int64(it.Qty))
			known.Amount += schema.Amount(it.Amount)
			known.Cancelled = known.Cancelled && it.cancelled()
			continue
		} else if no == 0 || known != nil {
			last++
			no = last
		}
		byNo[no] = &schema.SalesOrderLine{
			LineNo: no, SKU: string(it.SKU), Name: string(it.Name), Quantity: schema.Pieces(int64(it.Qty)), UnitCode: pieceCode,
			Price: price, Amount: schema.Amount(it.Amount), Cancelled: it.cancelled(),
		}
	}
	lines := make([]schema.SalesOrderLine, 0, len(byNo))
	for _, l := range byNo {
		lines = append(lines, *l)
	}
	sort.Slice(lines, func(i, j int) bool { return lines[i].LineNo < lines[j].LineNo })
	return lines, nil
}

// unitPrice is the price of one piece; where the vendor computed one with four
// places, it is only informative (the line's amount counts) and rounded.
func unitPrice(it *itemRow) (schema.Amount, error) {
	value := it.Price
	if value == "" {
		value = it.BasePrice
	}
	v, _, err := rounded(orZero(value), schema.AmountScale, schema.ParseAmount)
	return v, err
}

// cancelled: a refunded line is not shipped. A cancelled order's lines are not
// cancelled by themselves: that is the order's status.
func (it *itemRow) cancelled() bool {
	return it.Refund == "success" || it.Status == "Replaced" || it.Status == "Delete"
}

// joinAddress puts the region before an address that does not name it itself.
func joinAddress(state, city, district, address string) string {
	lower := strings.ToLower(address)
	if city == "" && state == "" || city != "" && strings.Contains(lower, strings.ToLower(city)) {
		return address
	}
	var parts []string
	for _, p := range []string{state, city, district} {
		if p != "" && (len(parts) == 0 || parts[len(parts)-1] != p) && !strings.Contains(lower, strings.ToLower(p)) {
			parts = append(parts, p)
		}
	}
	return strings.Join(append(parts, address), ", ")
}

package jushuitansim

import (
	"strconv"
	"strings"
	"time"

	"sverka/schema"
)

// Order states of the ERP.
const (
	statusWaitPay     = "WaitPay"
	statusWaitConfirm = "WaitConfirm"
	statusDelivering  = "Delivering"
	statusSent        = "Sent"
	statusQuestion    = "Question"
	statusCancelled   = "Cancelled"
	statusSplit       = "Split"
)

// upload is one order as a shop sends it.
type upload struct {
	ShopID          int64          `json:"shop_id"`
	SoID            string         `json:"so_id"`
	OrderDate       string         `json:"order_date"`
	ShopStatus      string         `json:"shop_status"`
	ShopBuyerID     string         `json:"shop_buyer_id"`
	ReceiverState   *string        `json:"receiver_state"`
	ReceiverCity    *string        `json:"receiver_city"`
	ReceiverArea    *string        `json:"receiver_district"`
	ReceiverAddress string         `json:"receiver_address"`
	ReceiverName    string         `json:"receiver_name"`
	ReceiverPhone   string         `json:"receiver_phone"`
	ReceiverMobile  string         `json:"receiver_mobile"`
	ReceiverCountry string         `json:"receiver_country"`
	ReceiverZip     string         `json:"receiver_zip"`
	PayAmount       *schema.Amount `json:"pay_amount"`
	Freight         *schema.Amount `json:"freight"`
	Currency        string         `json:"currency"`
	BuyerMessage    string         `json:"buyer_message"`
	Remark          string         `json:"remark"`
	QuestionDesc    string         `json:"question_desc"`
	IsCOD           bool           `json:"is_cod"`
	WmsCoID         int64          `json:"wms_co_id"`
	Items           []uploadItem   `json:"items"`
	Pay             *uploadPay     `json:"pay"`
}

type uploadItem struct {
	SKU          string         `json:"sku_id"`
	ShopSKU      string         `json:"shop_sku_id"`
	StyleCode    string         `json:"i_id"`
	Name         string         `json:"name"`
	Properties   string         `json:"properties_value"`
	Amount       *schema.Amount `json:"amount"`
	BasePrice    *schema.Amount `json:"base_price"`
	Price        *schema.Amount `json:"price"`
	Qty          int64          `json:"qty"`
	OuterID      string         `json:"outer_oi_id"`
	IsGift       bool           `json:"is_gift"`
	RefundStatus string         `json:"refund_status"`
}

type uploadPay struct {
	OuterID       string         `json:"outer_pay_id"`
	Date          string         `json:"pay_date"`
	Method        string         `json:"payment"`
	SellerAccount string         `json:"seller_account"`
	BuyerAccount  string         `json:"buyer_account"`
	Amount        *schema.Amount `json:"amount"`
}

// order is an order of the ERP. Several may carry the same so_id after a split.
type order struct {
	oID          int64
	up           upload // as last accepted
	status       string
	questionType string
	created      time.Time
	modified     time.Time
	sentAt       time.Time
	wms          int64
	trackingNo   string
	items        []*item
	pays         []pay
	version      int64
	parent       int64 // o_id of the order that this one was split from
	locked       map[string]int64
	picking      map[string]int64
}

type item struct {
	uploadItem
	oiID    int64
	shipped int64
}

type pay struct {
	uploadPay
	payID int64
}

func (it *item) cancelled() bool { return it.RefundStatus == "success" }

// state is the item's own status.
func (it *item) state(o *order) string {
	switch {
	case it.cancelled() || o.status == statusCancelled:
		return statusCancelled
	case it.shipped >= it.Qty:
		return statusSent
	default:
		return o.status
	}
}

// paid adds up what was paid.
func (o *order) paid() schema.Amount {
	var sum schema.Amount
	for _, p := range o.pays {
		sum += *p.Amount
	}
	return sum
}

func (o *order) payable() bool { return o.up.IsCOD || o.paid() >= *o.up.PayAmount }

// locksStock: from payment until the goods leave or the order ends.
func (o *order) locksStock() bool {
	switch o.status {
	case statusWaitConfirm, statusDelivering:
		return true
	case statusQuestion:
		return o.payable()
	}
	return false
}

// touch gives an order a new version after a write, and brings its locks in line.
func (s *Sim) touchOrder(o *order) {
	o.version = s.nextVersion()
	o.modified = s.now()
	if o.locked == nil {
		o.locked, o.picking = map[string]int64{}, map[string]int64{}
	}
	s.relock(o)
}

// find returns the order that an upload of this number updates: the latest one
// that a split has not replaced.
func (s *Sim) find(soID string) *order {
	for i := len(s.orders) - 1; i >= 0; i-- {
		if o := s.orders[i]; o.up.SoID == soID && o.status != statusSplit {
			return o
		}
	}
	return nil
}

func (s *Sim) findByID(oID int64) *order {
	for _, o := range s.orders {
		if o.oID == oID {
			return o
		}
	}
	return nil
}

// row is the order as orders.single.query shows it.
func (s *Sim) orderRow(o *order) map[string]any {
	u := &o.up
	free := *u.Freight - *u.PayAmount
	items, pays, codes := []map[string]any{}, []map[string]any{}, []string{}
	var pieces int64
	for _, it := range o.items {
		free += *it.Amount
		pieces += it.Qty
		codes = append(codes, it.SKU+"*"+strconv.FormatInt(it.Qty, 10))
		items = append(items, it.row(o))
	}
	var payDate, payID any
	for _, p := range o.pays {
		payDate, payID = p.Date, p.OuterID
		pays = append(pays, p.row(o))
	}
	return map[string]any{
		"o_id": o.oID, "so_id": u.SoID, "shop_id": u.ShopID, "shop_name": s.shops[0].name, "shop_site": "商家自有商城", "co_id": companyID,
		"type": "普通订单", "order_from": "open", "status": o.status, "shop_status": u.ShopStatus,
		"order_date": u.OrderDate, "created": wall(o.created), "modified": wall(o.modified), "pay_date": payDate, "send_date": wall(o.sentAt),
		"plan_delivery_date": nil, "sign_time": nil, "end_time": nil,
		"pay_amount": *u.PayAmount, "paid_amount": o.paid(), "freight": u.Freight.String(), "free_amount": free,
		"platform_free_amount": "", "pay_free_amount": "", "referrer_free_amount": "", "shop_free_amount": "",
		"currency": u.Currency, "shop_buyer_id": u.ShopBuyerID, "buyer_id": "0", "open_id": "",
		"receiver_state": text(u.ReceiverState), "receiver_city": text(u.ReceiverCity), "receiver_district": text(u.ReceiverArea), "receiver_town": "",
		"receiver_address": u.ReceiverAddress, "receiver_name": s.mask(u.ReceiverName, 1, 0),
		"receiver_mobile": s.mask(u.ReceiverMobile, 3, 4), "receiver_phone": s.mask(u.ReceiverPhone, 3, 4),
		"receiver_country": u.ReceiverCountry, "receiver_zip": u.ReceiverZip, "receiver_email": "",
		"wms_co_id": s.wmsText(o.wms), "logistics_company": carrierName(o.trackingNo), "lc_id": carrierCode(o.trackingNo), "l_id": o.trackingNo, "un_lid": "",
		"question_type": o.questionType, "question_desc": u.QuestionDesc, "remark": u.Remark, "node": "", "buyer_message": u.BuyerMessage,
		"labels": "", "seller_flag": nil, "outer_pay_id": payID, "invoice_title": "", "invoice_type": "", "buyer_tax_no": "",
		"creator_name": "", "drp_co_id_from": "", "drp_co_id_to": "", "as_id": nil, "link_o_id": linkID(o.parent), "merge_so_id": "",
		"is_merge": false, "is_split": o.parent != 0 || o.status == statusSplit, "is_cod": u.IsCOD, "weight": schema.Quantity(0), "f_weight": schema.Quantity(0),
		"skus": strconv.FormatInt(pieces, 10) + "." + strings.Join(codes, ","), "ts": o.version,
		"buyer_paid_amount": nil, "seller_income_amount": nil, "chosen_channel": "", "shipment": "", "package_no": nil, "warehouse_oid": nil,
		"referrer_id": "", "referrer_name": "", "pays": pays, "items": items,
	}
}

func (it *item) row(o *order) map[string]any {
	refund := it.RefundStatus
	if refund == "" {
		refund = "none"
	}
	price := it.Price
	if price == nil {
		price = it.BasePrice
	}
	return map[string]any{
		"oi_id": it.oiID, "sku_id": it.SKU, "shop_sku_id": it.ShopSKU, "i_id": it.StyleCode, "shop_i_id": it.StyleCode, "name": it.Name,
		"properties_value": it.Properties, "qty": it.Qty, "price": *price, "base_price": *it.BasePrice, "amount": *it.Amount,
		"is_gift": it.IsGift, "is_presale": false, "sku_type": "normal", "outer_oi_id": it.OuterID, "raw_so_id": o.up.SoID,
		"refund_status": refund, "refund_id": "", "item_status": it.state(o), "pic": "", "remark": "", "batch_id": "", "produced_date": nil,
	}
}

func (p *pay) row(o *order) map[string]any {
	return map[string]any{
		"is_order_pay": true, "buyer_account": p.BuyerAccount, "amount": *p.Amount, "pay_date": p.Date, "outer_pay_id": p.OuterID,
		"pay_id": strconv.FormatInt(p.payID, 10), "payment": p.Method, "status": "Confirmed", "pay_type": "", "o_id": o.oID,
	}
}

// wmsText is how the orders query writes a warehouse: "0" for the main one.
func (s *Sim) wmsText(id int64) string {
	if id == s.mainID() {
		return "0"
	}
	return strconv.FormatInt(id, 10)
}

// mask hides the middle of a value when the simulator is told to.
func (s *Sim) mask(v string, head, tail int) string {
	r := []rune(v)
	if !s.opts.MaskReceiver || len(r) <= head+tail {
		return v
	}
	return string(r[:head]) + "**" + string(r[len(r)-tail:])
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func linkID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func carrierName(trackingNo string) string {
	if trackingNo == "" {
		return ""
	}
	return "顺丰速运"
}

func carrierCode(trackingNo string) string {
	if trackingNo == "" {
		return ""
	}
	return "SF"
}

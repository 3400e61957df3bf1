package jushuitan

import (
	"sverka/replicator"
	"sverka/schema"
)

// uploadOrder is one element of the array of orders/upload.
type uploadOrder struct {
	ShopID       int64         `json:"shop_id"`
	Number       string        `json:"so_id"`
	OrderDate    string        `json:"order_date"`
	ShopStatus   string        `json:"shop_status"`
	Customer     string        `json:"shop_buyer_id"`
	State        string        `json:"receiver_state,omitempty"` // left out rather than empty
	City         string        `json:"receiver_city,omitempty"`
	District     string        `json:"receiver_district,omitempty"`
	Address      string        `json:"receiver_address"`
	Name         string        `json:"receiver_name"`
	Mobile       string        `json:"receiver_mobile"`
	Country      string        `json:"receiver_country,omitempty"`
	Zip          string        `json:"receiver_zip,omitempty"`
	PayAmount    schema.Amount `json:"pay_amount"`
	Freight      schema.Amount `json:"freight"`
	Currency     string        `json:"currency"`
	BuyerMessage string        `json:"buyer_message"`
	IsCOD        bool          `json:"is_cod"`
	Warehouse    int64         `json:"wms_co_id,omitempty"`
	Items        []uploadItem  `json:"items"`
	Pay          *uploadPay    `json:"pay,omitempty"`
}

type uploadItem struct {
	SKU       string        `json:"sku_id"`
	ShopSKU   string        `json:"shop_sku_id"`
	Name      string        `json:"name"`
	Amount    schema.Amount `json:"amount"`
	BasePrice schema.Amount `json:"base_price"`
	Price     schema.Amount `json:"price"`
	Qty       int64         `json:"qty"`
	OuterID   string        `json:"outer_oi_id"`
	Refund    string        `json:"refund_status,omitempty"`
}

type uploadPay struct {
	OuterID string        `json:"outer_pay_id"`
	Date    string        `json:"pay_date"`
	Method  string        `json:"payment"`
	Seller  string        `json:"seller_account"`
	Buyer   string        `json:"buyer_account"`
	Amount  schema.Amount `json:"amount"`
}

// parcel is an order on its way: what is sent and what Jushuitan will then hold.
type parcel struct {
	index  int // of the delivery
	wanted *schema.SalesOrder
	body   uploadOrder
	note   string
}

// payload writes a planned order. Receiver and address are the source's own:
// those of the plan may be masked.
func (c *Client) payload(plan, src *schema.SalesOrder, rel *replicator.Related, f funding) uploadOrder {
	o := uploadOrder{
		ShopID: c.cfg.ShopID, Number: plan.OrderNumber, OrderDate: c.formatTime(plan.OrderedAt), ShopStatus: "WAIT_BUYER_PAY",
		Customer: plan.CustomerCode, Address: addressOf(src), Name: src.ReceiverName, Mobile: src.ReceiverPhone,
		PayAmount: plan.Total, Freight: plan.Freight, Currency: plan.Currency, BuyerMessage: plan.Comment,
		IsCOD: plan.PaymentMethod == schema.MethodOnDelivery,
	}
	if cust := rel.Customer; cust != nil {
		o.Name, o.Mobile = firstOf(o.Name, cust.Name), firstOf(o.Mobile, cust.Phone)
	}
	o.State, o.City, o.District = region(rel.Address)
	if o.State+o.City != "" {
		o.Country, o.Zip = shorten(rel.Address.Country, 2), rel.Address.PostalCode
	}
	o.Warehouse, _ = parseInteger(c.ids[plan.WarehouseCode])
	for _, l := range plan.Lines {
		it := uploadItem{
			SKU: l.SKU, ShopSKU: l.SKU, Name: l.Name, Amount: l.Amount, BasePrice: l.Price, Price: l.Price,
			Qty: int64(l.Quantity) / 1000, OuterID: lineID(plan.OrderNumber, l.LineNo),
		}
		if l.Cancelled {
			it.Refund = "success" // the line is not shipped
		}
		o.Items = append(o.Items, it)
	}
	if o.IsCOD || f.complete || plan.Total == 0 {
		o.ShopStatus = "WAIT_SELLER_SEND_GOODS"
	}
	if f.complete && plan.Total > 0 {
		at := f.lead.PaidAt
		if at.IsZero() {
			at = plan.OrderedAt
		}
		o.Pay = &uploadPay{
			OuterID: f.lead.PaymentID, Date: c.formatTime(at), Method: methodText(f.lead.Method),
			Seller: "shop", Buyer: plan.CustomerCode, Amount: plan.Total,
		}
	}
	return o
}

// secrets are the personal values of a payload.
func (o *uploadOrder) secrets() []string {
	return []string{o.Name, o.Mobile, o.Address, o.BuyerMessage, o.State, o.City, o.District}
}

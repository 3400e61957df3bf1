package schema

import "time"

// Payment methods.
const (
	MethodCard         = "card"
	MethodBankTransfer = "bank_transfer"
	MethodCash         = "cash"
	MethodOnDelivery   = "on_delivery" // no payment is awaited before release
)

// SalesOrder is a customer's order with its lines. Key: order number
// (the shop's number, НомерПоДаннымКлиента in 1C, so_id in Jushuitan).
// Receiver fields and the address are personal data.
type SalesOrder struct {
	Provenance
	OrderNumber    string           `json:"order_number"`
	CustomerCode   string           `json:"customer_code"`
	OrderedAt      time.Time        `json:"ordered_at"`
	Currency       string           `json:"currency"`
	Total          Amount           `json:"total"` // lines + freight - discount, what the buyer owes
	Freight        Amount           `json:"freight"`
	Discount       Amount           `json:"discount"` // on the whole order, not yet in the lines
	PaymentMethod  string           `json:"payment_method"`
	DeliveryMethod string           `json:"delivery_method"`
	WarehouseCode  string           `json:"warehouse_code"`
	ReceiverName   string           `json:"receiver_name"`
	ReceiverPhone  string           `json:"receiver_phone"`
	AddressText    string           `json:"address_text"`
	Comment        string           `json:"comment"`
	Posted         bool             `json:"posted"` // accepted: posted in 1C; true for systems without posting
	Lines          []SalesOrderLine `json:"lines"`  // ordered by LineNo
}

// SalesOrderLine is one line of an order.
type SalesOrderLine struct {
	LineNo    int      `json:"line_no"` // from 1, stable
	SKU       string   `json:"sku"`
	Name      string   `json:"name"`
	Quantity  Quantity `json:"quantity"`
	UnitCode  string   `json:"unit_code"`
	Price     Amount   `json:"price"`
	Amount    Amount   `json:"amount"` // authoritative total of the line, discounts included
	VATRate   string   `json:"vat_rate"`
	VATAmount Amount   `json:"vat_amount"`
	IsService bool     `json:"is_service"` // delivery and the like: no stock
	Cancelled bool     `json:"cancelled"`
}

// RecordEntity implements [Record].
func (o *SalesOrder) RecordEntity() Entity { return EntitySalesOrder }

// RecordKey implements [Record].
func (o *SalesOrder) RecordKey() Key { return Key(o.OrderNumber) }

// Prov implements [Record].
func (o *SalesOrder) Prov() *Provenance { return &o.Provenance }

// LinesTotal adds up the lines that are not cancelled.
func (o *SalesOrder) LinesTotal() Amount {
	var sum Amount
	for _, l := range o.Lines {
		if !l.Cancelled {
			sum += l.Amount
		}
	}
	return sum
}

// Validate implements [Record].
func (o *SalesOrder) Validate() []Problem {
	var c checker
	c.key("order_number", o.OrderNumber, 30)
	c.currency("currency", o.Currency)
	if o.OrderedAt.IsZero() {
		c.add("ordered_at", "", "is empty", "the order needs its date")
	}
	if len(o.Lines) == 0 {
		c.add("lines", "", "the order has no lines", "an order needs at least one line")
	}
	for i, l := range o.Lines {
		field := lineField(i)
		c.requiredIn(field, "sku", l.SKU)
		if l.Quantity <= 0 {
			c.add(field+".quantity", l.Quantity.String(), "must be above zero", "correct the line in the source system")
		}
		if l.Amount < 0 || l.Price < 0 {
			c.add(field+".amount", l.Amount.String(), "cannot be negative", "correct the line in the source system")
		}
	}
	if got := o.LinesTotal() + o.Freight - o.Discount; got != o.Total && o.System == OpenShop && !o.allCancelled() {
		c.add("total", o.Total.String(), "does not equal lines + freight - discount = "+got.String(), "the shop must send an order whose sums agree")
	}
	return c.problems
}

func (o *SalesOrder) allCancelled() bool {
	for _, l := range o.Lines {
		if !l.Cancelled {
			return false
		}
	}
	return true
}

// Shipment is one parcel or outbound note with its lines. Key: invoice number
// (io_id of Jushuitan, the reference in 1C's Реализация).
type Shipment struct {
	Provenance
	InvoiceNumber  string         `json:"invoice_number"`
	OrderNumber    string         `json:"order_number"`
	WarehouseCode  string         `json:"warehouse_code"`
	ShippedAt      time.Time      `json:"shipped_at,omitzero"`
	Carrier        string         `json:"carrier"`
	TrackingNumber string         `json:"tracking_number"`
	Status         string         `json:"status"`
	Lines          []ShipmentLine `json:"lines"` // ordered by LineNo
}

// Shipment states.
const (
	ShipmentPlanned   = "planned"
	ShipmentShipped   = "shipped"
	ShipmentCancelled = "cancelled"
)

// ShipmentLine is one line of a shipment.
type ShipmentLine struct {
	LineNo   int      `json:"line_no"`
	SKU      string   `json:"sku"`
	Quantity Quantity `json:"quantity"`
	UnitCode string   `json:"unit_code"`
	Amount   Amount   `json:"amount"`
}

// RecordEntity implements [Record].
func (s *Shipment) RecordEntity() Entity { return EntityShipment }

// RecordKey implements [Record].
func (s *Shipment) RecordKey() Key { return Key(s.InvoiceNumber) }

// Prov implements [Record].
func (s *Shipment) Prov() *Provenance { return &s.Provenance }

// Validate implements [Record].
func (s *Shipment) Validate() []Problem {
	var c checker
	c.key("invoice_number", s.InvoiceNumber, 50)
	c.requiredIn("", "order_number", s.OrderNumber)
	c.oneOf("status", s.Status, ShipmentPlanned, ShipmentShipped, ShipmentCancelled)
	for i, l := range s.Lines {
		c.requiredIn(lineField(i), "sku", l.SKU)
		if l.Quantity <= 0 {
			c.add(lineField(i)+".quantity", l.Quantity.String(), "must be above zero", "correct the shipment in the warehouse")
		}
	}
	return c.problems
}

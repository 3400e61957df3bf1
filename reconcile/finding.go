package reconcile

import (
	"encoding/json"
	"time"

	"sverka/schema"
)

// Finding is a compared pair that is not equal. Quantities and amounts are nil
// where the system has no row; Difference, InFlight, Overdue and Unexplained are
// units of the article for stock and shipments, money for orders and payments, and
// always Difference = InFlight + Overdue + Unexplained. It holds no personal data.
type Finding struct {
	RunID             int64
	ID                string // the same pair has the same id in every run
	Area              string
	Comparison        string // quantity, reserved, published, warehouse, document, status, paid, shipped, identity, source
	Class             Class
	Severity          string
	SystemA           schema.System
	SystemB           schema.System // "" for checks inside one system
	WarehouseCode     string
	SKU               string
	ProductName       string
	UnitCode          string
	OrderNumber       string
	Document          string // invoice, order, external id or entity that carries the difference
	Lane              string // flow that should have carried it
	QtyOneC           *schema.Quantity
	QtyJushuitan      *schema.Quantity
	QtyOpenShop       *schema.Quantity
	ReservedOneC      *schema.Quantity
	ReservedJushuitan *schema.Quantity
	AmountOneC        *schema.Amount
	AmountJushuitan   *schema.Amount
	AmountOpenShop    *schema.Amount
	AmountBank        *schema.Amount
	PhaseOneC         schema.Phase
	PhaseJushuitan    schema.Phase
	PhaseOpenShop     schema.Phase
	Difference        schema.Quantity
	InFlight          schema.Quantity
	Overdue           schema.Quantity
	Unexplained       schema.Quantity
	Price             *schema.Amount // of one unit
	Amount            *schema.Amount // value of the part that gave the class, never negative; nil without a price
	Currency          string
	HappenedAt        *time.Time
	ExpectedBy        *time.Time // end of grace
	Affected          int64      // pairs behind the row, 1 as a rule
	Cause             string     // stable word, see Explain
	Evidence          Evidence
	Repair            string // stable word, see Explain
	FirstSeenAt       time.Time
	LastSeenAt        time.Time
	TimesSeen         int
	State             string
}

// AgeDays is for how many whole days the finding has been listed.
func (f *Finding) AgeDays() int { return int(f.LastSeenAt.Sub(f.FirstSeenAt) / (24 * time.Hour)) }

// Evidence is what a cause was read from. Fields that play no part are zero.
type Evidence struct {
	Documents      []EvidenceDocument `json:"documents,omitempty"` // movements that explain a stock difference
	Flow           string             `json:"flow,omitempty"`
	DeliveryState  string             `json:"delivery_state,omitempty"`
	DeliverySince  *time.Time         `json:"delivery_since,omitempty"`
	Reason         string             `json:"reason,omitempty"` // why the delivery is held
	Failure        string             `json:"failure,omitempty"`
	Mode           string             `json:"mode,omitempty"`   // of the flow, when it is not live
	Factor         json.Number        `json:"factor,omitempty"` // pack factor
	TwinSKU        string             `json:"twin_sku,omitempty"`
	OtherWarehouse string             `json:"other_warehouse,omitempty"`
	MissingIn      string             `json:"missing_in,omitempty"`
	Verdict        string             `json:"verdict,omitempty"` // what it would be if nothing were under way
	CustomerCode   string             `json:"customer_code,omitempty"`
	OrderedAt      *time.Time         `json:"ordered_at,omitempty"`
	OrderedA       *time.Time         `json:"ordered_a,omitempty"`
	OrderedB       *time.Time         `json:"ordered_b,omitempty"`
	ShippedA       *time.Time         `json:"shipped_a,omitempty"`
	ShippedB       *time.Time         `json:"shipped_b,omitempty"`
	DeletedAt      *time.Time         `json:"deleted_at,omitempty"`
	DocumentA      string             `json:"document_a,omitempty"` // the systems' own ids
	DocumentB      string             `json:"document_b,omitempty"`
	VendorA        string             `json:"vendor_a,omitempty"` // the systems' own statuses
	VendorB        string             `json:"vendor_b,omitempty"`
	LinesDiffering int                `json:"lines_differing,omitempty"`
	Line           *EvidenceLine      `json:"line,omitempty"` // the first line that differs
	PaymentsA      []string           `json:"payments_a,omitempty"`
	PaymentsB      []string           `json:"payments_b,omitempty"`
	System         string             `json:"system,omitempty"`
	ExternalID     string             `json:"external_id,omitempty"`
	Keys           []string           `json:"keys,omitempty"` // that share one external id
	Entity         string             `json:"entity,omitempty"`
	LastComplete   *time.Time         `json:"last_complete,omitempty"`
	RowsRead       int64              `json:"rows_read,omitempty"`
	RowsRefused    int64              `json:"rows_refused,omitempty"`
	Articles       int64              `json:"articles,omitempty"`
}

// EvidenceDocument is a document that one system has and the other has not.
type EvidenceDocument struct {
	Kind     string          `json:"kind"` // shipment_missing, order_missing, snapshot_between
	Document string          `json:"document"`
	SeenIn   schema.System   `json:"seen_in"`
	Quantity schema.Quantity `json:"quantity"` // its part of the difference
	Status   string          `json:"status"`   // young, overdue, failed
	At       time.Time       `json:"at"`
}

// EvidenceLine is a line that differs; a side is nil when it has no such article.
type EvidenceLine struct {
	SKU     string           `json:"sku"`
	QtyA    *schema.Quantity `json:"qty_a,omitempty"`
	QtyB    *schema.Quantity `json:"qty_b,omitempty"`
	AmountA *schema.Amount   `json:"amount_a,omitempty"`
	AmountB *schema.Amount   `json:"amount_b,omitempty"`
	Amount  *schema.Amount   `json:"amount,omitempty"` // half the sum of all line differences
}

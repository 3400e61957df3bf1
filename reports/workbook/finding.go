package workbook

import (
	"time"

	"sverka/schema"
)

// Severity says how urgent a finding is.
type Severity string

// The severities, most urgent first.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// rank orders severities; an unknown one stands with the urgent ones, so that it
// is seen.
func (s Severity) rank() int {
	switch s {
	case Medium:
		return 1
	case Low:
		return 2
	default:
		return 0
	}
}

// Class is the stable code of a kind of discrepancy. Codes that are not listed
// here are shown as they are.
type Class string

// The classes that the workbook has words for in every language.
const (
	ClassMissLeft  Class = "MISS_A" // the first system of the pair lacks the record
	ClassMissRight Class = "MISS_B" // the second system of the pair lacks the record
	ClassQuantity  Class = "QTY"
	ClassAmount    Class = "AMOUNT"
	ClassPrice     Class = "PRICE"
	ClassTax       Class = "TAX"
	ClassCurrency  Class = "CURR"
	ClassRounding  Class = "ROUND"
	ClassStatus    Class = "STATUS"
	ClassDate      Class = "DATE"
	ClassOverdue   Class = "OVERDUE"
	ClassFailed    Class = "FAILED"
	ClassBackdated Class = "BACKDATED"
	ClassDuplicate Class = "DUP"
	ClassOrphan    Class = "ORPHAN"
	ClassGhost     Class = "GHOST"
	ClassUnmapped  Class = "UNMAPPED"
	ClassMapTwice  Class = "MAPDUP"
	ClassWarehouse Class = "WH_MAP"
	ClassUnit      Class = "UNIT"
	ClassLot       Class = "LOT"
	ClassBucket    Class = "BUCKET"
	ClassTranspose Class = "TRANSPOSE"
	ClassNegative  Class = "NEG"
	ClassStale     Class = "STALE"
	ClassReserve   Class = "RESERVE"
)

// Classes lists every class that has words, in the order of the legend.
func Classes() []Class {
	return []Class{
		ClassMissLeft, ClassMissRight, ClassQuantity, ClassAmount, ClassPrice, ClassTax, ClassCurrency, ClassRounding, ClassStatus, ClassDate, ClassOverdue, ClassFailed, ClassBackdated,
		ClassDuplicate, ClassOrphan, ClassGhost, ClassUnmapped, ClassMapTwice, ClassWarehouse, ClassUnit, ClassLot, ClassBucket, ClassTranspose, ClassNegative, ClassStale, ClassReserve,
	}
}

// Area says which kind of record a finding is about. Stock findings go to the
// Stock sheet, all others to the Orders sheet.
type Area string

// The areas.
const (
	AreaStock    Area = "stock"
	AreaOrder    Area = "order"
	AreaPayment  Area = "payment"
	AreaShipment Area = "shipment"
)

// State says where a finding stands. A state that is not listed counts as open:
// what the workbook does not understand it does not hide.
type State string

// The states.
const (
	Open        State = "open"        // needs a decision
	Reopened    State = "reopened"    // was resolved, came back or changed since
	Provisional State = "provisional" // seen for the first night beside moving balances
	Accepted    State = "accepted"    // below the limits, accepted by the rules
	Resolved    State = "resolved"    // decided by a person
)

// open tells whether somebody has to decide.
func (s State) open() bool {
	switch s {
	case Provisional, Accepted, Resolved:
		return false
	default:
		return true
	}
}

// Finding is one difference between two systems for one business key.
type Finding struct {
	ID       string
	Severity Severity
	Class    Class
	Area     Area
	State    State // empty means open

	// Left and Right are the pair that was compared; MISS_A and MISS_B refer to them.
	Left, Right schema.System

	Warehouse string
	SKU       string
	Product   string
	Unit      string

	// A quantity that is not Valid is not known or was not compared.
	QtyOneC, QtyJushuitan, QtyOpenShop Optional[schema.Quantity]
	InFlight                           Optional[schema.Quantity] // young movements, expected
	Unexplained                        Optional[schema.Quantity] // what is left of the difference

	// Amount is what is at stake, with its sign: positive when the second system
	// holds more. An empty Currency means that of the run.
	Amount   schema.Amount
	Currency string
	AgeDays  int

	OrderNumber                             string
	DocOneC, DocJushuitan, DocOpenShop      string // numbers of the documents
	Customer                                string // the code, never a name
	OrderDate                               time.Time
	StatusOneC, StatusJushuitan, StatusShop string
	AmountShop, AmountOneC                  Optional[schema.Amount]
	LinesDiffering                          int
	Cause, Repair                           string // an empty Repair takes the words of the class
	FirstSeen                               time.Time
	CarriedNote                             string // what people wrote on earlier days
}

// document is the number by which a person finds the record.
func (f *Finding) document() string {
	for _, n := range []string{f.OrderNumber, f.DocOneC, f.DocJushuitan, f.DocOpenShop} {
		if n != "" {
			return n
		}
	}
	return ""
}

// gap computes the formula of the Unexplained column when the finding's own
// numbers prove it: the quantity column of the second system and that of the
// first. ok is false when a side is not known or when the given value has parts
// that the sheet does not show; the value then stands without a formula.
func (f *Finding) gap() (minuend, subtrahend string, ok bool) {
	if !f.Unexplained.Valid {
		return "", "", false
	}
	columns := []struct {
		qty    Optional[schema.Quantity]
		column string
	}{{f.QtyOneC, "H"}, {f.QtyJushuitan, "I"}, {f.QtyOpenShop, "J"}}
	for i, left := range columns {
		for j, right := range columns {
			if i == j || !left.qty.Valid || !right.qty.Valid || (f.Left != "" && qtyColumn(f.Left) != left.column) ||
				(f.Right != "" && qtyColumn(f.Right) != right.column) {
				continue
			}
			if right.qty.V-left.qty.V-f.InFlight.V == f.Unexplained.V {
				return right.column, left.column, true
			}
		}
	}
	return "", "", false
}

// qtyColumn is where the quantity of a system stands on the sheets.
func qtyColumn(s schema.System) string {
	switch s {
	case schema.OneC:
		return "H"
	case schema.Jushuitan:
		return "I"
	case schema.OpenShop:
		return "J"
	default:
		return ""
	}
}

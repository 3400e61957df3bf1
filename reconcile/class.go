package reconcile

// Class is what became of a compared pair, a stable word.
type Class string

// Classes that are listed as findings.
const (
	ClassInFlight          Class = "in_flight"       // under way within its grace: no discrepancy
	ClassOverdue           Class = "overdue"         // under way beyond its grace
	ClassFailed            Class = "failed"          // its delivery is dead
	ClassMissingOneC       Class = "missing_in_onec" // the other side has it, 1C has not
	ClassMissingJushuitan  Class = "missing_in_jushuitan"
	ClassMissingOpenShop   Class = "missing_in_openshop"
	ClassMissingBank       Class = "missing_in_bank"
	ClassQuantity          Class = "quantity"           // quantities differ and nothing explains it
	ClassReserve           Class = "reserve"            // reserves differ and no order explains it
	ClassAmount            Class = "amount"             // sums differ
	ClassPrice             Class = "price"              // same quantity, other price
	ClassTax               Class = "tax"                // same sum, other VAT
	ClassCurrency          Class = "currency"           // currencies differ
	ClassRounding          Class = "rounding"           // within tolerance, accepted by itself
	ClassStatus            Class = "status"             // phases differ beyond agreement and grace
	ClassDate              Class = "date"               // date or accounting month differs
	ClassDuplicate         Class = "duplicate"          // one document under two keys
	ClassOrphan            Class = "orphan"             // its order is in no system
	ClassGhost             Class = "ghost"              // deleted on one side only
	ClassUnmapped          Class = "unmapped"           // the other side does not know the article or the status
	ClassMappingDuplicate  Class = "mapping_duplicate"  // one article under two SKUs
	ClassWarehouseUnmapped Class = "warehouse_unmapped" // the other side does not know the warehouse
	ClassUnit              Class = "unit"               // quantities differ by a pack factor
	ClassTranspose         Class = "transpose"          // two articles of a warehouse differ equally and oppositely
	ClassNegative          Class = "negative"           // less than nothing lies there
	ClassStale             Class = "stale"              // the source is too old to be compared
)

// Classes that are counted and not listed.
const (
	ClassEqual      Class = "equal"
	ClassNotDue     Class = "not_due"     // the other side need not have it: cancelled before it was handed over
	ClassNotCarried Class = "not_carried" // the system has no such thing at all
)

// Classes lists every class in the order in which reports show them.
func Classes() []Class {
	return []Class{
		ClassFailed, ClassOverdue, ClassMissingOneC, ClassMissingJushuitan, ClassMissingOpenShop, ClassMissingBank,
		ClassQuantity, ClassTranspose, ClassUnit, ClassNegative, ClassReserve,
		ClassAmount, ClassPrice, ClassTax, ClassCurrency, ClassStatus, ClassDate,
		ClassDuplicate, ClassGhost, ClassOrphan, ClassUnmapped, ClassMappingDuplicate, ClassWarehouseUnmapped,
		ClassStale, ClassRounding, ClassInFlight, ClassNotDue, ClassNotCarried, ClassEqual,
	}
}

// Discrepancy tells whether a person must look: everything that is neither equal
// nor explained by time or tolerance.
func (c Class) Discrepancy() bool {
	switch c {
	case ClassEqual, ClassNotDue, ClassNotCarried, ClassInFlight, ClassRounding:
		return false
	default:
		return true
	}
}

// Areas of findings.
const (
	AreaStock    = "stock"
	AreaOrder    = "order"
	AreaPayment  = "payment"
	AreaShipment = "shipment"
)

// Severities of findings, from worst.
const (
	SeverityHigh   = "high"
	SeverityMedium = "medium"
	SeverityLow    = "low"
	SeverityInfo   = "info"
)

// States of findings.
const (
	StateNew      = "new"
	StateOpen     = "open"
	StateReopened = "reopened"
	StateInWork   = "in_work"  // a person decided what to do
	StateAccepted = "accepted" // accepted or explained, and the figures have not moved since
	StateChanged  = "changed"  // the figures moved after they were accepted
)

// Code is the code of the finding in the accountants' list of discrepancies:
// MISS_A (the first system of the pair lacks it), MISS_B, QTY and so on.
func (f *Finding) Code() string {
	switch f.Class {
	case ClassMissingOneC, ClassMissingJushuitan, ClassMissingOpenShop, ClassMissingBank:
		if f.Class == "missing_in_"+Class(f.SystemA) {
			return "MISS_A"
		}
		return "MISS_B"
	default:
	}
	codes := map[Class]string{
		ClassInFlight: "IN_FLIGHT", ClassOverdue: "OVERDUE", ClassFailed: "FAILED", ClassQuantity: "QTY", ClassReserve: "RESERVE",
		ClassAmount: "AMOUNT", ClassPrice: "PRICE", ClassTax: "TAX", ClassCurrency: "CURR", ClassRounding: "ROUND",
		ClassStatus: "STATUS", ClassDate: "DATE", ClassDuplicate: "DUP", ClassOrphan: "ORPHAN", ClassGhost: "GHOST",
		ClassUnmapped: "UNMAPPED", ClassMappingDuplicate: "MAPDUP", ClassWarehouseUnmapped: "WH_MAP", ClassUnit: "UNIT",
		ClassTranspose: "TRANSPOSE", ClassNegative: "NEG", ClassStale: "STALE",
	}
	return codes[f.Class]
}

package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Key is the business key of a record as one text. Keys of two parts are joined
// by [KeySeparator]; no part before the last may contain it.
type Key string

// KeySeparator joins the parts of a compound key: "MAIN/SKU-1".
const KeySeparator = "/"

// JoinKey builds a key from its parts.
func JoinKey(parts ...string) Key { return Key(strings.Join(parts, KeySeparator)) }

// Split returns the n parts of a compound key; the last keeps any further separators.
func (k Key) Split(n int) []string { return strings.SplitN(string(k), KeySeparator, n) }

// Record is one canonical row with its child rows: what one system holds for one key.
type Record interface {
	RecordEntity() Entity
	RecordKey() Key
	// Prov gives the provenance columns, to read and to fill.
	Prov() *Provenance
	// Validate lists everything that makes the record unfit to be staged.
	Validate() []Problem
}

// Provenance is carried by every canonical row: who says it, since when, and by
// which exchange we know.
type Provenance struct {
	System           System    `json:"system"`
	ExternalID       string    `json:"external_id"`                 // the system's own id, "" where it has none
	SourceModifiedAt time.Time `json:"source_modified_at,omitzero"` // as the system says; zero when it does not
	ObservedAt       time.Time `json:"observed_at"`                 // the moment before we asked
	ExchangeID       int64     `json:"exchange_id,omitzero"`        // ops.exchange
	RowHash          string    `json:"row_hash"`                    // Hash of the content
	DeletedAt        time.Time `json:"deleted_at,omitzero"`         // set when the system deleted or deactivated it
	Extra            Extra     `json:"extra,omitempty"`             // what the system said beyond the shared shape
}

// Extra keeps values of a source that the shared shape has no column for; nothing is dropped.
type Extra map[string]string

// Problem is one reason why a record cannot be staged or sent.
type Problem struct {
	Field  string // column name
	Value  string // offending value, shortened; "" where it is personal data
	Reason string // what is wrong
	Hint   string // what to do
}

// Error makes a problem readable on one line.
func (p Problem) Error() string {
	s := p.Field + ": " + p.Reason
	if p.Value != "" {
		s += fmt.Sprintf(" (got %q)", p.Value)
	}
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// Hash is a digest of everything a record says apart from its provenance
// (a deletion counts, Extra does not). Two records with equal hashes need no delivery.
//
// Times are brought to UTC microseconds first, as Postgres keeps them, and a
// missing list equals an empty one, so that a record hashes alike before it is
// staged and after it is loaded.
func Hash(r Record) string {
	normaliseTimes(reflect.ValueOf(r).Elem())
	p := r.Prov()
	saved := *p
	*p = Provenance{DeletedAt: saved.DeletedAt}
	if !p.DeletedAt.IsZero() {
		p.DeletedAt = time.Unix(0, 0).UTC() // that it is deleted matters, not when
	}
	b, err := json.Marshal(r)
	*p = saved
	if err != nil {
		panic(fmt.Sprintf("marshal %T: %v", r, err)) // record types hold only marshalable fields
	}
	b = bytes.ReplaceAll(b, []byte(":[]"), []byte(":null"))
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

func normaliseTimes(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		if t, ok := f.Interface().(time.Time); ok {
			f.Set(reflect.ValueOf(t.UTC().Truncate(time.Microsecond)))
		} else if f.Kind() == reflect.Struct {
			normaliseTimes(f)
		}
	}
}

// Clone is a deep copy of a record.
func Clone[T Record](r T) T {
	b, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("marshal %T: %v", r, err))
	}
	out, _ := reflect.New(reflect.TypeOf(r).Elem()).Interface().(T)
	if err := json.Unmarshal(b, out); err != nil {
		panic(fmt.Sprintf("unmarshal %T: %v", r, err))
	}
	return out
}

// NewRecord returns an empty record of an entity, nil for an unknown one.
func NewRecord(e Entity) Record {
	switch e {
	case EntityProduct:
		return &Product{}
	case EntityCustomer:
		return &Customer{}
	case EntityWarehouse:
		return &Warehouse{}
	case EntityOrderStatus:
		return &OrderStatus{}
	case EntitySalesOrder:
		return &SalesOrder{}
	case EntityStockBalance:
		return &StockBalance{}
	case EntityShipment:
		return &Shipment{}
	case EntityPayment:
		return &Payment{}
	case EntityBankTransaction:
		return &BankTransaction{}
	case EntityAddress:
		return &Address{}
	case EntityJournalEntry:
		return &JournalEntry{}
	}
	return nil
}

package schema

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// QuantityScale is the number of decimal places of a [Quantity].
const QuantityScale = 3

// Quantity is an exact count of goods, a weight or a length in thousandths of
// its unit; SQL numeric(18,3). The unit stands in a field beside it.
type Quantity int64

// ParseQuantity reads "12", "12.5" or "1 234,500". More than three significant
// decimal places are an error that wraps [ErrDecimal].
func ParseQuantity(text string) (Quantity, error) {
	n, err := parseDecimal(text, QuantityScale)
	return Quantity(n), err
}

// Pieces is n whole units.
func Pieces(n int64) Quantity { return Quantity(n * 1000) }

// String writes the quantity with three decimal places: "12.500".
func (q Quantity) String() string { return formatDecimal(int64(q), QuantityScale) }

// MarshalJSON writes a JSON number with three decimal places.
func (q Quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads a JSON number or string without passing through a float.
func (q *Quantity) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		*q = 0
		return nil
	}
	v, err := ParseQuantity(s)
	if err != nil {
		return fmt.Errorf("quantity %w", err)
	}
	*q = v
	return nil
}

// Value implements driver.Valuer.
func (q Quantity) Value() (driver.Value, error) { return q.String(), nil }

// Scan implements sql.Scanner; NULL reads as zero.
func (q *Quantity) Scan(src any) error {
	n, err := scanDecimal(src, QuantityScale)
	*q = Quantity(n)
	return err
}

// Times is the value of q units at a unit price, rounded half up to the minor
// unit; false when the product does not fit numeric(18,2).
func (q Quantity) Times(price Amount) (Amount, bool) {
	n, ok := mulDiv(int64(q), int64(price), 1000)
	return Amount(n), ok
}

func scanDecimal(src any, scale int) (int64, error) {
	switch v := src.(type) {
	case nil:
		return 0, nil
	case string:
		return parseDecimal(v, scale)
	case []byte:
		return parseDecimal(string(v), scale)
	default:
		return 0, fmt.Errorf("scan %T: %w", src, ErrDecimal)
	}
}

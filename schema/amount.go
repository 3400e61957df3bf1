package schema

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// AmountScale is the number of decimal places of an [Amount].
const AmountScale = 2

// Amount is money in minor units (kopecks, fen); SQL numeric(18,2). The
// currency stands in a field beside it, as ISO 4217 letters.
type Amount int64

// ParseAmount reads "1234.50", "1 234,50" or "99". More than two significant
// decimal places are an error that wraps [ErrDecimal].
func ParseAmount(text string) (Amount, error) {
	n, err := parseDecimal(text, AmountScale)
	return Amount(n), err
}

// String writes the amount with two decimal places: "1234.50".
func (a Amount) String() string { return formatDecimal(int64(a), AmountScale) }

// MarshalJSON writes a JSON number with two decimal places.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a JSON number or string without passing through a float.
func (a *Amount) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" {
		*a = 0
		return nil
	}
	v, err := ParseAmount(s)
	if err != nil {
		return fmt.Errorf("amount %w", err)
	}
	*a = v
	return nil
}

// Value implements driver.Valuer.
func (a Amount) Value() (driver.Value, error) { return a.String(), nil }

// Scan implements sql.Scanner; NULL reads as zero.
func (a *Amount) Scan(src any) error {
	n, err := scanDecimal(src, AmountScale)
	*a = Amount(n)
	return err
}

package workbook

import (
	"strconv"

	"sverka/schema"
)

// Optional is a value that may be unknown: unknown when it is not Valid, which is
// another thing than zero.
type Optional[T any] struct {
	V     T
	Valid bool
}

// Known is v, known.
func Known[T any](v T) Optional[T] { return Optional[T]{V: v, Valid: true} }

// Figure is one exact number of a control total. The zero value is the count 0.
type Figure struct {
	n        int64
	kind     figureKind
	currency string
}

type figureKind int

const (
	figureCount figureKind = iota
	figureQuantity
	figureAmount
)

// CountOf is a number of rows or documents.
func CountOf(n int64) Figure { return Figure{n: n} }

// QuantityOf is a number of goods.
func QuantityOf(q schema.Quantity) Figure { return Figure{n: int64(q), kind: figureQuantity} }

// AmountOf is money; an empty currency means that of the run.
func AmountOf(a schema.Amount, currency string) Figure {
	return Figure{n: int64(a), kind: figureAmount, currency: currency}
}

// String is the exact decimal as it goes into the cell.
func (f Figure) String() string {
	switch f.kind {
	case figureQuantity:
		return schema.Quantity(f.n).String()
	case figureAmount:
		return schema.Amount(f.n).String()
	default:
		return strconv.FormatInt(f.n, 10)
	}
}

// minus is f-g, in the kind of f.
func (f Figure) minus(g Figure) Figure {
	f.n -= g.n
	return f
}

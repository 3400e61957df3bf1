package workbook

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"sverka/schema"
)

// flushAt is how many bytes of rows gather before they are deflated.
const flushAt = 64 << 10

// cells writes the rows of one sheet into the zip, row after row and cell after
// cell. It holds one block of bytes, however many rows pass through. An error
// stays and is returned by the methods that return one.
type cells struct {
	ctx    context.Context //nolint:containedctx // lives for one sheet, inside one call that received it
	w      io.Writer
	styles *styles
	words  texts
	zone   *time.Location
	buf    []byte
	row    int
	col    int
	err    error
}

// begin starts a row; height 0 leaves the height to the reader.
func (c *cells) begin(row int, height float64) {
	c.row, c.col = row, 0
	c.buf = append(c.buf, `<row r="`...)
	c.buf = strconv.AppendInt(c.buf, int64(row), 10)
	if height > 0 {
		c.buf = append(c.buf, `" ht="`...)
		c.buf = strconv.AppendFloat(c.buf, height, 'f', -1, 64)
		c.buf = append(c.buf, `" customHeight="1`...)
	}
	c.buf = append(c.buf, `">`...)
}

// end finishes the row. It returns the error that ended the writing, be it of
// the file or of a cancelled context.
func (c *cells) end() error {
	c.buf = append(c.buf, `</row>`...)
	if len(c.buf) >= flushAt {
		return c.flush()
	}
	return c.err
}

// flush hands the gathered bytes on and looks whether the caller has given up.
func (c *cells) flush() error {
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	if c.err == nil {
		if _, err := c.w.Write(c.buf); err != nil {
			c.err = fmt.Errorf("write row %d: %w", c.row, err)
		}
	}
	c.buf = c.buf[:0]
	return c.err
}

// open starts the next cell up to its attributes.
func (c *cells) open(style int) {
	c.buf = append(c.buf, `<c r="`...)
	c.buf = appendColumn(c.buf, c.col)
	c.buf = strconv.AppendInt(c.buf, int64(c.row), 10)
	c.buf = append(c.buf, `" s="`...)
	c.buf = strconv.AppendInt(c.buf, int64(style), 10)
	c.col++
}

// skip leaves n cells out altogether.
func (c *cells) skip(n int) { c.col += n }

// blank is an empty cell that has a style.
func (c *cells) blank(style int) {
	c.open(style)
	c.buf = append(c.buf, `"/>`...)
}

// text is a string cell; it can never be read as a formula.
func (c *cells) text(style int, text string) {
	if text == "" {
		c.blank(style)
		return
	}
	c.open(style)
	if needsPreserve(text) {
		c.buf = append(c.buf, `" t="inlineStr"><is><t xml:space="preserve">`...)
	} else {
		c.buf = append(c.buf, `" t="inlineStr"><is><t>`...)
	}
	c.buf = appendText(c.buf, text)
	c.buf = append(c.buf, `</t></is></c>`...)
}

// number is a numeric cell; exact is decimal text such as "-12.50".
func (c *cells) number(style int, exact string) {
	c.open(style)
	c.buf = append(c.buf, `"><v>`...)
	c.buf = append(c.buf, exact...)
	c.buf = append(c.buf, `</v></c>`...)
}

// count is a whole number.
func (c *cells) count(style int, n int64) {
	c.open(style)
	c.buf = append(c.buf, `"><v>`...)
	c.buf = strconv.AppendInt(c.buf, n, 10)
	c.buf = append(c.buf, `</v></c>`...)
}

// quantity is a quantity, or an empty cell when it is not known.
func (c *cells) quantity(q Optional[schema.Quantity]) {
	if !q.Valid {
		c.blank(c.styles.qty)
		return
	}
	c.number(c.styles.quantity(q.V), q.V.String())
}

// amount is money, or an empty cell when it is not known.
func (c *cells) amount(a Optional[schema.Amount], currency string) {
	if !a.Valid {
		c.blank(c.styles.money)
		return
	}
	c.number(c.styles.moneyIn(currency), a.V.String())
}

// figure is a number of a control total.
func (c *cells) figure(f Figure) {
	switch f.kind {
	case figureQuantity:
		c.quantity(Known(schema.Quantity(f.n)))
	case figureAmount:
		c.amount(Known(schema.Amount(f.n)), f.currency)
	default:
		c.count(c.styles.count, f.n)
	}
}

// day is the date of a moment in the report's zone, or an empty cell for the zero
// time.
func (c *cells) day(t time.Time) { c.when(c.styles.day, t, false) }

// calendar is a date that is no moment: it stays the same in every zone.
func (c *cells) calendar(t time.Time) {
	if !t.IsZero() {
		t = time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, c.zone)
	}
	c.day(t)
}

// stamp is a date with its time, or an empty cell for the zero time.
func (c *cells) stamp(t time.Time) { c.when(c.styles.stamp, t, true) }

func (c *cells) when(style int, t time.Time, clock bool) {
	if t.IsZero() {
		c.blank(style)
		return
	}
	t = t.In(c.zone)
	if y := t.Year(); y < 1901 || y > 9999 { // Excel has no such dates
		c.text(c.styles.text, t.Format(time.DateOnly))
		return
	}
	c.number(style, serial(t, clock))
}

// serial is the wall time as Excel counts it: days since 1899-12-30, exact to
// the second, without a float.
func serial(t time.Time, clock bool) string {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	days := int64(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours()) / 24
	out := strconv.FormatInt(days, 10)
	seconds := int64(t.Hour()*3600 + t.Minute()*60 + t.Second())
	if !clock || seconds == 0 {
		return out
	}
	const scale = 10_000_000_000
	fraction := strconv.FormatInt(scale+(seconds*scale+43_200)/86_400, 10)
	return out + "." + fraction[1:]
}

// formula is a live formula with the number that it gives now. The expression
// comes from this package, never from data.
func (c *cells) formula(style int, expression, exact string) {
	c.open(style)
	c.buf = append(c.buf, `"><f>`...)
	c.buf = appendText(c.buf, expression)
	c.buf = append(c.buf, `</f><v>`...)
	c.buf = append(c.buf, exact...)
	c.buf = append(c.buf, `</v></c>`...)
}

// verdict is a live formula that gives a word.
func (c *cells) verdict(style int, expression, word string) {
	c.open(style)
	c.buf = append(c.buf, `" t="str"><f>`...)
	c.buf = appendText(c.buf, expression)
	c.buf = append(c.buf, `</f><v>`...)
	c.buf = appendText(c.buf, word)
	c.buf = append(c.buf, `</v></c>`...)
}

// appendColumn appends the letters of the column with this index, 0 being A.
func appendColumn(dst []byte, index int) []byte {
	if index >= 26 {
		dst = appendColumn(dst, index/26-1)
	}
	return append(dst, byte('A'+index%26))
}

func letters(index int) string { return string(appendColumn(nil, index)) }

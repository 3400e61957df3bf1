package workbook

import (
	"context"
	"fmt"
	"io"
	"iter"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sverka/schema"
)

// Benchmark100kFindings writes a whole workbook with 100,000 stock findings, and
// in the same run the cells of its Stock sheet alone by excelize's stream writer.
// speedup is how many times longer the stream writer takes.
func Benchmark100kFindings(b *testing.B) {
	const n = 100_000
	r := someReport(Russian)
	all := manyFindings(n)
	r.Findings = func() iter.Seq2[Finding, error] {
		return func(yield func(Finding, error) bool) {
			for f, err := range all() {
				f.Area = AreaStock
				if !yield(f, err) {
					return
				}
			}
		}
	}
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if err := Render(context.Background(), io.Discard, r); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		b.StopTimer()
		start = time.Now()
		streamWriter(b, r)
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(float64(n)*float64(b.N)/ours.Seconds(), "rows/s")
	b.ReportMetric(float64(n)*float64(b.N)/theirs.Seconds(), "streamwriter-rows/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "speedup")
}

// streamWriter writes the Stock sheet the way the library offers.
func streamWriter(b *testing.B, r Report) {
	b.Helper()
	f := excelize.NewFile()
	defer f.Close()
	s, err := newStyles(f, r.Run, []string{r.Run.Currency})
	if err != nil {
		b.Fatal(err)
	}
	sw, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	words, row := textsOf(r.Run.Language), headerRow
	text := func(v string) any { return excelize.Cell{StyleID: s.text, Value: v} }
	quantity := func(q Optional[schema.Quantity]) any {
		if !q.Valid {
			return excelize.Cell{StyleID: s.qty}
		}
		return excelize.Cell{StyleID: s.qty, Value: float64(q.V) / 1000}
	}
	for f, err := range r.Findings() {
		if err != nil {
			b.Fatal(err)
		}
		row++
		if err := sw.SetRow(fmt.Sprintf("A%d", row), []any{
			text(f.ID), text(words.or("severity.", string(f.Severity))), text(words.class(&f)), text(f.Warehouse), text(f.SKU), text(f.Product), text(f.Unit),
			quantity(f.QtyOneC), quantity(f.QtyJushuitan), quantity(f.QtyOpenShop), quantity(f.InFlight), quantity(f.Unexplained),
			excelize.Cell{StyleID: s.money, Value: float64(f.Amount) / 100},
			excelize.Cell{StyleID: s.count, Value: f.AgeDays},
			text(f.Cause), text(f.document()), text(words.systems(&f)),
			excelize.Cell{StyleID: s.day, Value: f.FirstSeen},
			text(f.CarriedNote),
			text(words.state(f.State)),
			excelize.Cell{StyleID: s.code, Value: r.currency(f.Currency)},
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := sw.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Write(io.Discard); err != nil {
		b.Fatal(err)
	}
}

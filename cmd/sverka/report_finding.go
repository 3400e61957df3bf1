package main

import (
	"context"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// findings streams what needs words on a detail sheet; what is under way within its
// time stands on the sheet of held deliveries instead.
func findings(ctx context.Context, pool *pgxpool.Pool, runID int64, notes map[string][]reconcile.Resolution, o reportOptions) iter.Seq2[workbook.Finding, error] {
	return func(yield func(workbook.Finding, error) bool) {
		for f, err := range reconcile.Findings(ctx, pool, runID) {
			if err != nil {
				yield(workbook.Finding{}, err)
				return
			}
			if f.Class == reconcile.ClassInFlight {
				continue
			}
			if !yield(adaptFinding(&f, notes[f.ID], o), nil) {
				return
			}
		}
	}
}

// adaptFinding says a finding in the words of the workbook.
func adaptFinding(f *reconcile.Finding, notes []reconcile.Resolution, o reportOptions) workbook.Finding {
	worded := *f
	for _, p := range []*schema.Phase{&worded.PhaseOneC, &worded.PhaseJushuitan, &worded.PhaseOpenShop} {
		*p = schema.Phase(phaseWord(o.language, *p)) // sentences quote the phases
	}
	cause, repair := reconcile.Explain(&worded, string(o.language), o.zone)
	out := workbook.Finding{
		ID: f.ID, Severity: severityOf(f.Severity), Class: classOf(f), Area: workbook.Area(f.Area), State: stateOf(f),
		Left: f.SystemA, Right: f.SystemB, Warehouse: f.WarehouseCode, SKU: f.SKU, Product: f.ProductName, Unit: unitWord(o.language, f.UnitCode),
		QtyOneC: optional(f.QtyOneC), QtyJushuitan: optional(f.QtyJushuitan), QtyOpenShop: optional(f.QtyOpenShop),
		Amount: signedAmount(f), Currency: f.Currency, AgeDays: f.AgeDays(),
		OrderNumber: f.OrderNumber, Customer: f.Evidence.CustomerCode, LinesDiffering: f.Evidence.LinesDiffering,
		StatusOneC: string(worded.PhaseOneC), StatusJushuitan: string(worded.PhaseJushuitan), StatusShop: string(worded.PhaseOpenShop),
		AmountShop: optional(f.AmountOpenShop), AmountOneC: optional(f.AmountOneC),
		Cause: cause, Repair: repair, FirstSeen: f.FirstSeenAt, CarriedNote: carriedNote(notes, o),
	}
	if f.Evidence.OrderedAt != nil {
		out.OrderDate = *f.Evidence.OrderedAt
	}
	setDocument(&out, f.SystemA, f.Evidence.DocumentA)
	setDocument(&out, f.SystemB, f.Evidence.DocumentB)
	setDocument(&out, f.SystemA, f.Document)
	if f.Area == reconcile.AreaStock || f.Area == reconcile.AreaShipment { // elsewhere these are money
		out.InFlight = workbook.Known(f.InFlight)
		out.Unexplained = workbook.Known(f.Difference - f.InFlight)
	}
	return out
}

// setDocument puts a document's number into the column of its system, unless a
// better one stands there.
func setDocument(out *workbook.Finding, system schema.System, number string) {
	column := &out.DocOneC
	switch system {
	case schema.Jushuitan:
		column = &out.DocJushuitan
	case schema.OpenShop:
		column = &out.DocOpenShop
	default:
	}
	if *column == "" && number != out.OrderNumber {
		*column = number
	}
}

func optional[T any](v *T) workbook.Optional[T] {
	if v == nil {
		return workbook.Optional[T]{}
	}
	return workbook.Known(*v)
}

// signedAmount is positive when the second system holds more, as the workbook wants it.
func signedAmount(f *reconcile.Finding) schema.Amount {
	switch {
	case f.Amount == nil:
		return 0
	case f.Difference < 0:
		return -*f.Amount
	}
	return *f.Amount
}

func severityOf(s string) workbook.Severity {
	if s == reconcile.SeverityInfo {
		return workbook.Low
	}
	return workbook.Severity(s)
}

// stateOf tells whether somebody has to decide. Work that a person has taken on
// is open until the figures agree.
func stateOf(f *reconcile.Finding) workbook.State {
	switch {
	case f.State == reconcile.StateAccepted, !f.Class.Discrepancy():
		return workbook.Accepted
	case f.State == reconcile.StateReopened, f.State == reconcile.StateChanged:
		return workbook.Reopened
	}
	return workbook.Open
}

// classOf says a class in the code of the workbook; one that is new to it keeps its own word.
func classOf(f *reconcile.Finding) workbook.Class {
	if missing, ok := strings.CutPrefix(string(f.Class), "missing_in_"); ok {
		if schema.System(missing) == f.SystemA {
			return workbook.ClassMissLeft
		}
		return workbook.ClassMissRight
	}
	if code, ok := classCodes()[f.Class]; ok {
		return code
	}
	return workbook.Class(f.Class)
}

func classCodes() map[reconcile.Class]workbook.Class {
	return map[reconcile.Class]workbook.Class{
		reconcile.ClassOverdue: workbook.ClassOverdue, reconcile.ClassFailed: workbook.ClassFailed,
		reconcile.ClassQuantity: workbook.ClassQuantity, reconcile.ClassReserve: workbook.ClassReserve,
		reconcile.ClassAmount: workbook.ClassAmount, reconcile.ClassPrice: workbook.ClassPrice, reconcile.ClassTax: workbook.ClassTax,
		reconcile.ClassCurrency: workbook.ClassCurrency, reconcile.ClassRounding: workbook.ClassRounding,
		reconcile.ClassStatus: workbook.ClassStatus, reconcile.ClassDate: workbook.ClassDate,
		reconcile.ClassDuplicate: workbook.ClassDuplicate, reconcile.ClassOrphan: workbook.ClassOrphan, reconcile.ClassGhost: workbook.ClassGhost,
		reconcile.ClassUnmapped: workbook.ClassUnmapped, reconcile.ClassMappingDuplicate: workbook.ClassMapTwice,
		reconcile.ClassWarehouseUnmapped: workbook.ClassWarehouse, reconcile.ClassUnit: workbook.ClassUnit,
		reconcile.ClassTranspose: workbook.ClassTranspose, reconcile.ClassNegative: workbook.ClassNegative, reconcile.ClassStale: workbook.ClassStale,
	}
}

// carriedNote is what people wrote on earlier days, the oldest first.
func carriedNote(notes []reconcile.Resolution, o reportOptions) string {
	lines := make([]string, 0, len(notes))
	for _, n := range notes {
		words := []string{n.At.In(o.zone).Format("2006-01-02"), n.Author + ":"}
		for _, w := range []string{n.Resolution, n.Comment} {
			if w != "" {
				words = append(words, w)
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return strings.Join(lines, "\n")
}

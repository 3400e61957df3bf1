package main

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/reconcile"
	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/reports/workbook"
	"sverka/schema"
)

// heldDeliveries is how many waiting deliveries of each state the workbook lists;
// "sverka delivery list" has the rest.
const heldDeliveries = 5000

// heldLines lists what is expected and therefore no error: differences that are
// under way, and, for the newest run, the deliveries that wait at this moment.
func heldLines(ctx context.Context, pool *pgxpool.Pool, run reconcile.RunInfo, o reportOptions) ([]workbook.HeldLine, error) {
	var out []workbook.HeldLine
	for f, err := range reconcile.Findings(ctx, pool, run.ID) {
		if err != nil {
			return nil, err
		}
		if f.Class == reconcile.ClassInFlight {
			out = append(out, inFlight(&f, o))
		}
	}
	newest, err := reconcile.LoadRun(ctx, pool, reconcile.Latest)
	if err != nil || newest.ID != run.ID {
		return out, err
	}
	standing := map[[2]string]int{} // documents that are listed as under way, by lane and number
	for i, h := range out {
		if h.SKU == "" {
			standing[[2]string{h.Flow, h.Document}] = i
		}
	}
	for _, state := range []string{"dead", "unknown", "retry", "held"} {
		waiting, err := delivery.List(ctx, pool, "", state, heldDeliveries)
		if err != nil {
			return nil, err
		}
		for _, d := range waiting {
			h := heldDelivery(d, o)
			if i, ok := standing[[2]string{h.Flow, h.Document}]; ok {
				one := &out[i] // the same document: one line says both
				one.State, one.Reason, one.Detail, one.Attempts = h.State, h.Reason, h.Detail, h.Attempts
				continue
			}
			out = append(out, h)
		}
	}
	return out, nil
}

func inFlight(f *reconcile.Finding, o reportOptions) workbook.HeldLine {
	h := workbook.HeldLine{
		Document: f.Document, Warehouse: f.WarehouseCode, SKU: f.SKU, State: "in_flight", Reason: f.Cause, Since: f.FirstSeenAt,
	}
	h.Words, _ = reconcile.Explain(f, string(o.language), o.zone)
	if f.OrderNumber != "" {
		h.Document = f.OrderNumber
	}
	if f.Area == reconcile.AreaStock || f.Area == reconcile.AreaShipment {
		h.Quantity = workbook.Known(f.InFlight)
	}
	if f.HappenedAt != nil {
		h.Since = *f.HappenedAt
	}
	if f.ExpectedBy != nil {
		h.ExpectedBy = *f.ExpectedBy
	}
	h.Flow, h.From, h.To = flowWords(o.language, f.Lane)
	return h
}

func heldDelivery(d delivery.Info, o reportOptions) workbook.HeldLine {
	h := workbook.HeldLine{
		Document: d.Key, State: d.State, Reason: d.Reason, Words: word(o.language, reasonWords(), d.Reason), Detail: d.Failure,
		Since: d.ChangedAt, Attempts: d.Attempts,
	}
	if h.Words == "" {
		h.Words = d.Failure
	}
	h.Flow, h.From, h.To = flowWords(o.language, string(d.Flow))
	f, err := replicator.ParseFlowID(string(d.Flow))
	if err == nil && f.Entity == schema.EntityStockBalance {
		if parts := schema.Key(d.Key).Split(2); len(parts) == 2 {
			h.Warehouse, h.SKU, h.Document = parts[0], parts[1], ""
		}
	}
	return h
}

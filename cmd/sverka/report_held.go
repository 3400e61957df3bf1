package main

import (
	"context"
	"fmt"
	"strings"

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
	for _, state := range []string{"dead", "unknown", "retry", "held"} {
		waiting, err := delivery.List(ctx, pool, "", state, heldDeliveries)
		if err != nil {
			return nil, err
		}
		for _, d := range waiting {
			out = append(out, heldDelivery(d))
		}
	}
	return out, nil
}

func inFlight(f *reconcile.Finding, o reportOptions) workbook.HeldLine {
	h := workbook.HeldLine{
		Document: f.Document, Flow: f.Lane, Warehouse: f.WarehouseCode, SKU: f.SKU, State: "in_flight", Reason: f.Cause, Since: f.FirstSeenAt,
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
	h.Flow, h.From, h.To = flowWords(f.Lane)
	return h
}

func heldDelivery(d delivery.Info) workbook.HeldLine {
	h := workbook.HeldLine{Document: d.Key, State: d.State, Reason: d.Reason, Words: d.Failure, Since: d.ChangedAt, Attempts: d.Attempts}
	h.Flow, h.From, h.To = flowWords(string(d.Flow))
	f, err := replicator.ParseFlowID(string(d.Flow))
	if err == nil && f.Entity == schema.EntityStockBalance {
		if parts := schema.Key(d.Key).Split(2); len(parts) == 2 {
			h.Warehouse, h.SKU, h.Document = parts[0], parts[1], ""
		}
	}
	return h
}

// flowWords reads "sales_order:onec>jushuitan"; a name of another shape is shown as it is.
func flowWords(id string) (words string, from, to schema.System) {
	entity, ends, ok := strings.Cut(id, ":")
	a, b, both := strings.Cut(ends, ">")
	if !ok || !both {
		return id, "", ""
	}
	return fmt.Sprintf("%s %s → %s", entity, a, b), schema.System(a), schema.System(b)
}

package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema"
)

// Statuses of a source.
const (
	SourceFresh     = "fresh"
	SourceConfirmed = "confirmed" // known through confirmed writes, see Options.Confirmed
	SourceStale     = "stale"     // not compared
	SourceAbsent    = "absent"    // the system never told us any and no reader asks for it
)

// SourceState is what a run has seen of one entity of one system.
type SourceState struct {
	System      schema.System              `json:"system"`
	Entity      schema.Entity              `json:"entity"`
	Status      string                     `json:"status"`
	Reason      string                     `json:"reason"`    // why stale: never_completed, failing, too_old
	AsOf        *time.Time                 `json:"as_of"`     // everything before it is known; nil when never read
	RowsRead    int64                      `json:"rows_read"` // of the last complete read
	RowsRefused int64                      `json:"rows_refused"`
	Rows        int64                      `json:"rows"`        // that are alive in the canonical table
	Totals      map[string]json.RawMessage `json:"totals"`      // exact sums: quantity and reserved, or one per currency
	Fingerprint string                     `json:"fingerprint"` // hex; equal data gives equal fingerprints
}

func (s SourceState) usable() bool { return s.Status == SourceFresh || s.Status == SourceConfirmed }

// wantedSources lists what a run reads. Core entities must be there; the others
// may be things that a system does not have.
func wantedSources() (systems, entities []string, core []bool) {
	add := func(isCore bool, e schema.Entity, from ...schema.System) {
		for _, s := range from {
			systems, entities, core = append(systems, string(s)), append(entities, string(e)), append(core, isCore)
		}
	}
	add(true, schema.EntityStockBalance, schema.OneC, schema.Jushuitan, schema.OpenShop)
	add(true, schema.EntitySalesOrder, schema.OneC, schema.Jushuitan, schema.OpenShop)
	add(false, schema.EntityOrderStatus, schema.OneC, schema.Jushuitan, schema.OpenShop)
	add(false, schema.EntityPayment, schema.OneC, schema.Jushuitan, schema.OpenShop)
	add(false, schema.EntityShipment, schema.OneC, schema.Jushuitan)
	add(false, schema.EntityBankTransaction, schema.Bank)
	return systems, entities, core
}

// scope is what of each comparison may be done.
type scope struct {
	sources map[Source]SourceState
}

func loadScope(ctx context.Context, tx pgx.Tx) (scope, error) {
	rows, err := tx.Query(ctx, `SELECT system, entity, status FROM w_source`)
	if err != nil {
		return scope{}, fmt.Errorf("read sources: %w", err)
	}
	s := scope{sources: map[Source]SourceState{}}
	var state SourceState
	_, err = pgx.ForEachRow(rows, []any{&state.System, &state.Entity, &state.Status}, func() error {
		s.sources[Source{state.System, state.Entity}] = state
		return nil
	})
	if err != nil {
		return scope{}, fmt.Errorf("read sources: %w", err)
	}
	return s, nil
}

// verdict of one pair of sources: compared, stale or not_carried.
func (s scope) verdict(a, b Source) string {
	x, y := s.sources[a], s.sources[b]
	switch {
	case x.usable() && y.usable():
		return "compared"
	case x.Status == SourceAbsent || y.Status == SourceAbsent:
		return string(ClassNotCarried)
	default:
		return string(ClassStale)
	}
}

// addTo turns the scope into the arguments by which statements compare or leave alone.
func (s scope) addTo(args pgx.NamedArgs) {
	compared := map[string][]string{}
	documents := map[string][]string{"compared": {}, string(ClassStale): {}, string(ClassNotCarried): {}}
	for _, e := range []schema.Entity{schema.EntityStockBalance, schema.EntitySalesOrder, schema.EntityOrderStatus, schema.EntityPayment, schema.EntityShipment} {
		compared[string(e)] = []string{}
	}
	pair := func(comparison string, e schema.Entity, b Source) {
		verdict := s.verdict(Source{schema.OneC, e}, b)
		if comparison != "" {
			documents[verdict] = append(documents[verdict], comparison+":"+string(b.System))
		}
		if verdict == "compared" {
			compared[string(e)] = append(compared[string(e)], string(b.System))
		}
	}
	for _, b := range []schema.System{schema.Jushuitan, schema.OpenShop} {
		pair("", schema.EntityStockBalance, Source{b, schema.EntityStockBalance})
		pair("document", schema.EntitySalesOrder, Source{b, schema.EntitySalesOrder})
		pair("status", schema.EntityOrderStatus, Source{b, schema.EntityOrderStatus})
		pair("paid", schema.EntityPayment, Source{b, schema.EntityPayment})
	}
	pair("paid", schema.EntityPayment, Source{schema.Bank, schema.EntityBankTransaction})
	pair("shipped", schema.EntityShipment, Source{schema.Jushuitan, schema.EntityShipment})
	identity := []string{}
	for _, b := range []schema.System{schema.OneC, schema.Jushuitan, schema.OpenShop} {
		if s.sources[Source{b, schema.EntitySalesOrder}].usable() {
			identity = append(identity, string(b))
		}
	}
	args["stock_systems"] = compared[string(schema.EntityStockBalance)]
	args["order_systems"] = compared[string(schema.EntitySalesOrder)]
	args["status_systems"] = compared[string(schema.EntityOrderStatus)]
	args["payment_systems"] = compared[string(schema.EntityPayment)]
	args["compare_shipments"] = len(compared[string(schema.EntityShipment)]) > 0
	args["identity_systems"] = identity
	args["compared_documents"] = documents["compared"]
	args["stale_documents"] = documents[string(ClassStale)]
	args["not_carried_documents"] = documents[string(ClassNotCarried)]
	for _, b := range []schema.System{schema.Jushuitan, schema.OpenShop} {
		args["compare_"+string(b)] = s.verdict(Source{schema.OneC, schema.EntityStockBalance}, Source{b, schema.EntityStockBalance}) == "compared"
	}
}

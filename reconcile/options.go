package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"sverka/schema"
)

// RulesVersion names the rules that classify; a change of them changes it.
const RulesVersion = "1"

// Source names an entity of a system.
type Source struct {
	System schema.System
	Entity schema.Entity
}

func (s Source) String() string { return string(s.System) + ":" + string(s.Entity) }

// Limits are bounds of severity in money. At or below Accept a value difference is
// accepted by itself, below List it is low, from Escalate it is high.
type Limits struct {
	Accept   schema.Amount `json:"accept"`
	List     schema.Amount `json:"list"`
	Escalate schema.Amount `json:"escalate"`
}

// Tolerances are differences that count as rounding. Zero tolerates nothing.
type Tolerances struct {
	Quantity schema.Quantity
	Amount   schema.Amount
	Date     time.Duration // of order dates; 24 h when zero
}

// Options of a run. The zero value compares everything now with the defaults
// named below.
type Options struct {
	AsOf        time.Time // ages, grace and freshness are measured against it; now when zero
	Zone        *time.Location
	Since       time.Time // documents before it are out of scope; all when zero
	Tolerances  Tolerances
	Grace       time.Duration            // of every lane, 30 min when zero
	LaneGrace   map[string]time.Duration // by flow name, instead of Grace
	GraceFactor int                      // multiplies every grace in percent; 100 when zero
	StaleAfter  time.Duration            // a source older than this is not compared; 2 h when zero
	Materiality map[string]Limits        // by currency; "" for the others
	PriceType   string                   // price that values stock; retail when empty
	// Confirmed names sources that no reader polls: their rows come from confirmed
	// writes alone and count as current.
	Confirmed []Source
	Now       func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AsOf.IsZero() {
		o.AsOf = o.Now()
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Grace == 0 {
		o.Grace = 30 * time.Minute
	}
	if o.GraceFactor == 0 {
		o.GraceFactor = 100
	}
	if o.StaleAfter == 0 {
		o.StaleAfter = 2 * time.Hour
	}
	if o.Tolerances.Date == 0 {
		o.Tolerances.Date = 24 * time.Hour
	}
	if o.PriceType == "" {
		o.PriceType = schema.PriceRetail
	}
	if o.Materiality == nil {
		o.Materiality = map[string]Limits{"": {List: 100_00, Escalate: 50_000_00}}
	}
	return o
}

// Validate lists everything that is wrong with the options.
func (o Options) Validate() error {
	var problems []error
	check := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(o.Grace < 0, "grace %s: must not be negative", o.Grace)
	check(o.GraceFactor < 0, "grace factor %d: must not be negative", o.GraceFactor)
	check(o.StaleAfter < 0, "stale after %s: must not be negative", o.StaleAfter)
	check(o.Tolerances.Quantity < 0 || o.Tolerances.Amount < 0 || o.Tolerances.Date < 0, "tolerances: must not be negative")
	known := map[string]bool{}
	for _, l := range lanes() {
		known[l] = true
	}
	for lane, grace := range o.LaneGrace {
		check(!known[lane], "lane %q: is not a lane that reconciliation knows, for example shipment:jushuitan>onec", lane)
		check(grace < 0, "grace of lane %q is %s: must not be negative", lane, grace)
	}
	for currency, l := range o.Materiality {
		check(l.Accept < 0 || l.List < l.Accept || l.Escalate < l.List, "materiality %q: must be 0 <= accept <= list <= escalate", currency)
	}
	return errors.Join(problems...)
}

// lanes lists every edge on which something may be under way, flows of the table
// of directions and the edges that no flow serves alike: both need a grace.
func lanes() []string {
	var out []string
	pairs := [][2]schema.System{
		{schema.OneC, schema.Jushuitan}, {schema.Jushuitan, schema.OneC}, {schema.OneC, schema.OpenShop}, {schema.OpenShop, schema.OneC},
	}
	for _, e := range []schema.Entity{schema.EntityStockBalance, schema.EntitySalesOrder, schema.EntityOrderStatus, schema.EntityShipment, schema.EntityPayment} {
		for _, p := range pairs {
			out = append(out, fmt.Sprintf("%s:%s>%s", e, p[0], p[1]))
		}
	}
	return append(out, "payment:bank>onec")
}

// graceOf is the grace of a lane in seconds.
func (o Options) graceOf(lane string) float64 {
	grace, ok := o.LaneGrace[lane]
	if !ok {
		grace = o.Grace
	}
	return grace.Seconds() * float64(o.GraceFactor) / 100
}

// phases lists every phase with its rank, for the direction of a status lane.
func phases() ([]string, []int32) {
	var names []string
	var ranks []int32
	for _, p := range []schema.Phase{
		schema.PhaseReceived, schema.PhaseAwaitingPayment, schema.PhaseAccepted, schema.PhaseAwaitingStock, schema.PhaseHeld,
		schema.PhaseReleased, schema.PhaseShippedPartial, schema.PhaseShipped, schema.PhaseDelivered, schema.PhaseCompleted,
		schema.PhaseClosedShort, schema.PhaseCancelled, schema.PhaseReturned, schema.PhaseSuperseded, schema.PhaseUnknown,
	} {
		names = append(names, string(p))
		ranks = append(ranks, int32(p.Rank()))
	}
	return names, ranks
}

// rules are the parameters as the run keeps them, for the control sheet.
func (o Options) rules() (string, error) {
	grace := map[string]string{}
	for _, l := range lanes() {
		grace[l] = time.Duration(o.graceOf(l) * float64(time.Second)).String()
	}
	since := ""
	if !o.Since.IsZero() {
		since = o.Since.UTC().Format(time.RFC3339)
	}
	doc, err := json.Marshal(map[string]any{
		"tolerance_quantity": o.Tolerances.Quantity, "tolerance_amount": o.Tolerances.Amount, "tolerance_date": o.Tolerances.Date.String(),
		"grace": grace, "stale_after": o.StaleAfter.String(), "materiality": o.Materiality, "price_type": o.PriceType, "since": since,
		"confirmed": sourceNames(o.Confirmed),
	})
	if err != nil {
		return "", fmt.Errorf("marshal rules: %w", err)
	}
	return string(doc), nil
}

func sourceNames(sources []Source) []string {
	out := []string{}
	for _, s := range sources {
		out = append(out, s.String())
	}
	return out
}

// args are the named arguments that all statements share.
func (o Options) args(runID int64) (pgx.NamedArgs, error) {
	materiality, err := json.Marshal(o.Materiality)
	if err != nil {
		return nil, fmt.Errorf("marshal materiality: %w", err)
	}
	since := pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	if !o.Since.IsZero() {
		since = pgtype.Timestamptz{Time: o.Since, Valid: true}
	}
	var seconds []float64
	for _, l := range lanes() {
		seconds = append(seconds, o.graceOf(l))
	}
	names, ranks := phases()
	systems, entities, core := wantedSources()
	return pgx.NamedArgs{
		"run_id": runID, "as_of": o.AsOf.UTC(), "zone": o.Zone.String(), "since": since,
		"lanes": lanes(), "lane_seconds": seconds, "stale_after": o.StaleAfter, "confirmed": sourceNames(o.Confirmed),
		"systems": systems, "entities": entities, "core": core,
		"tolerance_quantity": o.Tolerances.Quantity.String(), "tolerance_amount": o.Tolerances.Amount.String(), "tolerance_date": o.Tolerances.Date,
		"price_type": o.PriceType, "materiality": string(materiality), "phases": names, "ranks": ranks,
	}, nil
}

package replicatortest

import (
	"fmt"
	"slices"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// Target is one fresh outside system with the sink under test before it.
type Target struct {
	Sink   replicator.Sink
	Faults *simworld.Faults // stands before the simulator that Sink talks to
	// Documents counts what the target holds for a business key, looked up in the
	// simulator's own state, not through the sink.
	Documents func(key schema.Key) int
	// Arrivals lists the keys in the order in which the target took them in; nil
	// leaves only the order of confirmations to be checked.
	Arrivals func() []schema.Key
	// Holds tells whether the target's document of a key holds a text verbatim;
	// nil leaves only the hash of the confirmed record to be checked.
	Holds func(key schema.Key, text string) bool
}

// Options describe the flow that is exercised. New, Deliveries and Break must be given.
type Options struct {
	// New starts a fresh, empty target and registers its end with t.Cleanup.
	New func(tb testing.TB) Target
	// Deliveries makes n good deliveries of one flow with different keys: Flow, Key,
	// Reference, Source and Related filled, Attempt 1. Called again it makes the same ones.
	Deliveries func(tb testing.TB, n int) []replicator.Delivery
	// Break turns a good delivery into one that the target must refuse, in Project or in Write.
	Break func(d replicator.Delivery) replicator.Delivery
	// Commits matches the request that makes the target hold a document;
	// [simworld.Writes] when nil.
	Commits simworld.Match
	// Throttle makes the target ask for patience once; nil sends 429 with
	// Retry-After: 2 to the next request.
	Throttle func(f *simworld.Faults)
	// Secrets are the credentials of the sink; Personal are texts of the
	// deliveries' personal data. Neither may reach an error, and no secret a
	// recorded exchange (invariant 11).
	Secrets  []string
	Personal []string
	// Text is written into the deliveries' free text; a mixture of scripts when "".
	Text string
	// SetText puts a text into a delivery's source; nil uses the entity's own
	// name or comment.
	SetText func(d *replicator.Delivery, text string)
	// LeaveOut names checks that this target cannot pass, each with the reason.
	LeaveOut map[Check]string
}

func (o Options) withDefaults() Options {
	if o.Commits == nil {
		o.Commits = simworld.Writes
	}
	if o.Text == "" {
		o.Text = "Ёлка «ель» & <b>, ü–€, 聚水潭 中文"
	}
	if o.SetText == nil {
		o.SetText = setText
	}
	return o
}

// problems lists what makes the options unfit to run.
func (o Options) problems() []string {
	var out []string
	if o.New == nil || o.Deliveries == nil {
		out = append(out, "options: New and Deliveries must be given")
	}
	if o.Break == nil && o.LeaveOut[PartialBatch] == "" {
		out = append(out, "options: Break must be given, or the partial batch left out with a reason")
	}
	if len(o.Secrets) == 0 && o.LeaveOut[SecretsAbsent] == "" {
		out = append(out, "options: Secrets must be given, or their check left out with a reason")
	}
	known := Checks()
	for name, reason := range o.LeaveOut {
		if !slices.Contains(known, name) {
			out = append(out, fmt.Sprintf("options: there is no check %q to leave out", name))
		}
		if len(reason) < 10 {
			out = append(out, fmt.Sprintf("options: check %q is left out without a written reason", name))
		}
	}
	slices.Sort(out)
	return out
}

// setText puts a text where an entity has room for free text.
func setText(d *replicator.Delivery, text string) {
	switch r := d.Source.(type) {
	case *schema.Product:
		r.Name, r.Description = text, text
	case *schema.Customer:
		r.Name, r.FullName = text, text
	case *schema.Warehouse:
		r.Name = text
	case *schema.SalesOrder:
		r.Comment, r.ReceiverName = text, text
	case *schema.OrderStatus:
		r.Reason = text
	case *schema.Shipment:
		r.Carrier = text
	case *schema.JournalEntry:
		r.Message, r.Hint = text, text
	}
}

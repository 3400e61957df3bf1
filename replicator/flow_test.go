package replicator_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sverka/replicator"
	"sverka/schema"
)

func TestFlows_are_exactly_the_table_of_the_mission(t *testing.T) {
	t.Parallel()
	want := strings.Fields(`
		product:jushuitan>onec product:onec>openshop
		customer:openshop>onec customer:onec>jushuitan
		warehouse:onec>jushuitan warehouse:jushuitan>onec
		order_status:openshop>onec order_status:onec>openshop order_status:onec>jushuitan order_status:jushuitan>onec
		sales_order:openshop>onec sales_order:onec>jushuitan
		stock_balance:onec>jushuitan stock_balance:jushuitan>onec stock_balance:onec>openshop
		shipment:jushuitan>onec
		payment:openshop>onec payment:onec>jushuitan
		journal_entry:sverka>onec`)
	got := map[string]replicator.Flow{}
	for _, f := range replicator.Flows() {
		got[string(f.ID())] = f
		if schema.NewRecord(f.Entity) == nil || f.Source == f.Target {
			t.Errorf("%s is not a flow of an entity between two systems", f.ID())
		}
	}
	for _, id := range want {
		if _, ok := got[id]; !ok {
			t.Errorf("the table lacks %s", id)
		}
	}
	if len(want) != 19 || len(got) != 19 || len(replicator.Flows()) != 19 {
		t.Errorf("the table has %d flows of %d names, want the mission's 19", len(replicator.Flows()), len(got))
	}
	for id, gates := range map[string]string{
		"sales_order:onec>jushuitan": "accepted paid", "sales_order:openshop>onec": "address_resolved", "stock_balance:jushuitan>onec": "owns_stock",
		"stock_balance:onec>jushuitan": "owns_stock", "order_status:onec>openshop": "ahead_of_target", "order_status:jushuitan>onec": "ahead_of_target",
	} {
		for _, gate := range strings.Fields(gates) {
			if !slices.Contains(got[id].Gates, replicator.Gate(gate)) {
				t.Errorf("%s waits for %v, want %s among them", id, got[id].Gates, gate)
			}
		}
	}
	if g := got["stock_balance:onec>openshop"].Gates; len(g) != 0 {
		t.Errorf("the shop's stock waits for %v, want nothing: an oversold shop cannot wait", g)
	}
}

func TestFlows_of_two_directions_cannot_run_in_circles(t *testing.T) {
	t.Parallel()
	for _, f := range replicator.Flows() {
		back := replicator.Flow{Entity: f.Entity, Source: f.Target, Target: f.Source}
		if _, err := replicator.ParseFlowID(string(back.ID())); err != nil || f.Entity == schema.EntityWarehouse {
			continue // one direction; or a code and a name, which one side only maps
		}
		if len(f.Gates) == 0 {
			t.Errorf("%s runs both ways and has no gate that says who owns the value", f.ID())
		}
	}
}

func TestFlows_gives_a_table_of_ones_own(t *testing.T) {
	t.Parallel()
	spoilt := replicator.Flows()
	spoilt[0].Entity = "nonsense"
	spoilt[11].Gates[0] = "nonsense"
	if f := replicator.Flows(); f[0].Entity != schema.EntityProduct || f[11].Gates[0] != replicator.GateAccepted {
		t.Error("a caller can change the table for everyone")
	}
}

func TestParseFlowID_finds_flows_and_names_them_all(t *testing.T) {
	t.Parallel()
	for _, f := range replicator.Flows() {
		if got, err := replicator.ParseFlowID(string(f.ID())); err != nil || got.ID() != f.ID() || len(got.Gates) != len(f.Gates) {
			t.Errorf("%s parses into %v, %v", f.ID(), got, err)
		}
	}
	for _, id := range []string{"", "product", "product:onec>jushuitan", "PRODUCT:jushuitan>onec", "shipment:onec>jushuitan"} {
		_, err := replicator.ParseFlowID(id)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", id)) || !strings.Contains(err.Error(), "shipment:jushuitan>onec") {
			t.Errorf("%q: error %v must name it and the flows there are", id, err)
		}
	}
}

func TestParseMode_names_what_is_allowed(t *testing.T) {
	t.Parallel()
	for _, m := range []replicator.Mode{replicator.ModeOff, replicator.ModeShadow, replicator.ModeLive} {
		if got, err := replicator.ParseMode(string(m)); err != nil || got != m {
			t.Errorf("%s parses into %q, %v", m, got, err)
		}
	}
	for _, s := range []string{"", "Live", "on"} {
		if _, err := replicator.ParseMode(s); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", s)) || !strings.Contains(err.Error(), "off, shadow") || !strings.Contains(err.Error(), "live") {
			t.Errorf("%q: error %v must name it and the modes there are", s, err)
		}
	}
}

func TestKindOf_reads_the_first_failure_of_a_chain(t *testing.T) {
	t.Parallel()
	inner := &replicator.Failure{Kind: replicator.Throttled, System: "onec"}
	outer := &replicator.Failure{Kind: replicator.Rejected, System: "onec", Err: inner}
	cases := map[replicator.Kind]error{
		replicator.Throttled: fmt.Errorf("deliver: %w", inner),
		replicator.Rejected:  errors.Join(errors.New("x"), outer),
		replicator.Unknown:   errors.New("nobody classified this"),
	}
	for want, err := range cases {
		if got := replicator.KindOf(err); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
	if replicator.KindOf(nil) != replicator.Unknown || replicator.KindOf(&replicator.Failure{}) != replicator.Unknown {
		t.Error("what was not classified must be asked about (invariant 4)")
	}
	if !errors.Is(outer, inner) {
		t.Error("a failure hides its cause")
	}
}

func TestFailure_reads_as_a_path(t *testing.T) {
	t.Parallel()
	f := &replicator.Failure{Kind: replicator.Rejected, System: "onec", Operation: "post Document_ЗаказКлиента", Code: "9", Message: "not found", Err: errors.New("cause"), Hint: "not shown"}
	if got, want := f.Error(), "onec: post Document_ЗаказКлиента: rejected: code 9: not found: cause"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if got := (&replicator.Failure{System: "onec"}).Error(); got != "onec: unknown" {
		t.Errorf("an empty failure reads %q", got)
	}
	for k, want := range map[replicator.Kind]string{
		replicator.Unknown: "unknown", replicator.Transient: "transient", replicator.Throttled: "throttled",
		replicator.Unauthorised: "unauthorised", replicator.Rejected: "rejected", replicator.Kind(9): "kind(9)",
	} {
		if k.String() != want {
			t.Errorf("kind %d is named %q, want %q", int(k), k, want)
		}
	}
	if got := (&replicator.HoldError{Reason: "not_paid", Message: "the order is not paid"}).Error(); got != "held: not_paid: the order is not paid" {
		t.Errorf("a hold reads %q", got)
	}
}

func TestBatchError_is_nil_only_when_nothing_failed(t *testing.T) {
	t.Parallel()
	var b replicator.BatchError
	if err := b.OrNil(); err != nil {
		t.Errorf("nothing failed and the error is %v", err)
	}
	b.Fail(4, errors.New("bad"))
	if err := b.OrNil(); err == nil || err.Error() != "delivery 4 of the batch: bad" {
		t.Errorf("one failure reads %v", err)
	}
	b.Fail(7, errors.New("bad"))
	var got *replicator.BatchError
	if err := b.OrNil(); !errors.As(err, &got) || len(got.Failed) != 2 || !strings.HasPrefix(err.Error(), "2 deliveries of the batch failed") {
		t.Errorf("two failures read %v", err)
	}
	if text := (&replicator.BatchError{}).Error(); text != "batch failed" {
		t.Errorf("an empty batch error reads %q", text)
	}
}

func TestChange_and_topics_name_their_subject(t *testing.T) {
	t.Parallel()
	c := &replicator.Change{Columns: []string{"sku", "name"}, Values: [][]byte{[]byte("S-1"), nil}}
	if c.Text("sku") != "S-1" || c.Text("name") != "" || c.Text("absent") != "" {
		t.Errorf("columns read %q, %q, %q", c.Text("sku"), c.Text("name"), c.Text("absent"))
	}
	s := replicator.Subject{Entity: schema.EntityStockBalance, System: schema.OneC, Key: "MAIN/S-1"}
	if s.Topic() != "stock_balance:onec:MAIN/S-1" || replicator.OrderTopic("OS-1") != "order:OS-1" {
		t.Errorf("topics %q and %q", s.Topic(), replicator.OrderTopic("OS-1"))
	}
}

package delivery

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

// failing answers every delivery of a batch, or those named, with a failure.
func failing(f *replicator.Failure, keys ...schema.Key) func([]replicator.Delivery) error {
	return func(batch []replicator.Delivery) error {
		var failed replicator.BatchError
		for i, d := range batch {
			if len(keys) == 0 || slices.Contains(keys, d.Key) {
				failed.Fail(i, f)
			}
		}
		return failed.OrNil()
	}
}

func (b *bench) paused() (seconds float64, reason string) {
	b.t.Helper()
	err := b.db.Pool.QueryRow(b.t.Context(), `SELECT coalesce(extract(epoch FROM paused_until - now()), 0)::float8, pause_reason FROM ops.flow WHERE flow = $1`, productFlow).Scan(&seconds, &reason)
	if err != nil {
		b.t.Fatal(err)
	}
	return seconds, reason
}

func TestRound_failure_of_a_batch_by_kind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		failure  *replicator.Failure
		only     []schema.Key
		want     string // state of A
		attempts int    // of A
		pause    [2]float64
	}{
		"throttled pauses and is no attempt":            {&replicator.Failure{Kind: replicator.Throttled, System: "onec", RetryAfter: 30 * time.Second}, nil, "retry", 0, [2]float64{25, 31}},
		"throttled in the middle of a batch pauses too": {&replicator.Failure{Kind: replicator.Throttled, System: "onec", RetryAfter: 30 * time.Second}, []schema.Key{"A"}, "retry", 0, [2]float64{25, 31}},
		"unauthorised pauses and is no attempt":         {&replicator.Failure{Kind: replicator.Unauthorised, System: "onec"}, nil, "retry", 0, [2]float64{55, 61}},
		"a whole batch that failed pauses":              {&replicator.Failure{Kind: replicator.Transient, System: "onec"}, nil, "retry", 1, [2]float64{0.001, 1}},
		"a whole batch without an answer pauses":        {&replicator.Failure{Kind: replicator.Unknown, System: "onec"}, nil, "unknown", 1, [2]float64{0.001, 1}},
		"one of a batch pauses nobody":                  {&replicator.Failure{Kind: replicator.Transient, System: "onec"}, []schema.Key{"A"}, "retry", 1, [2]float64{}},
		"refused records pause nobody":                  {&replicator.Failure{Kind: replicator.Rejected, System: "onec"}, nil, "dead", 1, [2]float64{}},
	} {
		b.reset()
		b.exec(`UPDATE ops.flow SET paused_until = NULL, pause_reason = ''`)
		b.e = b.engine(b.e.cfg)
		b.stage(product("A"), product("B"))
		b.wish(productFlow, 1, "A", "B")
		b.onec.answer = failing(c.failure, c.only...)
		if n := b.round(productFlow); n != 2 {
			t.Fatalf("%s: %d claimed", name, n)
		}
		if r := b.row(productFlow, "A"); r.State != c.want || r.Attempts != c.attempts || r.Failure == "" {
			t.Errorf("%s: %+v", name, r)
		}
		if r := b.row(productFlow, "B"); len(c.only) > 0 && (r.State != "delivered" || r.Newer || r.Reference != "doc-B") {
			t.Errorf("%s: the other one: %+v", name, r)
		}
		// The database's clock has moved on a little since the pause was stored.
		if s, reason := b.paused(); s < c.pause[0]-0.5 || s > c.pause[1] || (c.pause[1] > 0) != (reason != "") {
			t.Errorf("%s: paused for %.3f s, %q", name, s, reason)
		}
	}
}

func TestRound_pause_grows_while_the_target_sleeps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.e.cfg.RetryMin = 10 * time.Second
	b.stage(product("A"))
	b.wish(productFlow, 1, "A")
	b.onec.answer = failing(&replicator.Failure{Kind: replicator.Transient, System: "onec"})
	for _, want := range []float64{10, 20, 40, 60, 60} {
		b.round(productFlow)
		if s, _ := b.paused(); s < want*0.8 || s > want*1.2 {
			t.Errorf("paused for %.1f s, want about %.0f", s, want)
		}
	}
	b.onec.answer = nil
	b.round(productFlow)
	b.onec.answer = failing(&replicator.Failure{Kind: replicator.Transient, System: "onec"})
	b.stage(&schema.Product{Provenance: seen(schema.Jushuitan), SKU: "A", Name: "changed", UnitCode: "796"})
	b.wish(productFlow, 2, "A")
	b.round(productFlow)
	if s, _ := b.paused(); s > 12 {
		t.Errorf("after a success the pause begins anew, not with %.1f s", s)
	}
}

func TestEngine_a_pause_stops_calls_until_a_person_ends_it(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.e.cfg.RetryMax = time.Hour
	var refuse atomic.Bool
	refuse.Store(true)
	b.onec.answer = func(batch []replicator.Delivery) error {
		if refuse.Load() {
			return failing(&replicator.Failure{Kind: replicator.Unauthorised, System: "onec"})(batch)
		}
		return nil
	}
	b.stage(product("A"))
	b.wish(productFlow, 1, "A")
	b.run(b.e)
	b.eventually("paused", func() bool { s, _ := b.paused(); return s > 3000 })
	refuse.Store(false)
	b.stage(product("B"))
	b.wish(productFlow, 1, "B")
	b.e.Wake(productFlow)
	if r := b.row(productFlow, "B"); r.State != "pending" {
		t.Errorf("B was sent in the pause: %+v", r)
	}
	if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error {
		return SetMode(t.Context(), tx, productFlow, replicator.ModeLive, "operator")
	}); err != nil {
		t.Fatal(err)
	}
	b.eventually("both are delivered", func() bool {
		return b.row(productFlow, "A").State == "delivered" && b.row(productFlow, "B").State == "delivered"
	})
}

func TestRound_confirmed_rows_become_the_targets_own(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"))
	b.wish(productFlow, 1, "A")
	b.round(productFlow)
	got, err := canonical.LoadOne[*schema.Product](t.Context(), b.db.Pool, schema.OneC, "A")
	if err != nil || got.Name != "product A" {
		t.Fatalf("%+v, %v", got, err)
	}
	b.wish(productFlow, 2, "A")
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.Outcome != "equal" || r.Newer || b.onec.writes["A"] != 1 {
		t.Errorf("what the target holds was sent again: %+v, %d writes", r, b.onec.writes["A"])
	}
	if n := b.number(`SELECT count(*) FROM ops.attempt WHERE key = 'A'`); n != 1 {
		t.Errorf("%d attempts, want one: nothing happened the second time", n)
	}
}

func TestRound_an_answer_that_cannot_be_stored_settles_all_the_same(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"), product("BAD"))
	b.wish(productFlow, 1, "A", "BAD")
	b.onec.answer = func(batch []replicator.Delivery) error {
		for _, d := range batch {
			if p, ok := d.Wanted.(*schema.Product); ok && d.Key == "BAD" {
				p.Name = "nul \x00"
			}
		}
		return nil
	}
	b.round(productFlow)
	for _, key := range []schema.Key{"A", "BAD"} {
		if r := b.row(productFlow, key); r.State != "delivered" {
			t.Errorf("%s: %+v", key, r)
		}
	}
}

func TestSettle_of_a_lease_that_ran_out_changes_nothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"))
	b.wish(productFlow, 1, "A")
	st := b.e.flows[productFlow]
	first, err := b.e.claim(t.Context(), st)
	if err != nil || len(first) != 1 || first[0].AskFirst {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := b.e.claim(t.Context(), st); err != nil || len(again) != 0 {
		t.Fatalf("claimed twice: %+v, %v", again, err)
	}
	b.exec(`UPDATE ops.delivery SET lease_until = now() - interval '1 s', due_at = now() - interval '1 s'`)
	second, err := b.e.claim(t.Context(), st)
	if err != nil || len(second) != 1 || !second[0].AskFirst || second[0].Token <= first[0].Token {
		t.Fatalf("%+v, %v", second, err)
	}
	settle := func(c claimed, s *settlement) {
		t.Helper()
		if err := b.e.settle(t.Context(), st, []*item{{claimed: c, settled: s}}, nil, nil, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	settle(first[0], &settlement{state: "dead", failure: "too late"})
	if r := b.row(productFlow, "A"); r.State != "sending" || r.Failure != "" {
		t.Errorf("the late claimant changed the row: %+v", r)
	}
	settle(second[0], done("sent"))
	settle(first[0], &settlement{state: "dead", failure: "much too late"})
	if r := b.row(productFlow, "A"); r.State != "delivered" || r.Outcome != "sent" || r.Failure != "" || r.Newer {
		t.Errorf("%+v", r)
	}
}

func TestWish_that_comes_while_its_key_is_sent_is_served_afterwards(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"))
	b.wish(productFlow, 100, "A")
	meanwhile := uint64(0)
	b.onec.answer = func([]replicator.Delivery) error {
		if meanwhile > 0 {
			b.wish(productFlow, meanwhile, "A")
		}
		meanwhile = 0
		return nil
	}
	// Newer, of the same position, and, after a re-send, even of an older one.
	for i, lsn := range []uint64{200, 200, 150} {
		b.stage(&schema.Product{Provenance: seen(schema.Jushuitan), SKU: "A", Name: fmt.Sprint("version ", i), UnitCode: "796"})
		b.wish(productFlow, lsn, "A")
		meanwhile = lsn
		b.round(productFlow)
		if r := b.row(productFlow, "A"); r.State != "pending" || !r.Newer {
			t.Errorf("wish at %d: %+v", lsn, r)
		}
		b.round(productFlow)
		if r := b.row(productFlow, "A"); r.State != "delivered" || r.Newer {
			t.Errorf("wish at %d, second round: %+v", lsn, r)
		}
	}
}

func TestWake_of_what_is_being_looked_at_is_not_lost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"))
	b.wish(productFlow, 1, "A")
	hold := func([]replicator.Delivery) error {
		var failed replicator.BatchError
		failed.Fail(0, &replicator.HoldError{Reason: "parent_missing", Message: "waits", WaitsFor: []string{"topic"}})
		return &failed
	}
	b.onec.answer = hold
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.State != "held" || r.Wait > 1 || r.Attempts != 0 {
		t.Errorf("the first hold is looked at again soon: %+v", r)
	}
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.State != "held" || r.Wait < 3000 || !slices.Equal(r.WaitsFor, []string{"topic"}) {
		t.Errorf("the second hold waits for its topic: %+v", r)
	}
	if n := b.number(`SELECT count(*) FROM ops.attempt WHERE outcome = 'held'`); n != 1 {
		t.Errorf("%d attempts tell of one hold", n)
	}
	b.onec.answer = func(batch []replicator.Delivery) error {
		b.wake("other", "topic") // between the look and its note
		return hold(batch)
	}
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.State != "pending" || r.Wait > 1 {
		t.Errorf("the wake was lost: %+v", r)
	}
	b.onec.answer = hold
	b.round(productFlow)
	b.wake("another")
	if r := b.row(productFlow, "A"); r.State != "held" {
		t.Errorf("woken by a foreign topic: %+v", r)
	}
	b.wake("topic")
	if r := b.row(productFlow, "A"); r.State != "pending" || r.Wait > 1 {
		t.Errorf("not woken: %+v", r)
	}
}

func TestRound_hold_of_an_unanswered_call_stays_unknown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"))
	b.wish(productFlow, 1, "A")
	b.onec.answer = func([]replicator.Delivery) error { return errors.New("connection reset") }
	b.round(productFlow)
	b.onec.answer = func([]replicator.Delivery) error {
		var failed replicator.BatchError
		failed.Fail(0, &replicator.HoldError{Reason: "locked", Message: "somebody edits it"})
		return &failed
	}
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.State != "unknown" || r.Reason != "locked" {
		t.Errorf("%+v", r)
	}
	b.onec.answer = nil
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.State != "delivered" || len(b.onec.asked) != 2 {
		t.Errorf("%+v, asked %v", r, b.onec.asked)
	}
}

func TestRound_ended_order_whose_upload_may_have_arrived_is_asked_for(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(order(schema.OneC, nil), paid("P", 10000, schema.PaymentPaid, "RUB"))
	b.wish(releaseFlow, 1, "100")
	b.jst.answer = func([]replicator.Delivery) error { return errors.New("connection reset") }
	b.round(releaseFlow)
	b.stage(status(schema.OneC, schema.PhaseCancelled), paid("Q", 10000, schema.PaymentRefunded, "RUB"))
	b.jst.answer = nil
	b.round(releaseFlow)
	if !slices.Equal(b.jst.asked, []schema.Key{"100"}) {
		t.Errorf("the target was asked for %v; the row: %+v", b.jst.asked, b.row(releaseFlow, "100"))
	}
}

func TestEngines_on_one_database_never_send_a_key_twice_at_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const keys = 400
	var records []schema.Record
	var names []schema.Key
	for i := range keys {
		sku := fmt.Sprintf("K%03d", i)
		records, names = append(records, product(sku)), append(names, schema.Key(sku))
	}
	b.stage(records...)
	b.wish(productFlow, 1, names...)
	cfg := b.e.cfg
	cfg.Workers = 3
	b.run(b.engine(cfg))
	b.run(b.engine(cfg))
	for version := range 3 {
		for _, r := range records {
			if p, ok := r.(*schema.Product); ok {
				p.Name, p.ObservedAt = fmt.Sprintf("%s version %d", p.SKU, version), time.Now()
			}
		}
		b.stage(records...)
		b.wish(productFlow, uint64(version)+2, names...)
	}
	b.eventually("everything is delivered", func() bool {
		return b.number(`SELECT count(*) FROM ops.delivery WHERE state = 'delivered' AND wanted_lsn = delivered_lsn`) == keys
	})
	b.onec.mu.Lock()
	defer b.onec.mu.Unlock()
	if len(b.onec.overlap) > 0 {
		t.Errorf("two calls at once for %v", b.onec.overlap)
	}
	if len(b.onec.asked) > 0 {
		t.Errorf("asked for %v although every answer came", b.onec.asked)
	}
	if n := b.number(`SELECT count(*) FROM canonical.product WHERE system = 'onec' AND name LIKE '%version 2'`); n != keys {
		t.Errorf("%d of %d hold the newest version", n, keys)
	}
}

func TestFlows_modes_lists_and_retries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"), product("B"))
	b.wish(productFlow, 1, "A", "B")
	b.onec.answer = failing(&replicator.Failure{Kind: replicator.Rejected, System: "onec", Hint: "correct it"}, "A")
	b.round(productFlow)
	dead, err := List(t.Context(), b.db.Pool, string(productFlow), "dead", 10)
	if err != nil || len(dead) != 1 || dead[0].Key != "A" || dead[0].Hint != "correct it" || dead[0].Attempts != 1 {
		t.Fatalf("%+v, %v", dead, err)
	}
	if all, err := List(t.Context(), b.db.Pool, "", "", 1); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	flows, err := ListFlows(t.Context(), b.db.Pool)
	if err != nil || len(flows) != len(replicator.Flows()) {
		t.Fatalf("%d flows, %v", len(flows), err)
	}
	for _, f := range flows {
		if f.Flow == productFlow && (f.Dead != 1 || f.Delivered != 1 || f.Oldest == nil || f.Mode != replicator.ModeLive) {
			t.Errorf("%+v", f)
		}
	}
	for _, c := range []struct {
		flow, key string
		want      int64
	}{{string(intakeFlow), "", 0}, {string(productFlow), "B", 0}, {string(productFlow), "NONE", 0}, {string(productFlow), "A", 1}, {"", "", 0}} {
		if n, err := Retry(t.Context(), b.db.Pool, c.flow, c.key); err != nil || n != c.want {
			t.Errorf("retry %q %q: %d, %v", c.flow, c.key, n, err)
		}
	}
	b.onec.answer = nil
	b.round(productFlow)
	if r := b.row(productFlow, "A"); r.State != "delivered" {
		t.Errorf("%+v", r)
	}
	if n := b.number(`SELECT count(*) FROM canonical.journal_entry WHERE subject_key = 'A' AND resolved_at IS NOT NULL`); n != 1 {
		t.Errorf("%d resolved journal entries", n)
	}
}

func TestSetMode_sends_what_shadow_parked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := func(mode replicator.Mode) {
		t.Helper()
		if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error { return SetMode(t.Context(), tx, productFlow, mode, "test") }); err != nil {
			t.Fatal(err)
		}
	}
	set(replicator.ModeShadow)
	b.stage(product("A"), product("LOST"))
	b.wish(productFlow, 1, "A", "LOST")
	b.exec(`UPDATE ops.delivery SET state = 'unknown' WHERE key = 'LOST'`)
	if _, err := b.e.round(t.Context(), b.e.flows[productFlow], replicator.ModeShadow); err != nil {
		t.Fatal(err)
	}
	if r := b.row(productFlow, "LOST"); r.State != "unknown" || r.Reason != "shadow" || b.onec.calls != 0 {
		t.Errorf("%+v, %d calls", r, b.onec.calls)
	}
	set(replicator.ModeOff)
	if r := b.row(productFlow, "A"); r.State != "held" || r.Wait < 3600 {
		t.Errorf("off woke it: %+v", r)
	}
	set(replicator.ModeLive)
	for key, want := range map[schema.Key]string{"A": "pending", "LOST": "unknown"} {
		if r := b.row(productFlow, key); r.State != want || r.Wait > 1 {
			t.Errorf("%s: %+v", key, r)
		}
	}
}

func TestSetMode_beside_a_shadow_round_parks_nothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(product("A"), product("LOST"))
	b.wish(productFlow, 1, "A", "LOST")
	b.exec(`UPDATE ops.delivery SET state = 'unknown' WHERE key = 'LOST'`)
	// The flow is live already; this worker has not read it yet.
	if _, err := b.e.round(t.Context(), b.e.flows[productFlow], replicator.ModeShadow); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[schema.Key]string{"A": "pending", "LOST": "unknown"} {
		if r := b.row(productFlow, key); r.State != want || r.Wait > 1 || r.Reason != "" {
			t.Errorf("%s: %+v", key, r)
		}
	}
}

func TestHook_of_a_flow_without_a_sink_keeps_the_wish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e := New(b.e.cfg, b.db.Pool, b.e.log) // no sinks at all
	change := replicator.Change{Table: "product_price", Op: replicator.OpInsert, LSN: 7, Columns: []string{"system", "sku", "price_type"}, Values: [][]byte{[]byte("jushuitan"), []byte("A"), []byte("retail")}}
	other := replicator.Change{Table: "elsewhere", Op: replicator.OpInsert, LSN: 7}
	if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error {
		return e.Hook(t.Context(), tx, []replicator.Change{change, change, other, {Table: "product", Op: replicator.OpTruncate}})
	}); err != nil {
		t.Fatal(err)
	}
	e.Committed()
	if n := b.number(`SELECT count(*) FROM ops.delivery WHERE flow = $1 AND key = 'A' AND wanted_lsn = '0/7'`, productFlow); n != 1 {
		t.Errorf("%d wishes of the parent's key", n)
	}
	if n := b.number(`SELECT count(*) FROM ops.delivery`); n != 1 {
		t.Errorf("%d wishes in all", n)
	}
}

// The hot statements must stay index walks when the ledger has grown.
func TestPlans_of_the_hot_statements_scan_no_ledger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(`INSERT INTO ops.delivery (flow, key, wanted_lsn, delivered_lsn, state, due_at)
SELECT CASE n % 4 WHEN 0 THEN $1 ELSE 'other' || n % 4 END, 'K' || n, '0/1', '0/1', CASE WHEN n % 50 = 0 THEN 'pending' WHEN n % 50 = 1 THEN 'held' ELSE 'delivered' END, now() - n * interval '1 ms'
FROM generate_series(1, 100000) n`, productFlow)
	b.exec(`ANALYZE ops.delivery`)
	text := func(n int) string { return "array_fill('K8'::text, ARRAY[" + fmt.Sprint(n) + "])" }
	for name, c := range map[string]struct {
		sql, types, args, index string
	}{
		"claim.sql": {claimSQL, "(text, int, bigint)", "('" + string(productFlow) + "', 100, 120000)", "delivery_due_idx"},
		"wish.sql":  {wishSQL, "(text[], text[], text[])", "(" + text(100) + ", " + text(100) + ", array_fill('0/5'::text, ARRAY[100]))", "delivery_pkey"},
		"wake.sql":  {wakeSQL, "(text[])", "(" + text(20) + ")", "delivery_waits_idx"},
		"settle.sql": {
			settleSQL, "(text, text[], text[], text[], bigint[], text[], text[], text[], text[], text[], text[], text[], boolean[], bigint[])",
			"('" + string(productFlow) + "', " + text(100) + ", array_fill('0/5'::text, ARRAY[100]), " + text(100) + ", array_fill(1::bigint, ARRAY[100]), " +
				strings.Repeat(text(100)+", ", 7) + "array_fill(true, ARRAY[100]), array_fill(1::bigint, ARRAY[100]))", "delivery_pkey",
		},
	} {
		for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
			plan := b.plan(mode, c.sql, c.types, c.args)
			if strings.Contains(plan, "Seq Scan on delivery") {
				t.Errorf("%s with %s scans the ledger:\n%s", name, mode, plan)
			}
			// An upsert shows its arbiter, the others the index they walk.
			if !strings.Contains(plan, c.index) {
				t.Errorf("%s with %s does not use %s:\n%s", name, mode, c.index, plan)
			}
		}
	}
}

func (b *bench) plan(mode, sql, types, args string) string {
	b.t.Helper()
	conn := b.db.Conn(b.t)
	for _, s := range []string{"SET plan_cache_mode = " + mode, "PREPARE hot " + types + " AS " + sql} {
		if _, err := conn.Exec(b.t.Context(), s); err != nil {
			b.t.Fatal(err)
		}
	}
	rows, err := conn.Query(b.t.Context(), "EXPLAIN EXECUTE hot "+args, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		b.t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

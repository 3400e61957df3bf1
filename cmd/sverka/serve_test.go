package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
	"sverka/schema/schematest"
)

// TestServe runs the whole service against simulators of every system: each part of
// the story goes on where the one before it ended.
func TestServe(t *testing.T) {
	t.Parallel()
	b := newServeBench(t)
	first, second, third := b.order("OS-300001"), b.order("OS-300002"), b.order("OS-300003")

	a := b.serve()
	b.wantOrderTravels(a, first)
	b.wantShipmentTravels(first)

	standby := b.serve()
	standby.logs(`slot is held by another process`)
	b.wantAnswers(standby, "/readyz")
	a.stop()
	standby.logs(`replication started`)
	b.place(second)
	b.pay(second)
	b.wantEverywhere(second)
	b.rest()
	standby.stop()
	sent := b.sent()

	// Nobody serves now, and the world goes on.
	changed := b.s.world.Products[3]
	b.must(b.s.jushuitan.SetPrice(changed.SKU, changed.Retail+12_300))
	b.place(third)
	b.pay(third)
	parcel := b.ship(second)

	again := b.serve()
	b.wantEverywhere(third)
	b.until("the new price is in the shop", func() bool {
		p, _ := b.s.openshop.Product(changed.SKU)
		return p.Retail == changed.Retail+12_300
	})
	b.until("the parcel that left meanwhile is in 1C", func() bool { return b.s.onec.ShipmentCount(parcel) == 1 })
	b.rest()
	again.stop()

	b.wantNothingTwice(first, second, third)
	b.wantNotSentAgain(sent, first)
}

// Two processes that begin at once, on a database that no slot was ever made for,
// share it: one takes the slot, the other waits.
func TestServe_begins_twice_at_once(t *testing.T) {
	t.Parallel()
	b := newServeBench(t)
	both := []*serving{b.begin(), b.begin()}
	holders := 0
	for _, s := range both {
		if s.logs(`replication started|slot is held by another process`)[0] == "replication started" {
			holders++
		}
	}
	if holders != 1 {
		b.Errorf("%d processes hold the slot, want 1", holders)
	}
	o := b.order("OS-300001")
	b.place(o)
	b.pay(o)
	b.wantEverywhere(o)
	b.rest()
	for _, s := range both {
		s.stop()
	}
	b.wantNothingTwice(o)
}

// Every process that serves wakes at the time of the night; one of them reconciles.
func TestServe_reconciles_once_a_night(t *testing.T) {
	t.Parallel()
	db := &database{pool: schematest.New(t).Pool}
	cfg := &loadedConfig{Config: defaultConfig()}
	cfg.Reports.Directory = t.TempDir()
	a := &app{logger: slog.New(slog.DiscardHandler)}
	night := time.Now()
	for _, c := range []struct {
		due  time.Time
		runs int
	}{{night, 1}, {night, 1}, {time.Now().Add(24 * time.Hour), 2}} {
		if err := a.nightlyRun(t.Context(), cfg, db, c.due); err != nil {
			t.Fatal(err)
		}
		var runs int
		if err := db.pool.QueryRow(t.Context(), `SELECT count(*) FROM recon.run`).Scan(&runs); err != nil || runs != c.runs {
			t.Errorf("%d runs (%v), want %d", runs, err, c.runs)
		}
	}
}

// serveBench is a simulated company, a database, and a configuration for both.
type serveBench struct {
	*testing.T

	s      *simulated
	db     *schematest.DB
	config string
	rand   *rand.Rand
}

func newServeBench(t *testing.T) *serveBench {
	t.Helper()
	b := &serveBench{T: t, db: schematest.New(t), config: filepath.Join(t.TempDir(), "sverka.yaml"), rand: rand.New(rand.NewPCG(1, 1))}
	place, err := newSimulatedPlace(t.Context(), b.config)
	b.must(err)
	b.s, err = startSimulated(t.Context(), simulatedOptions{
		host: "127.0.0.1", bankDir: filepath.Join(place.dir, "bank"), seed: 1, products: 30, orders: 6,
		start: time.Now().UTC().Truncate(time.Second), factor: 1, unlimited: true,
	})
	b.must(err)
	t.Cleanup(func() {
		if err := b.s.close(); err != nil {
			t.Error(err)
		}
	})
	b.must(place.write(b.s))
	return b
}

func (b *serveBench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// until waits for something to become true.
func (b *serveBench) until(what string, done func() bool) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
	defer cancel()
	for !done() {
		if !pause(ctx, 20*time.Millisecond) {
			b.Fatalf("%s: not within 20 s; open deliveries: %v", what, b.texts(`SELECT concat_ws(' ', flow, key, state, reason, failure) FROM ops.delivery WHERE state <> 'delivered'`))
		}
	}
}

// rest waits until no delivery has anything to do.
func (b *serveBench) rest() {
	b.Helper()
	b.until("every delivery is made", func() bool {
		return len(b.texts(`SELECT key FROM ops.delivery WHERE state <> 'delivered'`)) == 0
	})
}

func (b *serveBench) texts(sql string) []string {
	b.Helper()
	var out []string
	b.must(b.db.Pool.QueryRow(b.Context(), `SELECT coalesce(array_agg(t::text), '{}') FROM (`+sql+`) q(t)`).Scan(&out))
	return out
}

// order invents an order that is paid by card.
func (b *serveBench) order(number string) simworld.Order {
	o := b.s.world.NewOrder(b.rand, number, b.s.clock.Now())
	o.PaymentMethod = schema.MethodCard
	return o
}

func (b *serveBench) place(o simworld.Order) {
	b.Helper()
	b.must(b.s.openshop.PlaceOrder(o))
}

func (b *serveBench) pay(o simworld.Order) {
	b.Helper()
	b.must(b.s.openshop.Pay(o.Number, "PAY-"+o.Number, o.PaymentMethod, b.s.clock.Now()))
}

// ship lets the warehouse send the whole order and returns the number of its invoice.
func (b *serveBench) ship(o simworld.Order) string {
	b.Helper()
	b.must(b.s.jushuitan.Approve(o.Number))
	invoices, err := b.s.jushuitan.Ship(o.Number)
	b.must(err)
	if len(invoices) != 1 {
		b.Fatalf("ship %s: invoices %v, want one", o.Number, invoices)
	}
	return invoices[0]
}

// wantOrderTravels follows an order and its payment from the shop to the warehouse.
func (b *serveBench) wantOrderTravels(s *serving, o simworld.Order) {
	b.Helper()
	b.wantAnswers(s, "/healthz")
	b.wantAnswers(s, "/readyz")
	b.place(o)
	b.until("the order is in 1C, and waits there for its payment", func() bool {
		return b.s.onec.OrderCount(o.Number) == 1 &&
			len(b.texts(`SELECT key FROM ops.delivery WHERE flow = 'sales_order:onec>jushuitan' AND key = '`+o.Number+`' AND reason = 'not_paid'`)) == 1
	})
	if n := b.s.jushuitan.OrderCount(o.Number); n != 0 {
		b.Errorf("an unpaid order reached Jushuitan %d times", n)
	}
	b.pay(o)
	b.wantEverywhere(o)
}

// wantEverywhere waits for a paid order in 1C and Jushuitan, with its payment.
func (b *serveBench) wantEverywhere(o simworld.Order) {
	b.Helper()
	b.until(o.Number+" is in 1C and in Jushuitan, and paid there", func() bool {
		state, _ := b.s.jushuitan.Order(o.Number)
		return b.s.onec.OrderCount(o.Number) == 1 && b.s.onec.PaymentCount("PAY-"+o.Number) == 1 && state.Paid == o.Total
	})
}

// wantShipmentTravels follows a parcel back from the warehouse to 1C and the shop.
func (b *serveBench) wantShipmentTravels(o simworld.Order) {
	b.Helper()
	invoice := b.ship(o)
	b.until("the parcel is in 1C, and its goods have left", func() bool {
		return b.s.onec.ShipmentCount(invoice) == 1 && b.s.onec.ShippedTotal(o.Number) == o.Total
	})
	b.until("the shop shows that it was sent", func() bool {
		v, _ := b.s.openshop.Order(o.Number)
		return v.Status == "[L] Отправлен"
	})
	b.rest()
}

func (b *serveBench) wantNothingTwice(orders ...simworld.Order) {
	b.Helper()
	for _, o := range orders {
		if n, m, p := b.s.onec.OrderCount(o.Number), b.s.jushuitan.OrderCount(o.Number), b.s.onec.PaymentCount("PAY-"+o.Number); n != 1 || m != 1 || p != 1 {
			b.Errorf("%s: %d orders in 1C, %d in Jushuitan, %d payments; want one of each", o.Number, n, m, p)
		}
	}
}

// sent counts the calls that changed something, by flow and key.
func (b *serveBench) sent() map[string]int {
	b.Helper()
	out := map[string]int{}
	for _, call := range b.texts(`SELECT flow || ' ' || key FROM ops.attempt WHERE outcome = 'sent'`) {
		out[call]++
	}
	return out
}

// wantNotSentAgain compares the calls for one order, which nobody touched, with the earlier ones.
func (b *serveBench) wantNotSentAgain(before map[string]int, o simworld.Order) {
	b.Helper()
	about := func(calls map[string]int) map[string]int {
		calls = maps.Clone(calls)
		maps.DeleteFunc(calls, func(call string, _ int) bool { return !regexp.MustCompile(o.Number).MatchString(call) })
		return calls
	}
	was, is := about(before), about(b.sent())
	if len(was) == 0 || !maps.Equal(was, is) {
		b.Errorf("calls for %s: %v before the restart, %v after it; want the same, and some", o.Number, was, is)
	}
}

func (b *serveBench) wantAnswers(s *serving, path string) {
	b.Helper()
	b.until(path+" answers ok", func() bool {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+s.address+path, http.NoBody)
		b.must(err)
		res, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
		b.must(err)
		body, err := io.ReadAll(res.Body)
		b.must(err)
		b.must(res.Body.Close())
		return res.StatusCode == http.StatusOK && string(body) == "ok\n"
	})
}

// serving is one running "sverka serve".
type serving struct {
	*serveBench

	log     *syncBuffer
	address string
	cancel  context.CancelCauseFunc
	code    chan int
}

// serve starts a service and waits until it serves.
func (b *serveBench) serve() *serving {
	b.Helper()
	s := b.begin()
	s.address = s.logs(`msg=serving listen=(\S+)`)[1]
	return s
}

// begin starts a service.
func (b *serveBench) begin() *serving {
	b.Helper()
	ctx, cancel := context.WithCancelCause(b.Context())
	s := &serving{serveBench: b, log: &syncBuffer{}, cancel: cancel, code: make(chan int, 1)}
	environ := []string{
		envName("database.local") + "=false", envName("database.url") + "=" + b.db.URL,
		envName("database.slot") + "=" + b.db.Name, // slots belong to the cluster
		envName("http.listen") + "=127.0.0.1:0", envName("stock.settle") + "=500ms",
	}
	go func() {
		s.code <- run(ctx, []string{"serve", "--config", b.config, "--log-level", "debug"}, environ, s.log, s.log)
	}()
	return s
}

// logs waits for a line of the log and returns what the expression found.
func (s *serving) logs(expression string) (found []string) {
	s.Helper()
	re := regexp.MustCompile(expression)
	s.until("serve logs "+expression, func() bool {
		select {
		case code := <-s.code:
			s.Fatalf("serve ended with %d:\n%s", code, s.log)
		default:
		}
		found = re.FindStringSubmatch(s.log.String())
		return found != nil
	})
	return found
}

// stop is what SIGTERM does. What is under way is finished, so the work was done.
func (s *serving) stop() {
	s.Helper()
	s.cancel(&interruptError{syscall.SIGTERM})
	select {
	case code := <-s.code:
		if code != exitDone {
			s.Fatalf("serve ended with %d, want 0:\n%s", code, s.log)
		}
	case <-time.After(15 * time.Second):
		s.Fatalf("serve does not stop:\n%s", s.log)
	}
}

// syncBuffer collects what several goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.b.Write(p)
	if err != nil {
		return n, fmt.Errorf("collect: %w", err)
	}
	return n, nil
}

// String is everything so far.
func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

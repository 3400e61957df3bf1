package intake

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/schematest"
)

// geocoder resolves what it knows.
type geocoder struct {
	mu    sync.Mutex
	asked map[string]int
	fail  map[string]error
}

func (g *geocoder) Resolve(_ context.Context, text string) (*schema.Address, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked[text]++
	if err := g.fail[text]; err != nil {
		return nil, err
	}
	return &schema.Address{
		Provenance: schema.Provenance{System: schema.Yandex, ObservedAt: time.Now()}, AddressID: schema.AddressID(text), Text: text, Status: schema.AddressResolved,
	}, nil
}

func (g *geocoder) counts() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.asked)
}

// waiting stages orders that wait for their addresses.
func (b *bench) waiting(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		number := fmt.Sprintf("%s-%d", b.t.Name(), b.number(`SELECT count(*) FROM canonical.sales_order`))
		schematest.Stage(b.t, b.db, &schema.SalesOrder{
			Provenance: schema.Provenance{System: schema.OpenShop, ObservedAt: time.Now()}, OrderNumber: number, OrderedAt: time.Now(), Currency: "RUB", AddressText: text,
		})
		b.exec(`INSERT INTO ops.delivery (flow, key, wanted_lsn, state, reason) VALUES ('sales_order:openshop>onec', $1, '0/1', 'held', 'address_pending')`, number)
	}
}

func (b *bench) addresses(g *geocoder) {
	b.t.Helper()
	b.background(NewAddresses(b.db.Pool, quiet(), g, 5*time.Millisecond).Run)
}

func TestAddresses_each_is_asked_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	g := &geocoder{asked: map[string]int{}}
	b.waiting("Тверская 1", "тверская   1", "Арбат 2")
	b.addresses(g)
	b.eventually("both are stored", func() bool { return b.number(`SELECT count(*) FROM canonical.address`) == 2 })
	b.waiting("Ленина 3") // its orders are still held: nobody has woken them
	b.eventually("the third is stored", func() bool { return b.number(`SELECT count(*) FROM canonical.address`) == 3 })
	b.waiting("Мира 4")
	b.eventually("the fourth is stored", func() bool { return b.number(`SELECT count(*) FROM canonical.address`) == 4 })
	for text, n := range g.counts() {
		if n != 1 {
			t.Errorf("%s was asked for %d times", text, n)
		}
	}
	if n := len(g.counts()); n != 4 {
		t.Errorf("%d texts were asked for, want 4: two spellings are one address", n)
	}
}

func TestAddresses_a_refused_text_is_stored_as_not_found(t *testing.T) {
	t.Parallel()
	b := setup(t)
	g := &geocoder{asked: map[string]int{}, fail: map[string]error{"???": &replicator.Failure{Kind: replicator.Rejected, System: "yandex"}}}
	b.waiting("???", "Арбат 2")
	b.addresses(g)
	b.eventually("both are stored", func() bool {
		return b.number(`SELECT count(*) FROM canonical.address WHERE (text = '???') = (status = 'not_found')`) == 2
	})
	if n := g.counts()["???"]; n != 1 {
		t.Errorf("the refused text was asked for %d times", n)
	}
}

func TestAddresses_a_text_that_fails_stops_no_other(t *testing.T) {
	t.Parallel()
	b := setup(t)
	down := &replicator.Failure{Kind: replicator.Transient, System: "yandex"}
	g := &geocoder{asked: map[string]int{}, fail: map[string]error{"a": down, "b": down, "c": down, "d": down}}
	b.waiting("a", "b", "c", "d", "good 1", "good 2")
	b.addresses(g)
	b.eventually("the good ones are stored", func() bool { return b.number(`SELECT count(*) FROM canonical.address`) == 2 })
	g.mu.Lock()
	g.fail = nil
	g.mu.Unlock()
	b.eventually("all are stored once the geocoder is well", func() bool { return b.number(`SELECT count(*) FROM canonical.address`) == 6 })
}

func TestAddresses_a_geocoder_that_is_down_is_not_asked_for_all(t *testing.T) {
	t.Parallel()
	b := setup(t)
	g := &geocoder{asked: map[string]int{}, fail: map[string]error{}}
	for i := range 20 {
		text := fmt.Sprint("street ", i)
		g.fail[text] = &replicator.Failure{Kind: replicator.Unauthorised, System: "yandex"}
		b.waiting(text)
	}
	a := NewAddresses(b.db.Pool, quiet(), g, time.Hour)
	err := a.resolveWaiting(t.Context())
	if err == nil || strings.Contains(err.Error(), "street") {
		t.Errorf("%v", err)
	}
	if n := len(g.counts()); n != maxFailures {
		t.Errorf("asked for %d texts in one round, want %d", n, maxFailures)
	}
}

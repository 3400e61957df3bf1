package onecsim

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"

	"sverka/replicator/connector/simworld"
)

// Options adjusts the simulated infobase.
type Options struct {
	Clock  *simworld.Clock  // the world's time; real time when nil
	Faults *simworld.Faults // stands before every request when not nil
	// User and Password are asked for when User is not empty.
	User, Password string
	Location       *time.Location // of the infobase, Europe/Moscow
	FreightArticle string         // article of the service that stands for freight, DELIVERY
	Pricing25      bool           // prices live in Товары2_5 and ЦеныНоменклатуры25
	ControlStock   bool           // posting refuses to take a balance below zero
	AlterTotals    bool           // a handler of the configuration rounds an order's sum to whole roubles
	// PaymentID names the payment of a past order; "PAY-" + number when nil.
	PaymentID func(o simworld.Order) string
}

// Sim is a simulated infobase of 1C:Trade Management behind standard.odata. It
// is an [http.Handler]; safe for concurrent use.
type Sim struct {
	opt     Options
	world   *simworld.World
	handler http.Handler

	mu        sync.Mutex
	tables    map[string]*table
	movements map[string][]movement // by recorder
	balances  map[stockKey]*balance
	prices    []price
	refs      int
	calls     int
}

// New starts an infobase that holds its part of a world: products that
// Jushuitan does not keep to itself, warehouses, customers, stock and past
// orders with their payments and shipments.
func New(world *simworld.World, opt Options) *Sim {
	if opt.Location == nil {
		opt.Location = time.FixedZone("MSK", 3*60*60)
	}
	if opt.FreightArticle == "" {
		opt.FreightArticle = "DELIVERY"
	}
	if opt.PaymentID == nil {
		opt.PaymentID = func(o simworld.Order) string { return "PAY-" + o.Number }
	}
	s := &Sim{
		opt: opt, world: world, tables: map[string]*table{},
		movements: map[string][]movement{}, balances: map[stockKey]*balance{},
	}
	for name, e := range parseSpec() {
		s.tables[name] = newTable(e)
	}
	s.seed()
	s.handler = http.HandlerFunc(s.serve)
	if opt.Faults != nil {
		s.handler = opt.Faults.Wrap(s.handler)
	}
	return s
}

// ServeHTTP implements [http.Handler].
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Sim) serve(w http.ResponseWriter, r *http.Request) {
	if !s.authorised(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="1C:Enterprise 8.3"`)
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	const root = "/odata/standard.odata"
	_, path, ok := strings.Cut(r.URL.EscapedPath(), root)
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	req, err := parseRequest(r, strings.Trim(path, "/"))
	if err == nil {
		err = s.route(w, req)
	}
	if err != nil {
		err.write(w)
	}
}

func (s *Sim) authorised(r *http.Request) bool {
	if s.opt.User == "" {
		return true
	}
	user, password, ok := r.BasicAuth()
	return ok && subtle.ConstantTimeCompare([]byte(user), []byte(s.opt.User)) == 1 &&
		subtle.ConstantTimeCompare([]byte(password), []byte(s.opt.Password)) == 1
}

// now is the infobase's local time, without a zone as 1C writes it.
func (s *Sim) now() string {
	t := time.Now()
	if s.opt.Clock != nil {
		t = s.opt.Clock.Now()
	}
	return t.In(s.opt.Location).Format(dateForm)
}

func (s *Sim) local(t time.Time) string { return t.In(s.opt.Location).Format(dateForm) }

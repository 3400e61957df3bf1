package jushuitansim

import (
	"net/http"
	"sync"
	"time"

	"sverka/replicator/connector/simworld"
)

// firstVersion is where row versions begin: beyond 32 bits, as in the real system.
const firstVersion = 7_000_000_000

// Options of a simulator. The zero value is a working one.
type Options struct {
	Clock  *simworld.Clock  // the world's time; real speed from the world's start when nil
	Faults *simworld.Faults // stands before the simulator, may be nil

	AppKey    string // "sim_app_key"
	AppSecret string // "sim_app_secret"
	ShopID    int64  // 10000001

	// RefreshRotates makes refreshToken hand out new token values; otherwise the
	// old values live on. Public sources disagree about the real one.
	RefreshRotates bool
	PerSecond      int // calls in any second of world time, 5; negative: unlimited
	PerMinute      int // calls in any minute of world time, 100; negative: unlimited

	// MaskReceiver shows receivers as "张**", as the vendor does for some shops.
	MaskReceiver bool
	// RejectUnknownSKU refuses an order row with an unknown article instead of
	// taking it as Question.
	RejectUnknownSKU bool
}

func (o Options) withDefaults(w *simworld.World) Options {
	if o.Clock == nil {
		o.Clock = simworld.NewClock(w.Start, 1)
	}
	if o.AppKey == "" {
		o.AppKey = "sim_app_key"
	}
	if o.AppSecret == "" {
		o.AppSecret = "sim_app_secret"
	}
	if o.ShopID == 0 {
		o.ShopID = 10000001
	}
	if o.PerSecond == 0 {
		o.PerSecond = 5
	}
	if o.PerMinute == 0 {
		o.PerMinute = 100
	}
	return o
}

// Sim is the simulator: an http.Handler with state. Safe for concurrent use.
type Sim struct {
	opts    Options
	handler http.Handler

	mu       sync.Mutex
	world    *simworld.World
	shops    []shop
	places   []warehouse
	goods    []*article
	bySKU    map[string]*article
	stock    map[int64]map[string]*balance // by wms_co_id, by sku_id
	orders   []*order
	notes    []*note
	counts   map[string]int64 // so_id of a stock count → its io_id
	version  int64
	sequence int64
	tokens   tokens
	recent   []time.Time // moments of the admitted calls of the last minute
	calls    map[string]int
	errors   map[int]int
}

// New makes a simulator that begins with its part of the world: all goods, all
// warehouses, the stock, and the past orders as sent with their out-notes.
func New(world *simworld.World, opts Options) *Sim {
	s := &Sim{
		opts: opts.withDefaults(world), world: world, version: firstVersion, sequence: 900000,
		bySKU: map[string]*article{}, stock: map[int64]map[string]*balance{}, counts: map[string]int64{}, calls: map[string]int{}, errors: map[int]int{},
	}
	s.seed()
	s.handler = http.HandlerFunc(s.serve)
	if s.opts.Faults != nil {
		s.handler = s.opts.Faults.Wrap(s.handler)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// now is the world's time on Jushuitan's wall, which has no daylight saving.
func (s *Sim) now() time.Time {
	return s.opts.Clock.Now().In(shanghai()).Truncate(time.Second)
}

func shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

const wallTime = "2006-01-02 15:04:05"

func wall(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(shanghai()).Format(wallTime)
}

// nextVersion numbers every write of a row, over all tables.
func (s *Sim) nextVersion() int64 {
	s.version++
	return s.version
}

func (s *Sim) nextID() int64 {
	s.sequence++
	return s.sequence
}

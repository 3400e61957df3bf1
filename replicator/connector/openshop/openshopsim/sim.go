package openshopsim

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// Options of the shop.
type Options struct {
	Clock     *simworld.Clock  // world time; a clock at the world's start when nil
	Faults    *simworld.Faults // stands before everything, may be nil
	User      string           // "exchange" when empty
	Password  string           // "exchange" when empty
	FileLimit int              // bytes of one mode=file, 1 000 000 when zero
	Zip       bool             // mode=init answers zip=yes
	Encoding  string           // of mode=query: "utf-8" (when empty) or "windows-1251"
	// ProgressSteps is how often mode=import answers "progress" before it works.
	ProgressSteps int
}

// Sim is a shop in memory. It is safe for concurrent use.
type Sim struct {
	opts    Options
	handler http.Handler

	mu         sync.Mutex
	world      *simworld.World
	products   map[string]*product // by SKU
	byID       map[string]*product
	warehouses map[string]string // id → code
	stock      map[place]stockRow
	orders     map[string]*order // by number
	sequence   []string          // order numbers as they came
	sessions   map[string]*session
	opened     int
	arrivals   []string // SKUs, numbers and stock keys as imports took them in
}

type place struct{ warehouse, sku string } // warehouse is the shop's id

type stockRow struct {
	quantity schema.Quantity
	changed  time.Time
}

// product is an article as the shop keeps it.
type product struct {
	ID, SKU, Name, Description, StyleCode, Variant, Category, Brand, Barcode, UnitCode, VATRate string

	Weight, Length, Width, Height schema.Quantity
	Enabled                       bool
	Deleted, Changed              time.Time
	Prices                        map[string]price // by name of the price type
	Images                        []string
}

type price struct {
	amount   schema.Amount
	currency string
}

// moscow is the shop's wall clock; it has had no summer time since 2014.
func moscow() *time.Location { return time.FixedZone("MSK", 3*60*60) }

// New makes a shop that holds its part of the world.
func New(world *simworld.World, opts Options) *Sim {
	if opts.Clock == nil {
		opts.Clock = simworld.NewClock(world.Start, 1)
	}
	if opts.User == "" {
		opts.User = "exchange"
	}
	if opts.Password == "" {
		opts.Password = "exchange"
	}
	if opts.FileLimit == 0 {
		opts.FileLimit = 1_000_000
	}
	s := &Sim{
		opts: opts, world: world, products: map[string]*product{}, byID: map[string]*product{}, warehouses: map[string]string{},
		stock: map[place]stockRow{}, orders: map[string]*order{}, sessions: map[string]*session{},
	}
	s.populate()
	mux := http.NewServeMux()
	mux.HandleFunc("/1c_exchange", s.exchange)
	mux.HandleFunc("GET /api/products", s.listProducts)
	mux.HandleFunc("GET /api/stock", s.listStock)
	mux.HandleFunc("GET /api/orders", s.listOrders)
	s.handler = mux
	if opts.Faults != nil {
		s.handler = opts.Faults.Wrap(mux)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// WarehouseID is the shop's own id of a warehouse code.
func WarehouseID(code string) string { return "sklad-" + strings.ToLower(code) }

// retailName is the shop's name of its price type.
const retailName = "Розничная"

func (s *Sim) populate() {
	for _, w := range s.world.Warehouses {
		s.warehouses[WarehouseID(w.Code)] = w.Code
	}
	for _, p := range s.world.Products {
		if p.JushuitanOnly {
			continue
		}
		s.keep(&product{
			ID: productID(p.SKU), SKU: p.SKU, Name: p.Name, Description: p.Description, StyleCode: p.StyleCode, Variant: p.Variant,
			Category: p.Category, Brand: p.Brand, Barcode: p.Barcode, UnitCode: "796", VATRate: p.VATRate,
			Weight: p.WeightKg, Length: p.LengthCm, Width: p.WidthCm, Height: p.HeightCm, Enabled: true, Changed: s.world.Start,
			Prices: map[string]price{retailName: {p.Retail, s.world.Currency}}, Images: []string{p.Picture},
		})
	}
	for _, st := range s.world.Stock {
		if s.products[st.SKU] != nil {
			s.stock[place{WarehouseID(st.Warehouse), st.SKU}] = stockRow{st.Quantity - st.Reserved, s.world.Start}
		}
	}
	for _, o := range s.world.Orders {
		s.add(o, o.At)
		kept := s.orders[o.Number]
		kept.status, kept.changed = "[F] Выполнен", o.At.Add(10*time.Minute)
		kept.tracking = o.Tracking
		kept.paidAt, kept.payment = o.At.Add(time.Minute), "PAY-"+o.Number
	}
}

func (s *Sim) keep(p *product) {
	s.products[p.SKU] = p
	s.byID[p.ID] = p
}

// productID is the shop's own id of an article: shaped like a GUID, stable.
func productID(sku string) string {
	sum := sha256.Sum256([]byte("openshop " + sku))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

func (s *Sim) now() time.Time { return s.opts.Clock.Now().UTC().Truncate(time.Second) }

func token() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// refusal is an import that the shop does not take.
type refusal struct{ code, text string }

func (r *refusal) Error() string { return r.text }

func refuse(code, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

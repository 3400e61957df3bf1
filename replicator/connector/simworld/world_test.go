package simworld_test

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

func TestNew_the_same_seed_is_the_same_world(t *testing.T) {
	t.Parallel()
	o := simworld.Options{Seed: 7, Products: 100, Warehouses: 9, Customers: 50, Orders: 30, NewProducts: 5}
	if !reflect.DeepEqual(simworld.New(o), simworld.New(o)) {
		t.Error("two worlds of one seed differ")
	}
	other := o
	other.Seed = 8
	if reflect.DeepEqual(simworld.New(o).Orders, simworld.New(other).Orders) {
		t.Error("two seeds give the same orders")
	}
}

func TestNew_has_the_size_that_was_asked_for(t *testing.T) {
	t.Parallel()
	w := simworld.New(simworld.Options{Products: 50, Warehouses: 4, Customers: 7, Orders: 3, NewProducts: 6})
	if len(w.Products) != 50 || len(w.Warehouses) != 4 || len(w.Customers) != 7 || len(w.Orders) != 3 || len(w.Stock) != 200-6 { // the retail warehouse is run by 1C, which does not know the new ones
		t.Errorf("%d products, %d warehouses, %d customers, %d orders, %d balances", len(w.Products), len(w.Warehouses), len(w.Customers), len(w.Orders), len(w.Stock))
	}
	n := 0
	for i, p := range w.Products {
		if p.JushuitanOnly {
			n++
			if i < 44 {
				t.Errorf("product %d is new; the new ones stand at the end", i)
			}
		}
	}
	if n != 6 {
		t.Errorf("%d products are new, want 6", n)
	}
	small := simworld.New(simworld.Options{})
	if len(small.Products) != 40 || len(small.Warehouses) != 3 || len(small.Customers) != 20 || len(small.Orders) != 12 || !small.Start.Equal(time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)) {
		t.Errorf("the small world has %d products and starts at %s", len(small.Products), small.Start)
	}
}

func TestNew_keys_are_unique_and_fit_to_be_staged(t *testing.T) {
	t.Parallel()
	w := simworld.New(simworld.Options{Seed: 3, Products: 2000, Warehouses: 9, Customers: 500, Orders: 200})
	seen := map[string]bool{}
	once := func(kind, key string) {
		if key == "" || seen[kind+key] {
			t.Fatalf("%s %q is empty or stands twice", kind, key)
		}
		seen[kind+key] = true
	}
	for _, p := range w.Products {
		once("sku", p.SKU)
		once("barcode", p.Barcode)
		r := &schema.Product{SKU: p.SKU, Name: p.Name, WeightKg: p.WeightKg}
		if problems := r.Validate(); len(problems) > 0 || p.Retail <= p.Purchase || p.Purchase <= 0 {
			t.Fatalf("product %s: %v, retail %s, purchase %s", p.SKU, problems, p.Retail, p.Purchase)
		}
		if w.Product(p.SKU).SKU != p.SKU {
			t.Fatalf("product %s is not found", p.SKU)
		}
	}
	mains := 0
	for _, wh := range w.Warehouses {
		once("warehouse", wh.Code)
		if wh.IsMain {
			mains++
		}
		if (wh.Runs == schema.OneC) != (wh.Code == "SHOP") || wh.JushuitanID == 0 {
			t.Errorf("warehouse %+v", wh)
		}
	}
	if mains != 1 {
		t.Errorf("%d main warehouses", mains)
	}
	phone := regexp.MustCompile(`^\+7912\d{7}$`)
	for _, c := range w.Customers {
		once("customer", c.Code)
		r := &schema.Customer{CustomerCode: c.Code, Kind: c.Kind, Name: c.Name, INN: c.INN, KPP: c.KPP}
		if problems := r.Validate(); len(problems) > 0 || !phone.MatchString(c.Phone) || !strings.HasSuffix(c.Email, "@example.com") {
			t.Fatalf("customer %+v: %v", c, problems)
		}
		if (c.Kind == schema.CompanyKind) != (c.INN != "") {
			t.Errorf("customer %s of kind %s has INN %q", c.Code, c.Kind, c.INN)
		}
	}
	if w.Product("absent") != nil || w.CustomerByCode("absent") != nil {
		t.Error("something was found that is not there")
	}
}

func TestNew_orders_add_up_and_are_of_this_world(t *testing.T) {
	t.Parallel()
	w := simworld.New(simworld.Options{Seed: 5, Orders: 300, NewProducts: 10})
	r := rand.New(rand.NewPCG(1, 2))
	orders := append([]simworld.Order{}, w.Orders...)
	for range 100 {
		o := w.NewOrder(r, "OS-900001", w.Start)
		if o.Paid || o.Shipped || o.InvoiceNumber != "" {
			t.Fatalf("a new order is already paid or shipped: %+v", o)
		}
		orders = append(orders, o)
	}
	last := time.Time{}
	for i, o := range orders {
		sum := o.Freight
		skus := map[string]bool{}
		for _, l := range o.Lines {
			p := w.Product(l.SKU)
			if p == nil || p.JushuitanOnly || skus[l.SKU] {
				t.Fatalf("order %s sells %s, which is absent, not yet known to the shop, or stands twice", o.Number, l.SKU)
			}
			skus[l.SKU] = true
			if want, ok := l.Quantity.Times(l.Price); !ok || want != l.Amount || l.Price != p.Retail || l.Quantity <= 0 {
				t.Fatalf("order %s, line %s: %s × %s is not %s", o.Number, l.SKU, l.Quantity, l.Price, l.Amount)
			}
			sum += l.Amount
		}
		if sum != o.Total || len(o.Lines) == 0 || o.Total <= 0 {
			t.Fatalf("order %s: lines and freight are %s, the total is %s", o.Number, sum, o.Total)
		}
		c := w.CustomerByCode(o.Customer)
		if c == nil || c.Address != o.Address {
			t.Fatalf("order %s belongs to %q", o.Number, o.Customer)
		}
		if i < len(w.Orders) {
			if !o.Paid || !o.Shipped || o.InvoiceNumber == "" || o.Tracking == "" || !o.At.Before(w.Start) || !o.At.After(last) {
				t.Fatalf("order %s of the past is not complete: %+v", o.Number, o)
			}
			last = o.At
		}
	}
	if len(w.Orders) != 300 {
		t.Error("NewOrder added its orders to the world")
	}
}

func TestNew_barcodes_have_the_right_check_digit(t *testing.T) {
	t.Parallel()
	for _, p := range simworld.New(simworld.Options{Products: 500}).Products {
		sum := 0
		for i, d := range p.Barcode {
			weight := 1
			if i%2 == 1 {
				weight = 3
			}
			sum += int(d-'0') * weight
		}
		if len(p.Barcode) != 13 || sum%10 != 0 {
			t.Fatalf("barcode %s of %s is not an EAN-13", p.Barcode, p.SKU)
		}
	}
}

func TestClock_runs_faster_than_real_time(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	fast, slow := simworld.NewClock(start, 1000000), simworld.NewClock(start, -5)
	if slow.Factor() != 1 || fast.Factor() != 1000000 || fast.Real(1000000*time.Second) != time.Second {
		t.Errorf("factors %d and %d, an hour takes %s", slow.Factor(), fast.Factor(), fast.Real(time.Hour))
	}
	before := fast.Now()
	deadline := time.NewTimer(5 * time.Millisecond)
	<-deadline.C
	if passed := fast.Now().Sub(before); passed < 5000*time.Second {
		t.Errorf("%s of world time passed in 5ms, want at least 5000s", passed)
	}
	if now := slow.Now(); now.Before(start) || now.After(start.Add(time.Minute)) {
		t.Errorf("a clock of real time says %s", now)
	}
}

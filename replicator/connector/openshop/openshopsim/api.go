package openshopsim

import (
	"encoding/json"
	"net/http"
	"sort"
	"strconv"
	"time"
)

// maxPage bounds limit.
const maxPage = 1000

// page is the answer of every list.
type page struct {
	Items any  `json:"items"`
	More  bool `json:"more"`
}

type productJSON struct {
	ID          string      `json:"id"`
	SKU         string      `json:"sku"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	StyleCode   string      `json:"style_code"`
	Variant     string      `json:"variant"`
	Category    string      `json:"category"`
	Brand       string      `json:"brand"`
	Barcode     string      `json:"barcode"`
	UnitCode    string      `json:"unit_code"`
	VATRate     string      `json:"vat_rate"`
	WeightKg    string      `json:"weight_kg"`
	LengthCm    string      `json:"length_cm"`
	WidthCm     string      `json:"width_cm"`
	HeightCm    string      `json:"height_cm"`
	Enabled     bool        `json:"enabled"`
	DeletedAt   *time.Time  `json:"deleted_at"`
	ModifiedAt  time.Time   `json:"modified_at"`
	Prices      []priceJSON `json:"prices"`
	Images      []string    `json:"images"`
}

type priceJSON struct {
	Type     string `json:"type"`
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

type stockJSON struct {
	Warehouse  string    `json:"warehouse"`
	SKU        string    `json:"sku"`
	Quantity   string    `json:"quantity"`
	ModifiedAt time.Time `json:"modified_at"`
}

type orderJSON struct {
	ID              string    `json:"id"`
	Number          string    `json:"number"`
	Status          string    `json:"status"`
	Cancelled       bool      `json:"cancelled"`
	Reason          string    `json:"reason"`
	StatusChangedAt time.Time `json:"status_changed_at"`
	TrackingNumber  string    `json:"tracking_number"`
}

// list answers one page of sorted keys after the given one.
func (s *Sim) list(w http.ResponseWriter, r *http.Request, keys func() []string, item func(key string) any) {
	if !s.authorised(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > maxPage {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	all := keys()
	sort.Strings(all)
	from := sort.SearchStrings(all, r.URL.Query().Get("after")+"\x00")
	all = all[from:]
	out := page{More: len(all) > limit}
	items := []any{}
	for _, k := range all[:min(limit, len(all))] {
		items = append(items, item(k))
	}
	out.Items = items
	body, err := json.Marshal(out)
	s.mu.Unlock()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func (s *Sim) listProducts(w http.ResponseWriter, r *http.Request) {
	s.list(w, r, func() []string { return sortedKeys(s.products) }, func(key string) any {
		p := s.products[key]
		out := productJSON{
			ID: p.ID, SKU: p.SKU, Name: p.Name, Description: p.Description, StyleCode: p.StyleCode, Variant: p.Variant, Category: p.Category,
			Brand: p.Brand, Barcode: p.Barcode, UnitCode: p.UnitCode, VATRate: p.VATRate, WeightKg: p.Weight.String(), LengthCm: p.Length.String(),
			WidthCm: p.Width.String(), HeightCm: p.Height.String(), Enabled: p.Enabled, ModifiedAt: p.Changed, Images: p.Images,
		}
		if !p.Deleted.IsZero() {
			out.DeletedAt = &p.Deleted
		}
		for _, name := range sortedKeys(p.Prices) {
			out.Prices = append(out.Prices, priceJSON{name, p.Prices[name].amount.String(), p.Prices[name].currency})
		}
		return out
	})
}

func (s *Sim) listStock(w http.ResponseWriter, r *http.Request) {
	at := map[string]place{}
	s.list(w, r, func() []string {
		for p := range s.stock {
			at[p.warehouse+"/"+p.sku] = p
		}
		return sortedKeys(at)
	}, func(key string) any {
		p := at[key]
		return stockJSON{p.warehouse, p.sku, s.stock[p].quantity.String(), s.stock[p].changed}
	})
}

func (s *Sim) listOrders(w http.ResponseWriter, r *http.Request) {
	s.list(w, r, func() []string { return sortedKeys(s.orders) }, func(key string) any {
		o := s.orders[key]
		return orderJSON{"order-" + key, key, o.status, o.cancelled, o.reason, o.changed, o.tracking}
	})
}

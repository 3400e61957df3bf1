package jushuitan

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"time"

	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// Config describes one company's account and its shop.
type Config struct {
	BaseURL   string         // https://openapi.jushuitan.com
	AppKey    string         // of the self-developed application
	AppSecret apicall.Secret // signs every call
	// AuthCode is the six-character code of the application's own making that
	// the first token is asked with; random for every token when empty.
	AuthCode string
	ShopID   int64 // the self-built shop whose orders are exchanged
	// Warehouses maps wms_co_id to our warehouse code. What is not here is
	// refused as unmapped, never guessed.
	Warehouses map[string]string

	Location *time.Location // of the vendor's wall times, Asia/Shanghai
	// History is how far back the first reading of the catalogue goes, ten years
	// when zero: one call per week of it.
	History time.Duration
	Timeout time.Duration // of one call, 30 s

	PerSecond  int // calls a second, 5
	PerMinute  int // calls a minute, 100
	TimeFactor int // how many seconds of Now pass in a real one, 1
	// Now is the time in which the limits, the tokens and the windows are meant.
	Now func() time.Time

	Currency string // of orders that name none, and of payments: RUB
	// PriceCurrency gives the currency of each price type (retail, purchase,
	// market); Currency for those that are absent.
	PriceCurrency map[string]string
	FreeStock     StockFormula
	Legacy        bool       // speak to the old gateway
	Tokens        TokenStore // in memory when nil
}

// StockFormula says which of Jushuitan's figures make up a balance. The zero
// value is: quantity = qty, reserved = order_lock.
type StockFormula struct {
	AddVirtual      bool // quantity = qty + virtual_qty
	ReservePickLock bool // reserved also counts pick_lock; it seems to be part of order_lock, so off
	ReserveLockQty  bool // reserved also counts lock_qty
}

func (c Config) withDefaults() Config {
	if c.Location == nil {
		c.Location = time.FixedZone("Asia/Shanghai", 8*60*60) // no daylight saving since 1991
	}
	if c.History == 0 {
		c.History = 10 * 365 * 24 * time.Hour
	}
	if c.PerSecond == 0 {
		c.PerSecond = 5
	}
	if c.PerMinute == 0 {
		c.PerMinute = 100
	}
	if c.TimeFactor == 0 {
		c.TimeFactor = 1
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Currency == "" {
		c.Currency = "RUB"
	}
	c.PriceCurrency = maps.Clone(c.PriceCurrency)
	if c.PriceCurrency == nil {
		c.PriceCurrency = map[string]string{}
	}
	for _, t := range []string{schema.PriceRetail, schema.PricePurchase, schema.PriceMarket} {
		if c.PriceCurrency[t] == "" {
			c.PriceCurrency[t] = c.Currency
		}
	}
	if c.Tokens == nil {
		c.Tokens = &MemoryTokens{}
	}
	return c
}

// Validate lists everything that is wrong with the configuration, joined.
func (c Config) Validate() error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("jushuitan: "+format, args...))
	}
	if u, err := url.Parse(c.BaseURL); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		bad("base URL %q: must be http(s)://host", c.BaseURL)
	}
	if c.AppKey == "" {
		bad("application key is empty; copy it from the developer console")
	}
	if c.AppSecret == "" {
		bad("application secret is empty; copy it from the developer console")
	}
	if c.AuthCode != "" && !regexp.MustCompile(`^[0-9A-Za-z]{6}$`).MatchString(c.AuthCode) {
		bad("authorisation code must be six letters or digits, or empty")
	}
	if c.ShopID <= 0 {
		bad("shop id %d: must be the number of the self-built shop", c.ShopID)
	}
	if c.PerSecond < 0 || c.PerMinute < 0 || c.TimeFactor < 0 || c.History < 0 || c.Timeout < 0 {
		bad("limits, time factor, history and timeout cannot be negative")
	}
	problems = append(problems, c.validateWarehouses()...)
	return errors.Join(problems...)
}

func (c Config) validateWarehouses() []error {
	var problems []error
	if len(c.Warehouses) == 0 {
		problems = append(problems, errors.New("jushuitan: no warehouse is mapped; give wms_co_id: code for each"))
	}
	seen := map[string]string{}
	for id, code := range c.Warehouses {
		if n, err := parseInteger(id); err != nil || n <= 0 {
			problems = append(problems, fmt.Errorf("jushuitan: warehouse id %q: must be a wms_co_id above zero", id))
		}
		if code == "" {
			problems = append(problems, fmt.Errorf("jushuitan: warehouse id %q: has no code", id))
		}
		if other, twice := seen[code]; twice {
			problems = append(problems, fmt.Errorf("jushuitan: warehouse code %q: mapped from %q and from %q", code, min(id, other), max(id, other)))
		}
		seen[code] = id
	}
	return problems
}

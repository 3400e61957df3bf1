package openshop

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// Config of a shop.
type Config struct {
	URL         string // of the exchange endpoint
	User        string
	Password    apicall.Secret
	ReadBackURL string // of the JSON lists, without a slash at the end; "" when the shop has none
	// PriceTypes maps the shop's price types, by name, to ours. Only these are
	// written; {"Розничная": "retail"} when empty.
	PriceTypes map[string]string
	// Warehouses maps the shop's warehouse ids to our codes. What is not listed is
	// refused, never guessed.
	Warehouses map[string]string
	// Statuses adds to the usual status texts, e.g. {"[X] Особый": "held"}; a text
	// listed here is also what is written for its phase.
	Statuses map[string]schema.Phase
	// PaymentMethods adds to the usual wordings of "Метод оплаты".
	PaymentMethods map[string]string
	Currency       string         // of orders that name none; RUB when empty
	Location       *time.Location // of the shop's wall clock; Europe/Moscow when nil
	Timeout        time.Duration  // of one call, 60 s when zero
	ZipAllowed     bool           // pack the documents when the shop offers zip=yes
	MaxAnswer      int64          // bytes of one answer, 64 MiB when zero
	Limiter        []apicall.Waiter
	Clock          func() time.Time
}

func (c Config) withDefaults() (Config, error) {
	if len(c.PriceTypes) == 0 {
		c.PriceTypes = map[string]string{"Розничная": schema.PriceRetail}
	}
	if c.Currency == "" {
		c.Currency = "RUB"
	}
	if c.Location == nil {
		loc, err := time.LoadLocation("Europe/Moscow")
		if err != nil {
			return c, fmt.Errorf("openshop: %w; name a location that this machine knows", err)
		}
		c.Location = loc
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.MaxAnswer == 0 {
		c.MaxAnswer = 64 << 20
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c, c.validate()
}

func (c Config) validate() error {
	var bad []error
	addr := func(field, text string) {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
			bad = append(bad, fmt.Errorf("openshop: %s must be an address such as https://shop.example.com/1c_exchange", field))
		case u.RawQuery != "" || u.User != nil:
			bad = append(bad, fmt.Errorf("openshop: %s must have no query and no credentials", field))
		}
	}
	addr("url", c.URL)
	if c.ReadBackURL != "" {
		addr("read_back_url", c.ReadBackURL)
	}
	if c.User == "" || c.Password == "" {
		bad = append(bad, errors.New("openshop: user and password must be given"))
	}
	ids := map[string]string{}
	for id, code := range c.Warehouses {
		if other, twice := ids[code]; twice {
			bad = append(bad, fmt.Errorf("openshop: warehouses %q and %q are both mapped to %s: stock could not be written", id, other, code))
		}
		ids[code] = id
	}
	types := map[string]bool{}
	for name, ours := range c.PriceTypes {
		if types[ours] {
			bad = append(bad, fmt.Errorf("openshop: two price types, one of them %q, are mapped to %s", name, ours))
		}
		types[ours] = true
	}
	for text, p := range c.Statuses {
		if !p.Valid() {
			bad = append(bad, fmt.Errorf("openshop: status %q is mapped to %q, which is no phase", text, p))
		}
	}
	return errors.Join(bad...)
}

package onec

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// inFlight is how many calls one client makes at a time: an infobase serves each
// call in a session of its own and has few.
const inFlight = 8

// Client reads from and writes to one infobase of 1C:Trade Management. It is a
// [replicator.Sink] with BatchLimit and Preflight; its readers are methods. Safe
// for concurrent use.
type Client struct {
	cfg   Config
	n     Names
	api   *apicall.Client
	slots chan struct{}
	refs  references

	companyMu sync.Mutex // one company is looked up and stamped at a time

	stockMu sync.Mutex
	stocked map[string]map[string]bool // warehouse code → articles seen above zero by this process
	sweepMu sync.Mutex
	sweeps  map[string]*sweepState
}

var (
	_ replicator.Sink         = (*Client)(nil)
	_ replicator.BatchLimiter = (*Client)(nil)
	_ replicator.Preflighter  = (*Client)(nil)
)

// New checks the configuration and makes a client; no connection is opened.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configure onec: %w", err)
	}
	cfg = cfg.withDefaults()
	c := &Client{
		cfg: cfg, n: cfg.Names, slots: make(chan struct{}, inFlight),
		api: apicall.New(apicall.Config{
			System: system, BaseURL: strings.TrimRight(cfg.BaseURL, "/") + "/odata/standard.odata",
			Timeout: cfg.Timeout, Limiter: cfg.Limiter, Clock: cfg.Clock, MaxBody: 256 << 20,
		}),
		stocked: map[string]map[string]bool{}, sweeps: map[string]*sweepState{},
	}
	c.refs.init(cfg.Clock)
	return c, nil
}

// Name implements [replicator.Sink].
func (c *Client) Name() schema.System { return schema.OneC }

// BatchLimit implements [replicator.BatchLimiter].
func (c *Client) BatchLimit(e schema.Entity) int {
	switch e {
	case schema.EntityProduct, schema.EntityStockBalance:
		return 100
	case schema.EntityCustomer, schema.EntityPayment, schema.EntityJournalEntry:
		return 50
	case schema.EntitySalesOrder, schema.EntityOrderStatus, schema.EntityShipment:
		return 20
	case schema.EntityWarehouse:
		return 10
	case schema.EntityBankTransaction, schema.EntityAddress:
	}
	return 1
}

// Preflight checks reach, credentials, what is published and the elements that
// the configuration names, changing nothing.
func (c *Client) Preflight(ctx context.Context) error {
	published, err := c.published(ctx)
	if err != nil {
		return err
	}
	var missing []string
	for _, set := range c.n.required() {
		if !published[set] {
			missing = append(missing, set)
		}
	}
	if len(missing) > 0 {
		f := rejected("preflight", "not published through OData: "+strings.Join(missing, ", "),
			"publish them in \"Настройка автоматического REST-сервиса\" and give the exchange user rights to them")
		f.Kind = replicator.Unauthorised
		return f
	}
	checks := []func(context.Context) error{
		func(ctx context.Context) error { _, err := c.organization(ctx); return err },
		func(ctx context.Context) error { _, err := c.currencyRef(ctx, c.cfg.Trade.Currency); return err },
		func(ctx context.Context) error { _, err := c.vatRef(ctx, c.cfg.Trade.VATRate); return err },
		func(ctx context.Context) error { _, err := c.unitRef(ctx, c.cfg.Trade.UnitCode); return err },
		func(ctx context.Context) error { _, err := c.priceKinds(ctx); return err },
		func(ctx context.Context) error { _, err := c.properties(ctx); return err },
		func(ctx context.Context) error { _, err := c.freightRef(ctx); return err },
	}
	for _, check := range checks {
		if err := check(ctx); err != nil {
			return fmt.Errorf("preflight: %w", err)
		}
	}
	return nil
}

// published lists the entity sets of the service document.
func (c *Client) published(ctx context.Context) (map[string]bool, error) {
	var body struct {
		Value []struct {
			Name string `json:"name"`
		} `json:"value"`
	}
	if err := c.get(ctx, "read the service document", "", "", &body); err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(body.Value))
	for _, v := range body.Value {
		out[v.Name] = true
	}
	return out, nil
}

// now is the moment before a request, to the microsecond that Postgres keeps.
func (c *Client) now() time.Time { return c.cfg.Clock().UTC().Truncate(time.Microsecond) }

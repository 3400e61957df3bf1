package openshop

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// Client speaks to one shop. It is safe for concurrent use.
type Client struct {
	cfg      Config
	exchange *apicall.Client
	endpoint string          // path of the exchange endpoint
	readBack *apicall.Client // nil when the shop has none
}

// New makes a client; no connection is opened. The error joins everything that is
// wrong with the configuration.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	make1 := func(base string) *apicall.Client {
		return apicall.New(apicall.Config{System: string(schema.OpenShop), BaseURL: base, Timeout: cfg.Timeout, MaxBody: cfg.MaxAnswer, Limiter: cfg.Limiter, Clock: cfg.Clock})
	}
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("openshop: url: %w", err)
	}
	c := &Client{cfg: cfg, exchange: make1(u.Scheme + "://" + u.Host), endpoint: cmp.Or(u.EscapedPath(), "/")}
	if cfg.ReadBackURL != "" {
		c.readBack = make1(cfg.ReadBackURL)
	}
	return c, nil
}

// Name implements replicator.Sink.
func (c *Client) Name() schema.System { return schema.OpenShop }

// Preflight implements replicator.Preflighter: it logs in, asks for the exchange's
// parameters and reads one product back. Nothing is changed.
func (c *Client) Preflight(ctx context.Context) error {
	for _, kind := range []string{kindCatalog, kindSale} {
		s, err := c.login(ctx, kind)
		if err != nil {
			return fmt.Errorf("check the exchange endpoint, type=%s: %w", kind, err)
		}
		if err := s.init(ctx); err != nil {
			return fmt.Errorf("check the exchange endpoint, type=%s: %w", kind, err)
		}
	}
	if c.readBack == nil {
		return nil
	}
	if _, _, err := c.list(ctx, "products", "", 1); err != nil {
		return fmt.Errorf("check the read-back: %w", err)
	}
	return nil
}

// writeOptions describe our packages.
func (c *Client) writeOptions() commerceml.WriteOptions {
	o := commerceml.WriteOptions{FormedAt: c.cfg.Clock(), Location: c.cfg.Location, ChangesOnly: true}
	for _, name := range slices.Sorted(maps.Keys(c.cfg.PriceTypes)) {
		ours := c.cfg.PriceTypes[name]
		o.PriceTypes = append(o.PriceTypes, commerceml.WritePriceType{Type: ours, ID: ours, Name: name})
	}
	for _, id := range slices.Sorted(maps.Keys(c.cfg.Warehouses)) {
		o.Warehouses = append(o.Warehouses, commerceml.WriteWarehouse{Code: c.cfg.Warehouses[id], ID: id})
	}
	return o
}

package yandexmaps

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

const operation = "geocode"

// Client asks the geocoder. It is safe for concurrent use.
type Client struct {
	cfg    Config
	api    *apicall.Client
	path   string
	budget *budget
}

// New makes a client; no connection is opened.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, err //nolint:wrapcheck // Validate refused it before
	}
	return &Client{
		cfg: cfg, path: u.Path, budget: &budget{perDay: cfg.PerDay},
		api: apicall.New(apicall.Config{
			System: string(schema.Yandex), BaseURL: u.Scheme + "://" + u.Host, Timeout: cfg.Timeout, MaxBody: 4 << 20, Clock: cfg.Clock,
			Limiter: []apicall.Waiter{rate.NewLimiter(rate.Limit(cfg.PerSecond), cfg.PerSecond)},
		}),
	}, nil
}

// Resolve asks what an address text means. The error is a *[replicator.Failure]:
// Unauthorised for the key, Throttled for a quota, Rejected for a text the service
// refuses, Transient for everything that may pass.
func (c *Client) Resolve(ctx context.Context, text string) (*schema.Address, error) {
	if strings.TrimSpace(text) == "" {
		return nil, c.failure(replicator.Rejected, "the address is empty", "fill the address in the shop")
	}
	at := c.cfg.Clock()
	if wait := c.budget.take(at); wait > 0 {
		f := c.failure(replicator.Throttled, "the daily quota of calls is used up", "raise per_day when the contract allows more")
		f.RetryAfter = wait
		return nil, f
	}
	query := url.Values{"apikey": {c.cfg.APIKey.Reveal()}, "geocode": {text}, "lang": {c.cfg.Lang}, "format": {"json"}, "results": {"10"}}
	resp, err := c.api.Do(ctx, apicall.Request{Operation: operation, Path: c.path, Query: query.Encode(), HideReply: true})
	if err != nil {
		return nil, err
	}
	if f := classify(resp); f != nil {
		return nil, f
	}
	var reply reply
	if err := json.Unmarshal(resp.Body, &reply); err != nil || reply.Response == nil {
		// The decoder's words could quote the address, so they stay out.
		return nil, c.failure(replicator.Transient, "the answer is not a geocoder's reply", "check the base URL when it happens again")
	}
	a := c.read(text, *reply.Response)
	a.ObservedAt = at.UTC()
	return a, nil
}

// Preflight checks the key and the reach with one call for a country's name.
func (c *Client) Preflight(ctx context.Context) error {
	_, err := c.Resolve(ctx, "Россия")
	return err
}

func (c *Client) failure(kind replicator.Kind, message, hint string) *replicator.Failure {
	return &replicator.Failure{Kind: kind, System: string(schema.Yandex), Operation: operation, Message: message, Hint: hint}
}

// classify reads a failing answer. The service's own words are not quoted: a 400
// may repeat the address.
func classify(resp *apicall.Response) *replicator.Failure {
	f := apicall.StatusFailure(string(schema.Yandex), operation, false, resp)
	switch {
	case f == nil && resp.Status != 200:
		return &replicator.Failure{Kind: replicator.Transient, System: string(schema.Yandex), Operation: operation, Message: "the answer is a redirect or empty", Hint: "check the base URL"}
	case f == nil:
		return nil
	case f.Kind == replicator.Unauthorised:
		f.Hint = "check the API key: it must be made for the HTTP geocoder, and a new key works after a quarter of an hour"
	case f.Kind == replicator.Throttled:
		f.Hint = "the quota of the key is used up; it is free again tomorrow"
	case f.Kind == replicator.Rejected:
		f.Hint = "the service refuses the address text or a parameter; correct the address in the shop"
	}
	return f
}

// budget counts the calls of a day in Moscow, where the quota is counted. It lives
// in memory: after a restart the service's own 429 is the last word.
type budget struct {
	perDay int
	mu     sync.Mutex
	day    string
	used   int
}

// take uses one call up, or tells how long to wait for the next day.
func (b *budget) take(now time.Time) time.Duration {
	if b.perDay < 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	local := now.In(time.FixedZone("MSK", 3*60*60))
	if day := local.Format(time.DateOnly); day != b.day {
		b.day, b.used = day, 0
	}
	if b.used >= b.perDay {
		y, m, d := local.Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, local.Location()).Sub(local)
	}
	b.used++
	return 0
}

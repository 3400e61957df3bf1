package jushuitan

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
)

// Client reads and writes one company's Jushuitan. It is a [replicator.Sink];
// its methods Products, Stock, Warehouses, Orders and Shipments give readers.
// Safe for concurrent use.
type Client struct {
	cfg       Config
	ops       map[string]operation
	http      *apicall.Client
	tokenLock chan struct{} // holds one value while a token is asked for
	ids       map[string]string

	placeMu sync.Mutex
	mainID  string // wms_co_id of the main warehouse, "" until it was asked
}

// New makes a client. It checks the configuration and opens no connection.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, ops: operations(), tokenLock: make(chan struct{}, 1), ids: map[string]string{}}
	for id, code := range cfg.Warehouses {
		c.ids[code] = id
	}
	c.http = apicall.New(apicall.Config{
		System: system, BaseURL: cfg.BaseURL, Timeout: cfg.Timeout, Limiter: limiters(cfg),
	})
	return c, nil
}

// limiters keep below both limits in real time. Calls of a second are spaced
// evenly; of a minute a fifth may come at once and the rest evenly, so that no
// minute ever sees more than the whole.
func limiters(cfg Config) []apicall.Waiter {
	factor := float64(cfg.TimeFactor)
	burst := max(1, cfg.PerMinute/5)
	spaced := max(1, cfg.PerMinute-burst)
	return []apicall.Waiter{
		rate.NewLimiter(rate.Limit(float64(cfg.PerSecond)*0.9*factor), 1), // a tenth for the jitter of the road
		rate.NewLimiter(rate.Limit(float64(spaced)/60*factor), burst),
	}
}

// call makes one business call and returns the answer's data. Errors are
// *[replicator.Failure].
func (c *Client) call(ctx context.Context, name string, biz any) (json.RawMessage, error) {
	op := c.ops[name]
	body, err := json.Marshal(biz)
	if err != nil {
		return nil, rejected(name, "", "the request cannot be written as JSON", "")
	}
	token, err := c.token(ctx)
	if err != nil {
		return nil, c.tokenFailure(name, err)
	}
	for again := false; ; again = true {
		v, data, err := c.ask(ctx, name, op, body, token)
		if err != nil {
			return nil, err
		}
		if v.failure == nil {
			return data, nil
		}
		// The token is checked before anything is done, so the call was certainly
		// not carried out and may be repeated, once.
		if !v.token || again {
			return nil, v.failure
		}
		if token, err = c.renew(ctx, token); err != nil {
			return nil, c.tokenFailure(name, err)
		}
	}
}

// tokenFailure makes sure that a call which never left is not taken for unknown.
func (c *Client) tokenFailure(name string, err error) error {
	if kind := replicator.KindOf(err); kind != replicator.Unknown {
		return err
	}
	return &replicator.Failure{Kind: replicator.Transient, System: system, Operation: name, Message: "no token", Err: err}
}

// ask sends one request and judges its answer.
func (c *Client) ask(ctx context.Context, name string, op operation, biz []byte, token Token) (verdict, json.RawMessage, error) {
	req := apicall.Request{Operation: name, Method: "POST", Path: op.path, Header: formHeader(), KeptBody: biz, Writes: op.writes}
	if c.cfg.Legacy {
		c.legacyRequest(&req, op, biz, token)
	} else {
		req.Body = c.form(map[string]string{
			"app_key": c.cfg.AppKey, "access_token": token.Access.Reveal(), "timestamp": c.timestamp(),
			"version": "2", "charset": "utf-8", "biz": string(biz),
		})
	}
	res, err := c.http.Do(ctx, req)
	if err != nil {
		return verdict{}, nil, err
	}
	env, err := c.open(name, op, res)
	if err != nil {
		return verdict{}, nil, err
	}
	return judge(name, op, env, c.cfg.TimeFactor), env.Data, nil
}

// legacyRequest addresses the old gateway, which takes the new credentials.
func (c *Client) legacyRequest(req *apicall.Request, op operation, biz []byte, token Token) {
	ts := c.timestamp()
	method := op.method()
	req.Path = legacyPath
	req.Body = biz
	req.Header = map[string]string{"Content-Type": "application/json"}
	req.Query = url.Values{
		"method": {method}, "partnerid": {c.cfg.AppKey}, "token": {token.Access.Reveal()}, "ts": {ts},
		"sign": {signLegacy(method, c.cfg.AppKey, token.Access.Reveal(), ts, c.cfg.AppSecret)},
	}.Encode()
}

// open reads the envelope of an answer.
func (c *Client) open(name string, op operation, res *apicall.Response) (*envelope, error) {
	if f := apicall.StatusFailure(system, name, op.writes, res); f != nil {
		return nil, f
	}
	env := &envelope{}
	if err := json.Unmarshal(res.Body, env); err != nil || env.Code == nil {
		return nil, &replicator.Failure{
			Kind: lost(op), System: system, Operation: name,
			Message: fmt.Sprintf("the answer of %d bytes is not the vendor's envelope", len(res.Body)),
		}
	}
	if c.cfg.Legacy && len(env.Data) == 0 && *env.Code == "0" {
		env.Data = res.Body // the old gateway lays the data beside the code
	}
	return env, nil
}

func formHeader() map[string]string {
	return map[string]string{"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
}

// form signs parameters and writes them as a form.
func (c *Client) form(params map[string]string) []byte {
	v := url.Values{"sign": {sign(c.cfg.AppSecret, params)}}
	for k, value := range params {
		v.Set(k, value)
	}
	return []byte(v.Encode())
}

func (c *Client) timestamp() string { return strconv.FormatInt(c.cfg.Now().Unix(), 10) }

// block is the paging block of an answer's data.
type block struct {
	rows      []json.RawMessage
	hasNext   bool
	pageCount int
}

// query makes a reading call and returns its block of rows.
func (c *Client) query(ctx context.Context, name string, biz any) (*block, time.Time, error) {
	asked := c.cfg.Now().UTC()
	data, err := c.call(ctx, name, biz)
	if err != nil {
		return nil, asked, err
	}
	b, err := openBlock(c.ops[name], data)
	if err != nil {
		return nil, asked, &replicator.Failure{Kind: lost(c.ops[name]), System: system, Operation: name, Message: "the answer's data holds no rows", Err: err}
	}
	return b, asked, nil
}

// openBlock finds the rows under the operation's name or one of its old names.
func openBlock(op operation, data json.RawMessage) (*block, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	b := &block{}
	found := false
	for _, name := range []string{op.rows, "datas", "shops"} {
		if raw := fields[name]; raw != nil && !found {
			found = true
			if err := json.Unmarshal(raw, &b.rows); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("no array %s", op.rows)
	}
	var next truth
	var pages integer
	if raw := fields["has_next"]; raw != nil {
		if err := next.UnmarshalJSON(raw); err != nil {
			return nil, fmt.Errorf("has_next: %w", err)
		}
	}
	if raw := fields["page_count"]; raw != nil {
		if err := pages.UnmarshalJSON(raw); err != nil {
			return nil, fmt.Errorf("page_count: %w", err)
		}
	}
	b.hasNext, b.pageCount = bool(next), int(pages)
	return b, nil
}

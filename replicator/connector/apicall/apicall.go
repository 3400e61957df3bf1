package apicall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"

	"sverka/replicator"
)

// keptBody is how much of a body an Exchange keeps.
const keptBody = 64 << 10

// Waiter admits calls at the pace a system allows; *rate.Limiter is one.
type Waiter interface {
	Wait(ctx context.Context) error
}

// Config describes one outside system.
type Config struct {
	System  string        // name in errors and records
	BaseURL string        // scheme://host[:port][/path]
	Timeout time.Duration // of one call, 30 s when zero
	MaxBody int64         // bytes of an answer, 64 MiB when zero
	Limiter []Waiter      // all are waited for before a call
	Clock   func() time.Time
}

// Client calls one outside system.
type Client struct {
	cfg    Config
	resty  *resty.Client
	single *resty.Client // a connection per call, see [Client.through]
}

// New makes a client; no connection is opened.
func New(cfg Config) *Client {
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 64 << 20
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck // documented type of http.DefaultTransport
	transport.MaxIdleConnsPerHost = 16
	single := transport.Clone()
	single.DisableKeepAlives = true
	return &Client{cfg: cfg, resty: newResty(cfg, transport), single: newResty(cfg, single)}
}

func newResty(cfg Config, transport *http.Transport) *resty.Client {
	r := resty.New().SetTransport(transport).SetBaseURL(strings.TrimRight(cfg.BaseURL, "/")).SetDoNotParseResponse(true)
	// A redirect is an answer like any other: following it would carry credentials to another place.
	r.SetRedirectPolicy(resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }))
	r.SetLogger(silent{}) // resty would print URLs with their queries
	return r
}

// through chooses the connection of a call. net/http repeats a GET by itself when
// a reused connection breaks; a GET that changes something (mode=import of a
// CommerceML exchange) must not be repeated in silence (invariant 4), and a fresh
// connection never is.
func (c *Client) through(req Request) *resty.Client {
	if req.Writes && (method(req) == http.MethodGet || method(req) == http.MethodHead) {
		return c.single
	}
	return c.resty
}

// silent drops resty's own log lines; errors are returned, not logged.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// Request is one call.
type Request struct {
	Operation string // for errors and records: "orders upload"
	Method    string // GET when empty
	Path      string // appended to the base URL, may be percent-encoded; no query
	Query     string // raw, encoded by the caller: 1C wants %20, never +
	Header    map[string]string
	Body      []byte
	KeptBody  []byte // recorded instead of Body, when Body holds secrets
	Writes    bool   // the call changes something: a lost answer is Unknown
	User      string // basic authentication, with Password
	Password  Secret
	Timeout   time.Duration // zero: the client's
	HideReply bool          // the answer holds secrets (tokens): do not record it
}

// Response is an answer with any HTTP status.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes one call. The error, when the answer did not come whole, is a
// *[replicator.Failure]: Transient when the request certainly did not leave or
// only reads, Unknown when it may have been carried out. An answer with a
// failing status is not an error here: the connector knows what it means
// (see [StatusFailure] for the usual reading).
func (c *Client) Do(ctx context.Context, req Request) (*Response, error) {
	for _, l := range c.cfg.Limiter {
		if err := l.Wait(ctx); err != nil {
			return nil, &replicator.Failure{Kind: replicator.Transient, System: c.cfg.System, Operation: req.Operation, Message: "waiting for the rate limit", Err: err}
		}
	}
	timeout := req.Timeout
	if timeout == 0 {
		timeout = c.cfg.Timeout
	}
	callCtx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("%s of %s timed out after %s", req.Operation, c.cfg.System, timeout))
	defer cancel()
	var sent atomic.Bool
	callCtx = httptrace.WithClientTrace(callCtx, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	})
	started := c.cfg.Clock()
	resp, err := c.send(callCtx, req)
	kept := req.KeptBody
	if kept == nil {
		kept = req.Body
	}
	ex := Exchange{
		System: c.cfg.System, Operation: req.Operation, Method: method(req), Path: req.Path,
		StartedAt: started, Duration: c.cfg.Clock().Sub(started), Request: clip(kept),
	}
	if resp != nil {
		ex.Status = resp.Status
		if !req.HideReply {
			ex.Response = clip(resp.Body)
		}
	}
	if err != nil {
		failure := c.classify(callCtx, req, err, sent.Load())
		ex.Err = failure.Error()
		record(ctx, ex)
		return nil, failure
	}
	record(ctx, ex)
	return resp, nil
}

func method(req Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

func (c *Client) send(ctx context.Context, req Request) (*Response, error) {
	r := c.through(req).R().SetContentLength(true).SetContext(ctx).SetHeaders(req.Header)
	if req.Body != nil {
		r.SetBody(req.Body)
	}
	if req.User != "" {
		r.SetBasicAuth(req.User, req.Password.Reveal())
	}
	target := req.Path
	if req.Query != "" {
		target += "?" + req.Query
	}
	res, err := r.Execute(method(req), target)
	if err != nil {
		return nil, err
	}
	body := res.RawBody()
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, c.cfg.MaxBody+1))
	if err != nil {
		return &Response{Status: res.StatusCode(), Header: res.Header(), Body: b}, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(b)) > c.cfg.MaxBody {
		return nil, fmt.Errorf("the answer is larger than %d bytes", c.cfg.MaxBody)
	}
	return &Response{Status: res.StatusCode(), Header: res.Header(), Body: b}, nil
}

// classify answers "was it carried out?" for a call without a whole answer.
func (c *Client) classify(ctx context.Context, req Request, err error, sent bool) *replicator.Failure {
	f := &replicator.Failure{System: c.cfg.System, Operation: req.Operation, Err: withoutURL(err)}
	if cause := context.Cause(ctx); cause != nil {
		f.Err = cause
	}
	f.Kind = replicator.Transient
	if sent && req.Writes {
		// Invariant 4: the request left and no answer came, so the outcome is not known.
		f.Kind = replicator.Unknown
		f.Message = "the request left, the answer did not come"
	}
	return f
}

// withoutURL strips the URL that net/http puts into its errors: queries carry signatures.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("%s: %w", strings.ToLower(u.Op), u.Err)
	}
	return err
}

func clip(b []byte) []byte {
	if len(b) > keptBody {
		b = b[:keptBody]
	}
	return bytes.Clone(b)
}

// StatusFailure is the usual reading of a failing HTTP status: 429 and 503 with
// Retry-After are Throttled, 401 and 403 Unauthorised, 503 without it Transient,
// 408 and other 5xx Transient for reads and Unknown for writes, other 4xx
// Rejected. It is nil below 400.
func StatusFailure(system, operation string, writes bool, r *Response) *replicator.Failure {
	if r.Status < 400 {
		return nil
	}
	f := &replicator.Failure{System: system, Operation: operation, Code: strconv.Itoa(r.Status), Message: http.StatusText(r.Status)}
	after := retryAfter(r.Header)
	switch {
	case r.Status == http.StatusTooManyRequests, r.Status == http.StatusServiceUnavailable && after > 0:
		f.Kind, f.RetryAfter = replicator.Throttled, after
	case r.Status == http.StatusUnauthorized, r.Status == http.StatusForbidden:
		f.Kind = replicator.Unauthorised
		f.Hint = "check the credentials and rights of " + system
	case r.Status == http.StatusServiceUnavailable:
		f.Kind = replicator.Transient // the system says that it did not try
	case r.Status >= 500, r.Status == http.StatusRequestTimeout:
		f.Kind = replicator.Transient
		if writes {
			f.Kind = replicator.Unknown
		}
	default:
		f.Kind = replicator.Rejected
	}
	return f
}

func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		if d := time.Until(t); d > 0 {
			return d
		}
	}
	return 0
}

package replicatortest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/replicatortest"
	"sverka/schema"
)

const (
	fakeSecret   = "s3cr3t+token"
	fakePersonal = "Иванова Анна"
)

// document is what the fake target holds; several may stand under one key.
type document struct{ Code, Name, Ref string }

// register is the fake target: a list of documents behind HTTP.
type register struct {
	mu   sync.Mutex
	docs []document
	// faults of the target itself
	foldsText bool
}

func (r *register) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get("X-Token") != fakeSecret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if req.Method == http.MethodGet {
		code := req.URL.Query().Get("code")
		i := slices.IndexFunc(r.docs, func(d document) bool { return d.Code == code })
		if i < 0 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(r.docs[i])
		return
	}
	var in []document
	if err := json.NewDecoder(req.Body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	out := make([]string, len(in))
	for i, d := range in {
		if d.Name == "" {
			out[i] = "no name"
			continue
		}
		if r.foldsText {
			d.Name = strings.Map(func(c rune) rune { return min(c, '~') }, d.Name)
		}
		r.docs = append(r.docs, d)
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (r *register) count(key schema.Key) int {
	n := 0
	for _, d := range r.snapshot() {
		if d.Code == string(key) {
			n++
		}
	}
	return n
}

func (r *register) snapshot() []document {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.docs)
}

// flaws are the ways in which the fake sink can be broken on purpose.
type flaws struct {
	createsAlways, reverses, failsWhole, confirmsOther, retries, callsLossTransient, trustsAsking    bool
	rejectsServerErrors, rejectsCredentials, ignoresCancel, sendsEmpty, oneAtATime, tellsSecret      bool
	quotesVendor, sendsSecretInBody, foldsText, wantsForever, dropsRetryAfter, shortList, namesOther bool
	plainError                                                                                       bool
}

// fakeSink writes warehouses into a register.
type fakeSink struct {
	api   *apicall.Client
	flaw  flaws
	mu    sync.Mutex
	calls int
	two   chan struct{}
}

func (s *fakeSink) Name() schema.System          { return schema.Jushuitan }
func (s *fakeSink) BatchLimit(schema.Entity) int { return 4 }

func (s *fakeSink) Project(d *replicator.Delivery) (schema.Record, error) {
	w := schema.Clone(warehouse(d.Source))
	w.Provenance = schema.Provenance{System: schema.Jushuitan}
	if s.flaw.wantsForever && d.Held != nil {
		w.IsMain = !warehouse(d.Held).IsMain
	}
	return w, nil
}

func (s *fakeSink) Write(ctx context.Context, batch []replicator.Delivery) ([]replicator.Confirmation, error) {
	if s.flaw.ignoresCancel {
		ctx = context.WithoutCancel(ctx)
	}
	if len(batch) == 0 && !s.flaw.sendsEmpty {
		return nil, nil
	}
	if s.flaw.oneAtATime && s.overlaps() {
		return nil, failAll(batch, s.failure(replicator.Rejected, "busy"))
	}
	confirmed := make([]replicator.Confirmation, len(batch))
	var failed replicator.BatchError
	var rows []document
	var at []int
	for i, d := range batch {
		found, err := s.find(ctx, d)
		switch {
		case err != nil:
			failed.Fail(i, err)
		case found:
			confirmed[i] = s.confirm(d)
		default:
			w := warehouse(d.Wanted)
			rows, at = append(rows, document{w.WarehouseCode, w.Name, d.Reference}), append(at, i)
		}
	}
	if len(rows) > 0 || len(batch) == 0 {
		s.create(ctx, batch, rows, at, confirmed, &failed)
	}
	if s.flaw.failsWhole && len(failed.Failed) > 0 {
		return nil, failAll(batch, s.failure(replicator.Rejected, "batch refused"))
	}
	if s.flaw.shortList && len(batch) > 1 {
		confirmed = confirmed[:1]
	}
	if s.flaw.plainError && len(failed.Failed) > 0 {
		return confirmed, errors.New("something went wrong")
	}
	return confirmed, failed.OrNil()
}

// overlaps waits a moment for a second caller and tells whether one came.
func (s *fakeSink) overlaps() bool {
	s.mu.Lock()
	s.calls++
	if s.calls == 2 {
		close(s.two)
	}
	s.mu.Unlock()
	select {
	case <-s.two:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

func (s *fakeSink) find(ctx context.Context, d replicator.Delivery) (bool, error) {
	if s.flaw.createsAlways {
		return false, nil
	}
	if d.AskFirst && s.flaw.trustsAsking {
		return true, nil
	}
	resp, err := s.api.Do(ctx, apicall.Request{Operation: "find", Path: "/docs", Query: "code=" + url.QueryEscape(string(d.Key)), Header: s.header()})
	if err != nil {
		return false, err
	}
	if resp.Status == http.StatusNotFound {
		return false, nil
	}
	if err := s.status("find", false, resp); err != nil {
		return false, err
	}
	return true, nil
}

func (s *fakeSink) create(ctx context.Context, batch []replicator.Delivery, rows []document, at []int, confirmed []replicator.Confirmation, failed *replicator.BatchError) {
	if s.flaw.reverses {
		slices.Reverse(rows)
		slices.Reverse(at)
	}
	resp, err := s.post(ctx, rows)
	if err != nil && s.flaw.retries {
		resp, err = s.post(ctx, rows)
	}
	var words []string
	if err == nil && json.Unmarshal(resp.Body, &words) != nil {
		err = s.failure(replicator.Unknown, "the answer cannot be read")
		if s.flaw.quotesVendor {
			err = s.failure(replicator.Unknown, string(resp.Body))
		}
	}
	for n, i := range at {
		switch {
		case err != nil:
			failed.Fail(i, err)
		case words[n] != "":
			failed.Fail(i, s.failure(replicator.Rejected, words[n]))
		default:
			confirmed[i] = s.confirm(batch[i])
		}
	}
}

func (s *fakeSink) post(ctx context.Context, rows []document) (*apicall.Response, error) {
	body, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("marshal rows: %w", err)
	}
	if s.flaw.sendsSecretInBody {
		body = append(body, []byte(" \n\t"+fakeSecret)...)
	}
	resp, err := s.api.Do(ctx, apicall.Request{Operation: "create", Method: http.MethodPost, Path: "/docs", Header: s.header(), Body: body, Writes: true})
	var f *replicator.Failure
	if errors.As(err, &f) && f.Kind == replicator.Unknown && s.flaw.callsLossTransient {
		f.Kind = replicator.Transient
	}
	if err != nil {
		return nil, err
	}
	return resp, s.status("create", true, resp)
}

// status reads a failing answer, with the flaws that concern it.
func (s *fakeSink) status(op string, writes bool, resp *apicall.Response) error {
	f := apicall.StatusFailure("fake", op, writes, resp)
	if f == nil {
		return nil
	}
	switch {
	case s.flaw.rejectsServerErrors && resp.Status >= 500, s.flaw.rejectsCredentials && f.Kind == replicator.Unauthorised:
		f.Kind = replicator.Rejected
	case s.flaw.tellsSecret:
		f.Hint = "check the token " + fakeSecret
	case s.flaw.quotesVendor:
		f.Message = string(resp.Body)
	case s.flaw.dropsRetryAfter:
		f.RetryAfter = 0
	}
	return f
}

func (s *fakeSink) header() map[string]string { return map[string]string{"X-Token": fakeSecret} }

func (s *fakeSink) failure(kind replicator.Kind, message string) *replicator.Failure {
	return &replicator.Failure{Kind: kind, System: "fake", Operation: "create", Message: message}
}

func (s *fakeSink) confirm(d replicator.Delivery) replicator.Confirmation {
	w := schema.Clone(warehouse(d.Wanted))
	if s.flaw.confirmsOther {
		w.Name += "!"
	}
	if s.flaw.namesOther {
		w.WarehouseCode = "OTHER"
	}
	return replicator.Confirmation{Observed: []schema.Record{w}}
}

func failAll(batch []replicator.Delivery, err error) error {
	var failed replicator.BatchError
	for i := range batch {
		failed.Fail(i, err)
	}
	return failed.OrNil()
}

// fakeOptions describe the fake target with the given flaws.
func fakeOptions(f flaws) replicatortest.Options {
	return replicatortest.Options{
		New: func(tb testing.TB) replicatortest.Target {
			tb.Helper()
			r, faults := &register{foldsText: f.foldsText}, &simworld.Faults{}
			server := httptest.NewServer(faults.Wrap(r))
			tb.Cleanup(server.Close)
			sink := &fakeSink{flaw: f, two: make(chan struct{}), api: apicall.New(apicall.Config{System: "fake", BaseURL: server.URL})}
			return replicatortest.Target{
				Sink: sink, Faults: faults, Documents: r.count,
				Arrivals: func() []schema.Key {
					var keys []schema.Key
					for _, d := range r.snapshot() {
						keys = append(keys, schema.Key(d.Code))
					}
					return keys
				},
				Holds: func(key schema.Key, text string) bool {
					return slices.ContainsFunc(r.snapshot(), func(d document) bool { return d.Code == string(key) && d.Name == text })
				},
			}
		},
		Deliveries: func(_ testing.TB, n int) []replicator.Delivery {
			var out []replicator.Delivery
			for i := range n {
				code := fmt.Sprintf("W%02d", n-i)
				out = append(out, replicator.Delivery{
					Flow: replicator.Flow{Entity: schema.EntityWarehouse, Source: schema.OneC, Target: schema.Jushuitan},
					Key:  schema.Key(code), Reference: fmt.Sprintf("%032x", i), Attempt: 1,
					Source: &schema.Warehouse{WarehouseCode: code, Name: fakePersonal, Active: true},
				})
			}
			return out
		},
		Break: func(d replicator.Delivery) replicator.Delivery {
			warehouse(d.Source).Name = ""
			return d
		},
		Secrets: []string{fakeSecret}, Personal: []string{fakePersonal},
	}
}

func warehouse(r schema.Record) *schema.Warehouse {
	w, _ := r.(*schema.Warehouse)
	return w
}

package simworld_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sverka/replicator/connector/simworld"
)

// system is a target behind faults; it counts what it carries out.
type system struct {
	faults  *simworld.Faults
	carried atomic.Int64
	server  *httptest.Server
}

func newSystem(t *testing.T) *system {
	t.Helper()
	s := &system{faults: &simworld.Faults{}}
	s.server = httptest.NewServer(s.faults.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.carried.Add(1)
		w.Header().Set("X-Kept", "yes")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "0123456789")
	})))
	t.Cleanup(s.server.Close)
	return s
}

// call makes one POST; status 0 means that no answer came.
func (s *system) call(t *testing.T, path string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.server.Client().Do(req)
	if err != nil {
		return 0, nil, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

func TestFaults_spoil_what_they_are_told_and_then_stop(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil   func(f *simworld.Faults)
		status  int
		body    string
		carried int64
		header  string
	}{
		"nothing":            {func(*simworld.Faults) {}, 201, "0123456789", 1, ""},
		"fail":               {func(f *simworld.Faults) { f.Fail(nil, 2, 502, "bad gateway") }, 502, "bad gateway", 0, ""},
		"throttle":           {func(f *simworld.Faults) { f.Throttle(nil, 2, 7) }, 429, "", 0, "7"},
		"drop after commit":  {func(f *simworld.Faults) { f.DropAfterCommit(nil, 2) }, 0, "", 1, ""},
		"drop before commit": {func(f *simworld.Faults) { f.DropBeforeCommit(nil, 2) }, 0, "", 0, ""},
		"truncate":           {func(f *simworld.Faults) { f.Truncate(nil, 2) }, 201, "01234", 1, ""},
		"down":               {func(f *simworld.Faults) { f.SetDown(true) }, 0, "", 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			c.spoil(s.faults)
			for range 2 {
				before := s.carried.Load()
				status, header, body := s.call(t, "/orders")
				if status != c.status || body != c.body || s.carried.Load()-before != c.carried || header.Get("Retry-After") != c.header {
					t.Errorf("status %d, body %q, carried out %d, patience %q", status, body, s.carried.Load()-before, header.Get("Retry-After"))
				}
			}
			s.faults.SetDown(false)
			if status, header, body := s.call(t, "/orders"); status != 201 || body != "0123456789" || header.Get("X-Kept") != "yes" {
				t.Errorf("after its two times the fault goes on: status %d, body %q", status, body)
			}
		})
	}
}

func TestFaults_choose_requests(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.faults.Fail(simworld.PathContains("/stock"), 1, 500, "")
	s.faults.Fail(simworld.PathContains("mode=import"), 1, 501, "")
	for _, want := range []struct {
		path   string
		status int
	}{{"/orders", 201}, {"/stock/x", 500}, {"/stock/x", 201}, {"/x?type=sale&mode=import", 501}, {"/x?type=sale&mode=query", 201}} {
		if status, _, _ := s.call(t, want.path); status != want.status {
			t.Errorf("%s: status %d, want %d", want.path, status, want.status)
		}
	}
	for method, want := range map[string]bool{http.MethodGet: false, http.MethodPost: true, http.MethodPatch: true, http.MethodDelete: true} {
		if simworld.Writes(httptest.NewRequest(method, "/", nil)) != want {
			t.Errorf("%s writes: want %v", method, want)
		}
	}
}

func TestFaults_come_in_the_order_in_which_they_were_told(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.faults.Fail(nil, 1, 500, "")
	s.faults.Throttle(nil, 1, 1)
	for _, want := range []int{500, 429, 201} {
		if status, _, _ := s.call(t, "/"); status != want {
			t.Errorf("status %d, want %d", status, want)
		}
	}
}

func TestFaults_delay_until_the_caller_goes(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.faults.SetLatency(3 * time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.server.Client().Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, context.DeadlineExceeded) || s.carried.Load() != 0 {
		t.Errorf("a slow system gave %v after carrying out %d requests", err, s.carried.Load())
	}
	s.faults.SetLatency(0)
	if status, _, _ := s.call(t, "/"); status != 201 {
		t.Errorf("status %d once it is fast again", status)
	}
}

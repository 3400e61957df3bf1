package simworld

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Faults stands before a simulator and spoils what it is told to. The zero value
// passes everything through; safe for concurrent use.
type Faults struct {
	mu      sync.Mutex
	down    bool
	latency time.Duration
	rules   []*rule
}

// Match chooses requests; nil matches all.
type Match func(*http.Request) bool

// PathContains matches requests whose path or query contains the text.
func PathContains(text string) Match {
	return func(r *http.Request) bool {
		return strings.Contains(r.URL.Path, text) || strings.Contains(r.URL.RawQuery, text)
	}
}

// Writes matches every request that is not a GET.
func Writes(r *http.Request) bool { return r.Method != http.MethodGet }

type rule struct {
	match Match
	left  int
	act   func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// SetDown makes every connection break without an answer, until it is set up again.
func (f *Faults) SetDown(down bool) { f.mu.Lock(); f.down = down; f.mu.Unlock() }

// SetLatency delays every answer.
func (f *Faults) SetLatency(d time.Duration) { f.mu.Lock(); f.latency = d; f.mu.Unlock() }

func (f *Faults) add(match Match, times int, act func(http.ResponseWriter, *http.Request, http.Handler)) {
	f.mu.Lock()
	f.rules = append(f.rules, &rule{match, times, act})
	f.mu.Unlock()
}

// Fail answers the next matching requests with a status and body, before the system sees them.
func (f *Faults) Fail(match Match, times, status int, body string) {
	f.add(match, times, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// Throttle answers the next matching requests with 429 and Retry-After in seconds.
func (f *Faults) Throttle(match Match, times, retryAfter int) {
	f.add(match, times, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		w.WriteHeader(http.StatusTooManyRequests)
	})
}

// DropAfterCommit lets the system carry the next matching requests out and then
// breaks the connection: the caller cannot know the outcome.
func (f *Faults) DropAfterCommit(match Match, times int) {
	f.add(match, times, func(_ http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

// DropBeforeCommit breaks the connection before the system sees the next matching requests.
func (f *Faults) DropBeforeCommit(match Match, times int) {
	f.add(match, times, func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) })
}

// Truncate carries the next matching requests out and answers with half of the body.
func (f *Faults) Truncate(match Match, times int) {
	f.add(match, times, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		b := rec.Body.Bytes()
		_, _ = bytes.NewReader(b[:len(b)/2]).WriteTo(w)
	})
}

// Wrap puts the faults before a simulator's handler.
func (f *Faults) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		down, latency := f.down, f.latency
		var hit *rule
		for _, c := range f.rules {
			if c.left > 0 && (c.match == nil || c.match(r)) {
				c.left--
				hit = c
				break
			}
		}
		f.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		if latency > 0 {
			select {
			case <-time.After(latency):
			case <-r.Context().Done():
				return
			}
		}
		if hit != nil {
			hit.act(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
}

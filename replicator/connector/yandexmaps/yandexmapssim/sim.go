package yandexmapssim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"sverka/replicator/connector/simworld"
)

// Options say how the geocoder behaves.
type Options struct {
	APIKey string           // the only key it accepts, "geocoder-key" when ""
	PerDay int              // calls after which it answers 429, 0: no limit
	Faults *simworld.Faults // stands before it when not nil
}

// Sim is the geocoder. It is safe for concurrent use.
type Sim struct {
	world   *simworld.World
	opts    Options
	handler http.Handler

	mu    sync.Mutex
	calls int
}

// New makes a geocoder of the world's addresses.
func New(world *simworld.World, o Options) *Sim {
	if o.APIKey == "" {
		o.APIKey = "geocoder-key"
	}
	s := &Sim{world: world, opts: o}
	mux := http.NewServeMux()
	for _, path := range []string{"/v1", "/v1/", "/1.x", "/1.x/"} {
		mux.HandleFunc("GET "+path, s.geocode)
	}
	s.handler = mux
	if o.Faults != nil {
		s.handler = o.Faults.Wrap(mux)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Calls is how many calls counted against the quota.
func (s *Sim) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// NewDay frees the quota again.
func (s *Sim) NewDay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = 0
}

func (s *Sim) geocode(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("apikey") != s.opts.APIKey {
		fail(w, http.StatusForbidden, "Forbidden", "Invalid key")
		return
	}
	s.mu.Lock()
	s.calls++
	over := s.opts.PerDay > 0 && s.calls > s.opts.PerDay
	s.mu.Unlock()
	if over {
		fail(w, http.StatusTooManyRequests, "Too Many Requests", "Limit is exceeded")
		return
	}
	results, err := strconv.Atoi(orDefault(q.Get("results"), "10"))
	switch text := q.Get("geocode"); {
	case text == "":
		fail(w, http.StatusBadRequest, "Bad Request", "Parameter geocode or uri must be set")
	case q.Get("format") != "json":
		fail(w, http.StatusBadRequest, "Bad Request", "Only format=json is imitated")
	case r.URL.Path[1] == 'v' && q.Get("lang") == "":
		fail(w, http.StatusBadRequest, "Bad Request", "Parameter lang must be set")
	case err != nil || results < 1 || results > 50:
		fail(w, http.StatusBadRequest, "Bad Request", "Parameter results is wrong")
	default:
		found := s.find(text)
		write(w, http.StatusOK, collection(text, results, found))
	}
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func fail(w http.ResponseWriter, status int, name, message string) {
	write(w, status, map[string]any{"statusCode": status, "error": name, "message": message})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller that is gone needs no answer
}

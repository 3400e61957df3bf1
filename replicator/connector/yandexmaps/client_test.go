package yandexmaps_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/connector/yandexmaps"
	"sverka/replicator/connector/yandexmaps/yandexmapssim"
	"sverka/schema"
)

const secret = "9f3a-key-that-must-not-be-seen"

// newClient makes a client of a handler.
func newClient(t *testing.T, h http.Handler, change func(*yandexmaps.Config)) *yandexmaps.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := yandexmaps.Config{BaseURL: server.URL + "/v1", APIKey: secret, PerSecond: 1000}
	if change != nil {
		change(&cfg)
	}
	c, err := yandexmaps.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer is a service that always says the same.
func answer(status int, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustResolve(t *testing.T, c *yandexmaps.Client, text string) *schema.Address {
	t.Helper()
	a, err := c.Resolve(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	if problems := a.Validate(); len(problems) > 0 {
		t.Fatalf("the address cannot be staged: %v", problems)
	}
	return a
}

// summary is what a reviewer looks at.
func summary(a *schema.Address) string {
	return strings.Join([]string{a.Status, a.Precision, a.Country, a.Region, a.City, a.District, a.Street, a.House, a.PostalCode, a.Longitude, a.Latitude}, "|")
}

func TestResolve_reads_our_own_samples(t *testing.T) {
	t.Parallel()
	const kazan = "|RU|Республика Татарстан|Казань|Вахитовский район, Забулачье|улица Примерная|7к2|"
	cases := map[string]struct {
		want       string
		candidates int
	}{
		"house.json":             {"resolved|exact" + kazan + "420000|49.106414|55.796127", 1},
		"house_nearby.json":      {"resolved|near" + kazan + "|49.106414|55.796127", 1},
		"house_and_street.json":  {"resolved|number" + kazan + "|49.106414|55.796127", 12},
		"one_house_twice.json":   {"resolved|exact" + kazan + "|49.106414|55.796127", 2},
		"point_broken.json":      {"resolved|exact" + kazan + "||", 1},
		"two_houses.json":        {"ambiguous|exact|||||||||", 2},
		"street.json":            {"ambiguous|street|||||||||", 1},
		"unheard_precision.json": {"ambiguous|rooftop|||||||||", 1},
		"nothing.json":           {"not_found||||||||||", 0},
	}
	for file, c := range cases {
		a := mustResolve(t, newClient(t, answer(200, mustRead(t, "testdata/"+file)), nil), "Казань, Примерная 7к2")
		if got := summary(a); got != c.want || a.Candidates != c.candidates {
			t.Errorf("%s: %s of %d candidates, want %s of %d", file, got, a.Candidates, c.want, c.candidates)
		}
	}
}

func TestResolve_fills_key_provenance_and_what_has_no_column(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("MSK", 3*3600))
	c := newClient(t, answer(200, mustRead(t, "testdata/house.json")), func(cfg *yandexmaps.Config) { cfg.Clock = func() time.Time { return at } })
	const text = "Казань,  ПРИМЕРНАЯ 7к2"
	a := mustResolve(t, c, text)
	if a.AddressID != schema.AddressID("казань, примерная 7к2") || a.Text != text || a.System != schema.Yandex {
		t.Errorf("key %s, text %q, system %s", a.AddressID, a.Text, a.System)
	}
	if !a.ObservedAt.Equal(at) || a.ObservedAt.Location() != time.UTC {
		t.Errorf("observed at %s, want the moment before the call in UTC", a.ObservedAt)
	}
	if a.Extra["area"] != "городской округ Казань" || a.Extra["kind"] != "house" || a.ExternalID == "" {
		t.Errorf("extra %v, external id %q", a.Extra, a.ExternalID)
	}
}

func TestResolve_accepts_only_what_is_precise_enough(t *testing.T) {
	t.Parallel()
	for least, want := range map[string]string{"exact": schema.AddressAmbiguous, "number": schema.AddressAmbiguous, "near": schema.AddressResolved, "street": schema.AddressResolved} {
		c := newClient(t, answer(200, mustRead(t, "testdata/house_nearby.json")), func(cfg *yandexmaps.Config) { cfg.MinPrecision = least })
		if a := mustResolve(t, c, "x"); a.Status != want || a.Formatted == "" {
			t.Errorf("precision near with at least %s is %s (%q), want %s with a suggestion", least, a.Status, a.Formatted, want)
		}
	}
}

func TestResolve_reads_the_shared_samples(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(repositoryRoot(t), "..", "shared", "samples", "yandex")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("shared samples are absent: the own samples of testdata cover the same ground")
	}
	cases := map[string]struct {
		status int
		want   string
		kind   replicator.Kind
	}{
		"sivakov512_address_found.json":              {200, "resolved|exact|RU|Москва|Москва||улица Льва Толстого|16|119021|37.587093|55.733969", 0},
		"sivakov512_coords_found.json":               {200, "resolved|exact|RU|Москва|Москва||улица Льва Толстого|16|119021|37.587093|55.733969", 0},
		"yandex-docs_moscow_novy-arbat-24.json":      {200, "resolved|exact|RU|Moscow|Moscow||Novy Arbat Street|24|119019|37.587614|55.753083", 0},
		"sivakov512_address_not_found.json":          {200, "not_found||||||||||", 0},
		"sivakov512_coords_not_found.json":           {200, "not_found||||||||||", 0},
		"error_403_invalid_key.json":                 {403, "", replicator.Unauthorised},
		"error_429_too_many_requests.synthetic.json": {429, "", replicator.Throttled},
	}
	for _, e := range entries {
		c, known := cases[e.Name()]
		if !known {
			t.Errorf("%s: a new sample has no expectation here", e.Name())
			continue
		}
		a, err := newClient(t, answer(c.status, mustRead(t, filepath.Join(dir, e.Name()))), nil).Resolve(t.Context(), "Москва, Льва Толстого 16")
		if c.want == "" {
			if replicator.KindOf(err) != c.kind || err == nil {
				t.Errorf("%s: %v, want %s", e.Name(), err, c.kind)
			}
			continue
		}
		if err != nil || summary(a) != c.want {
			t.Errorf("%s: %v %v, want %s", e.Name(), a, err, c.want)
		}
	}
}

func TestResolve_classifies_what_goes_wrong(t *testing.T) {
	t.Parallel()
	const private = "Казань, Тайная 5"
	cases := map[string]struct {
		handler http.Handler
		kind    replicator.Kind
	}{
		"an invalid key":     {answer(403, mustRead(t, "testdata/forbidden.json")), replicator.Unauthorised},
		"no key":             {answer(401, nil), replicator.Unauthorised},
		"a used-up quota":    {answer(429, nil), replicator.Throttled},
		"a bad request":      {answer(400, []byte(private+secret)), replicator.Rejected},
		"a server error":     {answer(500, []byte(private)), replicator.Transient},
		"a redirect":         {answer(302, nil), replicator.Transient},
		"a page of a proxy":  {answer(200, []byte("<html>"+private)), replicator.Transient},
		"another JSON":       {answer(200, []byte(`{"ok":true}`)), replicator.Transient},
		"half an answer":     {answer(200, []byte(`{"response":{"GeoObjectCollection":{"featureMember":[{"GeoObject":"`+private+`"}]}}}`)), replicator.Transient},
		"a broken line":      {http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), replicator.Transient},
		"an answer too late": {http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), replicator.Transient},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, c.handler, func(cfg *yandexmaps.Config) { cfg.Timeout = 200 * time.Millisecond })
			ctx, recorder := apicall.WithRecorder(t.Context())
			a, err := client.Resolve(ctx, private)
			var f *replicator.Failure
			if a != nil || !errors.As(err, &f) || f.Kind != c.kind || f.System != "yandex" || f.Operation != "geocode" {
				t.Fatalf("got %v, want a failure of kind %s", err, c.kind)
			}
			if c.kind == replicator.Unauthorised && !strings.Contains(f.Hint, "API key") {
				t.Errorf("hint %q does not tell what to do about the key", f.Hint)
			}
			requireSilent(t, err.Error()+f.Hint, private)
			for _, ex := range recorder.Exchanges() {
				requireSilent(t, ex.Path+ex.Err+string(ex.Request)+string(ex.Response), private)
			}
		})
	}
}

// requireSilent fails when a text shows the key or the address.
func requireSilent(t *testing.T, text, private string) {
	t.Helper()
	for _, word := range append(strings.FieldsFunc(private, func(r rune) bool { return r == ' ' || r == ',' })[:2], secret) {
		if strings.Contains(text, word) {
			t.Errorf("%q shows %q (invariant 11)", text, word)
		}
	}
}

func TestResolve_records_neither_key_nor_address_when_it_goes_well(t *testing.T) {
	t.Parallel()
	c := newClient(t, answer(200, mustRead(t, "testdata/house.json")), nil)
	ctx, recorder := apicall.WithRecorder(t.Context())
	if _, err := c.Resolve(ctx, "Казань, Примерная 7к2"); err != nil {
		t.Fatal(err)
	}
	ex := recorder.Exchanges()
	if len(ex) != 1 || ex[0].Path != "/v1" || ex[0].Status != 200 || len(ex[0].Response) != 0 || len(ex[0].Request) != 0 {
		t.Errorf("recorded %+v, want the path and status only", ex)
	}
}

func TestResolve_refuses_an_empty_address_without_a_call(t *testing.T) {
	t.Parallel()
	sim := yandexmapssim.New(simworld.New(simworld.Options{}), yandexmapssim.Options{APIKey: secret})
	_, err := newClient(t, sim, nil).Resolve(t.Context(), " \t")
	if replicator.KindOf(err) != replicator.Rejected || sim.Calls() != 0 {
		t.Errorf("got %v after %d calls, want rejected without a call", err, sim.Calls())
	}
}

func TestResolve_keeps_count_of_the_daily_quota(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC) // 23:30 in Moscow
	c := newClient(t, answer(200, mustRead(t, "testdata/house.json")), func(cfg *yandexmaps.Config) {
		cfg.PerDay, cfg.Clock = 2, func() time.Time { return now }
	})
	for range 2 {
		mustResolve(t, c, "x")
	}
	_, err := c.Resolve(t.Context(), "x")
	var f *replicator.Failure
	if !errors.As(err, &f) || f.Kind != replicator.Throttled || f.RetryAfter != 30*time.Minute {
		t.Fatalf("the third call of the day gave %v, want throttled until midnight in Moscow", err)
	}
	now = now.Add(f.RetryAfter)
	mustResolve(t, c, "x")
}

func TestConfig_names_every_problem_at_once(t *testing.T) {
	t.Parallel()
	_, err := yandexmaps.New(yandexmaps.Config{BaseURL: "geocoder", MinPrecision: "roughly", Lang: "russian", PerSecond: -1})
	for _, want := range []string{"base url", "api key", `min precision "roughly"`, "exact, number", `lang "russian"`, "per second -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
	if err := (yandexmaps.Config{APIKey: secret}).Validate(); err != nil {
		t.Errorf("a key alone is enough, got %v", err)
	}
}

// repositoryRoot is the directory of go.mod.
func repositoryRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("go.mod: not in any directory above the test")
		}
		dir = filepath.Dir(dir)
	}
}

package yandexmapssim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sverka/replicator/connector/simworld"
)

// ask makes one call and returns status and body.
func ask(t *testing.T, h http.Handler, path string, q url.Values) (int, []byte) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path+"?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b
}

func query(text string) url.Values {
	return url.Values{"apikey": {"geocoder-key"}, "geocode": {text}, "lang": {"ru_RU"}, "format": {"json"}}
}

func newSim(o Options) *Sim { return New(simworld.New(simworld.Options{}), o) }

// shape lists the paths of a JSON document with the kind of each value.
func shape(t *testing.T, b []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		default:
			seen[fmt.Sprintf("%s %T", path, v)] = true
		}
	}
	walk("", v)
	var out []string
	for p := range seen {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func TestSim_answers_in_the_shape_of_the_recorded_replies(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(repositoryRoot(t), "..", "shared", "samples", "yandex")
	cases := map[string]string{
		"sivakov512_coords_found.json": "119021, Москва, улица Льва Толстого, 16", "sivakov512_coords_not_found.json": "неизвестно где",
		"error_403_invalid_key.json": "",
	}
	for file, text := range cases {
		sample, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Skip("shared samples are absent: the shape is also checked against testdata")
		}
		requireShape(t, file, text, sample)
	}
}

func TestSim_answers_in_the_shape_of_our_own_replies(t *testing.T) {
	t.Parallel()
	for file, text := range map[string]string{"house.json": "119021, Москва, улица Льва Толстого, 16", "nothing.json": "неизвестно где", "forbidden.json": ""} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		requireShape(t, file, text, b)
	}
}

// requireShape compares the answer's paths with a sample's; no text asks with a wrong key.
func requireShape(t *testing.T, file, text string, sample []byte) {
	t.Helper()
	q := query(text)
	if text == "" {
		q.Set("apikey", "other")
	}
	_, got := ask(t, newSim(Options{}), "/v1", q)
	if want := shape(t, sample); !slices.Equal(shape(t, got), want) {
		t.Errorf("%s: the answer has the shape\n%s\nwant\n%s", file, strings.Join(shape(t, got), "\n"), strings.Join(want, "\n"))
	}
}

func TestSim_refuses_as_the_service_does(t *testing.T) {
	t.Parallel()
	without := func(name string) url.Values {
		q := query("Москва")
		q.Del(name)
		return q
	}
	cases := map[string]struct {
		path   string
		q      url.Values
		status int
	}{
		"no key":              {"/v1", without("apikey"), 403},
		"no text":             {"/v1", without("geocode"), 400},
		"no language on v1":   {"/v1", without("lang"), 400},
		"no language on 1.x":  {"/1.x/", without("lang"), 200},
		"no format":           {"/1.x/", without("format"), 400},
		"another path":        {"/v2", query("Москва"), 404},
		"everything is there": {"/v1/", query("Москва"), 200},
	}
	for name, c := range cases {
		if status, body := ask(t, newSim(Options{}), c.path, c.q); status != c.status {
			t.Errorf("%s: status %d (%s), want %d", name, status, body, c.status)
		}
	}
	q := query("Москва")
	q.Set("results", "51")
	if status, _ := ask(t, newSim(Options{}), "/v1", q); status != 400 {
		t.Errorf("51 results: status %d, want 400", status)
	}
}

func TestSim_has_a_daily_quota(t *testing.T) {
	t.Parallel()
	s := newSim(Options{PerDay: 1})
	for i, want := range []int{200, 429} {
		if status, _ := ask(t, s, "/v1", query("Москва")); status != want {
			t.Errorf("call %d: status %d, want %d", i+1, status, want)
		}
	}
	s.NewDay()
	if status, _ := ask(t, s, "/v1", query("Москва")); status != 200 || s.Calls() != 1 {
		t.Errorf("a new day: status %d after %d calls", status, s.Calls())
	}
}

func TestSim_finds_as_many_places_as_fit(t *testing.T) {
	t.Parallel()
	s := newSim(Options{})
	for text, want := range map[string]int{
		"101000, Москва, ул. Ленина, 5": 1, "Россия, г. Тверь, Садовая ул., д. 3": 1, "Омск, переулок Тихий, 2": 1,
		"ул. Ленина, 5": len(s.cities()), "неизвестная улица, 1": 0, "12345": 0, ",,": 0,
	} {
		if got := len(s.find(text)); got != want {
			t.Errorf("%q: %d places, want %d", text, got, want)
		}
	}
	q := query("ул. Ленина, 5")
	q.Set("results", "2")
	_, b := ask(t, s, "/v1", q)
	if n := strings.Count(string(b), `"GeoObject":`); n != 2 || !strings.Contains(string(b), fmt.Sprintf(`"found":"%d"`, len(s.cities()))) {
		t.Errorf("asked for two of %d places, got %d", len(s.cities()), n)
	}
}

func TestSim_bears_faults(t *testing.T) {
	t.Parallel()
	f := &simworld.Faults{}
	f.Fail(nil, 1, 500, "")
	s := newSim(Options{Faults: f})
	for _, want := range []int{500, 200} {
		if status, _ := ask(t, s, "/v1", query("Москва")); status != want {
			t.Errorf("status %d, want %d", status, want)
		}
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

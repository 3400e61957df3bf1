package apicall_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/simworld"
)

// serve starts a service and returns its address.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func client(url string) *apicall.Client {
	return apicall.New(apicall.Config{System: "fake", BaseURL: url})
}

// listen accepts connections and treats each in its own way.
func listen(t *testing.T, treat func(net.Conn)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			treat(conn)
			_ = conn.Close() // the fault is the point
		}
	}()
	t.Cleanup(func() {
		_ = l.Close() // ends Accept
		<-done
	})
	return "http://" + l.Addr().String()
}

// refused is an address where nobody listens.
func refused(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

// readRequest reads a request's head and leaves the rest.
func readRequest(c net.Conn) {
	b := make([]byte, 1<<16)
	_, _ = c.Read(b)
}

func TestDo_tells_whether_a_call_without_an_answer_was_carried_out(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		url           string
		reads, writes replicator.Kind
		says          string
		change        func(*apicall.Config)
	}{
		"nobody listens":          {refused(t), replicator.Transient, replicator.Transient, "refused", nil},
		"the host has no address": {"http://absent.invalid", replicator.Transient, replicator.Transient, "absent.invalid", nil},
		"it is not TLS": {
			strings.Replace(serve(t, func(http.ResponseWriter, *http.Request) {}), "http:", "https:", 1),
			replicator.Transient, replicator.Transient, "HTTPS", nil,
		},
		"the line breaks after the request": {listen(t, readRequest), replicator.Transient, replicator.Unknown, "EOF", nil},
		"the answer is not HTTP": {
			listen(t, func(c net.Conn) { readRequest(c); _, _ = io.WriteString(c, "hello\r\n\r\n") }),
			replicator.Transient, replicator.Unknown, "malformed", nil,
		},
		"the answer breaks off": {
			listen(t, func(c net.Conn) {
				readRequest(c)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
			}),
			replicator.Transient, replicator.Unknown, "unexpected EOF", nil,
		},
		"the answer is too large": {
			serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), 11)) }),
			replicator.Transient, replicator.Unknown, "larger than 10 bytes",
			func(c *apicall.Config) { c.MaxBody = 10 },
		},
		"no answer in time": {
			serve(t, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the caller went
				<-r.Context().Done()
			}),
			replicator.Transient, replicator.Unknown, "orders upload of fake timed out after 100ms",
			func(c *apicall.Config) { c.Timeout = 100 * time.Millisecond },
		},
	}
	for name, c := range cases {
		for writes, kind := range map[bool]replicator.Kind{false: c.reads, true: c.writes} {
			cfg := apicall.Config{System: "fake", BaseURL: c.url}
			if c.change != nil {
				c.change(&cfg)
			}
			ctx, recorder := apicall.WithRecorder(t.Context())
			resp, err := apicall.New(cfg).Do(ctx, apicall.Request{Operation: "orders upload", Method: http.MethodPost, Path: "/orders", Query: "sign=topsecret", Body: []byte("{}"), Writes: writes})
			var f *replicator.Failure
			if resp != nil || !errors.As(err, &f) || f.Kind != kind || f.System != "fake" || f.Operation != "orders upload" {
				t.Errorf("%s, writes=%v: got %v, want a failure of kind %s", name, writes, err, kind)
				continue
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "/orders") {
				t.Errorf("%s: error %q, want %q and no URL", name, err, c.says)
			}
			if ex := recorder.Exchanges(); len(ex) != 1 || ex[0].Err != err.Error() || ex[0].Path != "/orders" {
				t.Errorf("%s: recorded %+v, want one exchange with the error", name, ex)
			}
		}
	}
}

func TestDo_a_cancelled_call_returns_and_says_so(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	_, err := client(url).Do(ctx, apicall.Request{Operation: "upload", Method: http.MethodPost, Writes: true})
	if !errors.Is(err, context.Canceled) || replicator.KindOf(err) != replicator.Unknown {
		t.Errorf("got %v, want unknown because of the cancelled context", err)
	}
}

func TestDo_any_status_is_an_answer_and_redirects_are_not_followed(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	other := serve(t, func(http.ResponseWriter, *http.Request) { followed.Store(true) })
	for _, status := range []int{200, 201, 204, 301, 302, 307, 400, 401, 404, 409, 429, 500, 502, 503} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other)
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = io.WriteString(w, "body")
			}
		})
		resp, err := client(url).Do(t.Context(), apicall.Request{Operation: "ask"})
		if err != nil || resp.Status != status || (status != 204 && string(resp.Body) != "body") {
			t.Errorf("status %d: got %v, %v", status, resp, err)
		}
	}
	if followed.Load() {
		t.Error("a redirect was followed to another place")
	}
}

func TestDo_sends_what_it_is_told(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		b, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, user, password, r.Header.Get("X-Token"), string(b)}, "|"))
	})
	resp, err := client(url+"/base/").Do(t.Context(), apicall.Request{
		Method: http.MethodPatch, Path: "/Catalog_%D0%9D(guid'1')", Query: "$filter=Code%20eq%20'1'&$format=json",
		Header: map[string]string{"X-Token": "t"}, User: "robot", Password: "pw", Body: []byte("тело"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "PATCH|/base/Catalog_%D0%9D(guid'1')|$filter=Code%20eq%20'1'&$format=json|robot|pw|t|тело"; string(resp.Body) != want {
		t.Errorf("the service saw %q, want %q", resp.Body, want)
	}
}

func TestDo_a_call_without_a_body_says_that_it_has_none(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			// IIS before a 1C answers 411 to a POST whose length is not said.
			if r.ContentLength != 0 || len(r.TransferEncoding) != 0 {
				t.Errorf("%s: length %d, transfer encoding %v; want 0 and none", method, r.ContentLength, r.TransferEncoding)
			}
		})
		if _, err := client(url).Do(t.Context(), apicall.Request{Operation: "ask", Method: method}); err != nil {
			t.Error(err)
		}
	}
}

func TestDo_a_writing_call_is_never_repeated_in_silence(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		var arrived atomic.Int64
		faults := &simworld.Faults{}
		url := serve(t, faults.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP)
		c := client(url)
		// A first call leaves an idle connection behind; net/http repeats a GET when such a one breaks.
		if _, err := c.Do(t.Context(), apicall.Request{Operation: "warm up"}); err != nil {
			t.Fatal(err)
		}
		faults.DropBeforeCommit(func(r *http.Request) bool { arrived.Add(1); return r.URL.Path == "/change" }, 5)
		_, err := c.Do(t.Context(), apicall.Request{Operation: "change", Method: method, Path: "/change", Writes: true})
		if replicator.KindOf(err) != replicator.Unknown || arrived.Load() != 1 {
			t.Errorf("%s: %v after %d requests, want unknown after one (invariant 4)", method, err, arrived.Load())
		}
	}
}

func TestDo_answers_lost_after_the_commit_and_slow_answers(t *testing.T) {
	t.Parallel()
	var committed atomic.Int64
	faults := &simworld.Faults{}
	url := serve(t, faults.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { committed.Add(1) })).ServeHTTP)
	write := func(timeout time.Duration) error {
		_, err := client(url).Do(t.Context(), apicall.Request{Operation: "post", Method: http.MethodPost, Writes: true, Timeout: timeout})
		return err
	}
	faults.DropAfterCommit(nil, 1)
	if err := write(0); replicator.KindOf(err) != replicator.Unknown || err == nil || committed.Load() != 1 {
		t.Errorf("lost after the commit: %v with %d commits, want unknown with one", err, committed.Load())
	}
	faults.SetLatency(5 * time.Second)
	if err := write(50 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "post of fake timed out after 50ms") {
		t.Errorf("a slow answer: %v, want the timeout that names itself", err)
	}
}

// gate is a limiter that counts, or refuses.
type gate struct {
	passed atomic.Int64
	err    error
}

func (g *gate) Wait(context.Context) error { g.passed.Add(1); return g.err }

func TestDo_waits_for_every_limiter_before_a_call(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int64
	url := serve(t, func(http.ResponseWriter, *http.Request) { arrived.Add(1) })
	second, minute := &gate{}, &gate{}
	c := apicall.New(apicall.Config{System: "fake", BaseURL: url, Limiter: []apicall.Waiter{second, minute}})
	for range 3 {
		if _, err := c.Do(t.Context(), apicall.Request{Operation: "ask"}); err != nil {
			t.Fatal(err)
		}
	}
	if second.passed.Load() != 3 || minute.passed.Load() != 3 || arrived.Load() != 3 {
		t.Errorf("limiters were waited for %d and %d times in 3 calls", second.passed.Load(), minute.passed.Load())
	}
	minute.err = context.DeadlineExceeded
	_, err := c.Do(t.Context(), apicall.Request{Operation: "ask", Writes: true})
	if replicator.KindOf(err) != replicator.Transient || !errors.Is(err, context.DeadlineExceeded) || arrived.Load() != 3 {
		t.Errorf("a limiter that refuses gave %v, want transient: nothing was sent", err)
	}
}

package apicall_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sverka/replicator/connector/apicall"
)

func TestExchange_records_a_call_without_its_secrets(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "topsecret=1")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"token":"topsecret"}`)
	})
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := apicall.New(apicall.Config{System: "fake", BaseURL: url, Clock: func() time.Time { now = now.Add(time.Second); return now }})
	ctx, recorder := apicall.WithRecorder(t.Context())
	_, err := c.Do(ctx, apicall.Request{
		Operation: "token", Method: http.MethodPost, Path: "/token", Query: "sign=topsecret", Header: map[string]string{"Authorization": "topsecret"},
		User: "robot", Password: "topsecret", Body: []byte("app_secret=topsecret"), KeptBody: []byte("app_secret=***"), HideReply: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ex := recorder.Take()
	if len(ex) != 1 || len(recorder.Exchanges()) != 0 {
		t.Fatalf("%d exchanges taken, %d left; want one and none", len(ex), len(recorder.Exchanges()))
	}
	want := apicall.Exchange{
		System: "fake", Operation: "token", Method: "POST", Path: "/token", StartedAt: time.Date(2026, 11, 23, 9, 0, 1, 0, time.UTC),
		Duration: time.Second, Status: 202, Request: []byte("app_secret=***"),
	}
	if got := fmt.Sprintf("%+v", ex[0]); got != fmt.Sprintf("%+v", want) {
		t.Errorf("recorded\n%s\nwant\n%+v", got, want)
	}
}

func TestExchange_keeps_the_beginning_of_large_bodies(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("я"), 100<<10)
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(large) })
	ctx, recorder := apicall.WithRecorder(t.Context())
	resp, err := client(url).Do(ctx, apicall.Request{Operation: "ask", Method: http.MethodPost, Body: large})
	if err != nil {
		t.Fatal(err)
	}
	ex := recorder.Exchanges()[0]
	if len(resp.Body) != len(large) || len(ex.Request) != 64<<10 || len(ex.Response) != 64<<10 {
		t.Errorf("answer of %d bytes, recorded %d and %d; want all of it and 64 KiB each", len(resp.Body), len(ex.Request), len(ex.Response))
	}
}

func TestRecorder_takes_calls_from_several_goroutines(t *testing.T) {
	t.Parallel()
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	ctx, recorder := apicall.WithRecorder(t.Context())
	c := client(url)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Do(ctx, apicall.Request{Operation: "ask"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(recorder.Exchanges()); n != 8 {
		t.Errorf("%d exchanges of 8 calls", n)
	}
	if _, err := c.Do(t.Context(), apicall.Request{Operation: "ask"}); err != nil || len(recorder.Exchanges()) != 8 {
		t.Errorf("a call under another context was recorded too (%v)", err)
	}
}

func TestSecret_shows_itself_to_nobody(t *testing.T) {
	t.Parallel()
	const value = "topsecret"
	type config struct {
		Password apicall.Secret
		Nested   []apicall.Secret
		ByName   map[string]apicall.Secret
	}
	cfg := config{value, []apicall.Secret{value}, map[string]apicall.Secret{"a": value}}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
		fmt.Fprintf(&shown, verb+" "+verb+" ", cfg.Password, cfg)
	}
	b, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(b)
	slog.New(slog.NewJSONHandler(&shown, nil)).InfoContext(t.Context(), "config", slog.Any("password", cfg.Password), slog.Any("config", cfg))
	slog.New(slog.NewTextHandler(&shown, nil)).InfoContext(t.Context(), "config", slog.Any("config", cfg))
	if text := shown.String(); strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) || !strings.Contains(text, "***") {
		t.Errorf("the secret can be seen: %s", text)
	}
	if cfg.Password.Reveal() != value || apicall.Secret("").String() != "" {
		t.Error("Reveal must return the value, and an empty secret must look empty")
	}
}

package jushuitansim

import (
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sverka/replicator/connector/simworld"
)

func TestDigest_our_own_vectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/sign_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		New []struct {
			Name, Secret, Sign string
			Params             map[string]string
		} `json:"new_platform"`
		Legacy struct{ Method, Partner, Token, TS, Secret, Sign string }
	}
	if err := json.Unmarshal(b, &v); err != nil || len(v.New) < 4 {
		t.Fatalf("vectors: %v, %d of them", err, len(v.New))
	}
	for _, c := range v.New {
		form := url.Values{"sign": {c.Sign}}
		for k, s := range c.Params {
			form.Set(k, s)
		}
		if !signed(c.Secret, form) {
			t.Errorf("%s: the signature was not accepted", c.Name)
		}
		form.Set("extra", "1")
		if signed(c.Secret, form) {
			t.Errorf("%s: a changed form was accepted", c.Name)
		}
	}
	if got := legacyDigest(v.Legacy.Method, v.Legacy.Partner, v.Legacy.Token, v.Legacy.TS, v.Legacy.Secret); got != v.Legacy.Sign {
		t.Errorf("legacy signature %s, want %s", got, v.Legacy.Sign)
	}
}

func TestDigest_the_vendors_vectors(t *testing.T) {
	t.Parallel()
	all, _ := sharedSample(t, "sign_vectors.json")["new_platform"].(map[string]any)
	for name, raw := range all {
		v, _ := raw.(map[string]any)
		params, _ := v["params"].(map[string]any)
		secret, _ := v["app_secret"].(string)
		for _, field := range []string{"sign", "sign_if_empty_values_skipped", "sign_if_empty_values_kept"} {
			want, given := v[field].(string)
			if !given {
				continue
			}
			form := url.Values{"sign": {want}}
			for k, p := range params {
				s, _ := p.(string)
				form.Set(k, s)
			}
			if !signed(secret, form) {
				t.Errorf("%s: %s was not accepted", name, field)
			}
		}
	}
	if len(all) < 6 {
		t.Errorf("%d vectors were found", len(all))
	}
}

func TestGateway_checks_in_the_vendors_order(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	const path = "/open/shops/query"
	set := func(k, v string) func(url.Values) { return func(f url.Values) { f.Set(k, v) } }
	resign := func(f url.Values) { f.Set("sign", digest("sim_app_secret", f, false)) }
	for _, c := range []struct {
		name   string
		path   string
		biz    string
		change []func(url.Values)
		code   int
		word   string
	}{
		{"a good call", path, "{}", nil, 0, "执行成功"},
		{"an unknown application", path, "{}", []func(url.Values){set("app_key", "x")}, 100, "app_key"},
		{"a wrong signature", path, "{}", []func(url.Values){set("sign", "00")}, 10, "签名"},
		{"a changed body", path, "{}", []func(url.Values){set("biz", `{"a":1}`)}, 10, "签名"},
		{"a timestamp of an hour ago", path, "{}", []func(url.Values){set("timestamp", strconv.FormatInt(r.sim.opts.Clock.Now().Add(-time.Hour).Unix(), 10)), resign}, 140, "timestamp"},
		{"a wrong token", path, "{}", []func(url.Values){set("access_token", "x"), resign}, 100, "access_token"},
		{"a path without right", "/open/nothing", "{}", nil, 190, "权限"},
		{"no parameters", path, "", nil, 130, "不能为空"},
		{"parameters that are no JSON", path, "{", nil, 140, "参数"},
		{"parameters of another type", path, `{"page_size":"x"}`, nil, 140, "参数"},
		{"a page above the maximum", path, `{"page_size":101}`, nil, 140, "page_size"},
		{"half a time filter", "/open/sku/query", `{"modified_begin":"2026-01-01 00:00:00"}`, nil, 140, "同时"},
		{"eight days", "/open/sku/query", `{"modified_begin":"2026-01-01 00:00:00","modified_end":"2026-01-08 00:00:01"}`, nil, 140, "七天"},
		{"no filter of goods", "/open/sku/query", `{}`, nil, 140, "同时为空"},
		{"ts together with time", "/open/inventory/query", `{"ts":1,"modified_begin":"2026-01-01 00:00:00","modified_end":"2026-01-02 00:00:00"}`, nil, 140, "同时"},
		{"21 order numbers", "/open/orders/single/query", `{"so_ids":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21"]}`, nil, 140, "20"},
	} {
		rep := r.call(t, c.path, c.biz, c.change...)
		if rep.Code != c.code || !strings.Contains(rep.Msg, c.word) {
			t.Errorf("%s: code %d %q, want %d with %q", c.name, rep.Code, rep.Msg, c.code, c.word)
		}
	}
	if r.sim.Refusals(10) != 2 || r.sim.Calls(path) < 8 {
		t.Errorf("%d bad signatures and %d calls were counted", r.sim.Refusals(10), r.sim.Calls(path))
	}
	if rep := r.send(t, path, "application/json", "{}"); rep.Code != 140 {
		t.Errorf("a JSON body gives code %d, want 140", rep.Code)
	}
}

func TestGateway_counts_calls_of_a_second_and_of_a_minute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts  Options
		calls int
		code  int
	}{
		"per second":         {Options{PerSecond: 3, PerMinute: 100, Clock: simworld.NewClock(time.Now(), 1)}, 4, 199},
		"per minute":         {Options{PerSecond: -1, PerMinute: 5, Clock: simworld.NewClock(time.Now(), 1)}, 6, 200},
		"the seconds go by":  {Options{PerSecond: 3, PerMinute: -1, Clock: simworld.NewClock(time.Now(), 1_000_000)}, 8, 0},
		"the minutes go by":  {Options{PerSecond: -1, PerMinute: 1, Clock: simworld.NewClock(time.Now(), 60_000_000)}, 8, 0},
		"nothing is limited": {Options{PerSecond: -1, PerMinute: -1}, 50, 0},
	} {
		sim := New(simworld.New(simworld.Options{}), c.opts)
		var last answer
		for range c.calls {
			sim.mu.Lock()
			last = sim.business("/open/shops/query", "{}")
			sim.mu.Unlock()
		}
		if last.Code != c.code {
			t.Errorf("%s: call %d gives code %d, want %d", name, c.calls, last.Code, c.code)
		}
	}
}

func TestTokens_live_and_are_refreshed_in_both_ways(t *testing.T) {
	t.Parallel()
	for _, rotates := range []bool{false, true} {
		r := newRig(t, Options{RefreshRotates: rotates})
		first := r.mustPost(t, "/openWeb/auth/getInitToken", map[string]string{"grant_type": "authorization_code", "code": "abcdef"})
		refresh, _ := first["refresh_token"].(string)
		form := map[string]string{"grant_type": "refresh_token", "refresh_token": refresh, "scope": "all"}
		second := r.mustPost(t, "/openWeb/auth/refreshToken", form)
		if (first["access_token"] != second["access_token"]) != rotates || second["expires_in"] != 2592000.0 || second["scope"] != "all" {
			t.Errorf("rotates %v: %v became %v", rotates, first, second)
		}
		if rep := r.post(t, "/openWeb/auth/refreshToken", form); (rep.Code != 0) != rotates {
			t.Errorf("rotates %v: the old refresh token gives code %d", rotates, rep.Code)
		}
		if rep := r.post(t, "/openWeb/auth/getInitToken", map[string]string{"grant_type": "authorization_code", "code": "ab"}); rep.Code != 140 {
			t.Errorf("a code of two characters gives %d, want 140", rep.Code)
		}
		r.sim.ExpireTokens()
		if rep := r.call(t, "/open/shops/query", "{}"); rep.Code != 100 {
			t.Errorf("a withdrawn token gives %d, want 100", rep.Code)
		}
	}
}

func TestLegacy_serves_the_same_operations_flat(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	ask := func(method, body, secret string) reply {
		ts := strconv.FormatInt(r.sim.opts.Clock.Now().Unix(), 10)
		q := url.Values{"method": {method}, "partnerid": {"sim_app_key"}, "token": {r.token}, "ts": {ts}, "sign": {legacyDigest(method, "sim_app_key", r.token, ts, secret)}}
		return r.send(t, legacyPath+"?"+q.Encode(), "application/json", body)
	}
	rep := ask("wms.partner.query", `{"page_index":1}`, "sim_app_secret")
	var flat map[string]any
	if err := json.Unmarshal(rep.Data, &flat); err != nil || flat["issuccess"] != true || flat["data"] != nil {
		t.Fatalf("the answer is %s", rep.Data)
	}
	if rows := rowsOf(t, flat, "datas"); len(rows) != 3 {
		t.Errorf("%d warehouses, want 3", len(rows))
	}
	if rep := ask("wms.partner.query", `{}`, "wrong"); rep.Code != 10 {
		t.Errorf("a wrong signature gives %d, want 10", rep.Code)
	}
	if rep := ask("no.such.method", `{}`, "sim_app_secret"); rep.Code != 190 {
		t.Errorf("an unknown method gives %d, want 190", rep.Code)
	}
}

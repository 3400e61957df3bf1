package jushuitansim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sverka/replicator/connector/simworld"
)

// rig is a simulator and a caller that knows the protocol by itself.
type rig struct {
	sim   *Sim
	world *simworld.World
	url   string
	token string
}

func newRig(t *testing.T, opts Options) *rig {
	t.Helper()
	if opts.PerSecond == 0 {
		opts.PerSecond, opts.PerMinute = -1, -1
	}
	w := simworld.New(simworld.Options{Seed: 3})
	r := &rig{sim: New(w, opts), world: w}
	server := httptest.NewServer(r.sim)
	t.Cleanup(server.Close)
	r.url = server.URL
	data := r.mustPost(t, "/openWeb/auth/getInitToken", map[string]string{"grant_type": "authorization_code", "code": "a1b2c3"})
	r.token, _ = data["access_token"].(string)
	return r
}

type reply struct {
	Code int             `json:"code"`
	Msg  string          `json:"msg"`
	Data json.RawMessage `json:"data"`
}

// post signs and sends a form; change may spoil it afterwards.
func (r *rig) post(t *testing.T, path string, form map[string]string, change ...func(url.Values)) reply {
	t.Helper()
	v := url.Values{"app_key": {"sim_app_key"}, "timestamp": {strconv.FormatInt(r.sim.opts.Clock.Now().Unix(), 10)}, "charset": {"utf-8"}}
	for k, s := range form {
		v.Set(k, s)
	}
	v.Set("sign", digest("sim_app_secret", v, false))
	for _, c := range change {
		c(v)
	}
	return r.send(t, path, "application/x-www-form-urlencoded", v.Encode())
}

func (r *rig) send(t *testing.T, path, contentType, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	client := &http.Client{Timeout: 10 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("post %s: %v", path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("post %s: status %d, %v; business errors come with status 200", path, res.StatusCode, err)
	}
	var out reply
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("post %s: %v in %s", path, err, b)
	}
	if strings.Contains(path, legacyPath) {
		out.Data = b
	}
	return out
}

func (r *rig) call(t *testing.T, path, biz string, change ...func(url.Values)) reply {
	t.Helper()
	return r.post(t, path, map[string]string{"access_token": r.token, "version": "2", "biz": biz}, change...)
}

func (r *rig) mustPost(t *testing.T, path string, form map[string]string) map[string]any {
	t.Helper()
	return mustData(t, path, r.post(t, path, form))
}

func (r *rig) mustCall(t *testing.T, path, biz string) map[string]any {
	t.Helper()
	return mustData(t, path, r.call(t, path, biz))
}

func mustData(t *testing.T, path string, rep reply) map[string]any {
	t.Helper()
	var data map[string]any
	if rep.Code != 0 {
		t.Fatalf("%s: code %d %s", path, rep.Code, rep.Msg)
	}
	if err := json.Unmarshal(rep.Data, &data); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return data
}

func rowsOf(t *testing.T, data map[string]any, name string) []map[string]any {
	t.Helper()
	list, isList := data[name].([]any)
	if !isList {
		t.Fatalf("no array %s in %v", name, data)
	}
	out := make([]map[string]any, 0, len(list))
	for _, v := range list {
		row, _ := v.(map[string]any)
		out = append(out, row)
	}
	return out
}

// orderJSON is one order as a shop sends it; with replaces parts of its text.
func orderJSON(number string, with ...string) string {
	s := fmt.Sprintf(`{"shop_id":10000001,"so_id":%q,"order_date":"2026-11-23 12:00:00","shop_status":"WAIT_SELLER_SEND_GOODS","shop_buyer_id":"C1",
	"receiver_address":"Москва, ул. Мира, 1","receiver_name":"Анна","receiver_mobile":"+79120000000","pay_amount":120.00,"freight":20,"is_cod":false,"items":[
	{"sku_id":"JKT-10000","shop_sku_id":"JKT-10000","name":"Куртка","amount":60,"base_price":30,"qty":2,"outer_oi_id":"%s-1"},
	{"sku_id":"CSE-10001","shop_sku_id":"CSE-10001","name":"Чехол","amount":40,"base_price":40,"qty":1,"outer_oi_id":"%s-2"}],
	"pay":{"outer_pay_id":"P-%s","pay_date":"2026-11-23 12:01:00","payment":"card","seller_account":"s","buyer_account":"b","amount":120}}`, number, number, number, number)
	return strings.NewReplacer(with...).Replace(s)
}

// upload sends orders and returns the answer's rows.
func (r *rig) upload(t *testing.T, orders ...string) []map[string]any {
	t.Helper()
	return rowsOf(t, r.mustCall(t, "/open/jushuitan/orders/upload", "["+strings.Join(orders, ",")+"]"), "datas")
}

func (r *rig) mustUpload(t *testing.T, orders ...string) {
	t.Helper()
	for _, row := range r.upload(t, orders...) {
		if row["issuccess"] != true {
			t.Fatalf("upload: %v", row)
		}
	}
}

func (r *rig) status(t *testing.T, number string) string {
	t.Helper()
	o, found := r.sim.Order(number)
	if !found {
		t.Fatalf("order %s is not there", number)
	}
	return o.Status
}

// sharedSample reads a sample of the real system that lies beside the repository.
func sharedSample(t *testing.T, name string) map[string]any {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", "samples", "jushuitan", name))
	if os.IsNotExist(err) {
		t.Skip("shared samples are absent: ../shared/samples/jushuitan/" + name)
	}
	var v map[string]any
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatalf("sample %s: %v", name, err)
	}
	return v
}

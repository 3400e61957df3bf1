package jushuitan

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// sharedSample reads a sample of the real system that lies beside the repository.
func sharedSample(t *testing.T, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("working directory: %v", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			break
		}
	}
	path := filepath.Join(dir, "..", "shared", "samples", "jushuitan", name)
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skip("shared samples are absent: ../shared/samples/jushuitan/" + name)
	}
	if err != nil {
		t.Fatalf("sample %s: %v", name, err)
	}
	return b
}

func mustUnmarshal(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("decode: %v", err)
	}
}

func TestSign_our_own_vectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/sign_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		New []struct {
			Name   string
			Secret apicall.Secret
			Params map[string]string
			Sign   string
		} `json:"new_platform"`
		Legacy struct {
			Method, Partner, Token, TS, Sign string
			Secret                           apicall.Secret
		}
		Push struct {
			Query map[string]string
			Sign  string
		}
	}
	mustUnmarshal(t, b, &v)
	for _, c := range v.New {
		if got := sign(c.Secret, c.Params); got != c.Sign {
			t.Errorf("%s: signature %s, want %s", c.Name, got, c.Sign)
		}
	}
	if got := signLegacy(v.Legacy.Method, v.Legacy.Partner, v.Legacy.Token, v.Legacy.TS, v.Legacy.Secret); got != v.Legacy.Sign {
		t.Errorf("legacy signature %s, want %s", got, v.Legacy.Sign)
	}
	if got := signPush(values(v.Push.Query)); got != v.Push.Sign {
		t.Errorf("push signature %s, want %s", got, v.Push.Sign)
	}
	if len(v.New) < 4 {
		t.Errorf("only %d vectors were tested", len(v.New))
	}
}

func TestSign_the_vendors_vectors(t *testing.T) {
	t.Parallel()
	var v struct {
		New map[string]struct {
			Secret  apicall.Secret `json:"app_secret"`
			Params  map[string]string
			Sign    string
			Skipped string `json:"sign_if_empty_values_skipped"`
		} `json:"new_platform"`
		Legacy map[string]struct {
			Key    apicall.Secret `json:"partnerkey"`
			Params struct{ Method, PartnerID, Token, TS string }
			Sign   string
		} `json:"legacy_gateway"`
		Push map[string]struct {
			Query map[string]string
			Sign  string
		} `json:"push_to_shop"`
	}
	mustUnmarshal(t, sharedSample(t, "sign_vectors.json"), &v)
	for name, c := range v.New {
		want := c.Sign + c.Skipped // the vector with an empty value gives the two readings instead
		if got := sign(c.Secret, c.Params); got != want {
			t.Errorf("%s: signature %s, want %s", name, got, want)
		}
	}
	for name, c := range v.Legacy {
		if got := signLegacy(c.Params.Method, c.Params.PartnerID, c.Params.Token, c.Params.TS, c.Key); got != c.Sign {
			t.Errorf("%s: signature %s, want %s", name, got, c.Sign)
		}
	}
	for name, c := range v.Push {
		if got := signPush(values(c.Query)); got != c.Sign {
			t.Errorf("%s: signature %s, want %s", name, got, c.Sign)
		}
	}
	if len(v.New) < 6 || len(v.Legacy) == 0 || len(v.Push) == 0 {
		t.Errorf("%d+%d+%d vectors were found, want all of the file", len(v.New), len(v.Legacy), len(v.Push))
	}
}

func TestPushHint_tells_what_to_read(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]schema.Entity{
		"logistics.upload": schema.EntityShipment, "inventory.upload": schema.EntityStockBalance, "cancel.order": schema.EntityOrderStatus, "refund.goods": "",
	} {
		q := values(map[string]string{"method": method, "partnerid": "erp", "ts": "1795413600"})
		q.Set("sign", signPush(q))
		if got, err := PushHint(q); err != nil || got != want {
			t.Errorf("%s gives %q and %v, want %q", method, got, err, want)
		}
		q.Set("ts", "1795413601")
		if _, err := PushHint(q); err == nil {
			t.Errorf("%s with a changed parameter was accepted", method)
		}
	}
}

func values(m map[string]string) url.Values {
	v := url.Values{}
	for k, s := range m {
		v.Set(k, s)
	}
	return v
}

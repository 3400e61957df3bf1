package jushuitan_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/jushuitan"
	"sverka/replicator/connector/jushuitan/jushuitansim"
	"sverka/replicator/connector/simworld"
)

const (
	initPath    = "/openWeb/auth/getInitToken"
	refreshPath = "/openWeb/auth/refreshToken"
	placesPath  = "/open/wms/partner/query"
)

func TestToken_is_asked_for_once_by_many_callers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := r.newClient(t) // of the same process, sharing nothing but the store
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { mustRead(t, r.client.Warehouses(), "") })
	}
	wg.Wait()
	requireEqual(t, "first tokens", r.sim.Calls(initPath), 1)
	r.sim.ExpireTokens()
	for range 20 {
		wg.Go(func() { mustRead(t, r.client.Warehouses(), "") })
	}
	wg.Wait()
	requireEqual(t, "first tokens after the authorisation was withdrawn", r.sim.Calls(initPath), 2)
	mustRead(t, other.Warehouses(), "")
}

func TestToken_is_refreshed_a_day_before_its_end(t *testing.T) {
	t.Parallel()
	for name, rotates := range map[string]bool{"the vendor keeps the values": false, "the vendor gives new values": true} {
		store := &jushuitan.MemoryTokens{}
		r := newRig(t, func(o *jushuitansim.Options, c *jushuitan.Config) { o.RefreshRotates, c.Tokens = rotates, store })
		mustRead(t, r.client.Warehouses(), "")
		first, err := store.Load(t.Context())
		must(t, err)
		nearEnd := first
		nearEnd.ExpiresAt = r.clock.Now().Add(23 * time.Hour)
		must(t, store.Save(t.Context(), nearEnd))
		mustRead(t, r.client.Warehouses(), "")
		second, err := store.Load(t.Context())
		must(t, err)
		requireEqual(t, name+": refreshes", r.sim.Calls(refreshPath), 1)
		requireEqual(t, name+": first tokens", r.sim.Calls(initPath), 1)
		if (second.Access != first.Access) != rotates || !second.ExpiresAt.After(nearEnd.ExpiresAt) {
			t.Errorf("%s: the stored token was not replaced as the vendor said", name)
		}
		mustRead(t, r.client.Warehouses(), "")
		requireEqual(t, name+": refreshes afterwards", r.sim.Calls(refreshPath), 1)
	}
}

func TestToken_begins_anew_when_the_refresh_is_refused(t *testing.T) {
	t.Parallel()
	store := &jushuitan.MemoryTokens{}
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Tokens = store })
	must(t, store.Save(t.Context(), jushuitan.Token{Access: "old", Refresh: "old", ExpiresAt: r.clock.Now().Add(time.Hour)}))
	mustRead(t, r.client.Warehouses(), "")
	requireEqual(t, "first tokens", r.sim.Calls(initPath), 1)
}

func TestToken_of_a_passing_refusal_is_kept(t *testing.T) {
	t.Parallel()
	store := &jushuitan.MemoryTokens{}
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Tokens = store })
	mustRead(t, r.client.Warehouses(), "")
	token, err := store.Load(t.Context())
	must(t, err)
	token.ExpiresAt = r.clock.Now().Add(10 * time.Hour)
	must(t, store.Save(t.Context(), token))
	r.faults.Fail(simworld.PathContains(refreshPath), 1, http.StatusServiceUnavailable, "")
	mustRead(t, r.client.Warehouses(), "") // still good for ten hours
	requireEqual(t, "first tokens", r.sim.Calls(initPath), 1)
}

func TestToken_is_renewed_once_per_call_and_only_for_its_own_refusal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	mustRead(t, r.client.Warehouses(), "")
	match := simworld.PathContains(placesPath)
	r.faults.Fail(match, 1, 200, `{"code":100,"msg":"上架仓位不能为空","data":null}`)
	_, err := tryRead(t, r.client.Warehouses(), "")
	requireEqual(t, "kind of a validation text", replicator.KindOf(err), replicator.Rejected)
	requireEqual(t, "first tokens", r.sim.Calls(initPath), 1)

	r.faults.Fail(match, 2, 200, `{"code":100,"msg":"无效的access_token","data":null}`)
	_, err = tryRead(t, r.client.Warehouses(), "")
	requireEqual(t, "kind of a token that stays refused", replicator.KindOf(err), replicator.Unauthorised)
	requireEqual(t, "first tokens", r.sim.Calls(initPath), 2)
	mustRead(t, r.client.Warehouses(), "")
}

// A write whose token was refused was certainly not carried out, so it may be
// repeated within the call.
func TestToken_refused_in_a_write_leaves_one_order(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	mustDeliver(t, r.client, orderDelivery(r.order(1)))
	r.sim.ExpireTokens()
	mustDeliver(t, r.client, orderDelivery(r.order(2)))
	requireEqual(t, "orders", r.sim.OrderCount(r.order(2).OrderNumber), 1)
}

func TestToken_wrong_credentials_say_so_without_showing_them(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *jushuitansim.Options, _ *jushuitan.Config) { o.AppSecret = "another" })
	ctx, recorder := apicall.WithRecorder(t.Context())
	d := orderDelivery(r.order(1))
	_, err := r.client.Write(ctx, []replicator.Delivery{d})
	var be *replicator.BatchError
	if !errors.As(err, &be) || replicator.KindOf(be.Failed[0]) != replicator.Unauthorised {
		t.Fatalf("wrong credentials give %v, want unauthorised", err)
	}
	for _, ex := range recorder.Exchanges() {
		if text := string(ex.Request) + string(ex.Response) + ex.Err + ex.Path; strings.Contains(text, testSecret) || strings.Contains(text, "sign=") {
			t.Errorf("the record of %s holds credentials", ex.Operation)
		}
	}
}

// The token itself is a credential too.
func TestToken_stays_out_of_records_and_texts(t *testing.T) {
	t.Parallel()
	store := &jushuitan.MemoryTokens{}
	for _, legacy := range []bool{false, true} {
		r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Tokens, c.Legacy = store, legacy })
		must(t, store.Save(t.Context(), jushuitan.Token{}))
		ctx, recorder := apicall.WithRecorder(t.Context())
		r.faults.DropBeforeCommit(simworld.PathContains("order"), 1)
		_, err := r.client.Write(ctx, []replicator.Delivery{orderDelivery(r.order(1))})
		token, loadErr := store.Load(t.Context())
		must(t, loadErr)
		for _, ex := range recorder.Exchanges() {
			text := string(ex.Request) + string(ex.Response) + ex.Err + ex.Path
			if strings.Contains(text, token.Access.Reveal()) || strings.Contains(text, token.Refresh.Reveal()) {
				t.Errorf("legacy %v: the record of %s holds the token", legacy, ex.Operation)
			}
		}
		if err == nil || strings.Contains(err.Error(), token.Access.Reveal()) {
			t.Errorf("legacy %v: the error is %v", legacy, err)
		}
	}
}

type brokenStore struct{ jushuitan.MemoryTokens }

func (*brokenStore) Save(context.Context, jushuitan.Token) error { return errors.New("disk full") }

func TestToken_that_cannot_be_kept_fails_the_call_as_transient(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(_ *jushuitansim.Options, c *jushuitan.Config) { c.Tokens = &brokenStore{} })
	_, failed := deliver(t, r.client, orderDelivery(r.order(1)))
	if replicator.KindOf(failed[0]) != replicator.Transient || !strings.Contains(failed[0].Error(), "disk full") {
		t.Errorf("got %v, want transient with the cause", failed[0])
	}
}

func TestThrottling_of_the_vendor_is_told_with_its_patience(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *jushuitansim.Options, _ *jushuitan.Config) { o.PerSecond, o.PerMinute = -1, 2 })
	mustRead(t, r.client.Warehouses(), "")
	mustRead(t, r.client.Warehouses(), "")
	_, err := tryRead(t, r.client.Warehouses(), "")
	var f *replicator.Failure
	if !errors.As(err, &f) || f.Kind != replicator.Throttled || f.Code != "200" || f.RetryAfter != 30*time.Second {
		t.Errorf("the third call of a minute gives %v, want throttled with patience", err)
	}
	requireEqual(t, "calls", r.sim.Calls(placesPath), 3)
}

package yandexmaps_test

import (
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/simworld"
	"sverka/replicator/connector/yandexmaps"
	"sverka/replicator/connector/yandexmaps/yandexmapssim"
	"sverka/schema"
)

func TestResolve_understands_every_address_of_a_world(t *testing.T) {
	t.Parallel()
	world := simworld.New(simworld.Options{Customers: 60})
	c := newClient(t, yandexmapssim.New(world, yandexmapssim.Options{APIKey: secret}), nil)
	for _, customer := range world.Customers {
		a := mustResolve(t, c, customer.Address)
		if a.Status != schema.AddressResolved || a.City == "" || a.Street == "" || a.House == "" || len(a.PostalCode) != 6 || a.Longitude == "" {
			t.Fatalf("%q was read as %s", customer.Address, summary(a))
		}
	}
}

func TestResolve_leaves_what_it_cannot_know_to_people(t *testing.T) {
	t.Parallel()
	world := simworld.New(simworld.Options{})
	faults := &simworld.Faults{}
	c := newClient(t, yandexmapssim.New(world, yandexmapssim.Options{APIKey: secret, Faults: faults}), nil)
	for text, want := range map[string]string{
		"Москва, ул. Неизвестная, 5": schema.AddressNotFound,
		"Москва, ул. Ленина":         schema.AddressAmbiguous,
		"Москва":                     schema.AddressAmbiguous,
		"ул. Ленина, 5":              schema.AddressAmbiguous,
	} {
		if a := mustResolve(t, c, text); a.Status != want {
			t.Errorf("%q is %s, want %s", text, a.Status, want)
		}
	}
	faults.Throttle(nil, 1, 7)
	_, err := c.Resolve(t.Context(), "Москва, ул. Ленина, 5")
	if replicator.KindOf(err) != replicator.Throttled {
		t.Errorf("a throttled call gave %v", err)
	}
}

func TestPreflight_tells_a_wrong_key_and_an_absent_service(t *testing.T) {
	t.Parallel()
	world := simworld.New(simworld.Options{})
	good := newClient(t, yandexmapssim.New(world, yandexmapssim.Options{APIKey: secret}), nil)
	if err := good.Preflight(t.Context()); err != nil {
		t.Errorf("preflight of a working service: %v", err)
	}
	other := newClient(t, yandexmapssim.New(world, yandexmapssim.Options{}), nil)
	if err := other.Preflight(t.Context()); replicator.KindOf(err) != replicator.Unauthorised || err == nil {
		t.Errorf("preflight with a wrong key: %v", err)
	}
	absent := newClient(t, answer(200, nil), func(cfg *yandexmaps.Config) {
		cfg.BaseURL, cfg.Timeout = "http://127.0.0.1:1/v1", time.Second
	})
	if err := absent.Preflight(t.Context()); replicator.KindOf(err) != replicator.Transient || err == nil {
		t.Errorf("preflight of an absent service: %v", err)
	}
}

func TestResolve_speaks_to_both_doors(t *testing.T) {
	t.Parallel()
	sim := yandexmapssim.New(simworld.New(simworld.Options{}), yandexmapssim.Options{APIKey: secret})
	for _, door := range []string{"/v1", "/v1/", "/1.x/"} {
		c := newClient(t, sim, func(cfg *yandexmaps.Config) { cfg.BaseURL = cfg.BaseURL[:len(cfg.BaseURL)-len("/v1")] + door })
		if a := mustResolve(t, c, "101000, Москва, ул. Ленина, 5"); a.Status != schema.AddressResolved {
			t.Errorf("%s: %s", door, a.Status)
		}
	}
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sverka/schema"
)

// runSverka runs the program to its end and returns its exit code and what it wrote.
func runSverka(ctx context.Context, args ...string) (code int, output string) {
	var out syncBuffer
	code = run(ctx, args, nil, &out, &out)
	return code, out.String()
}

func TestSimulate_runs_what_its_configuration_names_until_it_is_interrupted(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "sverka.yaml")
	for range 2 { // the second start finds what the first one left
		ctx, cancel := context.WithCancel(t.Context())
		var out syncBuffer
		ended := make(chan int, 1)
		go func() {
			ended <- run(ctx, []string{"simulate", "--factor", "1440", "--products", "20", "--orders", "3", "--config-out", config}, nil, &out, &out)
		}()
		for !strings.Contains(out.String(), "sverka serve --config "+config) {
			if !pause(ctx, 10*time.Millisecond) || len(ended) > 0 {
				t.Fatalf("simulate ended: %s", out.String())
			}
		}
		if code, output := runSverka(t.Context(), "config", "check", "--config", config); code != exitDone {
			t.Errorf("config check: exit code %d: %s", code, output)
		}
		cancel()
		if code := <-ended; code != exitDone {
			t.Errorf("exit code %d, want 0: %s", code, out.String())
		}
	}
	if b, err := os.ReadFile(config); err != nil || strings.Contains(string(b), "demo") || strings.Contains(string(b), "sim_app_secret") {
		t.Errorf("the configuration holds a secret, or cannot be read: %v\n%s", err, b)
	}
}

func TestSimulate_refuses(t *testing.T) {
	t.Parallel()
	mine := mustWrite(t, filepath.Join(t.TempDir(), "sverka.yaml"), "database:\n  local: true\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a configuration that somebody else wrote": {[]string{"--config-out", mine}, mine + " was not written by simulate"},
		"a world without products":                 {[]string{"--products", "0"}, "--products"},
		"time that runs too fast":                  {[]string{"--factor", "1441"}, "--factor 1441: must be 0 to 1440"},
		"an address that cannot be called":         {[]string{"--listen-host", "0.0.0.0"}, `--listen-host "0.0.0.0"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, output := runSverka(t.Context(), append([]string{"simulate"}, c.args...)...)
			if code != exitUsage || !strings.Contains(output, c.want) {
				t.Errorf("exit code %d, %q; want 2 and %q", code, output, c.want)
			}
		})
	}
	if b, err := os.ReadFile(mine); err != nil || string(b) != "database:\n  local: true\n" {
		t.Errorf("the configuration of somebody else is %q now (%v)", b, err)
	}
}

// A world in which nobody collects the goods does not grow without end.
func TestDay_goes_on_with_as_many_open_orders_as_people_bear(t *testing.T) {
	t.Parallel()
	s, err := startSimulated(t.Context(), simulatedOptions{
		host: "127.0.0.1", bankDir: filepath.Join(t.TempDir(), "bank"), seed: 1, products: 20, orders: 3, start: time.Now(), factor: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	p := newDay(s, 1)
	gaveUp := map[string]bool{}
	for tick := range 3 * dayOpenOrders {
		undecided := map[string]bool{}
		for _, o := range p.orders {
			undecided[o.Number] = o.undecided()
		}
		if err := p.step(tick); err != nil {
			t.Fatal(err)
		}
		for _, o := range p.orders {
			delete(undecided, o.Number)
		}
		for number, was := range undecided { // forgotten in this step
			view, _ := s.openshop.Order(number)
			if !was || !view.Cancelled {
				t.Errorf("tick %d: %s is forgotten although it is neither shipped nor cancelled", tick, number)
			}
			gaveUp[number] = true
		}
		if len(p.orders) > dayOpenOrders {
			t.Fatalf("tick %d: %d open orders, want at most %d", tick, len(p.orders), dayOpenOrders)
		}
	}
	if len(p.orders) != dayOpenOrders || len(gaveUp) == 0 {
		t.Errorf("%d open orders and %d given up; want %d, and some", len(p.orders), len(gaveUp), dayOpenOrders)
	}
	if statements, err := filepath.Glob(filepath.Join(s.bankDir, "*")); err != nil || len(statements) == 0 {
		t.Errorf("the bank wrote no statement (%v)", err)
	}
	for _, o := range p.orders {
		if o.PaymentMethod == schema.MethodCard && !o.undecided() && !o.paid {
			t.Errorf("%s was not paid although its buyer wanted to", o.Number)
		}
	}
}

package main

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// validate adds everything about the values that no single type can refuse. What
// a command needs beyond that it asks for by itself, see [Config.requireDatabase].
func (c *Config) validate(p *problems) {
	c.Database.validate(p)
	c.HTTP.validate(p)
	p.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	p.oneOf("log.format", c.Log.Format, "text", "json")
	p.required("reports.directory", c.Reports.Directory)
	p.oneOf("reports.language", c.Reports.Language, "ru", "en", "zh")
	c.OneC.validate(p)
	c.Jushuitan.validate(p)
	c.OpenShop.validate(p)
	c.Bank.validate(p)
	c.Geocoder.validate(p)
	c.Stock.validate(p)
	c.validateFlows(p)
	c.Delivery.validate(p)
	p.positive("reconcile.grace", c.Reconcile.Grace)
	p.positive("reconcile.stale_after", c.Reconcile.StaleAfter)
	if c.Reconcile.AmountTolerance < 0 {
		p.add("reconcile.amount_tolerance", "is negative; allowed: 0 or more")
	}
	if c.Reconcile.QuantityTolerance < 0 {
		p.add("reconcile.quantity_tolerance", "is negative; allowed: 0 or more")
	}
}

func (d *DatabaseConfig) validate(p *problems) {
	p.postgres("database.url", d.URL)
	p.postgres("database.replication_url", d.ReplicationURL)
	if d.Local && d.URL != "" {
		p.add("database.local", "is true although url is set; allowed: one of them")
	}
	if d.Local {
		p.required("database.directory", d.Directory)
	}
	// Postgres allows nothing else in the name of a slot.
	p.matches("database.slot", d.Slot, `^[a-z0-9_]{1,63}$`, "1 to 63 lower-case letters, digits and _")
	p.matches("database.publication", d.Publication, `^[a-z0-9_]{1,63}$`, "1 to 63 lower-case letters, digits and _")
}

func (h *HTTPConfig) validate(p *problems) {
	host, port, err := net.SplitHostPort(h.Listen)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		p.addf("http.listen", "%q is not an address to listen on; allowed: host:port such as 127.0.0.1:8080", h.Listen)
		return
	}
	if (h.Certificate == "") != (h.Key == "") {
		p.add("http.certificate", "certificate and key belong together; allowed: both or none")
	}
	if h.Certificate == "" && !h.Insecure && !loopback(host) {
		p.addf("http.listen", "%q can be reached from other machines without HTTPS; allowed: a loopback address, or certificate and key, or insecure: true behind a proxy that speaks HTTPS", h.Listen)
	}
}

func (s *StockConfig) validate(p *problems) {
	for _, code := range sortedKeys(s.Owners) {
		if owner := s.Owners[code]; owner != string(schema.OneC) && owner != string(schema.Jushuitan) {
			p.addf("stock.owners", "%s is run by %q; allowed: onec or jushuitan", code, owner)
		}
		p.code("stock.owners", code)
	}
	p.positive("stock.settle", s.Settle)
}

func (d *DeliveryConfig) validate(p *problems) {
	p.between("delivery.workers", d.Workers, 1, 256)
	p.positive("delivery.lease", d.Lease)
	p.positive("delivery.retry_min", d.RetryMin)
	p.positive("delivery.hold_recheck", d.HoldRecheck)
	p.positive("delivery.grace", d.Grace)
	if d.RetryMax < d.RetryMin && !p.has("delivery.retry_min") && !p.has("delivery.retry_max") {
		p.addf("delivery.retry_max", "%s is shorter than retry_min; allowed: %s or more", shortDuration(d.RetryMax), shortDuration(d.RetryMin))
	}
}

// validateFlows refuses a flow that does not exist, or that is switched on although
// one of its ends is not configured: its wishes would wait for ever.
func (c *Config) validateFlows(p *problems) {
	for _, id := range sortedKeys(c.Flows) {
		f, err := replicator.ParseFlowID(id)
		if err != nil {
			p.add("flows", err.Error())
			continue
		}
		mode, err := replicator.ParseMode(c.Flows[id])
		if err != nil {
			p.addf("flows", "%s: %s", id, err)
			continue
		}
		for _, end := range []schema.System{f.Source, f.Target} {
			if key, configured := c.configured(end); mode != replicator.ModeOff && !configured {
				p.addf("flows", "%s is %s but %s is not set; allowed: off, or set %s", id, mode, key, key)
			}
		}
	}
}

// configured tells by which key a system is switched on, and whether it is.
func (c *Config) configured(s schema.System) (key string, ok bool) {
	switch s {
	case schema.OneC:
		return "onec.url", c.OneC.URL != ""
	case schema.Jushuitan:
		return "jushuitan.url", c.Jushuitan.URL != ""
	case schema.OpenShop:
		return "openshop.url", c.OpenShop.URL != ""
	case schema.Bank:
		return "bank.folder", c.Bank.Folder != ""
	case schema.Yandex:
		return "geocoder.api_key", c.Geocoder.APIKey != ""
	default: // sverka itself
		return "", true
	}
}

// The checks below add at most one problem and pass over what already has one.

func (p *problems) required(key, value string) {
	if strings.TrimSpace(value) == "" && !p.has(key) {
		p.add(key, "is not set; allowed: any text")
	}
}

func (p *problems) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) && !p.has(key) {
		p.addf(key, "%q is not valid; allowed: %s", value, strings.Join(allowed, ", "))
	}
}

func (p *problems) matches(key, value, pattern, allowed string) {
	if !regexp.MustCompile(pattern).MatchString(value) && !p.has(key) {
		p.addf(key, "%q is not valid; allowed: %s", value, allowed)
	}
}

func (p *problems) positive(key string, d time.Duration) {
	if d <= 0 && !p.has(key) {
		p.addf(key, "%s is not valid; allowed: more than zero", shortDuration(d))
	}
}

func (p *problems) between(key string, n, low, high int) {
	if (n < low || n > high) && !p.has(key) {
		p.addf(key, "%d is not valid; allowed: %d to %d", n, low, high)
	}
}

// code checks a warehouse code; it stands before another part in compound keys.
func (p *problems) code(key, code string) {
	if code == "" || code != strings.TrimSpace(code) || strings.Contains(code, schema.KeySeparator) {
		p.addf(key, "%q is not a warehouse code; allowed: text without spaces around it and without %s", code, schema.KeySeparator)
	}
}

// webAddress wants https, or http to this machine. The value is not repeated when
// it holds a password.
func (p *problems) webAddress(key, value string, insecure bool) {
	if value == "" || p.has(key) {
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		p.add(key, "is not an address; allowed: https://host/path")
	case u.User != nil:
		p.add(key, "holds a user or a password; allowed: an address without them, there are settings of their own")
	default:
		if u.RawQuery != "" || u.Fragment != "" {
			p.add(key, "has a query or a fragment; allowed: https://host/path")
		}
		if u.Scheme == "http" && !insecure && !loopback(u.Hostname()) {
			p.addf(key, "what is sent to %s goes unencrypted to another machine; allowed: https://, or insecure: true inside a network that nobody else can read", u.Host)
		}
	}
}

// postgres checks an address of Postgres without repeating it: it holds a password.
func (p *problems) postgres(key string, value apicall.Secret) {
	if value == "" || p.has(key) {
		return
	}
	if _, err := pgconn.ParseConfig(value.Reveal()); err != nil {
		p.add(key, "is not an address of Postgres; allowed: postgres://user:password@host:5432/name")
	}
}

// loopback tells whether a host is this machine for certain.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

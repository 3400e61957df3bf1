package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

func (c *OneCConfig) validate(p *problems) {
	p.webAddress("onec.url", c.URL, c.Insecure)
	p.completes("onec", c.URL, pair{"user", c.User}, pair{"password", c.Password.Reveal()})
	p.oneOf("onec.stock_correction", c.StockCorrection, "hold", "post")
	p.warehouses("onec", c.URL, c.Warehouses)
	if c.DefaultWarehouse != "" && !slices.Contains(slices.Collect(maps.Values(c.Warehouses)), c.DefaultWarehouse) {
		p.addf("onec.default_warehouse", "%q is no code of onec.warehouses; allowed: one of them, or nothing", c.DefaultWarehouse)
	}
	p.onlyOnce("onec.price_types", "price type", c.PriceTypes)
	p.matches("onec.currency", c.Currency, `^[A-Z]{3}$`, "three capital letters such as RUB")
	p.positive("onec.poll", c.Poll)
}

func (c *JushuitanConfig) validate(p *problems) {
	p.webAddress("jushuitan.url", c.URL, c.Insecure)
	p.completes("jushuitan", c.URL, pair{"app_key", c.AppKey}, pair{"app_secret", c.AppSecret.Reveal()}, pair{"shop_id", c.ShopID})
	if c.ShopID != "" {
		p.matches("jushuitan.shop_id", c.ShopID, `^[0-9]+$`, "digits")
	}
	p.warehouses("jushuitan", c.URL, c.Warehouses)
	for _, id := range sortedKeys(c.Warehouses) {
		if strings.Trim(id, "0123456789") != "" {
			p.addf("jushuitan.warehouses", "%q is not a wms_co_id; allowed: digits", id)
		}
	}
	p.between("jushuitan.per_second", c.PerSecond, 1, 1000)
	p.between("jushuitan.per_minute", c.PerMinute, 1, 60_000)
	p.positive("jushuitan.poll", c.Poll)
}

func (c *OpenShopConfig) validate(p *problems) {
	p.webAddress("openshop.url", c.URL, c.Insecure)
	p.webAddress("openshop.read_back_url", c.ReadBackURL, c.Insecure)
	p.completes("openshop", c.URL, pair{"user", c.User}, pair{"password", c.Password.Reveal()})
	p.warehouses("openshop", c.URL, c.Warehouses)
	p.positive("openshop.poll", c.Poll)
}

func (c *BankConfig) validate(p *problems) {
	for i, account := range c.Accounts {
		p.matches("bank.accounts", account, `^([0-9]{20}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})$`, "the 20 digits of a Russian account, or an IBAN, without spaces")
		if slices.Contains(c.Accounts[:i], account) {
			p.addf("bank.accounts", "%s stands twice", account)
		}
	}
	if re, err := regexp.Compile(c.OrderPattern); c.OrderPattern == "" {
		// the connector knows the usual wordings
	} else if err != nil {
		p.addf("bank.order_pattern", "%q is not a regular expression (%s); allowed: RE2 syntax with one group", c.OrderPattern, err)
	} else if re.NumSubexp() < 1 {
		p.addf("bank.order_pattern", "%q has no group; allowed: an expression whose first group is the order number", c.OrderPattern)
	}
	p.positive("bank.poll", c.Poll)
}

func (c *GeocoderConfig) validate(p *problems) {
	p.webAddress("geocoder.url", c.URL, c.Insecure)
	if c.APIKey != "" {
		p.required("geocoder.url", c.URL)
	}
	p.oneOf("geocoder.min_precision", c.MinPrecision, "exact", "number", "near", "range", "street", "other")
	p.between("geocoder.per_day", c.PerDay, 1, 10_000_000)
}

// pair is a key of a section with its value.
type pair struct{ key, value string }

// completes wants everything that a system needs once its address is set.
func (p *problems) completes(section, address string, needed ...pair) {
	if address == "" {
		return
	}
	for _, n := range needed {
		key := section + "." + n.key
		if n.value == "" && !p.has(key) && !p.has(key+fileSuffix) {
			p.addf(key, "is not set although %s.url is; allowed: a value here or in %s", section, envName(key))
		}
	}
}

// warehouses wants codes that can be keys, each given to one warehouse only; a
// system without any could tell nothing about stock.
func (p *problems) warehouses(section, address string, mapping map[string]string) {
	key := section + ".warehouses"
	if address != "" && len(mapping) == 0 && !p.has(key) {
		p.addf(key, "is not set although %s.url is; allowed: pairs such as 10001: MAIN", section)
	}
	for _, id := range sortedKeys(mapping) {
		p.code(key, mapping[id])
	}
	p.onlyOnce(key, "code", mapping)
}

// onlyOnce refuses two names for one thing of ours: neither could be written back.
func (p *problems) onlyOnce(key, what string, mapping map[string]string) {
	first := map[string]string{}
	for _, from := range sortedKeys(mapping) {
		to := mapping[from]
		if other, twice := first[to]; twice {
			p.addf(key, "%s %q is given to %q and to %q; allowed: each once", what, to, other, from)
		}
		first[to] = from
	}
}

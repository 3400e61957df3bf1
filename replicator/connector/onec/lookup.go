package onec

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"sverka/replicator"
)

// refsLive is how long a looked-up reference is believed. Elements of catalogues
// are not removed in 1C, only marked, so a stale one does no harm.
const refsLive = 10 * time.Minute

// refsMax bounds each cache; a full one is emptied.
const refsMax = 100_000

// item is what the cache keeps of an article.
type item struct {
	ref, sku, name, unit, vat string
	service                   bool
}

// partner is a customer as orders refer to him.
type partner struct{ ref, firm, code string }

// references are the small caches of looked-up elements.
type references struct {
	items     cache[item]    // by article and by reference
	partners  cache[partner] // by customer code and by reference
	orders    cache[string]  // reference of an order → its number
	elements  cache[string]  // "set|field|value" → reference
	texts     cache[string]  // "set|reference" → value
	whole     cache[map[string]string]
	warehouse cache[map[string]string]
}

func (r *references) init(now func() time.Time) {
	r.items.now, r.partners.now, r.orders.now, r.elements.now = now, now, now, now
	r.texts.now, r.whole.now, r.warehouse.now = now, now, now
}

type cache[V any] struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[string]cached[V]
}

type cached[V any] struct {
	value V
	until time.Time
}

func (c *cache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.kept[key]
	if !ok || c.now().After(e.until) {
		var zero V
		return zero, false
	}
	return e.value, true
}

func (c *cache[V]) put(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= refsMax {
		c.kept = map[string]cached[V]{}
	}
	c.kept[key] = cached[V]{v, c.now().Add(refsLive)}
}

func (c *cache[V]) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, key)
}

// elementRef finds the reference of a catalogue element by one field; "" when
// there is none.
func (c *Client) elementRef(ctx context.Context, set, field, value string) (string, error) {
	key := set + "|" + field + "|" + value
	if ref, ok := c.refs.elements.get(key); ok {
		return ref, nil
	}
	rows, err := c.find(ctx, set, eqText(field, value)+" and DeletionMark eq false", nil)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	ref := rows[0].ref("Ref_Key")
	c.refs.elements.put(key, ref)
	return ref, nil
}

// configured finds an element that the configuration names, and holds the
// delivery when 1C lacks it: a person must create it or correct the setting.
func (c *Client) configured(ctx context.Context, set, field, value, setting string) (string, error) {
	if value == "" {
		return "", nil
	}
	ref, err := c.elementRef(ctx, set, field, value)
	if err == nil && ref == "" {
		return "", &replicator.HoldError{
			Reason: "setting_missing", Message: fmt.Sprintf("%s has no element %q", set, value),
			Hint: "create it in 1C or correct the setting " + setting,
		}
	}
	return ref, err
}

func (c *Client) organization(ctx context.Context) (string, error) {
	if name := c.cfg.Trade.Organization; name != "" {
		return c.configured(ctx, c.n.Organizations, "Description", name, "organization")
	}
	all, err := c.byName(ctx, c.n.Organizations, "Description")
	if err != nil {
		return "", err
	}
	if len(all) == 1 {
		for _, ref := range all {
			return ref, nil
		}
	}
	return "", &replicator.HoldError{
		Reason: "setting_missing", Message: fmt.Sprintf("1C has %d organizations", len(all)),
		Hint: "name the one that sells in the setting organization",
	}
}

// byName reads a small catalogue whole: value of a field → reference.
func (c *Client) byName(ctx context.Context, set, field string) (map[string]string, error) {
	if all, ok := c.refs.whole.get(set); ok {
		return all, nil
	}
	rows, err := c.find(ctx, set, "DeletionMark eq false", []string{"Ref_Key", field})
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.text(field)] = r.ref("Ref_Key")
	}
	c.refs.whole.put(set, out)
	return out, nil
}

// currencyRef finds a currency by its letters, which UT keeps as Description.
func (c *Client) currencyRef(ctx context.Context, letters string) (string, error) {
	return c.configured(ctx, c.n.Currencies, "Description", letters, "currency")
}

func (c *Client) unitRef(ctx context.Context, code string) (string, error) {
	return c.configured(ctx, c.n.Units, "Code", code, "unit code")
}

// fieldOf reads one field of an element, by reference; "" for an empty reference.
func (c *Client) fieldOf(ctx context.Context, set, ref, field string) (string, error) {
	if ref == "" {
		return "", nil
	}
	key := set + "|" + ref
	if v, ok := c.refs.texts.get(key); ok {
		return v, nil
	}
	r, err := c.element(ctx, set, ref)
	if err != nil && !isNotFound(err) {
		return "", err
	}
	v := r.text(field)
	c.refs.texts.put(key, v)
	return v, nil
}

func (c *Client) unitCode(ctx context.Context, ref string) (string, error) {
	return c.fieldOf(ctx, c.n.Units, ref, "Code")
}

func (c *Client) currencyLetters(ctx context.Context, ref string) (string, error) {
	return c.fieldOf(ctx, c.n.Currencies, ref, "Description")
}

// vatRates reads the rates: "20", "10", "0", "none" → reference. Calculated
// rates such as 20/120 stand for the same percent and are left out.
func (c *Client) vatRates(ctx context.Context) (map[string]string, error) {
	if all, ok := c.refs.whole.get("vat"); ok {
		return all, nil
	}
	rows, err := c.find(ctx, c.n.VATRates, "DeletionMark eq false", nil)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range rows {
		if r.flag("РасчетнаяСтавка") {
			continue
		}
		rate := strings.TrimSuffix(r.digits("Ставка"), ".00")
		if r.text("ПеречислениеСтавкаНДС") == "БезНДС" || strings.EqualFold(r.text("Description"), "Без НДС") {
			rate = "none"
		}
		if _, twice := out[rate]; !twice {
			out[rate] = r.ref("Ref_Key")
		}
	}
	c.refs.whole.put("vat", out)
	return out, nil
}

func (c *Client) vatRef(ctx context.Context, rate string) (string, error) {
	all, err := c.vatRates(ctx)
	if err != nil {
		return "", err
	}
	if ref := all[rate]; ref != "" {
		return ref, nil
	}
	return "", &replicator.HoldError{Reason: "vat_rate_missing", Message: fmt.Sprintf("%s has no rate %q", c.n.VATRates, rate), Hint: "add the rate in 1C or correct it in the source"}
}

func (c *Client) vatName(ctx context.Context, ref string) (string, error) {
	if ref == "" {
		return "", nil
	}
	all, err := c.vatRates(ctx)
	if err != nil {
		return "", err
	}
	for rate, r := range all {
		if r == ref {
			return rate, nil
		}
	}
	return "", nil
}

// priceKinds gives our price type → reference of the configured price kind.
func (c *Client) priceKinds(ctx context.Context) (map[string]string, error) {
	all, err := c.byName(ctx, c.n.PriceKinds, "Description")
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, priceType := range c.cfg.PriceTypes {
		ref := all[name]
		if ref == "" {
			return nil, &replicator.HoldError{Reason: "setting_missing", Message: fmt.Sprintf("%s has no price kind %q", c.n.PriceKinds, name), Hint: "create it in 1C or correct the setting price types"}
		}
		out[priceType] = ref
	}
	return out, nil
}

// properties gives our field → reference of the additional attribute.
func (c *Client) properties(ctx context.Context) (map[string]string, error) {
	wanted := c.cfg.Attributes.names()
	if len(wanted) == 0 {
		return map[string]string{}, nil
	}
	all, err := c.byName(ctx, c.n.Properties, "Description")
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for field, name := range wanted {
		if out[field] = all[name]; out[field] == "" {
			return nil, &replicator.HoldError{Reason: "attribute_missing", Message: fmt.Sprintf("1C has no additional attribute %q", name), Hint: "create it for the kind of items, or clear its name in the setting attributes"}
		}
	}
	return out, nil
}

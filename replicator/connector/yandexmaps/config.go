package yandexmaps

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sverka/replicator/connector/apicall"
)

// Config describes the geocoder. Only the key has no default.
type Config struct {
	BaseURL      string         // https://geocode-maps.yandex.ru/v1 when ""; the older door ends in /1.x/
	APIKey       apicall.Secret // of the HTTP geocoder
	Lang         string         // ru_RU when ""
	MinPrecision string         // the least precise answer that counts as resolved: exact, number, near ("" is near), range, street, other
	PerSecond    int            // 10 when 0; the service bears 50
	PerDay       int            // 1000 when 0, the free quota; below 0: no count is kept
	Timeout      time.Duration  // of one call, 10 s when 0
	Clock        func() time.Time
}

// precisions from the best to the worst, as the service names them: the house,
// its number in another building, a house nearby, a guess between houses, the
// street, anything else.
func precisions() []string { return []string{"exact", "number", "near", "range", "street", "other"} }

// rank is the place of a precision, after the worst for one that is not known.
func rank(precision string) int {
	if i := slices.Index(precisions(), precision); i >= 0 {
		return i
	}
	return len(precisions())
}

func (c Config) withDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = "https://geocode-maps.yandex.ru/v1"
	}
	if c.Lang == "" {
		c.Lang = "ru_RU"
	}
	if c.MinPrecision == "" {
		c.MinPrecision = "near"
	}
	if c.PerSecond == 0 {
		c.PerSecond = 10
	}
	if c.PerDay == 0 {
		c.PerDay = 1000
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

// Validate tells everything that is wrong, after defaults.
func (c Config) Validate() error {
	c = c.withDefaults()
	var problems []error
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" {
		problems = append(problems, errors.New("base url: must be http(s)://host/v1 without a query"))
	}
	if c.APIKey == "" {
		problems = append(problems, errors.New("api key: is empty; make one for \"JavaScript API and HTTP geocoder\" in the developer's cabinet"))
	}
	if rank(c.MinPrecision) == len(precisions()) {
		problems = append(problems, fmt.Errorf("min precision %q: must be one of %s", c.MinPrecision, strings.Join(precisions(), ", ")))
	}
	if len(c.Lang) != 5 || c.Lang[2] != '_' {
		problems = append(problems, fmt.Errorf("lang %q: must look like ru_RU", c.Lang))
	}
	if c.PerSecond < 0 {
		problems = append(problems, fmt.Errorf("per second %d: must be above zero", c.PerSecond))
	}
	if len(problems) > 0 {
		return fmt.Errorf("yandexmaps: %w", errors.Join(problems...))
	}
	return nil
}

package delivery

import "time"

// Config tunes the engine; zero fields take the defaults named here.
type Config struct {
	Workers     int           // per flow, 2
	Lease       time.Duration // of a claim, 2 min
	RetryMin    time.Duration // first back-off, 1 s
	RetryMax    time.Duration // longest back-off, 10 min
	HoldRecheck time.Duration // how often a held delivery is looked at without being woken, 1 min
	Poll        time.Duration // how often workers look for work that nobody announced, 1 s
	StockSettle time.Duration // how long a stock figure must rest before it is corrected, 5 min
	Grace       time.Duration // for calls under way when the engine stops, 20 s
}

func (c Config) withDefaults() Config {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if c.Workers == 0 {
		c.Workers = 2
	}
	def(&c.Lease, 2*time.Minute)
	def(&c.RetryMin, time.Second)
	def(&c.RetryMax, 10*time.Minute)
	def(&c.HoldRecheck, time.Minute)
	def(&c.Poll, time.Second)
	def(&c.StockSettle, 5*time.Minute)
	def(&c.Grace, 20*time.Second)
	return c
}

package onec

import (
	"testing"

	"sverka/replicator"
)

// BenchmarkSink_NewProducts writes new products in full batches over real HTTP.
func BenchmarkSink_NewProducts(b *testing.B) {
	bench := newBench(b, func(c *Config, _ *simOptions) { c.PageSize = 500 })
	limit := bench.client.BatchLimit("product")
	written := 0
	for b.Loop() {
		batch := make([]replicator.Delivery, 0, limit)
		for range limit {
			batch = append(batch, bench.delivery(b, newProduct(written), nil))
			written++
		}
		bench.mustWrite(b, batch...)
	}
	b.ReportMetric(float64(written)/b.Elapsed().Seconds(), "products/s")
	b.ReportMetric(float64(bench.sim.Calls())/float64(written), "calls/product")
}

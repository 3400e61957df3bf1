package onec

import (
	"fmt"
	"testing"

	"sverka/replicator"
	"sverka/schema"
)

// Two parcels of one order in one batch ask for the same order twice; when the
// question is too long for one call the order came back twice and looked like two.
func TestSink_manyParcelsOfTheSameOrdersInOneBatchFindEachOrderOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var batch []replicator.Delivery
	var second []replicator.Delivery
	for n := range 30 {
		o := b.newOrder(n)
		held := b.place(t, o)
		for part, line := range o.Lines {
			s := newShipment(o, fmt.Sprintf("%d", 910000+10*n+part))
			s.Lines = []schema.ShipmentLine{{LineNo: 1, SKU: line.SKU, Quantity: line.Quantity}}
			d := b.shipmentDelivery(t, s, held)
			if part == 0 {
				batch = append(batch, d)
			} else {
				second = append(second, d)
			}
		}
	}
	batch = append(batch, second...) // the parcels of an order stand far apart
	b.mustWrite(t, batch...)
	for _, d := range batch {
		if n := b.sim.ShipmentCount(string(d.Key)); n != 1 {
			t.Errorf("1C holds %d documents of parcel %s, want 1", n, d.Key)
		}
	}
}

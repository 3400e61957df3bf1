package openshop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// BatchLimit implements replicator.BatchLimiter.
func (c *Client) BatchLimit(e schema.Entity) int {
	switch e { //nolint:exhaustive // the shop has doors for three entities only
	case schema.EntityProduct:
		return 200
	case schema.EntityStockBalance:
		return 500
	case schema.EntityOrderStatus:
		return 100
	}
	return 1
}

// Project implements replicator.Sink.
func (c *Client) Project(d *replicator.Delivery) (schema.Record, error) {
	switch src := d.Source.(type) {
	case *schema.Product:
		held, _ := d.Held.(*schema.Product)
		if w := c.projectProduct(src, held); w != nil {
			return w, nil
		}
		return nil, nil
	case *schema.StockBalance:
		held, _ := d.Held.(*schema.StockBalance)
		w, err := c.projectStock(src, held)
		if err != nil {
			return nil, err
		}
		return w, nil
	case *schema.OrderStatus:
		held, _ := d.Held.(*schema.OrderStatus)
		if w := c.projectStatus(src, held); w != nil {
			return w, nil
		}
		return nil, nil
	}
	return nil, fmt.Errorf("openshop takes no %s", d.Flow.Entity)
}

// Write implements replicator.Sink. A package holds absolute values, so writing
// it again after an unknown outcome is the way to ask (invariant 4).
func (c *Client) Write(ctx context.Context, batch []replicator.Delivery) ([]replicator.Confirmation, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	w := &write{c: c, batch: batch, done: make([]replicator.Confirmation, len(batch))}
	w.part(ctx, 0, len(batch))
	return w.done, w.failed.OrNil()
}

// giveUpAfter is how many records may be refused alone, none being taken, before
// the rest of the batch shares their answer: such a shop refuses everything.
const giveUpAfter = 8

// write carries one call of Write.
type write struct {
	c       *Client
	batch   []replicator.Delivery
	done    []replicator.Confirmation
	failed  replicator.BatchError
	taken   int   // records that the shop took
	refused int   // records that it refused alone
	stop    error // ends the batch: the shop sleeps, or refuses everything
}

// part sends the records from lo up to hi in one session; a package that is
// refused is halved until the bad record stands alone (invariant 5).
func (w *write) part(ctx context.Context, lo, hi int) {
	if w.stop != nil {
		w.fail(lo, hi, w.stop)
		return
	}
	observed := w.c.cfg.Clock()
	err := w.c.send(ctx, w.batch[lo:hi])
	switch {
	case err == nil:
		for i := lo; i < hi; i++ {
			w.done[i] = confirm(w.batch[i], observed)
		}
		w.taken += hi - lo
	case !blamesRecords(err):
		w.stop = err
		w.fail(lo, hi, err)
	case hi-lo == 1:
		w.fail(lo, hi, verdict(w.batch[lo], err))
		if w.refused++; w.refused >= giveUpAfter && w.taken == 0 {
			w.stop = err
		}
	default:
		mid := (lo + hi) / 2
		w.part(ctx, lo, mid)
		w.part(ctx, mid, hi)
	}
}

func (w *write) fail(lo, hi int, err error) {
	for i := lo; i < hi; i++ {
		w.failed.Fail(i, err)
	}
}

// blamesRecords tells whether the package itself may be the reason: the shop
// refused it, or its program died of it without a word.
func blamesRecords(err error) bool {
	var f *replicator.Failure
	return errors.As(err, &f) && (f.Kind == replicator.Rejected || f.Code == codeEmpty)
}

// send brings one package to the shop.
func (c *Client) send(ctx context.Context, batch []replicator.Delivery) error {
	var documents []document
	var err error
	kind := kindCatalog
	switch batch[0].Wanted.(type) {
	case *schema.Product:
		documents, err = c.productDocuments(batch)
	case *schema.StockBalance:
		documents, err = c.stockDocuments(batch)
	case *schema.OrderStatus:
		kind = kindSale
		documents, err = c.statusDocuments(batch)
	default:
		err = fmt.Errorf("openshop takes no %s", batch[0].Flow.Entity)
	}
	if err != nil {
		return &replicator.Failure{Kind: replicator.Rejected, System: string(schema.OpenShop), Operation: "compose a package", Err: err}
	}
	s, err := c.login(ctx, kind)
	if err != nil {
		return err
	}
	if err := s.send(ctx, documents); err != nil {
		var f *replicator.Failure
		if !errors.As(err, &f) {
			return &replicator.Failure{Kind: replicator.Transient, System: string(schema.OpenShop), Operation: "send a package", Err: err}
		}
		return err
	}
	return nil
}

// wantedOf gives the records of a batch, which is of one flow.
func wantedOf[T schema.Record](batch []replicator.Delivery) ([]T, error) {
	out := make([]T, 0, len(batch))
	for _, d := range batch {
		r, ok := d.Wanted.(T)
		if !ok {
			return nil, fmt.Errorf("delivery %s wants %T beside %s", d.Key, d.Wanted, batch[0].Flow.Entity)
		}
		out = append(out, r)
	}
	return out, nil
}

// confirm says what the shop acknowledged: exactly what was wanted.
func confirm(d replicator.Delivery, observedAt time.Time) replicator.Confirmation {
	observed := clone(d.Wanted)
	p := observed.Prov()
	p.System, p.ObservedAt = schema.OpenShop, observedAt
	return replicator.Confirmation{Observed: []schema.Record{observed}, ExternalID: p.ExternalID, Note: "imported by the shop"}
}

func clone(r schema.Record) schema.Record {
	switch x := r.(type) {
	case *schema.Product:
		return schema.Clone(x)
	case *schema.StockBalance:
		return schema.Clone(x)
	case *schema.OrderStatus:
		return schema.Clone(x)
	}
	return r
}

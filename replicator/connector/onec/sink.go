package onec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/schema"
)

// Project implements [replicator.Sink].
func (c *Client) Project(d *replicator.Delivery) (schema.Record, error) {
	switch source := d.Source.(type) {
	case nil:
		return nil, nil // the source no longer holds the key
	case *schema.Product:
		held, _ := d.Held.(*schema.Product)
		return orNil(c.projectProduct(source, held)), nil
	case *schema.Customer:
		held, _ := d.Held.(*schema.Customer)
		return orNil(projectCustomer(source, held)), nil
	case *schema.Warehouse:
		held, _ := d.Held.(*schema.Warehouse)
		return orNil(c.projectWarehouse(source, held)), nil
	case *schema.SalesOrder:
		held, _ := d.Held.(*schema.SalesOrder)
		return orNil(c.projectOrder(source, held)), nil
	case *schema.OrderStatus:
		held, _ := d.Held.(*schema.OrderStatus)
		return orNil(c.projectStatus(source, held)), nil
	case *schema.Payment:
		held, _ := d.Held.(*schema.Payment)
		return orNil(projectPayment(source, held)), nil
	case *schema.Shipment:
		held, _ := d.Held.(*schema.Shipment)
		return orNil(c.projectShipment(source, held, d.Related)), nil
	case *schema.StockBalance:
		held, _ := d.Held.(*schema.StockBalance)
		return orNil(c.projectStock(source, held)), nil
	case *schema.JournalEntry:
		return c.projectJournal(source), nil
	}
	return nil, rejected("project", fmt.Sprintf("1C has no door for %T", d.Source), "switch the flow off")
}

// orNil keeps a nil pointer from becoming a record that is not nil.
func orNil[T any, P interface {
	*T
	schema.Record
}](p P) schema.Record {
	if p == nil {
		return nil
	}
	return p
}

// Write implements [replicator.Sink]. The deliveries of a batch have different
// keys, so they are written several at a time.
func (c *Client) Write(ctx context.Context, batch []replicator.Delivery) ([]replicator.Confirmation, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	out := &results{confirmed: make([]replicator.Confirmation, len(batch)), failed: map[int]error{}}
	var err error
	switch entity := batch[0].Flow.Entity; entity {
	case schema.EntityProduct:
		err = c.writeProducts(ctx, batch, out)
	case schema.EntityCustomer:
		err = c.writeCustomers(ctx, batch, out)
	case schema.EntityWarehouse:
		err = c.writeWarehouses(ctx, batch, out)
	case schema.EntitySalesOrder:
		err = c.writeOrders(ctx, batch, out)
	case schema.EntityOrderStatus:
		err = c.writeStatuses(ctx, batch, out)
	case schema.EntityPayment:
		err = c.writePayments(ctx, batch, out)
	case schema.EntityShipment:
		err = c.writeShipments(ctx, batch, out)
	case schema.EntityStockBalance:
		err = c.writeStock(ctx, batch, out)
	case schema.EntityJournalEntry:
		err = c.writeJournal(ctx, batch, out)
	case schema.EntityBankTransaction, schema.EntityAddress:
		err = rejected("write", "1C has no door for "+string(entity), "switch the flow off")
	}
	if err != nil { // what all of them needed could not be had: nothing was written
		for i := range batch {
			out.fail(i, err)
		}
	}
	be := &replicator.BatchError{Failed: out.failed}
	return out.confirmed, be.OrNil()
}

// alreadyThere is the note of a document that was found.
const alreadyThere = "already there"

// results gathers what became of the deliveries of a batch.
type results struct {
	mu        sync.Mutex
	confirmed []replicator.Confirmation
	failed    map[int]error
}

// fail keeps the first failure of a delivery.
func (r *results) fail(i int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed[i] != nil {
		return
	}
	var f *replicator.Failure
	var h *replicator.HoldError
	if !errors.As(err, &f) && !errors.As(err, &h) {
		err = &replicator.Failure{Kind: replicator.Unknown, System: system, Operation: "write", Err: err}
	}
	r.failed[i] = settle(err)
}

func (r *results) hasFailed(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed[i] != nil
}

func (r *results) confirm(i int, note, externalID string, observed ...schema.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.confirmed[i] = replicator.Confirmation{Observed: observed, ExternalID: externalID, Note: note}
}

// each runs an action for every index, several at a time; what one of them
// meets stops no other (invariant 5).
func (r *results) each(ctx context.Context, n int, act func(ctx context.Context, i int) error) {
	var g errgroup.Group
	g.SetLimit(inFlight)
	for i := range n {
		g.Go(func() error {
			if r.hasFailed(i) {
				return nil
			}
			if err := act(ctx, i); err != nil {
				r.fail(i, err)
			}
			return nil
		})
	}
	_ = g.Wait() // every failure is in the results
}

// bisect does a job for many at once and, when 1C refuses it, for ever smaller
// halves, so that one bad line fails alone (invariant 5).
func bisect[T any](jobs []T, do func([]T) error, fail func(T, error)) {
	if len(jobs) == 0 {
		return
	}
	err := do(jobs)
	var held *replicator.HoldError
	switch {
	case err == nil:
	case len(jobs) > 1 && (errors.As(err, &held) || replicator.KindOf(err) == replicator.Rejected):
		bisect(jobs[:len(jobs)/2], do, fail)
		bisect(jobs[len(jobs)/2:], do, fail)
	default:
		for _, j := range jobs {
			fail(j, err)
		}
	}
}

// differences names the fields in which two records of one kind differ,
// provenance apart.
func differences(a, b schema.Record) []string {
	x, y := contentOf(a), contentOf(b)
	var out []string
	for name, v := range x {
		if w := string(y[name]); w != string(v) && (!isEmpty(w) || !isEmpty(string(v))) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

func isEmpty(list string) bool { return list == "" || list == "null" || list == "[]" }

func contentOf(r schema.Record) map[string]json.RawMessage {
	saved := *r.Prov()
	*r.Prov() = schema.Provenance{}
	b, err := json.Marshal(r)
	*r.Prov() = saved
	out := map[string]json.RawMessage{}
	if err == nil {
		_ = json.Unmarshal(b, &out) // it was marshalled a line above
	}
	return out
}

// provenance fills what every record that we read carries.
func (c *Client) provenance(r row) schema.Provenance {
	p := schema.Provenance{System: schema.OneC, ExternalID: r.ref("Ref_Key"), ObservedAt: c.now()}
	if r.flag("DeletionMark") {
		p.DeletedAt = p.ObservedAt
	}
	return p
}

package openshop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"sync"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// OrderReader reads the orders that the shop offers: SalesOrder, Customer,
// OrderStatus and Payment records in one page. It implements replicator.Reader
// and replicator.Acknowledger: the shop offers the same orders again until a page
// that held them was acknowledged.
type OrderReader struct {
	c *Client

	mu      sync.Mutex
	pending map[string]*session // cursor → session whose query made the page; nil when success is withheld
	order   []string            // cursors, oldest first
}

// maxPending bounds the sessions that wait for an acknowledgement.
const maxPending = 16

// Orders reads what the shop offers.
func (c *Client) Orders() *OrderReader {
	return &OrderReader{c: c, pending: map[string]*session{}}
}

// Read implements replicator.Reader. The cursor only names the page for
// Acknowledge: what to offer is for the shop to remember.
func (r *OrderReader) Read(ctx context.Context, _ string) iter.Seq2[replicator.Page, error] {
	return func(yield func(replicator.Page, error) bool) {
		page, err := r.page(ctx)
		switch {
		case err != nil:
			yield(replicator.Page{}, err)
		case page.Read > 0:
			yield(page, nil)
		}
	}
}

func (r *OrderReader) page(ctx context.Context) (replicator.Page, error) {
	s, err := r.c.login(ctx, kindSale)
	if err != nil {
		return replicator.Page{}, err
	}
	observed := r.c.cfg.Clock()
	body, err := s.query(ctx)
	if err != nil {
		return replicator.Page{}, err
	}
	page, err := r.c.mapOrders(body, observed)
	if err != nil {
		return replicator.Page{}, err
	}
	if page.Read == 0 {
		return page, s.success(ctx) // nothing was offered, so nothing can be lost
	}
	sum := sha256.Sum256(body)
	page.Cursor = observed.UTC().Format(time.RFC3339Nano) + " " + hex.EncodeToString(sum[:8])
	if withhold(page.Refused) {
		s = nil
	}
	r.remember(page.Cursor, s)
	return page, nil
}

// withhold tells whether an order was refused for what is ours to repair, so that
// the shop has to offer it again.
func withhold(refused []replicator.Refusal) bool {
	for _, x := range refused {
		if x.Entity == schema.EntitySalesOrder && x.Code == "unmapped" {
			return true
		}
	}
	return false
}

func (r *OrderReader) remember(cursor string, s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending[cursor] = s
	if r.order = append(r.order, cursor); len(r.order) > maxPending {
		delete(r.pending, r.order[0])
		r.order = r.order[1:]
	}
}

// Acknowledge implements replicator.Acknowledger. Without the session of the page
// it fails and nothing is lost: the shop offers the same orders again.
func (r *OrderReader) Acknowledge(ctx context.Context, cursor string) error {
	r.mu.Lock()
	s, known := r.pending[cursor]
	r.mu.Unlock()
	if !known {
		return r.c.fail(step{name: "success of orders"}, replicator.Transient, "", "the session that queried these orders is gone", "nothing to do: the shop offers them again")
	}
	if s != nil {
		if err := s.success(ctx); err != nil {
			return err
		}
	}
	r.mu.Lock()
	delete(r.pending, cursor)
	r.mu.Unlock()
	return nil
}

// mapOrders reads an answer of mode=query, XML or a zip of it. A document that is
// broken as a whole is an error; a bad order is refused alone (invariant 5).
func (c *Client) mapOrders(body []byte, observed time.Time) (replicator.Page, error) {
	opts := commerceml.Options{File: "orders of mode=query", MaxBytes: c.cfg.MaxAnswer * 4}
	items := commerceml.Read(bytes.NewReader(body), opts)
	if bytes.HasPrefix(body, []byte("PK")) {
		items = commerceml.ReadArchive(bytes.NewReader(body), int64(len(body)), commerceml.ArchiveLimits{MaxEntries: 100, MaxUnpacked: uint64(max(0, c.cfg.MaxAnswer)) * 4}, opts)
	}
	mapped, err := commerceml.MapPackage(commerceml.Mapping{
		System: schema.OpenShop, ObservedAt: observed, Location: c.cfg.Location, Warehouses: c.cfg.Warehouses, PriceTypes: c.cfg.PriceTypes,
		Statuses: c.cfg.Statuses, PaymentMethods: c.cfg.PaymentMethods, Currency: c.cfg.Currency,
	}, items)
	if err != nil {
		f := c.fail(step{name: "query of orders"}, replicator.Transient, "", "the orders document cannot be read", "")
		var pe *commerceml.ParseError
		if errors.As(err, &pe) {
			f.Hint = pe.Hint
		}
		f.Err = err
		return replicator.Page{}, f
	}
	return replicator.Page{
		Records: mapped.Records, Refused: mapped.Refused, Identifiers: mapped.Identifiers, Read: len(mapped.Records) + len(mapped.Refused),
	}, nil
}

package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
	"sverka/schema/canonical"
)

// Resolver finds out what an address text means.
type Resolver interface {
	Resolve(ctx context.Context, text string) (*schema.Address, error)
}

// Addresses resolves the addresses that held orders wait for. What was resolved
// is a canonical row, so each text is asked for once.
type Addresses struct {
	pool     *pgxpool.Pool
	log      *slog.Logger
	resolver Resolver
	every    time.Duration
}

// NewAddresses makes the resolver's runner.
func NewAddresses(pool *pgxpool.Pool, log *slog.Logger, resolver Resolver, every time.Duration) *Addresses {
	return &Addresses{pool: pool, log: log, resolver: resolver, every: every}
}

// Run resolves until ctx ends. A failing geocoder delays only the orders that wait
// for it; a text it refuses is stored as not found, so it does not block the rest.
func (a *Addresses) Run(ctx context.Context) error {
	wait := a.every
	for ctx.Err() == nil {
		if err := a.resolveWaiting(ctx); err == nil {
			wait = a.every
		} else if ctx.Err() == nil {
			wait = min(2*wait, 60*a.every)
			a.log.WarnContext(ctx, "addresses not resolved, will be repeated", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// resolveWaiting asks for every text that an order waits for and that is not known yet.
func (a *Addresses) resolveWaiting(ctx context.Context) error {
	texts, err := a.waiting(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, text := range texts {
		err := a.resolve(ctx, text)
		if err == nil {
			continue
		}
		failures = append(failures, err)
		// One text that the geocoder stumbles over stops no other; a geocoder that is
		// down is not asked for all of them.
		if len(failures) == maxFailures || ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// maxFailures is how many texts may fail in one round.
const maxFailures = 3

// waiting lists the texts that held orders wait for, one for each address, without
// those already answered: their orders are about to be woken. The order is by chance,
// so that texts that keep failing do not stand before the others every time.
func (a *Addresses) waiting(ctx context.Context) ([]string, error) {
	flow := replicator.Flow{Entity: schema.EntitySalesOrder, Source: schema.OpenShop, Target: schema.OneC}
	rows, err := a.pool.Query(ctx, `SELECT o.address_text FROM ops.delivery d
JOIN canonical.sales_order o ON o.system = $2 AND o.order_number = d.key
WHERE d.flow = $1 AND d.state = 'held' AND d.reason = 'address_pending' GROUP BY o.address_text ORDER BY random()`, flow.ID(), flow.Source)
	if err != nil {
		return nil, fmt.Errorf("find addresses to resolve: %w", err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("find addresses to resolve: %w", err)
	}
	keys := make([]schema.Key, 0, len(texts))
	for _, text := range texts {
		keys = append(keys, schema.Key(schema.AddressID(text)))
	}
	known, err := canonical.Load(ctx, a.pool, schema.Yandex, schema.EntityAddress, keys...)
	if err != nil {
		return nil, fmt.Errorf("find addresses to resolve: %w", err)
	}
	out := texts[:0]
	for i, text := range texts {
		if _, ok := known[keys[i]]; !ok {
			known[keys[i]] = nil // a second spelling of the same address need not be asked
			out = append(out, text)
		}
	}
	return out, nil
}

func (a *Addresses) resolve(ctx context.Context, text string) error {
	asked := time.Now()
	ctx, recorder := apicall.WithRecorder(ctx)
	found, err := a.resolver.Resolve(ctx, text)
	if replicator.KindOf(err) == replicator.Rejected && err != nil {
		found, err = &schema.Address{AddressID: schema.AddressID(text), Text: text, Status: schema.AddressNotFound}, nil
		found.System, found.ObservedAt = schema.Yandex, asked
	}
	if err != nil {
		return fmt.Errorf("resolve an address: %w", err)
	}
	sum, err := StagePage(ctx, a.pool, Origin{System: schema.Yandex, Source: "geocoder"},
		replicator.Page{Records: []schema.Record{found}, Read: 1}, "", recorder.Take())
	if err == nil && sum.Refused > 0 {
		err = fmt.Errorf("resolve an address: the answer is refused, see the journal entry of address %s", found.AddressID)
	}
	return err
}

package intake

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
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
		n, err := a.resolveWaiting(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			wait = min(2*wait, 60*a.every)
			a.log.WarnContext(ctx, "addresses not resolved, will be repeated", slog.Any("err", err))
		case n > 0:
			wait = a.every
			continue
		default:
			wait = a.every
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

func (a *Addresses) resolveWaiting(ctx context.Context) (int, error) {
	addressFlow := replicator.Flow{Entity: schema.EntitySalesOrder, Source: schema.OpenShop, Target: schema.OneC}
	rows, err := a.pool.Query(ctx, `SELECT DISTINCT o.address_text FROM ops.delivery d
JOIN canonical.sales_order o ON o.system = $2 AND o.order_number = d.key
WHERE d.flow = $1 AND d.state = 'held' AND d.reason = 'address_pending' LIMIT 100`, addressFlow.ID(), addressFlow.Source)
	if err != nil {
		return 0, fmt.Errorf("find addresses to resolve: %w", err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("find addresses to resolve: %w", err)
	}
	for i, text := range texts {
		if err := a.resolve(ctx, text); err != nil {
			return i, err
		}
	}
	return len(texts), nil
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
	_, err = StagePage(ctx, a.pool, Origin{System: schema.Yandex, Source: "geocoder"},
		replicator.Page{Records: []schema.Record{found}, Read: 1}, "", recorder.Take())
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

// knownProducts answers what earlier files and exchanges said about products, so
// that offers find their article and a file of changes fills in only what it says.
type knownProducts struct {
	pool     *pgxpool.Pool // nil in a dry run: then memory is all there is
	system   schema.System
	skus     map[string]string          // Ид → SKU, shared by all systems of a dry run
	products map[string]*schema.Product // by SKU
}

func newKnownProducts(pool *pgxpool.Pool, system schema.System, skus map[string]string) *knownProducts {
	return &knownProducts{pool: pool, system: system, skus: skus, products: map[string]*schema.Product{}}
}

// remember keeps what a page said. With a database it was staged and is read from there.
func (k *knownProducts) remember(p replicator.Page) {
	if k.pool != nil {
		return
	}
	for _, id := range p.Identifiers {
		if id.Entity == schema.EntityProduct {
			k.skus[id.ExternalID] = string(id.Key)
		}
	}
	for _, r := range p.Records {
		if product, ok := r.(*schema.Product); ok {
			k.products[product.SKU] = product
		}
	}
}

// productLookup answers during one load. The mapping cannot take an error, so the
// first one is kept and ends the load at its next page.
type productLookup struct {
	*knownProducts

	ctx context.Context //nolint:containedctx // lives for one load, the mapping's functions take none
	err error
}

func (k *knownProducts) during(ctx context.Context) *productLookup {
	return &productLookup{knownProducts: k, ctx: ctx}
}

func (l *productLookup) skuByID(id string) (string, bool) {
	if l.pool == nil || l.err != nil {
		sku, ok := l.skus[id]
		return sku, ok
	}
	var key string
	// The Ид of CommerceML is 1C's own, also in what the shop sends back.
	err := l.pool.QueryRow(l.ctx, `SELECT key FROM canonical.identifier
WHERE entity = $2 AND external_id = $3 AND system IN ($1, $4) ORDER BY system = $1 DESC LIMIT 1`,
		l.system, schema.EntityProduct, id, schema.OneC).Scan(&key)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		l.err = fmt.Errorf("look up the product with id %s: %w", id, err)
	}
	return key, err == nil
}

func (l *productLookup) held(sku string) *schema.Product {
	if l.pool == nil || l.err != nil {
		return l.products[sku]
	}
	p, err := canonical.LoadOne[*schema.Product](l.ctx, l.pool, l.system, schema.Key(sku))
	if errors.Is(err, canonical.ErrNotFound) {
		return nil
	}
	if err != nil {
		l.err = err
		return nil
	}
	return p
}

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

// lookupAtOnce is how many products are looked up in one statement.
const lookupAtOnce = 1000

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

// prepare reads from the database what a file is about to ask for; where ids may
// serve as articles, they are asked for too.
func (k *knownProducts) prepare(ctx context.Context, file inspection, skuFromID bool) error {
	if k.pool == nil {
		return nil
	}
	k.skus, k.products = map[string]string{}, map[string]*schema.Product{}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(file.ids)), lookupAtOnce) {
		if err := k.loadSKUs(ctx, ids); err != nil {
			return fmt.Errorf("look up products by their ids: %w", err)
		}
	}
	keys := map[string]bool{}
	maps.Copy(keys, file.articles)
	if skuFromID {
		maps.Copy(keys, file.ids)
	}
	for _, sku := range k.skus {
		keys[sku] = true
	}
	for skus := range slices.Chunk(slices.Sorted(maps.Keys(keys)), lookupAtOnce) {
		if err := k.loadProducts(ctx, skus); err != nil {
			return err
		}
	}
	return nil
}

// loadSKUs reads the articles of ids. The Ид of CommerceML is 1C's own, also in what
// the shop sends back.
func (k *knownProducts) loadSKUs(ctx context.Context, ids []string) error {
	rows, err := k.pool.Query(ctx, `SELECT DISTINCT ON (external_id) external_id, key FROM canonical.identifier
WHERE entity = $2 AND external_id = ANY ($3) AND system IN ($1, $4) ORDER BY external_id, system = $1 DESC`,
		k.system, schema.EntityProduct, ids, schema.OneC)
	if err != nil {
		return err
	}
	var id, key string
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		k.skus[id] = key
		return nil
	})
	return err
}

func (k *knownProducts) loadProducts(ctx context.Context, skus []string) error {
	keys := make([]schema.Key, 0, len(skus))
	for _, sku := range skus {
		keys = append(keys, schema.Key(sku))
	}
	found, err := canonical.Load(ctx, k.pool, k.system, schema.EntityProduct, keys...)
	if err != nil {
		return err
	}
	for sku, r := range found {
		if product, ok := r.(*schema.Product); ok {
			k.products[string(sku)] = product
		}
	}
	return nil
}

func (k *knownProducts) skuByID(id string) (string, bool) {
	sku, ok := k.skus[id]
	return sku, ok
}

func (k *knownProducts) held(sku string) *schema.Product { return k.products[sku] }

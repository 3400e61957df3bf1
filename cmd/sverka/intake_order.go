package main

import (
	"hash/maphash"

	"sverka/replicator/connector/commerceml"
)

// orderOfItems finds out whether a file says everything of a product in one place.
type orderOfItems struct {
	seed    maphash.Seed
	seen    map[uint64]struct{} // digests of products; two that fall together only cost memory
	current string
	kind    content // of what the file says of products
	apart   bool
}

func newOrderOfItems() *orderOfItems {
	return &orderOfItems{seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
}

func (o *orderOfItems) look(item commerceml.Item) {
	switch item.(type) {
	case *commerceml.Product:
		o.one(holdsProducts)
	case *commerceml.Offer:
		o.one(holdsOffers)
	case *commerceml.Group, *commerceml.Property, *commerceml.PriceType, *commerceml.Warehouse:
		o.apart = o.apart || len(o.seen) > 0
	}
	key := commerceml.Gather(item)
	if key == "" || key == o.current || o.apart {
		return
	}
	o.current = key
	sum := maphash.String(o.seed, key)
	if _, again := o.seen[sum]; again {
		o.apart = true
		o.seen = nil
		return
	}
	o.seen[sum] = struct{}{}
}

// one notes what the file says of products; both products and offers need joining.
func (o *orderOfItems) one(c content) {
	if o.kind != holdsDictionaries && o.kind != c {
		o.apart = true
	}
	o.kind = c
}

func (o *orderOfItems) together() bool { return !o.apart }

package delivery

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

// compose reads the rows that the claimed deliveries need, as they are now: the
// payload is always whole and current (invariant 3). Everything is read in one
// repeatable-read snapshot.
func (e *Engine) compose(ctx context.Context, st *flowState, claims []claimed) ([]*item, error) {
	var items []*item
	err := pgx.BeginTxFunc(ctx, e.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		keys := make([]schema.Key, 0, len(claims))
		for _, c := range claims {
			keys = append(keys, c.Key)
		}
		source, err := canonical.Load(ctx, tx, st.Source, st.Entity, keys...)
		if err != nil {
			return err
		}
		held, err := canonical.Load(ctx, tx, st.Target, st.Entity, keys...)
		if err != nil {
			return err
		}
		for _, c := range claims {
			items = append(items, &item{claimed: c, delivery: replicator.Delivery{
				Flow: st.Flow, Key: c.Key, Attempt: c.Attempt, AskFirst: c.AskFirst, Source: source[c.Key], Held: held[c.Key],
			}})
		}
		if err := e.relate(ctx, tx, st, items); err != nil {
			return err
		}
		return e.gates(ctx, tx, st, items)
	})
	return items, err
}

// relate adds the rows around an order.
func (e *Engine) relate(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) error {
	numbers := map[schema.Key][]*item{}
	for _, it := range items {
		if n := orderOf(it.delivery.Source); n != "" {
			numbers[schema.Key(n)] = append(numbers[schema.Key(n)], it)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	keys := make([]schema.Key, 0, len(numbers))
	for n := range numbers {
		keys = append(keys, n)
	}
	for _, load := range []struct {
		system schema.System
		entity schema.Entity
		put    func(*replicator.Related, schema.Record)
	}{
		{st.Source, schema.EntitySalesOrder, func(r *replicator.Related, x schema.Record) { r.Order, _ = x.(*schema.SalesOrder) }},
		{st.Target, schema.EntitySalesOrder, func(r *replicator.Related, x schema.Record) { r.HeldOrder, _ = x.(*schema.SalesOrder) }},
		{st.Source, schema.EntityOrderStatus, func(r *replicator.Related, x schema.Record) { r.Status, _ = x.(*schema.OrderStatus) }},
	} {
		found, err := canonical.Load(ctx, tx, load.system, load.entity, keys...)
		if err != nil {
			return err
		}
		for n, x := range found {
			for _, it := range numbers[n] {
				load.put(&it.delivery.Related, x)
			}
		}
	}
	if err := relatePayments(ctx, tx, st.Source, numbers, keys); err != nil {
		return err
	}
	return relateParties(ctx, tx, st.Source, items)
}

func relatePayments(ctx context.Context, tx pgx.Tx, source schema.System, numbers map[schema.Key][]*item, keys []schema.Key) error {
	rows, err := tx.Query(ctx, `SELECT payment_id FROM canonical.payment WHERE system = $1 AND order_number = ANY ($2) AND deleted_at IS NULL ORDER BY payment_id`, source, keys)
	if err != nil {
		return fmt.Errorf("find payments: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[schema.Key])
	if err != nil {
		return fmt.Errorf("find payments: %w", err)
	}
	found, err := canonical.Load(ctx, tx, source, schema.EntityPayment, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, ok := found[id].(*schema.Payment)
		if !ok {
			continue
		}
		for _, it := range numbers[schema.Key(p.OrderNumber)] {
			it.delivery.Related.Payments = append(it.delivery.Related.Payments, p)
		}
	}
	return nil
}

func relateParties(ctx context.Context, tx pgx.Tx, source schema.System, items []*item) error {
	customers := map[schema.Key][]*item{}
	addresses := map[schema.Key][]*item{}
	for _, it := range items {
		o := it.delivery.Related.Order
		if o == nil {
			continue
		}
		if o.CustomerCode != "" {
			customers[schema.Key(o.CustomerCode)] = append(customers[schema.Key(o.CustomerCode)], it)
		}
		if o.AddressText != "" {
			id := schema.Key(schema.AddressID(o.AddressText))
			addresses[id] = append(addresses[id], it)
		}
	}
	found, err := canonical.Load(ctx, tx, source, schema.EntityCustomer, keysOf(customers)...)
	if err != nil {
		return err
	}
	for k, x := range found {
		for _, it := range customers[k] {
			it.delivery.Related.Customer, _ = x.(*schema.Customer)
		}
	}
	if found, err = canonical.Load(ctx, tx, schema.Yandex, schema.EntityAddress, keysOf(addresses)...); err != nil {
		return err
	}
	for k, x := range found {
		for _, it := range addresses[k] {
			it.delivery.Related.Address, _ = x.(*schema.Address)
		}
	}
	return nil
}

func keysOf(m map[schema.Key][]*item) []schema.Key {
	out := make([]schema.Key, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// orderOf is the order that a record belongs to, "" when it belongs to none.
func orderOf(r schema.Record) string {
	switch x := r.(type) {
	case *schema.SalesOrder:
		return x.OrderNumber
	case *schema.OrderStatus:
		return x.OrderNumber
	case *schema.Payment:
		return x.OrderNumber
	case *schema.Shipment:
		return x.OrderNumber
	}
	return ""
}

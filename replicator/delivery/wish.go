package delivery

import (
	"context"
	_ "embed"
	"fmt"
	"sort"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

//go:embed sql/wish.sql
var wishSQL string

//go:embed sql/wake.sql
var wakeSQL string

//go:embed sql/wish_all.sql
var wishAllSQL string

type wishKey struct {
	flow replicator.FlowID
	key  schema.Key
}

// Hook is the change stream's hook: every change of a published row becomes a
// wish of each flow that it wakes, in the transaction that stores the position
// (invariants 1 and 2). Many changes of one key are one wish.
func (e *Engine) Hook(ctx context.Context, tx pgx.Tx, changes []replicator.Change) error {
	wishes := map[wishKey]uint64{}
	topics := map[string]bool{}
	for i := range changes {
		subject, flows, woken, ok := e.router.Route(&changes[i])
		if !ok {
			continue
		}
		for _, f := range flows {
			k := wishKey{f, subject.Key}
			wishes[k] = max(wishes[k], changes[i].LSN)
		}
		for _, t := range woken {
			topics[t] = true
		}
	}
	if err := e.wish(ctx, tx, wishes); err != nil {
		return err
	}
	return e.wake(ctx, tx, topics)
}

func (e *Engine) wish(ctx context.Context, tx pgx.Tx, wishes map[wishKey]uint64) error {
	if len(wishes) == 0 {
		return nil
	}
	order := make([]wishKey, 0, len(wishes))
	for k := range wishes {
		order = append(order, k)
	}
	// One order for all writers of the ledger, so that they cannot deadlock.
	sort.Slice(order, func(i, j int) bool {
		if order[i].flow != order[j].flow {
			return order[i].flow < order[j].flow
		}
		return order[i].key < order[j].key
	})
	flows, keys, lsns := make([]string, len(order)), make([]string, len(order)), make([]string, len(order))
	for i, k := range order {
		flows[i], keys[i], lsns[i] = string(k.flow), string(k.key), pglogrepl.LSN(wishes[k]).String()
		e.announce(k.flow)
	}
	if _, err := tx.Exec(ctx, wishSQL, flows, keys, lsns); err != nil {
		return fmt.Errorf("store %d wishes: %w", len(order), err)
	}
	return nil
}

func (e *Engine) wake(ctx context.Context, tx pgx.Tx, topics map[string]bool) error {
	if len(topics) == 0 {
		return nil
	}
	list := make([]string, 0, len(topics))
	for t := range topics {
		list = append(list, t)
	}
	rows, err := tx.Query(ctx, wakeSQL, list)
	if err != nil {
		return fmt.Errorf("wake held deliveries: %w", err)
	}
	woken, err := pgx.CollectRows(rows, pgx.RowTo[replicator.FlowID])
	if err != nil {
		return fmt.Errorf("wake held deliveries: %w", err)
	}
	for _, f := range woken {
		e.announce(f)
	}
	return nil
}

// WishAll wishes for every row that the source of each flow holds.
func WishAll(ctx context.Context, tx pgx.Tx) error {
	for _, f := range replicator.Flows() {
		if _, err := Backfill(ctx, tx, f, nil); err != nil {
			return err
		}
	}
	return nil
}

// Backfill wishes for the given keys of a flow, or for every row its source holds
// when keys is nil, and tells how many wishes there are. Rows that the target
// already holds are compared, not sent.
func Backfill(ctx context.Context, tx pgx.Tx, f replicator.Flow, keys []string) (int64, error) {
	t, err := canonical.TableOf(f.Entity)
	if err != nil {
		return 0, err
	}
	key := "t." + strings.Join(t.Key, " || '"+schema.KeySeparator+"' || t.")
	sql := strings.NewReplacer("{table}", t.Name, "{key}", key).Replace(wishAllSQL)
	tag, err := tx.Exec(ctx, sql, string(f.ID()), string(f.Source), keys)
	if err != nil {
		return 0, fmt.Errorf("wish for the rows of %s: %w", f.ID(), err)
	}
	return tag.RowsAffected(), nil
}

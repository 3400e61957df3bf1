package delivery

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sverka/replicator"
	"sverka/schema"
	"sverka/schema/canonical"
)

//go:embed sql/wish.sql
var wishSQL string

//go:embed sql/waiting.sql
var waitingSQL string

//go:embed sql/lock.sql
var lockSQL string

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
	w, list := inOrder(wishes), slices.Collect(maps.Keys(topics))
	if err := e.wake(ctx, tx, w, list); err != nil {
		return err
	}
	return e.wish(ctx, tx, w)
}

// wishList is wishes as columns, by flow and key.
type wishList struct{ flows, keys, lsns []string }

// inOrder gives wishes the order in which every writer of the ledger locks rows.
func inOrder(wishes map[wishKey]uint64) wishList {
	order := slices.SortedFunc(maps.Keys(wishes), func(a, b wishKey) int {
		return cmp.Or(cmp.Compare(a.flow, b.flow), cmp.Compare(a.key, b.key))
	})
	w := wishList{make([]string, len(order)), make([]string, len(order)), make([]string, len(order))}
	for i, k := range order {
		w.flows[i], w.keys[i], w.lsns[i] = string(k.flow), string(k.key), pglogrepl.LSN(wishes[k]).String()
	}
	return w
}

func (e *Engine) wish(ctx context.Context, tx pgx.Tx, w wishList) error {
	if len(w.keys) == 0 {
		return nil
	}
	for _, f := range w.flows {
		e.announce(replicator.FlowID(f))
	}
	if _, err := tx.Exec(ctx, wishSQL, w.flows, w.keys, w.lsns); err != nil {
		return fmt.Errorf("store %d wishes: %w", len(w.keys), err)
	}
	return nil
}

// wake makes what waits for the topics due. Where anything does, all rows of the
// batch are locked first, in order: the statements after it wait for nobody.
func (e *Engine) wake(ctx context.Context, tx pgx.Tx, w wishList, topics []string) error {
	if len(topics) == 0 {
		return nil
	}
	var waiting bool
	if err := tx.QueryRow(ctx, waitingSQL, topics).Scan(&waiting); err != nil {
		return fmt.Errorf("look for who waits: %w", err)
	}
	if !waiting {
		return nil
	}
	if _, err := tx.Exec(ctx, lockSQL, topics, w.flows, w.keys); err != nil {
		return fmt.Errorf("lock what the batch changes: %w", err)
	}
	rows, err := tx.Query(ctx, wakeSQL, topics)
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

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/replicator/wal"
	"sverka/schema/canonical"
)

// objectInUse is what Postgres answers when another process reads the slot.
const objectInUse = "55006"

// backfilled tells how many wishes a flow got.
type backfilled struct {
	Flow   replicator.FlowID `json:"flow"`
	Wishes int64             `json:"wishes"`
}

func newBackfillCommand(a *app) *cobra.Command {
	var flow string
	var keys []string
	var acceptGap, asJSON bool
	cmd := &cobra.Command{
		Use:   "backfill [--flow FLOW [--key KEY]...] [--accept-gap]",
		Short: "Bring the targets to hold again what the sources hold",
		Long: `Wish again for every row that the source of a flow holds, for some keys of it, or for
all flows. Rows that the target already holds are compared and not sent. A running
"sverka serve" sends the rest.

--accept-gap is for a replication slot that was lost or moved: it takes the slot as it is
now, or makes a new one, and wishes for every row of every flow. Stop "sverka serve" first.

Exit code 4: a key that was asked for is not held by the source.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			slices.Sort(keys)
			keys = slices.Compact(keys)
			flows, err := backfillTarget(flow, keys, acceptGap)
			if err != nil {
				return &usageError{err}
			}
			return a.withDatabase(cmd.Context(), func(ctx context.Context, cfg *loadedConfig, db *database) error {
				if acceptGap {
					return a.acceptGap(ctx, cfg, db, asJSON)
				}
				done, err := backfillFlows(ctx, db, flows, keys)
				if err != nil {
					return err
				}
				return a.printBackfill(done, len(keys), asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&flow, "flow", "", "only this flow")
	cmd.Flags().StringArrayVar(&keys, "key", nil, "only this key of the flow; may be given several times")
	cmd.Flags().BoolVar(&acceptGap, "accept-gap", false, "go on although changes were missed, and wish for everything")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// backfillTarget reads the flags: which flows are meant.
func backfillTarget(flow string, keys []string, acceptGap bool) ([]replicator.Flow, error) {
	if acceptGap && (flow != "" || len(keys) > 0) {
		return nil, errors.New("--accept-gap concerns every flow: give it without --flow and --key")
	}
	if flow == "" {
		if len(keys) > 0 {
			return nil, errors.New("--key needs --flow")
		}
		return replicator.Flows(), nil
	}
	f, err := replicator.ParseFlowID(flow)
	return []replicator.Flow{f}, err
}

func backfillFlows(ctx context.Context, db *database, flows []replicator.Flow, keys []string) ([]backfilled, error) {
	var done []backfilled
	err := pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		for _, f := range flows {
			n, err := delivery.Backfill(ctx, tx, f, keys)
			if err != nil {
				return err
			}
			done = append(done, backfilled{f.ID(), n})
		}
		return nil
	})
	return done, err
}

func (a *app) printBackfill(done []backfilled, asked int, asJSON bool) error {
	var wishes int64
	for _, d := range done {
		wishes += d.Wishes
	}
	if asJSON {
		if err := writeJSON(a.stdout, done); err != nil {
			return err
		}
	} else {
		t := newTable(a.stdout, "FLOW", "WISHES")
		for _, d := range done {
			t.row(d.Flow, d.Wishes)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if missing := int64(asked) - wishes; missing > 0 {
		return &differencesError{
			fmt.Sprintf("%d of the %s not held by the source of %s", missing, plural(int64(asked), "key is", "keys are"), done[0].Flow),
			"keys must match to the letter; wait for the next read of the source, or load its files with \"sverka intake\"",
		}
	}
	return nil
}

// acceptGap takes the slot as it is and wishes for everything.
func (a *app) acceptGap(ctx context.Context, cfg *loadedConfig, db *database, asJSON bool) error {
	stream := wal.New(wal.Config{
		URL: db.replicationURL, Slot: cfg.Database.Slot, Publication: cfg.Database.Publication, Tables: canonical.TableNames(),
	}, db.pool, a.logger, everyRow, func() {})
	err := stream.Reset(ctx)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == objectInUse {
		return &environmentError{err, "stop every \"sverka serve\" that reads slot " + cfg.Database.Slot + " first"}
	}
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(a.stdout, map[string]string{"slot": cfg.Database.Slot})
	}
	_, err = fmt.Fprintf(a.stdout, "slot %s is taken as it is; every row of every flow is wished for\n", cfg.Database.Slot)
	return err
}

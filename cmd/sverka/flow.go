package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"sverka/replicator"
	"sverka/replicator/delivery"
)

func newFlowCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flow",
		Short: "Show how each flow stands and roll it out",
		Args:  cobra.NoArgs,
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newFlowListCommand(a), newFlowSetCommand(a))
	return cmd
}

func newFlowListCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List every flow with its mode and what waits in it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDatabase(cmd.Context(), func(ctx context.Context, cfg *loadedConfig, db *database) error {
				known, err := delivery.ListFlows(ctx, db.pool)
				if err != nil {
					return err
				}
				flows := withUnregistered(known, cfg.Flows)
				if asJSON {
					return writeJSON(a.stdout, flows)
				}
				t := newTable(a.stdout, "FLOW", "MODE", "WAITING", "HELD", "DEAD", "DELIVERED", "OLDEST", "PAUSED")
				for _, f := range flows {
					paused := "-"
					if f.PausedUntil != nil {
						paused = moment(f.PausedUntil, cfg.Schedule.Zone) + " " + f.PauseReason
					}
					t.row(f.Flow, f.Mode, f.Waiting, f.Held, f.Dead, f.Delivered, moment(f.Oldest, cfg.Schedule.Zone), paused)
				}
				return t.flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// withUnregistered adds the flows that have no row in the database yet, in the mode
// that the configuration will give them, and brings all into the order of the flow table.
func withUnregistered(known []delivery.FlowInfo, modes map[string]string) []delivery.FlowInfo {
	var out []delivery.FlowInfo
	for _, f := range replicator.Flows() {
		i := slices.IndexFunc(known, func(k delivery.FlowInfo) bool { return k.Flow == f.ID() })
		if i >= 0 {
			out = append(out, known[i])
			continue
		}
		mode := replicator.Mode(modes[string(f.ID())])
		if mode == "" {
			mode = replicator.ModeOff
		}
		out = append(out, delivery.FlowInfo{Flow: f.ID(), Mode: mode})
	}
	return out
}

func newFlowSetCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "set FLOW|all off|shadow|live",
		Short: "Set the mode of a flow, or of all",
		Long: `Set the mode of a flow, or of all.

off keeps the wishes of a flow and sends nothing, shadow composes and records what it
would send, live sends. A running "sverka serve" follows within seconds.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			flows, err := chosenFlows(args[0])
			if err != nil {
				return &usageError{err}
			}
			mode, err := replicator.ParseMode(args[1])
			if err != nil {
				return &usageError{err}
			}
			return a.withDatabase(cmd.Context(), func(ctx context.Context, _ *loadedConfig, db *database) error {
				if err := a.setFlows(ctx, db, flows, mode); err != nil {
					return err
				}
				return a.printSet(flows, mode, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) setFlows(ctx context.Context, db *database, flows []replicator.Flow, mode replicator.Mode) error {
	return pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		for _, f := range flows {
			if err := delivery.SetMode(ctx, tx, f.ID(), mode, a.operator()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *app) printSet(flows []replicator.Flow, mode replicator.Mode, asJSON bool) error {
	set := map[replicator.FlowID]replicator.Mode{}
	for _, f := range flows {
		set[f.ID()] = mode
		if asJSON {
			continue
		}
		if _, err := fmt.Fprintf(a.stdout, "%s is %s\n", f.ID(), mode); err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(a.stdout, set)
	}
	return nil
}

// chosenFlows reads a flow's name, or "all".
func chosenFlows(name string) ([]replicator.Flow, error) {
	if name == "all" {
		return replicator.Flows(), nil
	}
	f, err := replicator.ParseFlowID(name)
	return []replicator.Flow{f}, err
}

// operator names the person at the command line, for the records of who changed what.
func (a *app) operator() string {
	if user := a.env["USER"]; user != "" {
		return "command line: " + user
	}
	return "command line"
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sverka/replicator"
	"sverka/replicator/delivery"
)

func newDeliveryCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delivery",
		Short: "Show deliveries and send parked ones again",
		Args:  cobra.NoArgs,
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newDeliveryListCommand(a), newDeliveryRetryCommand(a))
	return cmd
}

// deliveryStates are the states that a delivery can be in.
func deliveryStates() []string {
	return []string{"pending", "sending", "delivered", "retry", "held", "unknown", "dead"}
}

func newDeliveryListCommand(a *app) *cobra.Command {
	var flow, state string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List deliveries, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkDeliveryFilter(flow, state, limit); err != nil {
				return &usageError{err}
			}
			return a.withDatabase(cmd.Context(), func(ctx context.Context, cfg *loadedConfig, db *database) error {
				found, err := delivery.List(ctx, db.pool, flow, state, limit)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(a.stdout, orEmpty(found))
				}
				t := newTable(a.stdout, "FLOW", "KEY", "STATE", "ATTEMPTS", "CHANGED", "DUE", "REASON", "FAILURE", "HINT")
				for _, d := range found {
					t.row(d.Flow, d.Key, d.State, d.Attempts, moment(&d.ChangedAt, cfg.Schedule.Zone), moment(&d.DueAt, cfg.Schedule.Zone), d.Reason, d.Failure, d.Hint)
				}
				return t.flush()
			})
		},
	}
	cmd.Flags().StringVar(&flow, "flow", "", "only this flow")
	cmd.Flags().StringVar(&state, "state", "", "only this state: "+strings.Join(deliveryStates(), ", "))
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func checkDeliveryFilter(flow, state string, limit int) error {
	var problems []error
	if flow != "" {
		_, err := replicator.ParseFlowID(flow)
		problems = append(problems, err)
	}
	if state != "" && !slices.Contains(deliveryStates(), state) {
		problems = append(problems, fmt.Errorf("state %q: must be one of %s", state, strings.Join(deliveryStates(), ", ")))
	}
	if limit < 1 {
		problems = append(problems, fmt.Errorf("limit %d: must be 1 or more", limit))
	}
	return errors.Join(problems...)
}

// orEmpty makes an empty list print as [] and not as null.
func orEmpty[T any](found []T) []T {
	if found == nil {
		return []T{}
	}
	return found
}

func newDeliveryRetryCommand(a *app) *cobra.Command {
	var allDead, asJSON bool
	cmd := &cobra.Command{
		Use:   "retry FLOW KEY | retry [FLOW] --all-dead",
		Short: "Send a parked delivery again, or all dead ones",
		Long: `Send a parked delivery (dead, held, retry or unknown) again now, or all dead ones of a
flow or of every flow. A delivery whose outcome is not known is asked for before anything is sent.`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			flow, key, err := retryTarget(args, allDead)
			if err != nil {
				return &usageError{err}
			}
			return a.withDatabase(cmd.Context(), func(ctx context.Context, _ *loadedConfig, db *database) error {
				n, err := delivery.Retry(ctx, db.pool, flow, key)
				if err != nil {
					return err
				}
				if n == 0 && key != "" {
					return &usageError{fmt.Errorf("delivery %s %s: is not parked; nothing to retry", flow, key)}
				}
				if asJSON {
					return writeJSON(a.stdout, map[string]int64{"retried": n})
				}
				_, err = fmt.Fprintf(a.stdout, "%s due now\n", plural(n, "delivery is", "deliveries are"))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&allDead, "all-dead", false, "every dead delivery, of FLOW when it is given")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// retryTarget reads the arguments of retry; an empty key means all dead ones.
func retryTarget(args []string, allDead bool) (flow, key string, err error) {
	switch {
	case allDead && len(args) == 2:
		return "", "", errors.New("--all-dead and a key exclude each other")
	case !allDead && len(args) != 2:
		return "", "", errors.New("needs FLOW and KEY, or --all-dead")
	}
	if len(args) > 0 {
		if _, err := replicator.ParseFlowID(args[0]); err != nil {
			return "", "", err
		}
		flow = args[0]
	}
	if len(args) == 2 {
		key = args[1]
	}
	if len(args) == 2 && key == "" {
		return "", "", errors.New("KEY is empty")
	}
	return flow, key, nil
}

package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
	"sverka/schema"
)

func newIntakeBankCommand(a *app) *cobra.Command {
	var flags intakeFlags
	cmd := &cobra.Command{
		Use:   "bank FILE...",
		Short: "Load bank statements: 1CClientBankExchange, camt.053, DirectBank",
		Long:  "Load bank statements: 1CClientBankExchange, camt.053, DirectBank.\n" + intakeExitCodes,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			return a.withStager(cmd.Context(), flags, func(ctx context.Context, cfg *loadedConfig, s *stager) error {
				opts, err := cfg.bankOptions()
				if err != nil {
					return err
				}
				files := make([]exchangeFile, 0, len(paths))
				for _, path := range paths {
					files = append(files, exchangeFile{path: path, system: schema.Bank, load: func(ctx context.Context, emit func(replicator.Page) error, progress func(done, total int64)) error {
						return bankfile.LoadFile(ctx, path, opts, emit, progress)
					}})
				}
				return a.loadFiles(ctx, s, files, nil, flags)
			})
		},
	}
	flags.register(cmd)
	return cmd
}

// bankOptions says how statements are read, for files and for the watched folder.
func (c *Config) bankOptions() (bankfile.Options, error) {
	opts := bankfile.Options{Accounts: c.Bank.Accounts, Location: c.Schedule.Zone.Location}
	if c.Bank.OrderPattern == "" {
		return opts, nil
	}
	re, err := regexp.Compile(c.Bank.OrderPattern)
	if err != nil {
		return opts, fmt.Errorf("bank.order_pattern: %w", err) // validate refused it before
	}
	opts.OrderPattern = re
	return opts, nil
}

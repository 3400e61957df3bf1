package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"sverka/replicator"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// commercemlFlags say how the files are understood.
type commercemlFlags struct {
	intakeFlags

	system    string
	skuFromID bool
}

func newIntakeCommerceMLCommand(a *app) *cobra.Command {
	var flags commercemlFlags
	cmd := &cobra.Command{
		Use:   "commerceml FILE...",
		Short: "Load CommerceML files or archives: catalogue, offers, orders",
		Long: `Load CommerceML files or zip archives: catalogue, offers with prices and stock, orders.

Files of one exchange are given together: dictionaries (groups, price types, warehouses)
serve all of them, and the catalogue is loaded before its offers. What a file does not say
about a product that is already known stays as it was. Catalogue and offers count as said
by 1C, orders as said by OpenShop, unless --system says whose they are.
` + intakeExitCodes,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if err := flags.check(); err != nil {
				return &usageError{err}
			}
			return a.withStager(cmd.Context(), flags.intakeFlags, func(ctx context.Context, cfg *loadedConfig, s *stager) error {
				dictionaries, data := inspectAll(ctx, paths, s.pool != nil)
				files := commercemlFiles(cfg, s, dictionaries, data, flags)
				return a.loadFiles(ctx, s, files, dictionaries, flags.intakeFlags)
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&flags.system, "system", "", "whose files they are: onec or openshop (default by content)")
	cmd.Flags().BoolVar(&flags.skuFromID, "sku-from-id", false, "take Ид as the SKU of products without Артикул")
	return cmd
}

func (f commercemlFlags) check() error {
	if f.system == "" || f.system == string(schema.OneC) || f.system == string(schema.OpenShop) {
		return nil
	}
	return fmt.Errorf("system %q: must be onec or openshop", f.system)
}

// commercemlFiles says of each file whose it is and how it is loaded.
func commercemlFiles(cfg *loadedConfig, s *stager, dictionaries []string, data []inspection, flags commercemlFlags) []exchangeFile {
	known, skus := map[schema.System]*knownProducts{}, map[string]string{}
	files := make([]exchangeFile, 0, len(data))
	for i, f := range data {
		system := f.content.system()
		if flags.system != "" {
			system = schema.System(flags.system)
		}
		if known[system] == nil {
			known[system] = newKnownProducts(s.pool, system, skus)
		}
		paths := slices.Concat(dictionaries, []string{f.path})
		var counts commerceml.Counts
		files = append(files, exchangeFile{
			path: f.path, system: system, load: loadCommerceML(cfg, known[system], f, paths, flags, i+1 < len(data), &counts),
			notes: func() fileNotes { return notesOf(counts, f.content == holdsDictionaries) },
		})
	}
	return files
}

// loadCommerceML reads a file, after the dictionaries that belong to it, into pages;
// serves tells that files after it may ask for its products.
func loadCommerceML(cfg *loadedConfig, known *knownProducts, file inspection, paths []string, flags commercemlFlags, serves bool, counts *commerceml.Counts) fileLoader {
	return func(ctx context.Context, emit func(replicator.Page) error, progress func(done, total int64)) error {
		if err := file.torn(); err != nil {
			return fmt.Errorf("load CommerceML: %w", err)
		}
		if err := known.prepare(ctx, file, flags.skuFromID); err != nil {
			return &stagingError{err}
		}
		m := cfg.commercemlMapping(known.system)
		m.ObservedAt = time.Now()
		m.SKUFromID = flags.skuFromID
		m.SKUByID, m.Held = known.skuByID, known.held
		opts := commerceml.LoadOptions{Mapping: m, Together: file.together, Told: func(c commerceml.Counts) { *counts = c }}
		return commerceml.LoadFiles(ctx, paths, opts, func(p replicator.Page) error {
			if err := emit(p); err != nil {
				return err
			}
			if serves {
				known.remember(p)
			}
			return nil
		}, progress)
	}
}

// commercemlMapping says what the words of a sender mean.
func (c *Config) commercemlMapping(system schema.System) commerceml.Mapping {
	m := commerceml.Mapping{
		System: system, Location: c.OneC.Zone.Location, PriceTypes: c.OneC.PriceTypes,
		Warehouses: c.OneC.Warehouses, DefaultWarehouse: c.OneC.DefaultWarehouse, Currency: c.OneC.Currency,
	}
	if system == schema.OpenShop {
		m.Location, m.Warehouses = c.Schedule.Zone.Location, c.OpenShop.Warehouses
	}
	return m
}

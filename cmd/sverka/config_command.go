package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newConfigCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show, check and explain the configuration",
		Args:  cobra.NoArgs,
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newConfigExampleCommand(a), newConfigCheckCommand(a), newConfigShowCommand(a))
	return cmd
}

// needsSubcommand answers a command that is only a group.
func needsSubcommand(cmd *cobra.Command, _ []string) error {
	return &usageError{fmt.Errorf("%s needs a command, see \"%s --help\"", cmd.CommandPath(), cmd.CommandPath())}
}

func newConfigExampleCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "example",
		Short: "Print a commented configuration with every setting",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return writeExample(a.stdout) },
	}
}

func newConfigCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the configuration and list everything that keeps serve from using it",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			if err := cfg.requireServe(); err != nil {
				return err
			}
			from := cfg.File
			if from == "" {
				from = "no file"
			}
			_, err = fmt.Fprintf(a.stdout, "configuration is valid: %d settings from %s and the environment, the rest are defaults\n", len(cfg.Origin), from)
			return err
		},
	}
}

// shownSetting is a setting as it takes effect.
type shownSetting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`  // *** for a secret
	Origin string `json:"origin"` // file, variable, flag or default
}

func newConfigShowCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print every setting as it takes effect, secrets as ***",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			shown := cfg.shown()
			if asJSON {
				return writeJSON(a.stdout, shown)
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, s := range shown {
				fmt.Fprintf(w, "%s\t%s\t%s\n", s.Key, s.Value, s.Origin)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (c *loadedConfig) shown() []shownSetting {
	var out []shownSetting
	for _, s := range settings(&c.Config) {
		origin := c.Origin[s.Key]
		if origin == "" {
			origin = c.Origin[s.Key+fileSuffix]
		}
		if origin == "" {
			origin = "default"
		}
		out = append(out, shownSetting{Key: s.Key, Value: valueText(s.value), Origin: origin})
	}
	return out
}

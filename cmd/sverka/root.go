package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// app is what every command needs of the process it runs in.
type app struct {
	env            environment
	stdout, stderr io.Writer
	v              *viper.Viper           // flags are bound to it; config lays the other layers
	flags          map[string]*pflag.Flag // key → flag that sets it
	configFile     string                 // --config
	logger         *slog.Logger           // set once the configuration is loaded; discards before
	started        bool                   // the command line was understood
}

// run is the program without the process around it. It returns the exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (code int) {
	a := &app{
		env: newEnvironment(environ), stdout: stdout, stderr: stderr,
		flags: map[string]*pflag.Flag{}, logger: slog.New(slog.DiscardHandler),
	}
	a.v = viper.NewWithOptions(viper.WithDecoderRegistry(yamlReader{known: knownKeys(new(Config))}))
	defer func() {
		if r := recover(); r != nil { // the runtime's own exit code of a panic means "bad flags" here
			fmt.Fprintf(stderr, "sverka: bug: %v\n%s", r, debug.Stack())
			code = exitBug
		}
	}()
	root := newRootCommand(a) //nolint:contextcheck // cobra hands the context to each command
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started {
		err = &usageError{err}
	}
	code = exitCode(ctx, err)
	if err != nil {
		printError(stderr, err)
	}
	return code
}

// newRootCommand lists every command, in the order in which help shows them.
func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "sverka",
		Short: "Keep 1C, Jushuitan and OpenShop in step and compare them every night",
		Long: `sverka keeps 1C, Jushuitan and OpenShop in step, compares them every night and
writes the accountants' workbook.

Exit codes: 0 done, 1 bug or an error without a class, 2 bad flags or configuration,
3 the database or a system cannot be reached, 4 differences or refused records were
found, 130 or 143 stopped by a signal.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(*cobra.Command, []string) {
			a.started = true
		},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", a.env[configVariable], "configuration file (default ./"+defaultConfigFile+" when it exists)")
	flags.String("log-level", "", "debug, info, warn or error")
	flags.String("log-format", "", "text or json")
	a.bind("log.level", flags.Lookup("log-level"))
	a.bind("log.format", flags.Lookup("log-format"))
	root.AddCommand(
		newServeCommand(a),
		newDemoCommand(a),
		newSimulateCommand(a),
		newMigrateCommand(a),
		newIntakeCommand(a),
		newReconcileCommand(a),
		newReportCommand(a),
		newFlowCommand(a),
		newDeliveryCommand(a),
		newJournalCommand(a),
		newBackfillCommand(a),
		newBenchCommand(a),
		newConfigCommand(a),
		newVersionCommand(a),
	)
	return root
}

// bind lets a flag set a setting; the default stays that of the configuration.
func (a *app) bind(key string, flag *pflag.Flag) {
	if err := a.v.BindPFlag(key, flag); err != nil {
		panic(err) // only a nil flag is refused
	}
	a.flags[key] = flag
}

// config loads the configuration and makes the logger that it asks for.
func (a *app) config() (*loadedConfig, error) {
	cfg, err := loadConfig(a.v, a.configFile, a.env, a.flags)
	if err != nil {
		return nil, err
	}
	a.logger = newLogger(a.stderr, cfg.Log)
	return cfg, nil
}

// newLogger writes to w at the level and in the format asked for.
func newLogger(w io.Writer, cfg LogConfig) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo // validate allows only levels that slog knows
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

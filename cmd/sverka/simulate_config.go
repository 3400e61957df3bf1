package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema/localpg"
)

// simulatedMark begins every configuration that simulate wrote, and may therefore
// write again.
const simulatedMark = "# Written by \"sverka simulate\""

// simulatedPlace is where simulate writes: a configuration, and a folder beside it
// with everything that the configuration names.
type simulatedPlace struct {
	config string
	dir    string
}

// newSimulatedPlace makes room for a new world. It never touches a configuration
// that somebody else wrote, nor a database that is in use.
func newSimulatedPlace(ctx context.Context, config string) (*simulatedPlace, error) {
	config, err := filepath.Abs(config)
	if err != nil {
		return nil, &environmentError{err: fmt.Errorf("--config-out: %w", err)}
	}
	p := &simulatedPlace{config: config, dir: filepath.Join(filepath.Dir(config), "sverka-simulated")}
	b, err := os.ReadFile(config)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &usageError{fmt.Errorf("--config-out: %w", err)}
	}
	if err == nil && !bytes.HasPrefix(b, []byte(simulatedMark)) {
		return nil, &usageError{fmt.Errorf("--config-out: %s was not written by simulate; name another file", config)}
	}
	// What a killed process left is found too, but does not answer.
	if cluster, err := localpg.Open(p.database()); err == nil && answers(ctx, cluster.URL("postgres")) {
		return nil, &environmentError{fmt.Errorf("the database in %s is in use", p.database()), `stop the "sverka serve" that uses it`}
	}
	if err := os.RemoveAll(p.dir); err != nil {
		return nil, &environmentError{err: fmt.Errorf("remove the last world: %w", err)}
	}
	if err := os.MkdirAll(p.dir, 0o755); err != nil { // the user that Postgres runs as must enter it
		return nil, &environmentError{err: fmt.Errorf("make the folder of the world: %w", err)}
	}
	return p, nil
}

func (p *simulatedPlace) database() string { return filepath.Join(p.dir, "database") }

// write writes the configuration for the simulated systems and the files of its secrets.
func (p *simulatedPlace) write(s *simulated) error {
	cfg := s.config()
	cfg.Database.Local, cfg.Database.Directory = true, p.database()
	cfg.Reports.Directory = filepath.Join(p.dir, "reports")
	cfg.Flows = map[string]string{}
	for _, f := range replicator.Flows() {
		cfg.Flows[string(f.ID())] = string(replicator.ModeLive)
	}
	// The simulated Jushuitan knows no limits, and nobody wants to wait.
	cfg.Jushuitan.PerSecond, cfg.Jushuitan.PerMinute = 1000, 60_000
	cfg.Delivery.RetryMin, cfg.Delivery.RetryMax, cfg.Delivery.HoldRecheck = 200*time.Millisecond, 5*time.Second, time.Second
	cfg.Stock.Settle = 5 * time.Second
	cfg.Reconcile.Grace = time.Minute
	return writeConfig(p.config, simulatedMark+"; every start of it writes this file anew.\n", cfg, filepath.Join(p.dir, "secrets"))
}

// writeConfig writes what differs from the defaults as a configuration file that
// loads, each secret into a file of its own.
func writeConfig(path, head string, cfg *Config, secrets string) error {
	defaults := defaultConfig()
	preset := map[string]reflect.Value{}
	for _, s := range settings(&defaults) {
		preset[s.Key] = s.value
	}
	var b strings.Builder
	b.WriteString(head)
	for _, section := range sections(cfg) {
		var lines strings.Builder
		for _, s := range section.Settings {
			if reflect.DeepEqual(s.value.Interface(), preset[s.Key].Interface()) {
				continue
			}
			if err := writeChosen(&lines, s, secrets); err != nil {
				return err
			}
		}
		switch {
		case lines.Len() == 0:
		case section.Settings[0].Section == "": // a setting of the top level
			fmt.Fprintf(&b, "\n%s", lines.String())
		default:
			fmt.Fprintf(&b, "\n%s:\n%s", section.Name, lines.String())
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return &environmentError{err: fmt.Errorf("write the configuration: %w", err)}
	}
	return nil
}

// writeChosen writes one setting; pairs have a line each.
func writeChosen(b *strings.Builder, s setting, secrets string) error {
	indent := ""
	if s.Section != "" {
		indent = "  "
	}
	key := lastPart(s.Key)
	switch v := s.value.Interface().(type) {
	case apicall.Secret:
		file := filepath.Join(secrets, s.Key)
		if err := os.MkdirAll(secrets, 0o700); err != nil {
			return &environmentError{err: fmt.Errorf("make the folder of secrets: %w", err)}
		}
		if err := os.WriteFile(file, []byte(v.Reveal()+"\n"), 0o600); err != nil {
			return &environmentError{err: fmt.Errorf("write the secret %s: %w", s.Key, err)}
		}
		fmt.Fprintf(b, "%s%s%s: %s\n", indent, key, fileSuffix, quoteText(file))
	case map[string]string:
		fmt.Fprintf(b, "%s%s:\n", indent, key)
		for _, from := range sortedKeys(v) {
			fmt.Fprintf(b, "%s  %s: %s\n", indent, strconv.Quote(from), quoteText(v[from]))
		}
	default:
		fmt.Fprintf(b, "%s%s: %s\n", indent, key, valueText(s.value))
	}
	return nil
}

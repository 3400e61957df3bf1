package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// defaultConfigFile is read when --config names no other and it exists.
const defaultConfigFile = "sverka.yaml"

// loadedConfig is a configuration with the story of its values.
type loadedConfig struct {
	Config
	File   string            // "" when no file was read
	Origin map[string]string // key → file, variable or flag; absent for defaults
}

// loadConfig lays the layers over each other: defaults, file, environment, flags
// (bound to v by the commands). The error is a *[configError] that lists every problem.
func loadConfig(v *viper.Viper, file string, env environment, flags map[string]*pflag.Flag) (*loadedConfig, error) {
	cfg := &loadedConfig{Config: defaultConfig(), Origin: map[string]string{}}
	known := knownKeys(&cfg.Config)
	p := &problems{origin: cfg.Origin}
	if err := readConfigFile(v, file, cfg, known, p); err != nil {
		return nil, err
	}
	values, origin := env.settings(known, p)
	if err := v.MergeConfigMap(nest(values)); err != nil {
		return nil, fmt.Errorf("merge the environment: %w", err)
	}
	maps.Copy(cfg.Origin, origin)
	for key, flag := range flags {
		if flag.Changed {
			cfg.Origin[key] = "--" + flag.Name
		}
	}
	for _, s := range settings(&cfg.Config) {
		// A bound flag that nobody gave has a value too, but is not set.
		if raw := v.Get(s.Key); v.IsSet(s.Key) && raw != "" {
			if err := setValue(s.value, raw); err != nil {
				p.add(s.Key, err.Error())
			}
		}
		if s.Secret() {
			readSecret(v, s, origin, p)
		}
	}
	cfg.validate(p)
	return cfg, p.err()
}

// readConfigFile reads the file into v and refuses keys that mean nothing.
func readConfigFile(v *viper.Viper, file string, cfg *loadedConfig, known map[string]bool, p *problems) error {
	asked := file != ""
	if !asked {
		file = defaultConfigFile
	}
	v.SetConfigFile(file)
	err := v.ReadInConfig()
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return nil
	}
	if err != nil {
		return &configError{Problems: []string{file + ": " + strings.TrimPrefix(err.Error(), "While parsing config: ")}}
	}
	cfg.File = file
	for _, key := range v.AllKeys() {
		if !v.InConfig(key) {
			continue
		}
		cfg.Origin[key] = file
		if _, ok := known[key]; !ok {
			p.add(key, unknownKey(key, known))
		}
	}
	return nil
}

// unknownKey says what could have been meant.
func unknownKey(key string, known map[string]bool) string {
	sectionName, _, _ := strings.Cut(key, ".")
	var siblings []string
	for _, s := range sections(new(Config)) {
		if s.Name != sectionName {
			continue
		}
		for _, leaf := range s.Settings {
			siblings = append(siblings, lastPart(leaf.Key))
			if _, secret := known[leaf.Key+fileSuffix]; secret {
				siblings = append(siblings, lastPart(leaf.Key)+fileSuffix)
			}
		}
	}
	if siblings == nil {
		for _, s := range sections(new(Config)) {
			siblings = append(siblings, s.Name)
		}
		return "no section has this name; allowed: " + strings.Join(siblings, ", ")
	}
	if key == sectionName {
		return "is a section; allowed: the keys " + strings.Join(siblings, ", ")
	}
	return "no setting has this name; allowed in " + sectionName + ": " + strings.Join(siblings, ", ")
}

// readSecret takes a secret from the file that its sibling key names. The
// environment wins over the configuration file here too, whichever form it uses.
func readSecret(v *viper.Viper, s setting, fromEnv map[string]string, p *problems) {
	path := v.GetString(s.Key + fileSuffix)
	_, valueFromEnv := fromEnv[s.Key]
	_, fileFromEnv := fromEnv[s.Key+fileSuffix]
	if path == "" || (valueFromEnv && !fileFromEnv) {
		return
	}
	if v.GetString(s.Key) != "" && valueFromEnv == fileFromEnv {
		p.add(s.Key+fileSuffix, lastPart(s.Key)+" is set too; allowed: one of them")
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		p.add(s.Key+fileSuffix, "the file cannot be read: "+err.Error())
		return
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		p.addf(s.Key+fileSuffix, "%s is empty; allowed: a file that holds the secret and nothing else", path)
		return
	}
	s.value.SetString(text)
}

// nest turns "a.b" into sections, the shape in which viper merges.
func nest(values map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range values {
		name, rest, ok := strings.Cut(key, ".")
		if !ok {
			out[key] = value
			continue
		}
		inner, _ := out[name].(map[string]any)
		if inner == nil {
			inner = map[string]any{}
			out[name] = inner
		}
		inner[rest] = value
	}
	return out
}

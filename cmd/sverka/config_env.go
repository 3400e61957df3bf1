package main

import (
	"sort"
	"strings"
)

// envPrefix begins every variable of ours.
const envPrefix = "SVERKA_"

// configVariable names the configuration file, as --config does.
const configVariable = envPrefix + "CONFIG"

// envName is how a setting is called in the environment: SVERKA_ONEC__PASSWORD.
// One underscore between section and key is accepted too.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "__"))
}

// environment is the process environment as it was given to [run].
type environment map[string]string

func newEnvironment(environ []string) environment {
	env := environment{}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok {
			env[name] = value
		}
	}
	return env
}

// settings picks the values of known keys. An empty variable is not set, as
// compose files pass empty ones for what nobody filled in.
func (e environment) settings(known map[string]bool, p *problems) (values map[string]any, origin map[string]string) {
	values, origin = map[string]any{}, map[string]string{}
	used := map[string]bool{configVariable: true}
	for key := range known {
		long := envName(key)
		short := strings.ReplaceAll(long, "__", "_")
		used[long], used[short] = true, true
		switch {
		case e[long] != "" && e[short] != "" && e[long] != e[short]:
			p.add(long, short+" says something else; allowed: one of them")
		case e[long] != "":
			values[key], origin[key] = e[long], long
		case e[short] != "":
			values[key], origin[key] = e[short], short
		}
	}
	for _, name := range e.unknown(used) {
		p.add(name, "no setting has this name; allowed: the names that \"sverka config example\" prints")
	}
	return values, origin
}

// unknown lists our variables that name no setting. What orchestrators add for a
// service called sverka, and what chooses the Postgres of the tests, is not ours.
func (e environment) unknown(used map[string]bool) []string {
	var out []string
	for name := range e {
		rest, ours := strings.CutPrefix(name, envPrefix)
		foreign := strings.HasPrefix(rest, "SERVICE_") || rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "TEST_")
		if ours && !foreign && !used[name] && e[name] != "" {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/viper"
)

// load reads a configuration out of a file's text and an environment.
func load(t *testing.T, yaml string, environ ...string) (*loadedConfig, error) {
	t.Helper()
	file := mustWrite(t, filepath.Join(t.TempDir(), "sverka.yaml"), yaml)
	v := viper.NewWithOptions(viper.WithDecoderRegistry(yamlReader{known: knownKeys(new(Config))}))
	return loadConfig(v, file, newEnvironment(environ), nil)
}

func mustLoad(t *testing.T, yaml string, environ ...string) *loadedConfig {
	t.Helper()
	cfg, err := load(t, yaml, environ...)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return cfg
}

func example(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeExample(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestConfigExample(t *testing.T) {
	t.Parallel()
	t.Run("is accepted by serve and equals the defaults", func(t *testing.T) {
		t.Parallel()
		cfg := mustLoad(t, example(t))
		if err := errors.Join(cfg.requireDatabase(), cfg.requireServe()); err != nil {
			t.Error(err)
		}
		want := defaultConfig()
		want.Database.Local = true
		for i, got := range settings(&cfg.Config) {
			if w := settings(&want)[i]; valueText(got.value) != valueText(w.value) {
				t.Errorf("%s: %s, want the default %s", got.Key, valueText(got.value), valueText(w.value))
			}
		}
	})
	t.Run("loads without problems when every commented setting is taken in", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		text := regexp.MustCompile(`(?m)^( *)#([a-z_]+:)`).ReplaceAllString(example(t), "$1$2")
		text = strings.Replace(text, "local: true", "local: false", 1) // it excludes url
		text = strings.ReplaceAll(text, "secrets/", dir+"/")
		for _, m := range regexp.MustCompile(`_file: '?(\S+?)'?\n`).FindAllStringSubmatch(text, -1) {
			secret := "secret of " + filepath.Base(m[1])
			if strings.Contains(m[1], "database") {
				secret = "postgres://sverka:secret@localhost/sverka"
			}
			mustWrite(t, m[1], secret+"\n")
		}
		cfg := mustLoad(t, text)
		if got := cfg.OneC.Password.Reveal(); got != "secret of onec-password" {
			t.Errorf("onec.password = %q, want the content of its file", got)
		}
		if got := cfg.OneC.Warehouses["Основной склад"]; got != "MAIN" {
			t.Errorf("onec.warehouses = %v, want the case of keys and codes kept", cfg.OneC.Warehouses)
		}
		for _, s := range settings(&cfg.Config) {
			if s.value.IsZero() && s.Example != "" {
				t.Errorf("%s is not set by its example %q", s.Key, s.Example)
			}
		}
	})
	t.Run("explains every setting", func(t *testing.T) {
		t.Parallel()
		for _, s := range settings(new(Config)) {
			if s.Help == "" || lastPart(s.Key) == "" {
				t.Errorf("%s of type %s has no key or no help", s.Key, s.value.Type())
			}
		}
	})
}

func TestConfigLoad(t *testing.T) {
	t.Parallel()
	t.Run("reads every kind of value as it was written", func(t *testing.T) {
		t.Parallel()
		cfg := mustLoad(t, `
schedule: {reconcile: 23:05, zone: Asia/Shanghai}
onec:
  url: https://onec.example.com/ut
  user: exchange
  password: secret
  warehouses:
    Склад №1. Центр: MAIN
    007: b-2
stock: {owners: {MAIN: onec, b-2: jushuitan}}
openshop: {poll: 90s}
bank: {accounts: [40702810900000000001, "DE89370400440532013000"]}
flows: {"product:onec>openshop": off}
reconcile: {amount_tolerance: 0.10, quantity_tolerance: 1.5}
database: {local: true}
`)
		checks := []struct {
			what      string
			got, want any
		}{
			{"time of day", cfg.Schedule.Reconcile, timeOfDay{23, 5}},
			{"zone", cfg.Schedule.Zone.String(), "Asia/Shanghai"},
			{"key with dots and capitals", cfg.OneC.Warehouses["Склад №1. Центр"], "MAIN"},
			{"key of digits with a leading zero", cfg.OneC.Warehouses["007"], "b-2"},
			{"owner", cfg.Stock.Owners["b-2"], "jushuitan"},
			{"list", strings.Join(cfg.Bank.Accounts, "+"), "40702810900000000001+DE89370400440532013000"},
			{"duration", cfg.OpenShop.Poll, 90 * time.Second},
			{"the word off", cfg.Flows["product:onec>openshop"], "off"},
			{"amount", cfg.Reconcile.AmountTolerance.String(), "0.10"},
			{"quantity", cfg.Reconcile.QuantityTolerance.String(), "1.500"},
			{"switch", cfg.Database.Local, true},
		}
		for _, c := range checks {
			if c.got != c.want {
				t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
			}
		}
	})
	t.Run("the environment replaces lists, pairs and secrets of the file", func(t *testing.T) {
		t.Parallel()
		cfg := mustLoad(t, "stock: {owners: {OLD: onec}}\nbank: {accounts: [40702810900000000009]}\nopenshop: {password_file: absent}\n",
			"SVERKA_STOCK__OWNERS=MAIN=onec, B=jushuitan", "SVERKA_BANK__ACCOUNTS=40702810900000000001,40702810900000000002", "SVERKA_OPENSHOP__PASSWORD=secret")
		if len(cfg.Stock.Owners) != 2 || cfg.Stock.Owners["B"] != "jushuitan" {
			t.Errorf("stock.owners = %v, want the two of the environment", cfg.Stock.Owners)
		}
		if got := strings.Join(cfg.Bank.Accounts, "+"); got != "40702810900000000001+40702810900000000002" {
			t.Errorf("bank.accounts = %s, want 40702810900000000001+40702810900000000002", got)
		}
		if got := cfg.OpenShop.Password.Reveal(); got != "secret" {
			t.Errorf("openshop.password = %q, want that of the environment", got)
		}
	})
	t.Run("an empty variable, an empty value and an empty section leave the default", func(t *testing.T) {
		t.Parallel()
		cfg := mustLoad(t, "log:\n  level:\nbank:\n", "SVERKA_REPORTS__LANGUAGE=", "SVERKA_BANK__FOLDER=in")
		if cfg.Log.Level != "info" || cfg.Reports.Language != "ru" || cfg.Bank.Folder != "in" {
			t.Errorf("log.level %q, reports.language %q, bank.folder %q; want info, ru, in", cfg.Log.Level, cfg.Reports.Language, cfg.Bank.Folder)
		}
	})
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	const onec = "onec: {url: %s, user: u, password: p, warehouses: {Центр: MAIN}}"
	tests := []struct {
		name, yaml string
		environ    []string
		want       []string // each is part of one problem
	}{
		{"an unknown section", "oneC2: {url: x}", nil, []string{"onec2.url", "no section has this name; allowed: database, http"}},
		{"an unknown key, with those of its section", "onec: {pasword: x}", nil, []string{"onec.pasword", "password, password_file"}},
		{"a value where a section stands", "onec: https://onec.example.com", nil, []string{"onec (", "is a section; allowed: the keys url, user"}},
		{"a section where a value stands", "log: {level: {a: b}}", nil, []string{"log.level"}},
		{"a list where a value stands", "log: {level: [info]}", nil, []string{"log.level", "is a list or a section"}},
		{"a key that stands twice", "log: {level: info}\nlog: {level: warn}", nil, []string{"line 2: log stands twice"}},
		{"a pair that stands twice", "", []string{"SVERKA_STOCK__OWNERS=A=onec,A=jushuitan"}, []string{`stock.owners (SVERKA_STOCK__OWNERS): "A" stands twice`}},
		{"a pair without a code", "", []string{"SVERKA_STOCK__OWNERS=A"}, []string{"allowed: pairs such as 10001=MAIN"}},
		{"an alias", "log: &a {level: info}\nbank: *a", nil, []string{"line 2: bank is an alias"}},
		{"two documents", "log: {level: info}\n---\nlog: {level: warn}", nil, []string{"a second document begins"}},
		{"what is not YAML", "log: [", nil, []string{"sverka.yaml"}},
		{"what is not a section", "- a", nil, []string{"line 1: allowed: sections"}},
		{"several bad values at once", "log: {level: loud, format: xml}\nreports: {language: de}", nil, []string{
			`log.level (`, `"loud" is not valid; allowed: debug, info, warn, error`, `log.format`, `allowed: text, json`, `allowed: ru, en, zh`,
		}},
		{"a duration without its unit", "onec: {poll: 30}", nil, []string{"onec.poll", `"30" is not valid; allowed: a duration with its unit`}},
		{"a pause of nothing", "bank: {poll: 0s}", nil, []string{"bank.poll", "allowed: more than zero"}},
		{"a time that no day has", "schedule: {reconcile: 24:30}", nil, []string{"schedule.reconcile", "from 00:00 to 23:59"}},
		{"a zone that no map has", "onec: {zone: Europe/Moskow}", nil, []string{"onec.zone", "IANA time zone"}},
		{"the zone of the machine", "onec: {zone: Local}", nil, []string{"onec.zone", "IANA time zone"}},
		{"a number of words", "delivery: {workers: four}", nil, []string{"delivery.workers", "a whole number"}},
		{"a number out of bounds", "delivery: {workers: 0}\njushuitan: {per_minute: 70000}", nil, []string{"delivery.workers", "1 to 256", "jushuitan.per_minute", "1 to 60000"}},
		{"a switch of words", "database: {local: yes}", nil, []string{"database.local", "true or false"}},
		{"a longest pause below the shortest", "delivery: {retry_min: 1m, retry_max: 5s}", nil, []string{"delivery.retry_max", "allowed: 1m or more"}},
		{"plain http to another machine", strings.ReplaceAll(onec, "%s", "http://onec.example.com/ut"), nil, []string{"onec.url", "allowed: https://, or insecure: true"}},
		{"an address with a password", strings.ReplaceAll(onec, "%s", "https://u:hunter2@onec.example.com"), nil, []string{"onec.url", "holds a user or a password"}},
		{"an address that is none", strings.ReplaceAll(onec, "%s", "onec.example.com"), nil, []string{"onec.url", "allowed: https://host/path"}},
		{"a system without its credentials", "jushuitan: {url: https://openapi.example.com}", nil, []string{"jushuitan.app_key", "jushuitan.app_secret", "SVERKA_JUSHUITAN__APP_SECRET", "jushuitan.shop_id"}},
		{"one code for two warehouses", `jushuitan: {warehouses: {"1": MAIN, "2": MAIN}}`, nil, []string{`code "MAIN" is given to "1" and to "2"`}},
		{"a system without any warehouse", "onec: {url: 'https://onec.example.com', user: u, password: p}", nil, []string{"onec.warehouses: is not set although onec.url is"}},
		{"a default warehouse that is not mapped", "onec: {warehouses: {Центр: MAIN}, default_warehouse: OTHER}", nil, []string{"onec.default_warehouse", "is no code of onec.warehouses"}},
		{"one price type for two kinds of price", "onec: {price_types: {Розничная: retail, Оптовая: retail}}", nil, []string{`price type "retail" is given to "Оптовая" and to "Розничная"`}},
		{"a code that cannot be a key", `onec: {warehouses: {Центр: "A/1"}}`, nil, []string{`"A/1" is not a warehouse code`}},
		{"a wms_co_id of letters", `jushuitan: {warehouses: {main: MAIN}}`, nil, []string{`"main" is not a wms_co_id`}},
		{"an owner that runs no warehouse", "stock: {owners: {MAIN: openshop}}", nil, []string{`MAIN is run by "openshop"; allowed: onec or jushuitan`}},
		{"a broken expression", "bank: {order_pattern: '('}", nil, []string{"bank.order_pattern", "is not a regular expression"}},
		{"an expression without a group", "bank: {order_pattern: '[0-9]+'}", nil, []string{"bank.order_pattern", "has no group"}},
		{"an account with spaces", "bank: {accounts: ['4070 2810']}", nil, []string{"bank.accounts", "without spaces"}},
		{"an account that is too short", "bank: {accounts: ['40702']}", nil, []string{"bank.accounts", `"40702"`, "20 digits"}},
		{"a decimal comma", "reconcile: {amount_tolerance: '1,5', quantity_tolerance: '1 500'}", nil, []string{"reconcile.amount_tolerance", `"1,5"`, "after a dot", "reconcile.quantity_tolerance"}},
		{"a text that is empty", "database: {local: true, directory: ''}", nil, []string{"database.directory", "is empty", "sverka-data"}},
		{"http and a query at once", strings.ReplaceAll(onec, "%s", "'http://onec.example.com/ut?key=hunter2'"), nil, []string{"has a query", "unencrypted", "onec.example.com"}},
		{"a precision that no geocoder has", "geocoder: {min_precision: roughly}", nil, []string{"geocoder.min_precision", "exact, number, near"}},
		{"a flow that is not in the table", "flows: {'product:onec>bank': off}", nil, []string{`flow "product:onec>bank": not in the table; known flows: product:jushuitan>onec`}},
		{"a mode that no flow has", "flows: {'product:onec>openshop': canary}", nil, []string{`mode "canary": must be off, shadow or live`}},
		{"a flow to a system that is not configured", "flows: {'product:onec>openshop': live}", nil, []string{"onec.url is not set", "openshop.url is not set"}},
		{"two databases", "database: {local: true, url: 'postgres://localhost/sverka'}", nil, []string{"database.local", "one of them"}},
		{"an address that is not of Postgres", "database: {url: 'postgres://u:hunter2@h:x/db'}", nil, []string{"database.url", "is not an address of Postgres"}},
		{"a slot that Postgres would refuse", "database: {slot: Sverka-1}", nil, []string{"database.slot", "lower-case"}},
		{"a console that everyone can read", "http: {listen: '0.0.0.0:8080'}", nil, []string{"http.listen", "without HTTPS"}},
		{"half a certificate", "http: {certificate: a.crt}", nil, []string{"http.certificate", "both or none"}},
		{"an address without a port", "http: {listen: localhost}", nil, []string{"http.listen", "host:port"}},
		{"a secret and its file", "onec: {password: a, password_file: b}", nil, []string{"onec.password_file", "password is set too"}},
		{"a file of a secret that is absent", "", []string{"SVERKA_ONEC__PASSWORD_FILE=absent"}, []string{"onec.password_file (SVERKA_ONEC__PASSWORD_FILE)", "cannot be read"}},
		{"a negative tolerance", "reconcile: {amount_tolerance: -1, quantity_tolerance: -0.5}", nil, []string{"reconcile.amount_tolerance", "reconcile.quantity_tolerance"}},
		{"a tolerance that would be rounded", "reconcile: {amount_tolerance: 0.005}", nil, []string{"reconcile.amount_tolerance", "two decimal places"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, tt.yaml, tt.environ...)
			var config *configError
			if !errors.As(err, &config) {
				t.Fatalf("error %v, want a *configError", err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q:\n%v", part, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a secret:\n%v", err)
			}
		})
	}
}

func TestConfigAllows(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml string }{
		{"plain http to this machine", "onec: {url: 'http://127.0.0.1:9001/ut', user: u, password: p, warehouses: {Центр: MAIN}}"},
		{"plain http where somebody said so", "onec: {url: 'http://onec-sim:8080/ut', user: u, password: p, warehouses: {Центр: MAIN}, insecure: true}"},
		{"listening everywhere with a certificate", "http: {listen: ':8443', certificate: a.crt, key: a.key}"},
		{"listening everywhere behind a proxy", "http: {listen: ':8080', insecure: true}"},
		{"a flow that is off although its system is not there", "flows: {'product:onec>openshop': off}"},
		{"the flow of the journal without any shop", "onec: {url: 'https://onec.example.com', user: u, password: p, warehouses: {Центр: MAIN}}\nflows: {'journal_entry:sverka>onec': live}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mustLoad(t, tt.yaml)
		})
	}
}

func TestConfigLoad_lets_the_environment_fill_what_the_file_left_empty(t *testing.T) {
	t.Parallel()
	cfg := mustLoad(t, "reports: {directory: ''}\nonec: {user: ''}\n", "SVERKA_REPORTS__DIRECTORY=out", "SVERKA_ONEC__USER=exchange")
	if cfg.Reports.Directory != "out" || cfg.OneC.User != "exchange" {
		t.Errorf("directory %q, user %q; want those of the environment", cfg.Reports.Directory, cfg.OneC.User)
	}
}

func TestRequireServe_looks_at_the_files_that_settings_name(t *testing.T) {
	t.Parallel()
	file := mustWrite(t, filepath.Join(t.TempDir(), "file"), "x")
	for yaml, want := range map[string]string{
		"":                               "database.url: is not set",
		"bank: {folder: absent-folder}":  `bank.folder: "absent-folder" does not exist`,
		"bank: {folder: " + file + "}":   "is not a folder",
		"http: {certificate: a, key: b}": "http.certificate: cannot be used with its key",
		"database: {local: true, directory: " + file + "}": "database.directory: ",
	} {
		cfg := mustLoad(t, yaml)
		clear(cfg.Origin)
		if err := cfg.requireServe(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", yaml, err, want)
		}
	}
}

func TestRequireDatabase(t *testing.T) {
	t.Parallel()
	if err := mustLoad(t, "").requireDatabase(); err == nil || !strings.Contains(err.Error(), "SVERKA_DATABASE__URL") {
		t.Errorf("error %v, want one that names the variable", err)
	}
	for _, yaml := range []string{"database: {local: true}", "database: {url: 'postgres://localhost/sverka'}"} {
		if err := mustLoad(t, yaml).requireDatabase(); err != nil {
			t.Errorf("%s: %v", yaml, err)
		}
	}
}

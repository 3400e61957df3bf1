package main

import (
	"time"

	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// Config is everything an operator can decide. The struct is the only description
// of a setting: its tags give the key in the file, the help text and an example,
// [defaultConfig] gives the default. A setting of type [apicall.Secret] also has
// a sibling "<key>_file" that names a file holding the secret.
type Config struct {
	Database  DatabaseConfig    `key:"database" help:"The Postgres that holds everything sverka knows."`
	HTTP      HTTPConfig        `key:"http" help:"The web console, the exchange endpoint and the webhooks."`
	Log       LogConfig         `key:"log" help:"Log lines, written to standard error."`
	Schedule  ScheduleConfig    `key:"schedule" help:"What happens at a time of day."`
	Reports   ReportsConfig     `key:"reports" help:"The accountants' workbook."`
	OneC      OneCConfig        `key:"onec" help:"1C:Trade Management, the hub."`
	Jushuitan JushuitanConfig   `key:"jushuitan" help:"Jushuitan, orders and warehouses."`
	OpenShop  OpenShopConfig    `key:"openshop" help:"OpenShop, the company's own web shop."`
	Bank      BankConfig        `key:"bank" help:"Bank statements, read from a folder."`
	Geocoder  GeocoderConfig    `key:"geocoder" help:"The geocoder that resolves delivery addresses."`
	Stock     StockConfig       `key:"stock" help:"Whose count of a warehouse is the truth."`
	Flows     map[string]string `key:"flows" help:"Roll-out of each flow: off keeps wishes, shadow composes and sends nothing, live sends. A flow that is not named is off; a mode set later by \"sverka flow set\" wins." example:"sales_order:openshop>onec=shadow"`
	Delivery  DeliveryConfig    `key:"delivery" help:"How wishes become calls."`
	Reconcile ReconcileConfig   `key:"reconcile" help:"When a difference counts."`
}

// DatabaseConfig says where Postgres is. Either URL or Local is set.
type DatabaseConfig struct {
	URL            apicall.Secret `key:"url" help:"Address of the database, postgres://user:password@host:5432/name; it holds a password." example:"postgres://sverka@localhost:5432/sverka"`
	ReplicationURL apicall.Secret `key:"replication_url" help:"Address for the replication connection, when it has a role of its own; otherwise url is used." example:"postgres://sverka_replication@localhost:5432/sverka"`
	Local          bool           `key:"local" help:"Start a private Postgres of our own instead of using url: for trying out."`
	Directory      string         `key:"directory" help:"Where the private Postgres keeps its data."`
	Slot           string         `key:"slot" help:"Replication slot."`
	Publication    string         `key:"publication" help:"Publication of the canonical tables."`
}

// HTTPConfig says where sverka itself listens.
type HTTPConfig struct {
	Listen      string `key:"listen" help:"Address to listen on, host:port."`
	Certificate string `key:"certificate" help:"File with the TLS certificate, PEM; needed with key to listen beyond this machine." example:"tls/sverka.crt"`
	Key         string `key:"key" help:"File with the TLS key, PEM." example:"tls/sverka.key"`
	Insecure    bool   `key:"insecure" help:"Listen beyond this machine without TLS: only behind a proxy that speaks HTTPS."`
}

// LogConfig shapes the log.
type LogConfig struct {
	Level  string `key:"level" help:"debug, info, warn or error."`
	Format string `key:"format" help:"text or json."`
}

// ScheduleConfig names times of day.
type ScheduleConfig struct {
	Reconcile timeOfDay `key:"reconcile" help:"When the nightly reconciliation begins."`
	Zone      timeZone  `key:"zone" help:"Time zone of the times above and of the workbook."`
}

// ReportsConfig is about the workbook.
type ReportsConfig struct {
	Directory string `key:"directory" help:"Folder that receives the workbooks."`
	Language  string `key:"language" help:"Language of the workbook: ru, en or zh."`
}

// StockConfig is the authority matrix of stock.
type StockConfig struct {
	Owners map[string]string `key:"owners" help:"Warehouse code: the system that runs it, onec or jushuitan." example:"MAIN=onec"`
	Settle time.Duration     `key:"settle" help:"How long a stock difference must stand still before it may be corrected."`
}

// DeliveryConfig tunes the delivery engine.
type DeliveryConfig struct {
	Workers     int           `key:"workers" help:"Calls under way at once, per flow."`
	Lease       time.Duration `key:"lease" help:"A claimed delivery that is not settled by then has an unknown outcome and is asked for."`
	RetryMin    time.Duration `key:"retry_min" help:"First pause after a failure; it doubles with every further one."`
	RetryMax    time.Duration `key:"retry_max" help:"Longest pause between attempts."`
	HoldRecheck time.Duration `key:"hold_recheck" help:"How often a held delivery is looked at although nothing woke it."`
	Grace       time.Duration `key:"grace" help:"How long calls under way may take to finish when sverka is asked to stop."`
}

// ReconcileConfig holds the tolerances of the reconciler.
type ReconcileConfig struct {
	Grace             time.Duration   `key:"grace" help:"A difference younger than this is still under way."`
	StaleAfter        time.Duration   `key:"stale_after" help:"A system not read for this long is stale: it is reported as unknown, never as equal."`
	AmountTolerance   schema.Amount   `key:"amount_tolerance" help:"Money differences up to this are equal."`
	QuantityTolerance schema.Quantity `key:"quantity_tolerance" help:"Stock differences up to this are equal."`
}

// defaultConfig is the only source of defaults.
func defaultConfig() Config {
	return Config{
		Database: DatabaseConfig{Slot: "sverka", Publication: "sverka", Directory: "sverka-data"},
		HTTP:     HTTPConfig{Listen: "127.0.0.1:8080"},
		Log:      LogConfig{Level: "info", Format: "text"},
		Schedule: ScheduleConfig{Reconcile: timeOfDay{Hour: 6, Minute: 30}, Zone: mustZone("Europe/Moscow")},
		Reports:  ReportsConfig{Directory: "reports", Language: "ru"},
		OneC: OneCConfig{
			Zone: mustZone("Europe/Moscow"), Currency: "RUB", StockCorrection: "hold", Poll: time.Minute,
			PriceTypes: map[string]string{"Розничная": schema.PriceRetail, "Закупочная": schema.PricePurchase},
		},
		Jushuitan: JushuitanConfig{PerSecond: 5, PerMinute: 100, Poll: time.Minute},
		OpenShop:  OpenShopConfig{Poll: time.Minute},
		Bank:      BankConfig{Poll: 5 * time.Minute},
		Geocoder:  GeocoderConfig{URL: "https://geocode-maps.yandex.ru/v1", MinPrecision: "near", PerDay: 1000},
		Stock:     StockConfig{Settle: 5 * time.Minute},
		Delivery: DeliveryConfig{
			Workers: 2, Lease: 2 * time.Minute, RetryMin: time.Second, RetryMax: 10 * time.Minute, HoldRecheck: time.Minute, Grace: 20 * time.Second,
		},
		Reconcile: ReconcileConfig{Grace: 30 * time.Minute, StaleAfter: 2 * time.Hour},
	}
}

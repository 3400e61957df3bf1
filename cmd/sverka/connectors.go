package main

import (
	"fmt"
	"strconv"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
	"sverka/replicator/connector/jushuitan"
	"sverka/replicator/connector/onec"
	"sverka/replicator/connector/openshop"
	"sverka/replicator/connector/yandexmaps"
	"sverka/replicator/intake"
	"sverka/schema"
)

// catalogueEvery is how many polls pass between two reads of what changes rarely.
const catalogueEvery = 10

// systems are the outside systems, ready to be used.
type systems struct {
	sinks    []replicator.Sink
	sources  []intake.Source
	resolver intake.Resolver // nil without a geocoder
}

// worldTime is the time that rate limits and token lives are meant in; the zero
// value is real time. The demo's runs faster.
type worldTime struct {
	now     func() time.Time
	factor  int
	history time.Duration // how far back catalogues are read at first; zero: each connector's own
}

// connectSystems makes the connectors that the configuration names. Nothing is
// called yet.
func connectSystems(cfg *Config, wt worldTime) (systems, error) {
	var s systems
	for _, connect := range []func(*Config, worldTime) error{s.connectOneC, s.connectJushuitan, s.connectOpenShop, s.connectBank, s.connectGeocoder} {
		if err := connect(cfg, wt); err != nil {
			return systems{}, err
		}
	}
	return s, nil
}

// read adds a reader to the timetable.
func (s *systems) read(system schema.System, name string, entity schema.Entity, every time.Duration, whole bool, r replicator.Reader) {
	s.sources = append(s.sources, intake.Source{System: system, Name: name, Entity: entity, Reader: r, Every: every, Whole: whole})
}

func (s *systems) connectOneC(cfg *Config, wt worldTime) error {
	c := cfg.OneC
	if c.URL == "" {
		return nil
	}
	client, err := onec.New(onec.Config{
		BaseURL: c.URL, User: c.User, Password: c.Password, Location: c.Zone.Location, Warehouses: c.Warehouses,
		DefaultWarehouse: c.DefaultWarehouse, MainWarehouse: c.DefaultWarehouse, StockCorrection: c.StockCorrection, PriceTypes: c.PriceTypes, Clock: wt.now,
		Trade: onec.Trade{Organization: c.Organization, Currency: c.Currency},
	})
	if err != nil {
		return fmt.Errorf("onec: %w", err)
	}
	s.sinks = append(s.sinks, client)
	s.read(schema.OneC, "warehouses", schema.EntityWarehouse, catalogueEvery*c.Poll, true, client.Warehouses())
	s.read(schema.OneC, "products", schema.EntityProduct, catalogueEvery*c.Poll, true, client.Products())
	s.read(schema.OneC, "customers", schema.EntityCustomer, catalogueEvery*c.Poll, true, client.Customers())
	s.read(schema.OneC, "stock", schema.EntityStockBalance, c.Poll, false, client.Stock())
	s.read(schema.OneC, "orders", schema.EntitySalesOrder, c.Poll, false, client.Orders())
	s.read(schema.OneC, "payments", schema.EntityPayment, c.Poll, false, client.Payments())
	s.read(schema.OneC, "shipments", schema.EntityShipment, c.Poll, false, client.Shipments())
	return nil
}

func (s *systems) connectJushuitan(cfg *Config, wt worldTime) error {
	c := cfg.Jushuitan
	if c.URL == "" {
		return nil
	}
	shop, err := strconv.ParseInt(c.ShopID, 10, 64)
	if err != nil {
		return fmt.Errorf("jushuitan.shop_id: %w", err)
	}
	client, err := jushuitan.New(jushuitan.Config{
		BaseURL: c.URL, AppKey: c.AppKey, AppSecret: c.AppSecret, ShopID: shop, Warehouses: c.Warehouses,
		PerSecond: c.PerSecond, PerMinute: c.PerMinute, Now: wt.now, TimeFactor: wt.factor, History: wt.history, Currency: cfg.OneC.Currency,
	})
	if err != nil {
		return fmt.Errorf("jushuitan: %w", err)
	}
	s.sinks = append(s.sinks, client)
	s.read(schema.Jushuitan, "warehouses", schema.EntityWarehouse, catalogueEvery*c.Poll, true, client.Warehouses())
	s.read(schema.Jushuitan, "products", schema.EntityProduct, c.Poll, false, client.Products())
	s.read(schema.Jushuitan, "stock", schema.EntityStockBalance, c.Poll, false, client.Stock())
	s.read(schema.Jushuitan, "orders", schema.EntitySalesOrder, c.Poll, false, client.Orders())
	s.read(schema.Jushuitan, "shipments", schema.EntityShipment, c.Poll, false, client.Shipments())
	return nil
}

func (s *systems) connectOpenShop(cfg *Config, wt worldTime) error {
	c := cfg.OpenShop
	if c.URL == "" {
		return nil
	}
	client, err := openshop.New(openshop.Config{
		URL: c.URL, User: c.User, Password: c.Password, ReadBackURL: c.ReadBackURL, Warehouses: c.Warehouses,
		PriceTypes: map[string]string{"Розничная": schema.PriceRetail}, Currency: cfg.OneC.Currency, ZipAllowed: true, Clock: wt.now,
	})
	if err != nil {
		return fmt.Errorf("openshop: %w", err)
	}
	s.sinks = append(s.sinks, client)
	s.read(schema.OpenShop, "orders", schema.EntitySalesOrder, c.Poll, true, client.Orders())
	if c.ReadBackURL != "" {
		s.read(schema.OpenShop, "products", schema.EntityProduct, catalogueEvery*c.Poll, true, client.Products())
		s.read(schema.OpenShop, "stock", schema.EntityStockBalance, c.Poll, true, client.Stock())
		s.read(schema.OpenShop, "statuses", schema.EntityOrderStatus, c.Poll, true, client.Statuses())
	}
	return nil
}

func (s *systems) connectBank(cfg *Config, _ worldTime) error {
	c := cfg.Bank
	if c.Folder == "" {
		return nil
	}
	opts, err := cfg.bankOptions()
	if err != nil {
		return err
	}
	s.read(schema.Bank, "statements", schema.EntityBankTransaction, c.Poll, false, bankfile.Folder(c.Folder, opts))
	return nil
}

func (s *systems) connectGeocoder(cfg *Config, wt worldTime) error {
	c := cfg.Geocoder
	if c.APIKey == "" {
		return nil
	}
	client, err := yandexmaps.New(yandexmaps.Config{
		BaseURL: c.URL, APIKey: c.APIKey, MinPrecision: c.MinPrecision, PerDay: c.PerDay, Clock: wt.now,
	})
	if err != nil {
		return fmt.Errorf("geocoder: %w", err)
	}
	s.resolver = client
	return nil
}

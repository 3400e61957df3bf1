package main

import (
	"time"

	"sverka/replicator/connector/apicall"
)

// OneCConfig is the connection to 1C. Without a URL the system is not used.
type OneCConfig struct {
	URL              string            `key:"url" help:"Address of the published infobase, without /odata." example:"https://onec.example.com/ut"`
	User             string            `key:"user" help:"User of the infobase that has only the rights of the exchange." example:"exchange"`
	Password         apicall.Secret    `key:"password" help:"Its password." example:"secret"`
	Insecure         bool              `key:"insecure" help:"Allow http:// to another machine: only inside a network that nobody else can read."`
	Zone             timeZone          `key:"zone" help:"Time zone of the 1C server: its dates carry none."`
	Warehouses       map[string]string `key:"warehouses" help:"Склад in 1C: warehouse code." example:"Основной склад=MAIN"`
	DefaultWarehouse string            `key:"default_warehouse" help:"Code for orders and quantities that name no warehouse; empty: they are refused." example:"MAIN"`
	PriceTypes       map[string]string `key:"price_types" help:"Вид цены in 1C: price type of ours. One that is not named keeps its own name."`
	Currency         string            `key:"currency" help:"Currency of prices and documents that name none, ISO 4217."`
	Organization     string            `key:"organization" help:"Организация that new documents belong to; empty when 1C has only one." example:"Торговый дом"`
	StockCorrection  string            `key:"stock_correction" help:"What to do about stock that no document explains: hold for a person, or post a correction."`
	Poll             time.Duration     `key:"poll" help:"Pause between two reads."`
}

// JushuitanConfig is the connection to Jushuitan. Without a URL the system is not used.
type JushuitanConfig struct {
	URL        string            `key:"url" help:"Address of the open platform." example:"https://openapi.example.com"`
	AppKey     string            `key:"app_key" help:"Key of the application." example:"b0b7d1db226d4216a3d58df9ffa2dde5"`
	AppSecret  apicall.Secret    `key:"app_secret" help:"Secret of the application; it signs every call." example:"secret"`
	Insecure   bool              `key:"insecure" help:"Allow http:// to another machine: only inside a network that nobody else can read."`
	ShopID     string            `key:"shop_id" help:"Shop that our orders belong to." example:"10820686"`
	Warehouses map[string]string `key:"warehouses" help:"wms_co_id: warehouse code." example:"10001=MAIN"`
	PerSecond  int               `key:"per_second" help:"Calls a second that the platform allows."`
	PerMinute  int               `key:"per_minute" help:"Calls a minute that the platform allows."`
	Poll       time.Duration     `key:"poll" help:"Pause between two reads."`
}

// OpenShopConfig is the connection to the shop. Without a URL the system is not used.
type OpenShopConfig struct {
	URL         string            `key:"url" help:"Address of the shop's exchange script." example:"https://shop.example.com/1c_exchange.php"`
	User        string            `key:"user" help:"User of the exchange." example:"exchange"`
	Password    apicall.Secret    `key:"password" help:"Its password." example:"secret"`
	Insecure    bool              `key:"insecure" help:"Allow http:// to another machine: only inside a network that nobody else can read."`
	ReadBackURL string            `key:"read_back_url" help:"Where the shop shows what it holds, to reconcile with; empty when it has no such page." example:"https://shop.example.com/catalog.xml"`
	Warehouses  map[string]string `key:"warehouses" help:"Склад of the shop, its id or name: warehouse code." example:"Основной=MAIN"`
	Poll        time.Duration     `key:"poll" help:"Pause between two reads."`
}

// BankConfig is the folder of bank statements. Without a folder none are read.
type BankConfig struct {
	Folder       string        `key:"folder" help:"Folder that statements are put into." example:"statements"`
	Accounts     []string      `key:"accounts" help:"Our own accounts; lines of others are refused. Empty: every account." example:"40702810900000000001"`
	OrderPattern string        `key:"order_pattern" help:"Regular expression that finds the order number in a payment's purpose, in its first group; empty: the usual wordings are known." example:"(?i)заказ\\D{0,10}(\\d{3,})"`
	Poll         time.Duration `key:"poll" help:"Pause between two looks into the folder."`
}

// GeocoderConfig is the connection to the geocoder. Without a key no address is resolved.
type GeocoderConfig struct {
	URL          string         `key:"url" help:"Address of the geocoder."`
	APIKey       apicall.Secret `key:"api_key" help:"Key of the geocoder." example:"secret"`
	Insecure     bool           `key:"insecure" help:"Allow http:// to another machine: only inside a network that nobody else can read."`
	MinPrecision string         `key:"min_precision" help:"Coarsest precision that counts as resolved: exact, number, near, range, street or other."`
	PerDay       int            `key:"per_day" help:"Calls a day that the contract allows."`
}

package commerceml

import (
	"time"

	"sverka/schema"
)

// Item is one thing that a document says: *Header, *Package, *Group, *Property,
// *PriceType, *Warehouse, *MeasureUnit, *Product, *Offer, *Counterparty, *Document,
// *Refused or *Unknown.
type Item interface{ item() }

// Header is the root of the document; it always comes first.
type Header struct {
	Root      string // КоммерческаяИнформация, or the name of a fragment's root
	Version   string // ВерсияСхемы, "" in a fragment
	Namespace string
	FormedAt  time.Time // ДатаФормирования as if in UTC; zero when it cannot be read
	Formed    string    // ДатаФормирования, verbatim
	Extra     map[string]string
}

// Package opens a classifier, a catalogue or a package of offers. Items after it
// belong to it until the next Package or Document.
type Package struct {
	Kind         string // Классификатор, Каталог, ПакетПредложений, ИзмененияПакетаПредложений
	ID           string
	Name         string
	CatalogID    string
	ClassifierID string
	ChangesOnly  bool // what is not listed stays as it is
	OwnerID      string
	OwnerName    string
	Extra        map[string]string
}

// Group is one group of the classifier, after its parent.
type Group struct {
	ID, ParentID, Name string
	Path               string // names from the root, "/" between
	Extra              map[string]string
}

// Property is a property with its dictionary of values.
type Property struct {
	ID, Name, Type string
	Values         map[string]string // id → value
	Extra          map[string]string
}

// PriceType is a kind of price.
type PriceType struct {
	ID, Name, Currency string // currency as written
	Extra              map[string]string
}

// Warehouse is a place of stock.
type Warehouse struct {
	ID, Name string
	Deleted  bool
	Extra    map[string]string
}

// Unit is a unit of measure.
type Unit struct {
	Code string // OKEI, trimmed: "796"
	Name string
}

// MeasureUnit is a unit of measure of schema 3.1's own list of them.
type MeasureUnit struct {
	ID    string
	Unit  Unit
	Extra map[string]string
}

// Pair is a requisite, a property or a characteristic.
type Pair struct{ ID, Name, Value string }

// Product is a Товар of a catalogue.
type Product struct {
	ID           string // Ид, whole
	Article      string
	Barcode      string
	Name         string
	Description  string
	Unit         Unit
	GroupIDs     []string
	Images       []string // the main one first
	Brand        string
	Country      string
	VATRate      string // as written
	Properties   []Pair // ID and Value
	Traits       []Pair // characteristics
	Requisites   []Pair
	Deleted      bool // Статус="Удален" or ПометкаУдаления
	MarkedStatus string
	Extra        map[string]string
	Line         int
}

// Offer is a Предложение: a product (or one characteristic of it) with prices and stock.
type Offer struct {
	ID          string // product, or product#characteristic
	Article     string
	Barcode     string
	Name        string
	Unit        Unit
	Traits      []Pair
	Prices      []Price
	HasQuantity bool
	Quantity    schema.Quantity // over all warehouses
	Stock       []Stock
	Deleted     bool
	Extra       map[string]string
	Line        int
}

// Price is one price of an offer.
type Price struct {
	TypeID   string
	Amount   schema.Amount
	Currency string // as written, "" means the price type's
	Unit     string
}

// Stock is what lies in one warehouse.
type Stock struct {
	WarehouseID string
	Quantity    schema.Quantity
}

// Document is a Документ: an order, a payment or another trade document.
type Document struct {
	ID, Number     string
	Number1C       string // of 1C, trimmed; schema 3.1
	Date, Time     string // as written, wall time of the sender
	Operation      string // ХозОперация
	Role           string
	Currency       string // as written
	Total          schema.Amount
	Comment        string
	Counterparties []Counterparty
	Lines          []DocumentLine
	Discounts      []Discount
	WarehouseIDs   []string
	Requisites     []Pair
	Basis          string // Основание: Ид of the order that a payment or a shipment belongs to
	BasisNumber    string // НомерОснования: its number
	Container      int    // which Контейнер of the file, from 1; 0 outside of any
	Extra          map[string]string
	Line           int
}

// Counterparty is a party of a document, or one of schema 3.1's own list of them.
// Personal data.
type Counterparty struct {
	ID, Name, FullName, OfficialName string
	INN, KPP, Role                   string
	Address                          string
	Phone, Email                     string
	Deleted                          bool
}

// DocumentLine is one line of a document.
type DocumentLine struct {
	ID, Article, Name string
	Unit              Unit
	Quantity          schema.Quantity
	Price             schema.Amount
	Amount            schema.Amount
	VATRate           string // as written
	VATAmount         schema.Amount
	Discounts         []Discount
	Requisites        []Pair
}

// Discount is money off a line or a document.
type Discount struct {
	Amount   schema.Amount
	Included bool // the sum beside it already counts it in
}

// Refused is an item that cannot be read, while the rest of the document can.
type Refused struct {
	Element  string // Товар, Предложение, Документ …
	ID       string
	Key      string // article or order number, "" when it could not be read
	Line     int
	Problems []schema.Problem
}

// Unknown is a text outside of any item that has no field of its own.
type Unknown struct{ Path, Text string }

func (*Header) item()    {}
func (*Package) item()   {}
func (*Group) item()     {}
func (*Property) item()  {}
func (*PriceType) item() {}
func (*Warehouse) item() {}
func (*Product) item()   {}
func (*Offer) item()     {}
func (*Document) item()  {}

func (*MeasureUnit) item()  {}
func (*Counterparty) item() {}

func (*Refused) item() {}
func (*Unknown) item() {}

// requisite finds a requisite by its name, "" when it is absent.
func requisite(pairs []Pair, name string) string {
	for _, p := range pairs {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

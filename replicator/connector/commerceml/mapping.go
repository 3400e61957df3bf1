package commerceml

import (
	"iter"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// Mapping says how the sender's words become canonical ones.
type Mapping struct {
	System     schema.System  // whose records these are
	ObservedAt time.Time      // the moment before the document was asked for
	Location   *time.Location // of times without a zone; Europe/Moscow is usual, UTC when nil
	// PriceTypes maps the sender's price type, by id or name, to ours. A type that
	// is not listed keeps its name in lower case; one that has no name but a GUID is
	// refused once.
	PriceTypes map[string]string
	// Warehouses maps the sender's warehouse, by id or name, to our code. One that
	// is not listed is refused once as unmapped, never guessed.
	Warehouses map[string]string
	// DefaultWarehouse is the code for a quantity without any warehouse; with ""
	// such quantities are refused once.
	DefaultWarehouse string
	// SKUFromID takes Ид as the SKU where no article is known; without it such
	// rows are refused as unmapped.
	SKUFromID bool
	// SKUByID knows products that were read earlier, by their Ид; may be nil.
	SKUByID func(id string) (sku string, ok bool)
	// Held gives the product as it stands, so that a package of changes fills in
	// only what it says. With a nil func, or nil from it, what the package does not
	// say is empty.
	Held func(sku string) *schema.Product
	// Statuses adds to, and overrides, the default table of PhaseOf.
	Statuses map[string]schema.Phase
	// PaymentMethods maps "Метод оплаты" (text or id) to schema.Method… words, on
	// top of the usual wordings.
	PaymentMethods map[string]string
	// Currency stands in where a price or a document names none; with "" it is refused.
	Currency string
}

// Mapped is what came out of items.
type Mapped struct {
	Records     []schema.Record
	Refused     []replicator.Refusal
	Identifiers []replicator.Identifier
}

// MapPackage maps the items of one document or of several that belong together
// (import.xml with its offers.xml), all at once. The order of the documents does
// not matter for prices and stock. An error of the sequence ends the mapping:
// nothing of a broken document is returned (invariant 8).
func MapPackage(m Mapping, documents ...iter.Seq2[Item, error]) (Mapped, error) {
	mapper := NewMapper(m)
	var out Mapped
	for _, items := range documents {
		for it, err := range items {
			if err != nil {
				return Mapped{}, err
			}
			mapper.Add(it)
			out.append(mapper.Take())
		}
	}
	out.append(mapper.Finish())
	return out, nil
}

func (m *Mapped) append(more Mapped) {
	m.Records = append(m.Records, more.Records...)
	m.Refused = append(m.Refused, more.Refused...)
	m.Identifiers = append(m.Identifiers, more.Identifiers...)
}

// Mapper maps the items of documents that belong together. It is not safe for
// concurrent use. Documents (orders) come out of Take at once; products and
// balances come out of Finish, because offers add to them.
type Mapper struct {
	m          Mapping
	ready      Mapped
	groups     map[string]string     // id → path
	properties map[string]*Property  // by id
	priceTypes map[string]*PriceType // by id
	warehouses map[string]string     // id → name
	products   map[string]*joined    // by SKU
	order      []*joined             // as they came
	skus       map[string]string     // first part of Ид → SKU
	owners     owners                // of articles
	twins      map[string]string     // first part of a refused product's Ид → the article it wanted
	offers     []waitingOffer        // whose product was not known yet
	stock      map[stockKey]*stockParts
	stockOrder []stockKey
	whole      map[string]bool   // SKU that a package with everything named
	unread     map[string]string // Ид → article of offers that could not be read
	spoilt     map[string]bool   // SKU whose balances lack such an offer
	once       map[string]bool   // what was refused already
	from       origin            // of the items under way
	counts     Counts
	window     window
	trade      trade
	nameless   map[string]int // prices of types that have nothing but an id
}

// origin is the package that an item stands in.
type origin struct {
	pkg         int
	changesOnly bool
}

// waitingOffer is an offer that waits for its product.
type waitingOffer struct {
	offer *Offer
	from  origin
}

// joined is a product under construction. What needs the dictionaries waits for
// Finish, because schema 3.1 sends them in files of their own, in any order.
type joined struct {
	record     *schema.Product
	groupIDs   []string
	properties []Pair
	prices     []Price
}

// NewMapper makes a mapper.
func NewMapper(m Mapping) *Mapper {
	if m.Location == nil {
		m.Location = time.UTC
	}
	return &Mapper{
		m: m, groups: map[string]string{}, properties: map[string]*Property{}, priceTypes: map[string]*PriceType{},
		warehouses: map[string]string{}, products: map[string]*joined{}, skus: map[string]string{}, owners: newOwners(), twins: map[string]string{},
		stock: map[stockKey]*stockParts{}, whole: map[string]bool{}, unread: map[string]string{}, nameless: map[string]int{}, trade: newTrade(), spoilt: map[string]bool{}, once: map[string]bool{},
	}
}

// Add takes the next item.
func (m *Mapper) Add(it Item) {
	m.count(it)
	m.slide(it)
	switch t := it.(type) {
	case *Group:
		m.groups[t.ID] = t.Path
	case *Property:
		m.properties[t.ID] = t
	case *PriceType:
		m.priceTypes[t.ID] = t
	case *Warehouse:
		m.warehouses[t.ID] = t.Name
	case *Product:
		m.addProduct(t)
	case *Offer:
		m.addOffer(t)
	case *Counterparty:
		c := m.customerOf(*t)
		m.emit(c, c.ExternalID)
	case *Document:
		m.addDocument(t)
	case *Refused:
		m.addRefused(t)
	case *Header:
		m.releasePayment()
		m.trade = newTrade()
		m.from = origin{pkg: m.from.pkg + 1}
	case *Package:
		m.from = origin{pkg: m.from.pkg + 1, changesOnly: t.ChangesOnly}
	case *MeasureUnit, *Unknown: // nothing of these becomes a record
	}
}

// Take returns what is ready and forgets it.
func (m *Mapper) Take() Mapped {
	out := m.ready
	m.ready = Mapped{}
	return out
}

// emit validates a record: one that is unfit is refused and stops nothing
// (invariant 5); it tells whether the record is fit.
func (m *Mapper) emit(r schema.Record, externalID string) bool {
	p := r.Prov()
	p.System, p.ObservedAt, p.ExternalID = m.m.System, m.m.ObservedAt, externalID
	if problems := r.Validate(); len(problems) > 0 {
		m.refuse(replicator.Refusal{Entity: r.RecordEntity(), Key: r.RecordKey(), ExternalID: externalID, Code: "validation", Problems: problems})
		return false
	}
	m.ready.Records = append(m.ready.Records, r)
	return true
}

func (m *Mapper) refuse(r replicator.Refusal) { m.ready.Refused = append(m.ready.Refused, r) }

// refuseOnce journals what concerns many rows a single time.
func (m *Mapper) refuseOnce(what string, r replicator.Refusal) {
	if !m.once[what] {
		m.once[what] = true
		m.refuse(r)
	}
}

func (m *Mapper) addRefused(r *Refused) {
	entity := schema.EntityProduct
	switch r.Element {
	case "Документ":
		entity = schema.EntitySalesOrder
	case "Контрагент":
		entity = schema.EntityCustomer
	}
	if r.Element == "Предложение" && r.ID != "" {
		m.unread[r.ID] = r.Key
	}
	m.refuse(replicator.Refusal{Entity: entity, Key: schema.Key(r.Key), ExternalID: r.ID, Code: "malformed", Problems: r.Problems})
}

func unmapped(e schema.Entity, key, externalID, field, value, reason, hint string) replicator.Refusal {
	return replicator.Refusal{
		Entity: e, Key: schema.Key(key), ExternalID: externalID, Code: "unmapped",
		Problems: []schema.Problem{{Field: field, Value: shorten(value), Reason: reason, Hint: hint}},
	}
}

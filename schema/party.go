package schema

// Customer kinds.
const (
	PersonKind  = "person"
	CompanyKind = "company"
)

// Customer is a buyer. Key: customer code. Name, phones, e-mail and addresses are personal data.
type Customer struct {
	Provenance
	CustomerCode  string `json:"customer_code"`
	Kind          string `json:"kind"` // person or company
	Name          string `json:"name"`
	FullName      string `json:"full_name"`
	INN           string `json:"inn"`
	KPP           string `json:"kpp"`
	Phone         string `json:"phone"` // E.164 where it could be understood
	Email         string `json:"email"`
	AddressText   string `json:"address_text"`
	DiscountGroup string `json:"discount_group"`
}

// RecordEntity implements [Record].
func (c *Customer) RecordEntity() Entity { return EntityCustomer }

// RecordKey implements [Record].
func (c *Customer) RecordKey() Key { return Key(c.CustomerCode) }

// Prov implements [Record].
func (c *Customer) Prov() *Provenance { return &c.Provenance }

// Validate implements [Record].
func (c *Customer) Validate() []Problem {
	var k checker
	k.key("customer_code", c.CustomerCode, 50)
	if c.Name == "" {
		k.add("name", "", "is empty", "fill the customer's name in the source system")
	}
	k.oneOf("kind", c.Kind, PersonKind, CompanyKind)
	if n := len(c.INN); n != 0 && n != 10 && n != 12 {
		k.add("inn", "", "must have 10 or 12 digits", "correct the INN in the source system")
	}
	return k.problems
}

// Warehouse is a place that holds stock. Key: warehouse code.
type Warehouse struct {
	Provenance
	WarehouseCode string `json:"warehouse_code"`
	Name          string `json:"name"`
	IsMain        bool   `json:"is_main"`
	Active        bool   `json:"active"`
}

// RecordEntity implements [Record].
func (w *Warehouse) RecordEntity() Entity { return EntityWarehouse }

// RecordKey implements [Record].
func (w *Warehouse) RecordKey() Key { return Key(w.WarehouseCode) }

// Prov implements [Record].
func (w *Warehouse) Prov() *Provenance { return &w.Provenance }

// Validate implements [Record].
func (w *Warehouse) Validate() []Problem {
	var c checker
	c.keyPart("warehouse_code", w.WarehouseCode, 50)
	c.required("name", w.Name)
	return c.problems
}

// Address is what the geocoder made of an address text. Key: AddressID(text). Personal data.
type Address struct {
	Provenance
	AddressID  string `json:"address_id"`
	Text       string `json:"text"`   // as the buyer wrote it
	Status     string `json:"status"` // resolved, ambiguous, not_found
	Formatted  string `json:"formatted"`
	Country    string `json:"country"` // two letters
	Region     string `json:"region"`
	City       string `json:"city"`
	District   string `json:"district"`
	Street     string `json:"street"`
	House      string `json:"house"`
	PostalCode string `json:"postal_code"`
	Longitude  string `json:"longitude"` // decimal degrees as the geocoder wrote them
	Latitude   string `json:"latitude"`
	Precision  string `json:"precision"` // exact, number, near, range, street, other
	Candidates int    `json:"candidates"`
}

// Address states.
const (
	AddressResolved  = "resolved"
	AddressAmbiguous = "ambiguous"
	AddressNotFound  = "not_found"
)

// RecordEntity implements [Record].
func (a *Address) RecordEntity() Entity { return EntityAddress }

// RecordKey implements [Record].
func (a *Address) RecordKey() Key { return Key(a.AddressID) }

// Prov implements [Record].
func (a *Address) Prov() *Provenance { return &a.Provenance }

// Validate implements [Record].
func (a *Address) Validate() []Problem {
	var c checker
	c.key("address_id", a.AddressID, 64)
	c.oneOf("status", a.Status, AddressResolved, AddressAmbiguous, AddressNotFound)
	return c.problems
}

package onec

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// What happens to a difference of stock that no document explains.
const (
	CorrectionHold = "hold" // a person books it; the delivery waits
	CorrectionPost = "post" // surplus and shortage documents are booked and posted
)

// Config describes one infobase and the company's habits in it. Names of
// catalogue elements are their Description in 1C.
type Config struct {
	BaseURL  string // publication: https://1c.example.com/ut, without /odata/standard.odata
	User     string
	Password apicall.Secret
	Timeout  time.Duration    // of one call, 60 s: the first call after a pause takes 10–30 s
	Limiter  []apicall.Waiter // waited for before each call
	Clock    func() time.Time // time.Now
	Location *time.Location   // of the infobase, Europe/Moscow
	PageSize int              // rows of a list, 500
	Overlap  time.Duration    // how far back a sweep of documents looks by their Date, 30 days

	// Warehouses maps a warehouse's Description or Ref_Key in 1C to our code.
	// What is not in it is refused, never guessed.
	Warehouses       map[string]string
	MainWarehouse    string // code of the main one, "" when none is marked
	DefaultWarehouse string // code for orders that name no warehouse
	CreateWarehouses bool   // create a mapped warehouse that 1C lacks

	PriceTypes      map[string]string // Description of a price kind → our price type
	StockCorrection string            // CorrectionHold or CorrectionPost
	DeliveryMethods map[string]string // our delivery method → value of СпособДоставки
	Attributes      Attributes
	Trade           Trade
	Names           Names
}

// Trade is what new documents are filled with.
type Trade struct {
	Organization   string // "" when 1C has exactly one
	Agreement      string // Соглашение of new orders, "" for none
	ItemKind       string // ВидНоменклатуры of new products, "" for none
	Currency       string // ISO letters of the infobase's sale prices, RUB
	UnitCode       string // OKEI code that stands for "not said", 796
	VATRate        string // "20"
	VATTaxation    string // НалогообложениеНДС of new orders
	OrderStatus    string // Статус of a new order, КОбеспечению
	Supply         string // ВариантОбеспечения of its lines, СоСклада: reserve from the warehouse
	FreightArticle string // article of the service that stands for freight, DELIVERY
	CancelReason   string // Description of the reason set on cancelled lines, "" for none
	BankAccount    string // of incoming bank payments, "" for none
	CashDesk       string // of cash receipts, "" for none
}

// Attributes names the additional attributes (ДополнительныеРеквизиты) that keep
// what an item of UT has no field for. An empty name means: 1C does not hold it.
type Attributes struct {
	WidthCm, HeightCm, StyleCode, Variant, Brand, Category, Images, Enabled string
}

func or[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

func (c Config) withDefaults() Config {
	or(&c.Timeout, time.Minute)
	or(&c.PageSize, 500)
	or(&c.Overlap, 30*24*time.Hour)
	or(&c.StockCorrection, CorrectionHold)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Location == nil {
		c.Location = time.FixedZone("Europe/Moscow", 3*60*60) // no zone database is needed: Moscow keeps +03 all year
	}
	if c.PriceTypes == nil {
		c.PriceTypes = map[string]string{"Розничная": schema.PriceRetail, "Закупочная": schema.PricePurchase}
	}
	if c.Attributes == (Attributes{}) {
		c.Attributes = Attributes{
			WidthCm: "Ширина, см", HeightCm: "Высота, см", StyleCode: "Код стиля", Variant: "Вариант",
			Brand: "Бренд", Category: "Категория", Images: "Картинки", Enabled: "В продаже",
		}
	}
	t := &c.Trade
	or(&t.Currency, "RUB")
	or(&t.UnitCode, "796")
	or(&t.VATRate, "20")
	or(&t.VATTaxation, "ПродажаОблагаетсяНДС")
	or(&t.OrderStatus, statusToSupply)
	or(&t.Supply, "СоСклада")
	or(&t.FreightArticle, "DELIVERY")
	c.Names = c.Names.withDefaults()
	return c
}

// Validate joins everything that is wrong with the configuration.
func (c Config) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		bad("base url: must be the address of the publication, such as https://1c.example.com/ut")
	} else if u.User != nil {
		bad("base url: must not carry a user or password, set user and password instead")
	}
	if c.User == "" {
		bad("user: is empty; the login of an infobase user with rights to standard.odata is needed")
	}
	if len(c.Warehouses) == 0 {
		bad("warehouses: is empty; map each warehouse of 1C to a warehouse code")
	}
	codes := map[string]bool{}
	for name, code := range c.Warehouses {
		if code == "" {
			bad("warehouses: %q has no code", name)
		} else if codes[code] {
			bad("warehouses: code %q stands twice; one warehouse of 1C per code", code)
		}
		codes[code] = true
	}
	for _, w := range []string{c.MainWarehouse, c.DefaultWarehouse} {
		if w != "" && !codes[w] {
			bad("warehouses: code %q is named as main or default but not mapped", w)
		}
	}
	types := map[string]bool{}
	for kind, t := range c.PriceTypes {
		if t == "" || types[t] {
			bad("price types: %q needs a price type of its own", kind)
		}
		types[t] = true
	}
	if s := c.StockCorrection; s != "" && s != CorrectionHold && s != CorrectionPost {
		bad("stock correction: %q must be %s or %s", s, CorrectionHold, CorrectionPost)
	}
	if c.PageSize < 0 || c.Timeout < 0 || c.Overlap < 0 {
		bad("page size, timeout and overlap: must not be negative")
	}
	if s := c.Names.PriceSection; s != "" && s != pricesPlain && s != prices25 {
		bad("price section: %q must be %s or %s", s, pricesPlain, prices25)
	}
	return errors.Join(problems...)
}

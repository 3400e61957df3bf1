package simworld

import (
	"fmt"
	"math/rand/v2"
	"time"

	"sverka/schema"
)

// Options sizes a world. The zero value is a small one for tests.
type Options struct {
	Seed       uint64
	Products   int // 40
	Warehouses int // 3, at most 9
	Customers  int // 20
	Orders     int // 12; orders of the past, complete in every system
	// NewProducts of the products are known to Jushuitan only, at the end of the list.
	NewProducts int
	Start       time.Time // the world's first moment, 2026-11-23 06:00 UTC when zero
}

func (o Options) withDefaults() Options {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&o.Products, 40)
	def(&o.Warehouses, 3)
	def(&o.Customers, 20)
	def(&o.Orders, 12)
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	}
	return o
}

// World is what is true at the start; every simulator begins with its part of it.
type World struct {
	Start      time.Time
	Currency   string // of sale prices and orders: RUB
	Products   []Product
	Warehouses []Warehouse
	Customers  []Customer
	Orders     []Order
	Stock      []Stock
}

// Product is one article.
type Product struct {
	SKU, Name, Description, StyleCode, Variant, Category, Brand, Barcode string

	Retail, Purchase                      schema.Amount
	WeightKg, LengthCm, WidthCm, HeightCm schema.Quantity
	VATRate                               string // "20"
	Picture                               string // https URL
	JushuitanOnly                         bool   // not yet in 1C and OpenShop
}

// Warehouse is a place of stock.
type Warehouse struct {
	Code, Name  string
	JushuitanID int           // wms_co_id
	Runs        schema.System // whose count is the truth: jushuitan or onec
	IsMain      bool
}

// Customer is a buyer of invented name.
type Customer struct {
	Code, Kind, Name, INN, KPP, Phone, Email, Address string
}

// Order is an order with its money.
type Order struct {
	Number        string
	Customer      string // code
	At            time.Time
	Lines         []OrderLine
	Freight       schema.Amount
	Total         schema.Amount
	PaymentMethod string // schema.Method…
	Paid          bool
	Shipped       bool
	Warehouse     string // code
	InvoiceNumber string // of its shipment, when Shipped
	Tracking      string
	Address       string
}

// OrderLine is one line of an order.
type OrderLine struct {
	SKU      string
	Quantity schema.Quantity
	Price    schema.Amount
	Amount   schema.Amount
}

// Stock is what lies in a warehouse, the same in every system at the start.
type Stock struct {
	Warehouse, SKU string
	Quantity       schema.Quantity
	Reserved       schema.Quantity
}

// New makes a world; the same options give the same world.
func New(o Options) *World {
	o = o.withDefaults()
	r := rand.New(rand.NewPCG(o.Seed, 0x5e4a)) // reproducible, not a secret
	w := &World{Start: o.Start, Currency: "RUB"}
	w.makeWarehouses(o)
	w.makeProducts(o, r)
	w.makeCustomers(o, r)
	for i := range o.Orders {
		at := o.Start.Add(-time.Duration(o.Orders-i) * 17 * time.Minute)
		ord := w.NewOrder(r, fmt.Sprintf("OS-%06d", 100001+i), at)
		ord.Paid, ord.Shipped = true, true
		ord.InvoiceNumber = fmt.Sprintf("%d", 880001+i)
		ord.Tracking = fmt.Sprintf("SF%010d", 7000000000+int64(i)*7919)
		w.Orders = append(w.Orders, ord)
	}
	return w
}

func (w *World) makeWarehouses(o Options) {
	names := []string{"Основной склад", "Склад Шэньчжэнь", "Розничный склад", "Склад Казань", "Склад Тверь", "Склад Омск", "Склад Пермь", "Склад Самара", "Склад Томск"}
	codes := []string{"MAIN", "SZX", "SHOP", "KZN", "TVR", "OMS", "PRM", "SAM", "TOM"}
	for i := range min(o.Warehouses, len(codes)) {
		runs := schema.Jushuitan
		if codes[i] == "SHOP" {
			runs = schema.OneC
		}
		w.Warehouses = append(w.Warehouses, Warehouse{Code: codes[i], Name: names[i], JushuitanID: 10001 + i, Runs: runs, IsMain: i == 0})
	}
}

func (w *World) makeProducts(o Options, r *rand.Rand) {
	kinds := []string{"Куртка", "Чехол", "Лампа", "Рюкзак", "Кабель", "Термос", "Наушники", "Коврик"}
	english := []string{"JKT", "CSE", "LMP", "BAG", "CBL", "TRM", "HPH", "MAT"}
	colours := []string{"чёрный", "белый", "красный", "синий"}
	sizes := []string{"S", "M", "L"}
	brands := []string{"Северин", "LotusTech", "Дракон & Ко", "Mira"}
	for i := range o.Products {
		k, style := i%len(kinds), i/12
		colour, size := colours[i%4], sizes[(i/4)%3]
		purchase := schema.Amount(9000 + r.IntN(400000))
		w.Products = append(w.Products, Product{
			SKU: fmt.Sprintf("%s-%05d", english[k], 10000+i), StyleCode: fmt.Sprintf("ST%04d", style),
			Name: fmt.Sprintf("%s %s, %s", kinds[k], colour, size), Variant: colour + ";" + size,
			Description: fmt.Sprintf("%s «%s» №%d", kinds[k], brands[k%4], i), Category: "Товары/" + kinds[k], Brand: brands[k%4],
			Barcode: ean13(int64(460000000000) + int64(i)), Purchase: purchase, Retail: purchase*2 - purchase*2%100 + 90,
			WeightKg: schema.Quantity(100 + r.IntN(5000)), LengthCm: schema.Pieces(int64(10 + r.IntN(40))),
			WidthCm: schema.Pieces(int64(5 + r.IntN(30))), HeightCm: schema.Pieces(int64(2 + r.IntN(20))),
			VATRate: "20", Picture: fmt.Sprintf("https://img.example.com/p/%05d.jpg", i), JushuitanOnly: i >= o.Products-o.NewProducts,
		})
		for _, wh := range w.Warehouses {
			q := schema.Pieces(int64(r.IntN(200)))
			if w.Products[i].JushuitanOnly && wh.Runs == schema.OneC {
				continue // 1C cannot hold what it does not know
			}
			w.Stock = append(w.Stock, Stock{Warehouse: wh.Code, SKU: w.Products[i].SKU, Quantity: q})
		}
	}
}

func (w *World) makeCustomers(o Options, r *rand.Rand) {
	family := []string{"Иванова", "Смирнов", "Кузнецова", "Попов", "Соколова", "Лебедев"}
	given := []string{"Анна", "Пётр", "Мария", "Олег", "Вера", "Илья"}
	streets := []string{"ул. Ленина", "пр. Мира", "ул. Гагарина", "Садовая ул."}
	cities := []string{"Москва", "Казань", "Тверь", "Пермь"}
	for i := range o.Customers {
		c := Customer{
			Code: fmt.Sprintf("C%05d", 1001+i), Kind: schema.PersonKind, Name: family[r.IntN(6)] + " " + given[r.IntN(6)],
			Phone: fmt.Sprintf("+7912%07d", 1000000+r.IntN(8999999)), Email: fmt.Sprintf("buyer%d@example.com", i),
			Address: fmt.Sprintf("%d, %s, %s, %d", 101000+r.IntN(500000), cities[r.IntN(4)], streets[r.IntN(4)], 1+r.IntN(90)),
		}
		if i%7 == 6 {
			c.Kind, c.Name = schema.CompanyKind, fmt.Sprintf("ООО «Ромашка-%d»", i)
			c.INN, c.KPP = fmt.Sprintf("77%08d", 10000000+i), "770101001"
		}
		w.Customers = append(w.Customers, c)
	}
}

// PastPaidAt is when a past order was paid.
func (o Order) PastPaidAt() time.Time { return o.At.Add(time.Minute) }

// PastShippedAt is when a past order left the warehouse.
func (o Order) PastShippedAt() time.Time { return o.At.Add(2 * time.Hour) }

// PastPaymentID is the id of a past order's payment, and the number of its receipt.
func (o Order) PastPaymentID() string { return "PAY-" + o.Number }

// DeliveryMethod is how every order of the world is delivered, in the shop's words.
const DeliveryMethod = "Курьер"

// NewOrder invents an unpaid, unshipped order of one to three lines; it is not added to the world.
func (w *World) NewOrder(r *rand.Rand, number string, at time.Time) Order {
	c := w.Customers[r.IntN(len(w.Customers))]
	o := Order{
		Number: number, Customer: c.Code, At: at.Truncate(time.Second), Address: c.Address,
		PaymentMethod: []string{schema.MethodCard, schema.MethodBankTransfer, schema.MethodOnDelivery}[r.IntN(3)],
		Warehouse:     w.Warehouses[0].Code, Freight: 30000,
	}
	used := map[int]bool{}
	for range 1 + r.IntN(3) {
		i := r.IntN(len(w.Products))
		if used[i] || w.Products[i].JushuitanOnly {
			continue
		}
		used[i] = true
		o.addLine(w.Products[i], schema.Pieces(int64(1+r.IntN(3))))
	}
	if len(o.Lines) == 0 {
		o.addLine(w.Products[0], schema.Pieces(1))
	}
	o.Total = o.Freight
	for _, l := range o.Lines {
		o.Total += l.Amount
	}
	return o
}

func (o *Order) addLine(p Product, q schema.Quantity) {
	amount, _ := q.Times(p.Retail)
	o.Lines = append(o.Lines, OrderLine{SKU: p.SKU, Quantity: q, Price: p.Retail, Amount: amount})
}

// Product finds a product by its SKU, nil when there is none.
func (w *World) Product(sku string) *Product {
	for i := range w.Products {
		if w.Products[i].SKU == sku {
			return &w.Products[i]
		}
	}
	return nil
}

// CustomerByCode finds a customer, nil when there is none.
func (w *World) CustomerByCode(code string) *Customer {
	for i := range w.Customers {
		if w.Customers[i].Code == code {
			return &w.Customers[i]
		}
	}
	return nil
}

// ean13 appends the check digit to twelve digits.
func ean13(twelve int64) string {
	s := fmt.Sprintf("%012d", twelve)
	sum := 0
	for i, d := range s {
		n := int(d - '0')
		if i%2 == 1 {
			n *= 3
		}
		sum += n
	}
	return s + fmt.Sprint((10-sum%10)%10)
}

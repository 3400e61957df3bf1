package schema_test

import (
	"strings"
	"testing"
	"time"

	"sverka/schema"
)

// spoil is one way to make a good record unfit.
type spoil[T schema.Record] struct {
	field string // of the problem, "" when the record must stay good
	do    func(r T)
}

// requireProblems spoils a fresh copy of a sample in every way.
func requireProblems[T schema.Record](t *testing.T, cases map[string]spoil[T]) {
	t.Helper()
	var good T
	for _, r := range samples() {
		if same, ok := r.(T); ok {
			good = same
		}
	}
	for name, c := range cases {
		r := schema.Clone(good)
		c.do(r)
		problems := r.Validate()
		if c.field == "" {
			if len(problems) > 0 {
				t.Errorf("%s: refused with %v", name, problems)
			}
			continue
		}
		found := false
		for _, p := range problems {
			found = found || p.Field == c.field
			if p.Reason == "" || p.Hint == "" || !strings.HasPrefix(p.Error(), p.Field+": ") {
				t.Errorf("%s: problem %q has no reason or says not what to do", name, p)
			}
		}
		if !found {
			t.Errorf("%s: problems %v, want one of field %s", name, problems, c.field)
		}
	}
}

func TestProduct_Validate(t *testing.T) {
	t.Parallel()
	requireProblems(t, map[string]spoil[*schema.Product]{
		"no sku":             {"sku", func(p *schema.Product) { p.SKU = "" }},
		"blank sku":          {"sku", func(p *schema.Product) { p.SKU = " " }},
		"spaces around sku":  {"sku", func(p *schema.Product) { p.SKU = " S-1" }},
		"invisible letter":   {"sku", func(p *schema.Product) { p.SKU = "S-1\u200b" }},
		"long sku":           {"sku", func(p *schema.Product) { p.SKU = strings.Repeat("ы", 51) }},
		"sku of fifty":       {"", func(p *schema.Product) { p.SKU = strings.Repeat("ы", 50) }},
		"no name":            {"name", func(p *schema.Product) { p.Name = "" }},
		"long name":          {"name", func(p *schema.Product) { p.Name = strings.Repeat("я", 301) }},
		"negative weight":    {"weight_kg", func(p *schema.Product) { p.WeightKg = -1 }},
		"negative price":     {"prices.retail", func(p *schema.Product) { p.Prices[0].Amount = -1 }},
		"price of nothing":   {"", func(p *schema.Product) { p.Prices[0].Amount = 0 }},
		"no currency":        {"prices.retail.currency", func(p *schema.Product) { p.Prices[0].Currency = "" }},
		"small letters":      {"prices.retail.currency", func(p *schema.Product) { p.Prices[0].Currency = "rub" }},
		"a price type twice": {"prices", func(p *schema.Product) { p.Prices = append(p.Prices, p.Prices[0]) }},
		"no prices":          {"", func(p *schema.Product) { p.Prices = nil }},
	})
}

func TestParties_Validate(t *testing.T) {
	t.Parallel()
	requireProblems(t, map[string]spoil[*schema.Customer]{
		"no code":          {"customer_code", func(c *schema.Customer) { c.CustomerCode = "" }},
		"no name":          {"name", func(c *schema.Customer) { c.Name = "" }},
		"another kind":     {"kind", func(c *schema.Customer) { c.Kind = "robot" }},
		"short INN":        {"inn", func(c *schema.Customer) { c.INN = "77" }},
		"no INN":           {"", func(c *schema.Customer) { c.INN = "" }},
		"INN of a company": {"", func(c *schema.Customer) { c.INN = "7712345678" }},
	})
	requireProblems(t, map[string]spoil[*schema.Warehouse]{
		"no code":           {"warehouse_code", func(w *schema.Warehouse) { w.WarehouseCode = "" }},
		"separator in code": {"warehouse_code", func(w *schema.Warehouse) { w.WarehouseCode = "A/B" }},
		"no name":           {"name", func(w *schema.Warehouse) { w.Name = " " }},
	})
	requireProblems(t, map[string]spoil[*schema.Address]{
		"no key":         {"address_id", func(a *schema.Address) { a.AddressID = "" }},
		"another status": {"status", func(a *schema.Address) { a.Status = "guessed" }},
	})
}

func TestCustomer_problems_show_no_personal_data(t *testing.T) {
	t.Parallel()
	c := &schema.Customer{CustomerCode: "C1", Kind: schema.PersonKind, Name: "", INN: "12345", Phone: "+79120000000"}
	for _, p := range c.Validate() {
		if strings.Contains(p.Error(), c.INN) || strings.Contains(p.Error(), c.Phone) {
			t.Errorf("problem %q shows personal data (invariant 11)", p)
		}
	}
}

func TestOrders_Validate(t *testing.T) {
	t.Parallel()
	requireProblems(t, map[string]spoil[*schema.SalesOrder]{
		"no number":            {"order_number", func(o *schema.SalesOrder) { o.OrderNumber = "" }},
		"number too long":      {"order_number", func(o *schema.SalesOrder) { o.OrderNumber = strings.Repeat("1", 31) }},
		"no currency":          {"currency", func(o *schema.SalesOrder) { o.Currency = "" }},
		"no date":              {"ordered_at", func(o *schema.SalesOrder) { o.OrderedAt = time.Time{} }},
		"no lines":             {"lines", func(o *schema.SalesOrder) { o.Lines = nil }},
		"line without sku":     {"lines[1].sku", func(o *schema.SalesOrder) { o.Lines[0].SKU = "" }},
		"line of nothing":      {"lines[1].quantity", func(o *schema.SalesOrder) { o.Lines[0].Quantity = 0 }},
		"negative amount":      {"lines[1].amount", func(o *schema.SalesOrder) { o.Lines[0].Amount = -1 }},
		"the shop's sum wrong": {"total", func(o *schema.SalesOrder) { o.System, o.Total = schema.OpenShop, 301 }},
		"freight and discount": {"", func(o *schema.SalesOrder) { o.System, o.Freight, o.Discount, o.Total = schema.OpenShop, 50, 20, 330 }},
		"another system's sum": {"", func(o *schema.SalesOrder) { o.Total = 301 }},
		"all lines cancelled":  {"", func(o *schema.SalesOrder) { o.System, o.Lines[0].Cancelled = schema.OpenShop, true }},
	})
	requireProblems(t, map[string]spoil[*schema.OrderStatus]{
		"no number":     {"order_number", func(s *schema.OrderStatus) { s.OrderNumber = "" }},
		"no phase":      {"phase", func(s *schema.OrderStatus) { s.Phase = "" }},
		"another phase": {"phase", func(s *schema.OrderStatus) { s.Phase = "flying" }},
		"unknown phase": {"", func(s *schema.OrderStatus) { s.Phase = schema.PhaseUnknown }},
	})
	requireProblems(t, map[string]spoil[*schema.Shipment]{
		"no number":         {"invoice_number", func(s *schema.Shipment) { s.InvoiceNumber = "" }},
		"no order":          {"order_number", func(s *schema.Shipment) { s.OrderNumber = "" }},
		"another status":    {"status", func(s *schema.Shipment) { s.Status = "lost" }},
		"line without sku":  {"lines[1].sku", func(s *schema.Shipment) { s.Lines[0].SKU = "" }},
		"negative quantity": {"lines[1].quantity", func(s *schema.Shipment) { s.Lines[0].Quantity = -1 }},
	})
	requireProblems(t, map[string]spoil[*schema.StockBalance]{
		"no warehouse":      {"warehouse_code", func(b *schema.StockBalance) { b.WarehouseCode = "" }},
		"separator in code": {"warehouse_code", func(b *schema.StockBalance) { b.WarehouseCode = "A/B" }},
		"no sku":            {"sku", func(b *schema.StockBalance) { b.SKU = "" }},
		"negative reserve":  {"reserved", func(b *schema.StockBalance) { b.Reserved = -1 }},
		"separator in sku":  {"", func(b *schema.StockBalance) { b.SKU = "A/B" }},
	})
}

func TestMoney_Validate(t *testing.T) {
	t.Parallel()
	requireProblems(t, map[string]spoil[*schema.Payment]{
		"no id":          {"payment_id", func(p *schema.Payment) { p.PaymentID = "" }},
		"no order":       {"order_number", func(p *schema.Payment) { p.OrderNumber = "" }},
		"no currency":    {"currency", func(p *schema.Payment) { p.Currency = "₽" }},
		"another status": {"status", func(p *schema.Payment) { p.Status = "perhaps" }},
		"nothing paid":   {"amount", func(p *schema.Payment) { p.Amount = 0 }},
	})
	requireProblems(t, map[string]spoil[*schema.BankTransaction]{
		"no id":             {"transaction_id", func(b *schema.BankTransaction) { b.TransactionID = "" }},
		"no account":        {"account", func(b *schema.BankTransaction) { b.Account = "" }},
		"another direction": {"direction", func(b *schema.BankTransaction) { b.Direction = "sideways" }},
		"negative":          {"amount", func(b *schema.BankTransaction) { b.Amount = -1 }},
		"no date":           {"booked_on", func(b *schema.BankTransaction) { b.BookedOn = time.Time{} }},
		"no currency":       {"currency", func(b *schema.BankTransaction) { b.Currency = "" }},
	})
	requireProblems(t, map[string]spoil[*schema.JournalEntry]{
		"no id":            {"entry_id", func(j *schema.JournalEntry) { j.EntryID = "" }},
		"another severity": {"severity", func(j *schema.JournalEntry) { j.Severity = "panic" }},
		"no message":       {"message", func(j *schema.JournalEntry) { j.Message = "" }},
	})
}

func TestProblems_show_long_values_shortened(t *testing.T) {
	t.Parallel()
	p := (&schema.Product{SKU: strings.Repeat("ы", 500), Name: "n"}).Validate()[0]
	if n := len([]rune(p.Value)); n != 61 || !strings.Contains(p.Error(), "500 characters") {
		t.Errorf("the value has %d letters in %q", n, p)
	}
}

func TestPhase_ranks_follow_the_life_of_an_order(t *testing.T) {
	t.Parallel()
	life := []schema.Phase{
		schema.PhaseReceived, schema.PhaseAwaitingPayment, schema.PhaseAccepted, schema.PhaseAwaitingStock, schema.PhaseReleased, schema.PhaseShippedPartial,
		schema.PhaseShipped, schema.PhaseDelivered, schema.PhaseCompleted, schema.PhaseCancelled, schema.PhaseReturned,
	}
	for i, p := range life {
		if p.Rank() != i+1 || !p.Valid() {
			t.Errorf("%s has rank %d, want %d", p, p.Rank(), i+1)
		}
	}
	if schema.PhaseClosedShort.Rank() != schema.PhaseCompleted.Rank() {
		t.Error("closed short and completed are both ends and must not follow each other")
	}
	for _, p := range []schema.Phase{schema.PhaseHeld, schema.PhaseSuperseded, schema.PhaseUnknown} {
		if p.Rank() != 0 || !p.Valid() {
			t.Errorf("%s says nothing about progress: rank %d, valid %v", p, p.Rank(), p.Valid())
		}
	}
	if p := schema.Phase("flying"); p.Valid() || p.Rank() != 0 {
		t.Errorf("%s is not a phase", p)
	}
}

func TestRecords_add_up(t *testing.T) {
	t.Parallel()
	b := &schema.StockBalance{Quantity: 5000, Reserved: 7000}
	if b.Available() != -2000 {
		t.Errorf("available %s, want what is there less what is promised", b.Available())
	}
	o := &schema.SalesOrder{Lines: []schema.SalesOrderLine{{Amount: 100}, {Amount: 50, Cancelled: true}, {Amount: 7}}}
	if o.LinesTotal() != 107 {
		t.Errorf("lines total %s, want the lines that are not cancelled", o.LinesTotal())
	}
	p := &schema.Product{Prices: []schema.ProductPrice{{PriceType: "retail", Amount: 5}}}
	if got, ok := p.Price("retail"); !ok || got.Amount != 5 {
		t.Errorf("price %v, %v", got, ok)
	}
	if _, ok := p.Price("market"); ok {
		t.Error("a price was found that is not there")
	}
}

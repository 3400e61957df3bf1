package onec

import (
	"testing"

	"sverka/schema"
)

func TestReaders_TheFirstReadCarriesTheWorld(t *testing.T) {
	t.Parallel()
	for _, pricing25 := range []bool{false, true} {
		b := newBench(t, pricing(pricing25))
		products, refused, cursor := readAll(t, b.client.Products(), "")
		if len(refused) > 0 || cursor == "" {
			t.Fatalf("refused %v, cursor %q", refused, cursor)
		}
		count := 0
		for _, p := range b.world.Products {
			if p.JushuitanOnly {
				continue
			}
			count++
			want := &schema.Product{
				SKU: p.SKU, Name: p.Name, Description: p.Description, StyleCode: p.StyleCode, Variant: p.Variant, Category: p.Category, Brand: p.Brand,
				Barcode: p.Barcode, UnitCode: "796", VATRate: p.VATRate, WeightKg: p.WeightKg, LengthCm: p.LengthCm, WidthCm: p.WidthCm, HeightCm: p.HeightCm, Enabled: true,
				Prices: []schema.ProductPrice{{PriceType: schema.PricePurchase, Amount: p.Purchase, Currency: "RUB"}, {PriceType: schema.PriceRetail, Amount: p.Retail, Currency: "RUB"}},
				Images: []schema.ProductImage{{Position: 1, URL: p.Picture}},
			}
			got := products["product:"+p.SKU]
			if got == nil {
				t.Fatalf("%s is not read", p.SKU)
			}
			if diff := differences(want, got); len(diff) > 0 {
				t.Errorf("%s differs in %v", p.SKU, diff)
			}
		}
		if len(products) != count {
			t.Errorf("%d products are read, the world has %d", len(products), count)
		}
	}
}

func TestReaders_StockOrdersShipmentsAndPaymentsCarryTheWorld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stock, refused, _ := readAll(t, b.client.Stock(), "")
	if len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	for _, s := range b.world.Stock {
		if b.world.Product(s.SKU).JushuitanOnly {
			continue
		}
		got, _ := stock["stock_balance:"+s.Warehouse+"/"+s.SKU].(*schema.StockBalance)
		if got == nil || got.Quantity != s.Quantity || got.Reserved != s.Reserved {
			t.Errorf("%s/%s: got %+v, want %s", s.Warehouse, s.SKU, got, s.Quantity)
		}
	}
	orders, refused, _ := readAll(t, b.client.Orders(), "")
	if len(refused) > 0 {
		t.Fatalf("refused: %v", refused)
	}
	payments, _, _ := readAll(t, b.client.Payments(), "")
	shipments, _, _ := readAll(t, b.client.Shipments(), "")
	for _, o := range b.world.Orders {
		got, _ := orders["sales_order:"+o.Number].(*schema.SalesOrder)
		status, _ := orders["order_status:"+o.Number].(*schema.OrderStatus)
		if got == nil || status == nil {
			t.Fatalf("order %s is not read", o.Number)
		}
		if got.Total != o.Total || got.Freight != o.Freight || got.CustomerCode != o.Customer || !got.OrderedAt.Equal(o.At) || got.PaymentMethod != o.PaymentMethod ||
			got.WarehouseCode != o.Warehouse || got.AddressText != o.Address || len(got.Lines) != len(o.Lines) || !got.Posted || got.LinesTotal()+got.Freight != o.Total {
			t.Errorf("order %s: got %+v", o.Number, got)
		}
		for i, l := range o.Lines {
			if g := got.Lines[i]; g.SKU != l.SKU || g.Quantity != l.Quantity || g.Price != l.Price || g.Amount != l.Amount {
				t.Errorf("order %s line %d: got %+v, want %+v", o.Number, i+1, g, l)
			}
		}
		if status.Phase != schema.PhaseCompleted || status.VendorStatus != "Закрыт" {
			t.Errorf("order %s stands at %s (%s), want completed", o.Number, status.Phase, status.VendorStatus)
		}
		p, _ := payments["payment:PAY-"+o.Number].(*schema.Payment)
		if p == nil || p.Amount != o.Total || p.OrderNumber != o.Number || p.Status != schema.PaymentPaid || p.Currency != "RUB" {
			t.Errorf("payment of %s: got %+v", o.Number, p)
		}
		s, _ := shipments["shipment:"+o.InvoiceNumber].(*schema.Shipment)
		if s == nil || s.OrderNumber != o.Number || s.TrackingNumber != o.Tracking || s.Status != schema.ShipmentShipped || len(s.Lines) != len(o.Lines) || s.WarehouseCode != o.Warehouse {
			t.Errorf("shipment of %s: got %+v", o.Number, s)
		}
	}
}

func TestReaders_CustomersAndWarehousesCarryTheWorld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	customers, refused, _ := readAll(t, b.client.Customers(), "")
	if len(refused) > 0 || len(customers) != len(b.world.Customers) {
		t.Fatalf("%d customers, refused %v", len(customers), refused)
	}
	for _, c := range b.world.Customers {
		want := &schema.Customer{CustomerCode: c.Code, Kind: c.Kind, Name: c.Name, FullName: c.Name, INN: c.INN, KPP: c.KPP, Phone: c.Phone, Email: c.Email, AddressText: c.Address}
		if diff := differences(want, customers["customer:"+c.Code]); len(diff) > 0 {
			t.Errorf("%s differs in %v", c.Code, diff)
		}
	}
	warehouses, _, _ := readAll(t, b.client.Warehouses(), "")
	for _, w := range b.world.Warehouses {
		got, _ := warehouses["warehouse:"+w.Code].(*schema.Warehouse)
		if got == nil || got.Name != w.Name || got.IsMain != w.IsMain || !got.Active {
			t.Errorf("warehouse %s: got %+v", w.Code, got)
		}
	}
}

func TestReaders_TheSecondSweepReturnsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, _, cursor := readAll(t, b.client.Orders(), "")
	if again, _, _ := readAll(t, b.client.Orders(), cursor); len(again) != 0 {
		t.Errorf("nothing changed, %d records came", len(again))
	}
	first, second := b.world.Orders[0], b.world.Orders[1]
	if err := b.sim.SetOrderTotal(first.Number, first.Total+100); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.UnpostShipment(second.InvoiceNumber); err != nil {
		t.Fatal(err)
	}
	got, _, cursor := readAll(t, b.client.Orders(), cursor)
	if len(got) != 4 {
		t.Errorf("got %d records, want order and status of two orders", len(got))
	}
	if o, _ := got["sales_order:"+first.Number].(*schema.SalesOrder); o == nil || o.Total != first.Total+100 {
		t.Errorf("the accountant's total is not seen: %+v", o)
	}
	if s, _ := got["order_status:"+second.Number].(*schema.OrderStatus); s == nil || s.Phase != schema.PhaseHeld {
		t.Errorf("un-posting a shipment of a closed order leaves it to a person: %+v", s)
	}
	if again, _, _ := readAll(t, b.client.Orders(), cursor); len(again) != 0 {
		t.Errorf("nothing changed since, %d records came", len(again))
	}
	shipments, _, _ := readAll(t, b.client.Shipments(), "")
	if s, _ := shipments["shipment:"+second.InvoiceNumber].(*schema.Shipment); s == nil || s.Status != schema.ShipmentPlanned {
		t.Errorf("the un-posted shipment: %+v", s)
	}
}

func TestReaders_AConsumerThatStopsGetsThePageAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for page, err := range b.client.Orders().Read(t.Context(), "") {
		if err != nil || len(page.Records) == 0 {
			t.Fatalf("page %+v, err %v", page, err)
		}
		break // the transaction failed: nothing of this page is durable (invariant 9)
	}
	got, _, _ := readAll(t, b.client.Orders(), b.client.cursorNow())
	if len(got) != 2*len(b.world.Orders) {
		t.Errorf("%d records came, want all %d again", len(got), 2*len(b.world.Orders))
	}
}

func TestReaders_StockTellsZeroOnceAndNeverOutOfAFailure(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, _, cursor := readAll(t, b.client.Stock(), "")
	sku := b.world.Products[2].SKU
	if err := b.sim.SetQuantity("MAIN", sku, 0); err != nil {
		t.Fatal(err)
	}
	b.faults.Fail(nil, 1, 500, "broken")
	for page, err := range b.client.Stock().Read(t.Context(), cursor) {
		if err == nil || len(page.Records) > 0 {
			t.Fatalf("a failed read told %d records (invariant 8)", len(page.Records))
		}
	}
	got, _, cursor := readAll(t, b.client.Stock(), cursor)
	if s, _ := got["stock_balance:MAIN/"+sku].(*schema.StockBalance); s == nil || s.Quantity != 0 {
		t.Errorf("the article that was sold out is not told as zero: %+v", s)
	}
	again, _, _ := readAll(t, b.client.Stock(), cursor)
	if again["stock_balance:MAIN/"+sku] != nil {
		t.Error("the zero is told again though nothing was there before")
	}
}

func TestReaders_UnmappedWarehousesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config, _ *simOptions) {
		c.Warehouses = map[string]string{"Основной склад": "MAIN"}
	})
	got, refused, _ := readAll(t, b.client.Warehouses(), "")
	if len(got) != 1 || len(refused) != 2 || refused[0].Code != "unmapped" {
		t.Errorf("got %d warehouses, refused %+v", len(got), refused)
	}
}

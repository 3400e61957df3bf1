package commerceml

import (
	"io"
	"iter"

	"sverka/schema"
)

// OfferRow is one offer to write: a product with its prices and, where known, its stock.
type OfferRow struct {
	Product *schema.Product
	Stock   []*schema.StockBalance // available quantities are written
}

// WriteOffers writes offers.xml: the price types and warehouses of the options,
// and an offer per row. The schema demands a price of every offer, so rows
// without a price of a listed type are left out.
func WriteOffers(w io.Writer, o WriteOptions, rows iter.Seq[OfferRow]) error {
	o = o.withDefaults()
	x := newWriter(w)
	x.document(o)
	x.start("ПакетПредложений", "СодержитТолькоИзменения", truth(o.ChangesOnly))
	x.leaf("Ид", o.CatalogID+"#")
	x.leaf("Наименование", "Пакет предложений ("+o.CatalogName+")")
	x.leaf("ИдКаталога", o.CatalogID)
	x.leaf("ИдКлассификатора", o.CatalogID)
	x.owner(o)
	x.priceTypes(o)
	if len(o.Warehouses) > 0 {
		x.start("Склады")
		for _, wh := range o.Warehouses {
			x.start("Склад")
			x.leaf("Ид", wh.ID)
			x.opt("Наименование", wh.Name)
			x.end()
		}
		x.end()
	}
	x.start("Предложения")
	for row := range rows {
		if x.err != nil {
			break
		}
		x.offer(o, row)
	}
	return x.finish("offers")
}

func (w *writer) priceTypes(o WriteOptions) {
	w.start("ТипыЦен")
	for _, t := range o.PriceTypes {
		w.start("ТипЦены")
		w.leaf("Ид", t.ID)
		w.leaf("Наименование", t.Name)
		w.opt("Валюта", t.Currency)
		w.end()
	}
	w.end()
}

func (w *writer) offer(o WriteOptions, row OfferRow) {
	prices := pricesOf(o, row.Product)
	if len(prices) == 0 {
		return
	}
	w.start("Предложение")
	w.identity(o, row.Product)
	w.prices(prices)
	var total schema.Quantity
	for _, s := range row.Stock {
		total += available(s)
	}
	if len(row.Stock) > 0 {
		w.leaf("Количество", total.String())
	}
	for _, s := range row.Stock {
		if id, ok := o.warehouseID(s.WarehouseCode); ok {
			w.leaf("Склад", "", "ИдСклада", id, "КоличествоНаСкладе", available(s).String())
		}
	}
	w.end()
}

type writtenPrice struct {
	typeID string
	price  schema.ProductPrice
}

// pricesOf picks the prices of the listed types.
func pricesOf(o WriteOptions, p *schema.Product) []writtenPrice {
	var out []writtenPrice
	for _, t := range o.PriceTypes {
		if price, ok := p.Price(t.Type); ok {
			out = append(out, writtenPrice{t.ID, price})
		}
	}
	return out
}

func (w *writer) prices(prices []writtenPrice) {
	w.start("Цены")
	for _, p := range prices {
		w.start("Цена")
		w.leaf("Представление", p.price.Amount.String()+" "+p.price.Currency)
		w.leaf("ИдТипаЦены", p.typeID)
		w.leaf("ЦенаЗаЕдиницу", p.price.Amount.String())
		w.leaf("Валюта", p.price.Currency)
		w.end()
	}
	w.end()
}

// available is what may be promised: never below zero.
func available(b *schema.StockBalance) schema.Quantity { return max(0, b.Available()) }

func (o WriteOptions) warehouseID(code string) (string, bool) {
	for _, w := range o.Warehouses {
		if w.Code == code {
			return w.ID, true
		}
	}
	return "", false
}

// ChangeRow is one changed offer: new stock, new prices, or both. What is nil
// stays as it is in the receiving system.
type ChangeRow struct {
	Product *schema.Product // SKU and, where known, ExternalID; Prices of the listed types are written
	Stock   []*schema.StockBalance
}

// WriteChanges writes ИзмененияПакетаПредложений, the quick way to tell stock and prices.
func WriteChanges(w io.Writer, o WriteOptions, rows iter.Seq[ChangeRow]) error {
	o = o.withDefaults()
	x := newWriter(w)
	x.document(o)
	x.start("ИзмененияПакетаПредложений", "СодержитТолькоИзменения", "true")
	x.leaf("Ид", o.CatalogID+"#")
	x.leaf("ИдКаталога", o.CatalogID)
	x.start("Предложения")
	for row := range rows {
		if x.err != nil {
			break
		}
		x.start("Предложение")
		x.leaf("Ид", o.productID(row.Product))
		x.leaf("Артикул", row.Product.SKU)
		for _, s := range row.Stock {
			if id, ok := o.warehouseID(s.WarehouseCode); ok {
				x.leaf("Склады", "", "ИдСклада", id, "КоличествоНаСкладе", available(s).String())
			}
		}
		if prices := pricesOf(o, row.Product); len(prices) > 0 {
			x.prices(prices)
		}
		x.end()
	}
	return x.finish("changes")
}

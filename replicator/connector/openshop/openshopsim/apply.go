package openshopsim

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"sverka/schema"
)

// apply takes a document in whole or not at all: the changes are gathered first.
func (s *Sim) apply(kind string, doc []byte) error {
	var in inDocument
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "windows-1251") {
			return charmap.Windows1251.NewDecoder().Reader(input), nil
		}
		return nil, errors.New("unknown encoding " + label)
	}
	if err := d.Decode(&in); err != nil {
		return refuse("malformed", "документ не читается как XML")
	}
	var changes []func()
	var err error
	if kind == "sale" {
		changes, err = s.applyStatuses(in.Documents)
	} else {
		changes, err = s.applyCatalog(in)
	}
	if err != nil {
		return err
	}
	for _, change := range changes {
		change()
	}
	return nil
}

func (s *Sim) applyCatalog(in inDocument) ([]func(), error) {
	var changes []func()
	if in.Catalog != nil {
		paths := map[string]string{}
		if in.Classifier != nil {
			groupPaths(in.Classifier.Groups, "", paths)
		}
		for _, p := range in.Catalog.Products {
			change, err := s.applyProduct(p, paths)
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
		}
	}
	packages := in.Changes
	if in.Offers != nil {
		packages = append(packages, *in.Offers)
	}
	for _, pack := range packages {
		types := map[string]string{}
		for _, t := range pack.PriceTypes {
			types[t.ID] = t.Name
		}
		for _, o := range pack.Offers {
			change, err := s.applyOffer(o, types)
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
		}
	}
	return changes, nil
}

func groupPaths(groups []inGroup, above string, paths map[string]string) {
	for _, g := range groups {
		path := g.Name
		if above != "" {
			path = above + "/" + g.Name
		}
		paths[g.ID] = path
		groupPaths(g.Groups, path, paths)
	}
}

// applyProduct replaces the article's own attributes; prices and stock stay.
func (s *Sim) applyProduct(in inProduct, paths map[string]string) (func(), error) {
	if in.Article == "" || strings.TrimSpace(in.Name) == "" {
		return nil, refuse("malformed", "товар без артикула или наименования")
	}
	p := &product{
		ID: in.ID, SKU: in.Article, Name: in.Name, Description: in.Description, Brand: in.Brand, Barcode: in.Barcode, UnitCode: in.Unit.Code,
		StyleCode: find(in.Requisites, "КодСтиля"), Enabled: find(in.Requisites, "Активность") != "false", Images: in.Images, Changed: s.now(), VATRate: find(in.Requisites, "Ставка НДС"),
	}
	if p.Barcode == "" {
		p.Barcode = find(in.Requisites, "Штрихкод")
	}
	for _, t := range in.Taxes {
		p.VATRate = t.Rate
	}
	for _, t := range in.Traits {
		p.Variant = t.Value
	}
	for _, g := range in.Groups {
		path, ok := paths[g]
		if !ok {
			return nil, refuse("malformed", "группа товара не описана в классификаторе")
		}
		p.Category = path
	}
	for name, field := range map[string]*schema.Quantity{"Вес": &p.Weight, "Длина": &p.Length, "Ширина": &p.Width, "Высота": &p.Height} {
		text := find(in.Requisites, name)
		if text == "" {
			continue
		}
		q, err := schema.ParseQuantity(text)
		if err != nil {
			return nil, refuse("malformed", "реквизит %s не число", name)
		}
		*field = q
	}
	if in.Status == "Удален" {
		p.Deleted = s.now()
	}
	return func() {
		p.Prices = map[string]price{}
		if old := s.products[p.SKU]; old != nil {
			p.ID, p.Prices = old.ID, old.Prices
			if !old.Deleted.IsZero() && !p.Deleted.IsZero() {
				p.Deleted = old.Deleted
			}
		}
		s.keep(p)
		s.arrivals = append(s.arrivals, p.SKU)
	}, nil
}

// applyOffer sets the prices and rests that it names; others stay. The product
// may be created by the same session, so it is looked up when the change is made.
func (s *Sim) applyOffer(in inOffer, types map[string]string) (func(), error) {
	p := s.products[in.Article]
	if p == nil {
		p = s.byID[in.ID]
	}
	if p == nil {
		return nil, refuse("product_missing", "товар предложения не найден")
	}
	prices := map[string]price{}
	for _, x := range in.Prices {
		amount, err := schema.ParseAmount(x.Amount)
		if err != nil || types[x.Type] == "" {
			return nil, refuse("malformed", "цена не читается или её тип не описан")
		}
		prices[types[x.Type]] = price{amount, x.Currency}
	}
	type rest struct {
		at place
		q  schema.Quantity
	}
	var rests []rest
	for _, x := range append(in.Rests, in.Rests2...) {
		q, err := schema.ParseQuantity(x.Quantity)
		if err != nil || q < 0 {
			return nil, refuse("malformed", "остаток не число или меньше нуля")
		}
		if s.warehouses[x.Warehouse] == "" {
			return nil, refuse("warehouse_missing", "склад не найден")
		}
		rests = append(rests, rest{place{x.Warehouse, p.SKU}, q})
	}
	return func() {
		for name, x := range prices {
			p.Prices[name] = x
			p.Changed = s.now()
		}
		for _, r := range rests {
			s.stock[r.at] = stockRow{r.q, s.now()}
			s.arrivals = append(s.arrivals, s.warehouses[r.at.warehouse]+"/"+r.at.sku)
		}
	}, nil
}

func (s *Sim) applyStatuses(documents []inOrder) ([]func(), error) {
	var changes []func()
	for _, in := range documents {
		o := s.orders[in.Number]
		if o == nil {
			return nil, refuse("order_missing", "заказ не найден")
		}
		text := find(in.Requisites, "Статус заказа")
		if text != "" && !knownStatus(text) {
			return nil, refuse("malformed", "статус заказа не из справочника")
		}
		at := s.now()
		if given := find(in.Requisites, "Дата изменения статуса"); given != "" {
			t, err := time.ParseInLocation("2006-01-02T15:04:05", given, moscow())
			if err != nil {
				return nil, refuse("malformed", "дата изменения статуса не читается")
			}
			at = t.UTC()
		}
		changes = append(changes, func() { s.applyStatus(o, in, text, at) })
	}
	return changes, nil
}

func (s *Sim) applyStatus(o *order, in inOrder, text string, at time.Time) {
	if text != "" {
		o.status, o.changed, o.reason = text, at, ""
	}
	if find(in.Requisites, "Отменен") == "true" {
		o.cancelled, o.reason = true, find(in.Requisites, "Причина отмены")
	}
	if t := find(in.Requisites, "Трек-номер"); t != "" {
		o.tracking = t
	}
	if t := find(in.Requisites, "Номер отгрузки по 1С"); t != "" {
		o.shipment = t
	}
	s.arrivals = append(s.arrivals, o.world.Number)
}

// knownStatus tells whether the shop's directory has the letter.
func knownStatus(text string) bool {
	letter, _, ok := strings.Cut(strings.TrimPrefix(text, "["), "]")
	if !ok {
		return false
	}
	switch letter {
	case "N", "P", "O", "W", "S", "SP", "L", "D", "F", "FP", "C", "R", "H":
		return true
	}
	return false
}

package jushuitansim

import (
	"fmt"
	"strconv"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// Part is what leaves the warehouse in one parcel: pieces by article.
type Part map[string]int64

// Approve gives a paid order to the warehouse: WaitConfirm becomes Delivering.
func (s *Sim) Approve(soID string) error {
	return s.change(soID, statusDelivering, statusWaitConfirm)
}

// Hold puts an order aside with a reason, as people do with a doubtful one.
func (s *Sim) Hold(soID, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(soID)
	if o == nil || o.status == statusSent || o.status == statusCancelled {
		return fmt.Errorf("hold %s: there is no such open order", soID)
	}
	o.status, o.questionType = statusQuestion, reason
	s.touchOrder(o)
	return nil
}

// CancelInWarehouse ends an order that has not left, whatever its state.
func (s *Sim) CancelInWarehouse(soID string) error {
	return s.change(soID, statusCancelled, statusWaitPay, statusWaitConfirm, statusQuestion, statusDelivering)
}

func (s *Sim) change(soID, to string, from ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(soID)
	if o == nil {
		return fmt.Errorf("order %s: not here", soID)
	}
	for _, f := range from {
		if o.status == f {
			o.status, o.questionType = to, ""
			s.touchOrder(o)
			return nil
		}
	}
	return fmt.Errorf("order %s: is %s and cannot become %s", soID, o.status, to)
}

// Ship sends goods of an approved order off, one out-note per part, everything
// that is left in one note when no part is named. It lowers the stock and the
// locks, makes the order Sent when nothing is left, and returns the io_ids.
func (s *Sim) Ship(soID string, parts ...Part) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(soID)
	if o == nil || o.status != statusDelivering {
		return nil, fmt.Errorf("ship %s: there is no such approved order", soID)
	}
	if len(parts) == 0 {
		rest := Part{}
		for _, it := range o.items {
			if !it.cancelled() {
				rest[it.SKU] += it.Qty - it.shipped
			}
		}
		parts = []Part{rest}
	}
	if err := s.enough(o, parts); err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range parts {
		n := s.pack(o, p)
		ids = append(ids, strconv.FormatInt(n.ioID, 10))
	}
	if o.complete() {
		o.status, o.sentAt = statusSent, s.now()
	}
	s.touchOrder(o)
	return ids, nil
}

// enough checks that the order still asks for the parts and the shelf holds them.
func (s *Sim) enough(o *order, parts []Part) error {
	sum, open := map[string]int64{}, map[string]int64{}
	for _, it := range o.items {
		if !it.cancelled() {
			open[it.SKU] += it.Qty - it.shipped
		}
	}
	for _, p := range parts {
		for sku, n := range p {
			sum[sku] += n
		}
	}
	for sku, n := range sum {
		if n > open[sku] {
			return fmt.Errorf("ship %s: %d of %s asked, %d open", o.up.SoID, n, sku, open[sku])
		}
		if have := s.balance(o.wms, sku).qty; n > have {
			return fmt.Errorf("ship %s: %d of %s asked, %d in warehouse %d", o.up.SoID, n, sku, have, o.wms)
		}
	}
	return nil
}

// pack makes one out-note and takes its goods off the shelf.
func (s *Sim) pack(o *order, p Part) *note {
	n := &note{ioID: s.nextID(), order: o, status: noteConfirmed, created: s.now(), modified: s.now(), shippedAt: s.now(), version: s.nextVersion()}
	n.trackingNo = fmt.Sprintf("SF%010d", n.ioID)
	o.trackingNo = n.trackingNo
	left := map[string]int64{}
	for sku, q := range p {
		left[sku] = q
	}
	for _, it := range o.items {
		q := min(left[it.SKU], it.Qty-it.shipped)
		if q <= 0 || it.cancelled() {
			continue
		}
		left[it.SKU] -= q
		n.lines = append(n.lines, s.newLine(it, q))
		b := s.balance(o.wms, it.SKU)
		b.qty -= q
		s.touch(b)
	}
	s.notes = append(s.notes, n)
	return n
}

func (o *order) complete() bool {
	for _, it := range o.items {
		if !it.cancelled() && it.shipped < it.Qty {
			return false
		}
	}
	return true
}

// RevokeShipment takes an out-note back: the goods return to the shelf and the
// order to the warehouse's work.
func (s *Sim) RevokeShipment(ioID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notes {
		if strconv.FormatInt(n.ioID, 10) != ioID || n.status != noteConfirmed {
			continue
		}
		n.status, n.modified, n.version = noteCancelled, s.now(), s.nextVersion()
		for _, l := range n.lines {
			l.item.shipped -= l.qty
			b := s.balance(n.order.wms, l.item.SKU)
			b.qty += l.qty
			s.touch(b)
		}
		n.order.status = statusDelivering
		s.touchOrder(n.order)
		return nil
	}
	return fmt.Errorf("out-note %s: not here or not shipped", ioID)
}

// Split divides an unsent order: the named article goes to a second order of the
// same so_id, the rest to a first one; the old order stays as Split.
func (s *Sim) Split(soID, sku string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.find(soID)
	if o == nil || len(o.items) < 2 || o.status == statusSent || o.status == statusCancelled {
		return fmt.Errorf("split %s: there is no such open order of several lines", soID)
	}
	status := o.status
	o.status = statusSplit
	s.touchOrder(o)
	for _, apart := range []bool{false, true} {
		child := &order{oID: s.nextID(), up: o.up, status: status, created: s.now(), wms: o.wms, parent: o.oID}
		sum := schema.Amount(0)
		for _, it := range o.items {
			if (it.SKU == sku) == apart {
				child.items = append(child.items, &item{uploadItem: it.uploadItem, oiID: s.nextID()})
				sum += *it.Amount
			}
		}
		freight := schema.Amount(0)
		if !apart {
			freight = *o.up.Freight
		}
		sum += freight
		child.up.PayAmount, child.up.Freight = &sum, &freight
		for _, p := range o.pays {
			p.Amount = &sum
			child.pays = append(child.pays, p)
		}
		s.orders = append(s.orders, child)
		s.touchOrder(child)
	}
	return nil
}

// SetQuantity corrects the shelf, as a stock-taking does.
func (s *Sim) SetQuantity(warehouseID int, sku string, qty int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.balance(int64(warehouseID), sku)
	b.qty = qty
	s.touch(b)
}

// SetVirtual sets the virtual correction of a stock row.
func (s *Sim) SetVirtual(warehouseID int, sku string, qty int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.balance(int64(warehouseID), sku)
	b.virtual = qty
	s.touch(b)
}

// SetPrice changes the sale price of an article.
func (s *Sim) SetPrice(sku string, retail schema.Amount) error {
	return s.edit(sku, func(a *article) { a.p.Retail = retail })
}

// RenameProduct changes the name of an article.
func (s *Sim) RenameProduct(sku, name string) error {
	return s.edit(sku, func(a *article) { a.p.Name = name })
}

// DisableProduct takes an article out of use.
func (s *Sim) DisableProduct(sku string) error {
	return s.edit(sku, func(a *article) { a.enabled = -1 })
}

func (s *Sim) edit(sku string, how func(*article)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.article(sku)
	if a == nil {
		return fmt.Errorf("article %s: not here", sku)
	}
	how(a)
	a.modified = s.now()
	return nil
}

// AddProduct puts a new article into the catalogue.
func (s *Sim) AddProduct(p simworld.Product) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addArticle(p, s.now())
}

package jushuitansim

import (
	"fmt"
	"strconv"
	"time"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// companyID is co_id of the one company.
const companyID = 10001

// seed takes over this system's part of the world.
func (s *Sim) seed() {
	before := s.world.Start.Add(-24 * time.Hour)
	s.shops = []shop{{id: s.opts.ShopID, name: "OpenShop", created: before}}
	for _, w := range s.world.Warehouses {
		id := int64(w.JushuitanID)
		s.places = append(s.places, warehouse{id: id, code: w.Code, name: w.Name, isMain: w.IsMain})
		s.stock[id] = map[string]*balance{}
	}
	for _, p := range s.world.Products {
		s.addArticle(p, before)
	}
	for _, st := range s.world.Stock {
		b := s.balance(s.placeID(st.Warehouse), st.SKU)
		b.qty, b.otherLock = pieces(st.Quantity), pieces(st.Reserved)
		b.modified = before
	}
	for i := range s.world.Orders {
		s.addPast(&s.world.Orders[i])
	}
}

// addPast takes over an order that was finished before the world's start. Its
// goods have left the stock figures already.
func (s *Sim) addPast(w *simworld.Order) {
	o := &order{
		oID: s.nextID(), status: statusWaitPay, created: w.At, modified: w.At.Add(2 * time.Hour), wms: s.placeID(w.Warehouse),
		up: s.pastUpload(w), version: s.nextVersion(), locked: map[string]int64{}, picking: map[string]int64{},
	}
	for _, it := range o.up.Items {
		o.items = append(o.items, &item{uploadItem: it, oiID: s.nextID()})
	}
	if w.Paid {
		o.pays = append(o.pays, pay{uploadPay: *o.up.Pay, payID: s.nextID()})
		o.status = statusWaitConfirm
	}
	s.orders = append(s.orders, o)
	if !w.Shipped {
		s.relock(o)
		return
	}
	o.status, o.sentAt, o.trackingNo = statusSent, w.At.Add(2*time.Hour), w.Tracking
	n := &note{order: o, status: noteConfirmed, created: w.At.Add(time.Hour), shippedAt: o.sentAt, modified: o.sentAt, trackingNo: w.Tracking, version: s.nextVersion()}
	n.ioID, _ = strconv.ParseInt(w.InvoiceNumber, 10, 64)
	for _, it := range o.items {
		n.lines = append(n.lines, s.newLine(it, it.Qty))
	}
	s.notes = append(s.notes, n)
}

func (s *Sim) pastUpload(w *simworld.Order) upload {
	c := s.world.CustomerByCode(w.Customer)
	at := w.At.In(shanghai()).Format(wallTime)
	u := upload{
		ShopID: s.opts.ShopID, SoID: w.Number, OrderDate: at, ShopStatus: "WAIT_SELLER_SEND_GOODS", ShopBuyerID: w.Customer,
		ReceiverAddress: w.Address, PayAmount: amountOf(w.Total), Freight: amountOf(w.Freight), Currency: s.world.Currency,
		IsCOD: w.PaymentMethod == schema.MethodOnDelivery, WmsCoID: s.placeID(w.Warehouse),
	}
	if c != nil {
		u.ReceiverName, u.ReceiverMobile = c.Name, c.Phone
	}
	for i, l := range w.Lines {
		it := uploadItem{
			SKU: l.SKU, ShopSKU: l.SKU, Amount: amountOf(l.Amount), BasePrice: amountOf(l.Price), Price: amountOf(l.Price),
			Qty: pieces(l.Quantity), OuterID: fmt.Sprintf("%s-%d", w.Number, i+1),
		}
		if p := s.world.Product(l.SKU); p != nil {
			it.Name, it.StyleCode, it.Properties = p.Name, p.StyleCode, p.Variant
		}
		u.Items = append(u.Items, it)
	}
	if w.Paid {
		u.Pay = &uploadPay{
			OuterID: PastPaymentID(w.Number), Date: at, Method: w.PaymentMethod, SellerAccount: "shop", BuyerAccount: w.Customer, Amount: amountOf(w.Total),
		}
	}
	return u
}

// PastPaymentID is the outer_pay_id of the payment of an order that the world
// began with.
func PastPaymentID(orderNumber string) string { return "PAY-" + orderNumber }

func amountOf(a schema.Amount) *schema.Amount { return &a }

func pieces(q schema.Quantity) int64 { return int64(q) / 1000 }

package jushuitansim

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"sverka/schema"
)

// States of an out-note.
const (
	noteConfirmed = "Confirmed"
	noteCancelled = "Cancelled"
)

// note is one out-note: goods that left a warehouse for one order.
type note struct {
	ioID       int64
	order      *order
	status     string
	created    time.Time
	modified   time.Time
	shippedAt  time.Time
	trackingNo string
	lines      []noteLine
	version    int64
}

type noteLine struct {
	ioiID  int64
	item   *item
	qty    int64
	amount schema.Amount
}

// newLine takes qty pieces of an order line into a note. Its money is the
// difference of two running shares, so that parts always add up to the whole.
func (s *Sim) newLine(it *item, qty int64) noteLine {
	share := func(n int64) schema.Amount { return *it.Amount * schema.Amount(n) / schema.Amount(it.Qty) }
	l := noteLine{ioiID: s.nextID(), item: it, qty: qty, amount: share(it.shipped+qty) - share(it.shipped)}
	it.shipped += qty
	return l
}

func (s *Sim) outQuery(biz []byte) answer {
	q, bad := readQuery(biz, 30, 50)
	if bad.Code != codeOK {
		return bad
	}
	if !q.hasTime() && q.StartTS == nil && len(q.ShopOrderIDs) == 0 && len(q.OrderIDs) == 0 && len(q.NoteIDs) == 0 {
		return refuse(codeParam, "修改时间、单号、start_ts不能同时为空")
	}
	if len(q.ShopOrderIDs) > 50 || len(q.NoteIDs) > 50 {
		return refuse(codeParam, "单号一次最多50个")
	}
	var hits []*note
	for _, n := range s.notes {
		if s.noteMatches(q, n) {
			hits = append(hits, n)
		}
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].version < hits[j].version })
	return ok(page(q, "datas", hits, s.noteRow))
}

func (s *Sim) noteMatches(q *query, n *note) bool {
	at := n.modified
	if q.DateType == 2 {
		at = n.shippedAt
	}
	return (q.ShopID == 0 || q.ShopID == n.order.up.ShopID) && (q.Status == "" || q.Status == n.status) && q.inWindow(at) &&
		(q.Warehouse == 0 || q.Warehouse == n.order.wms) && (q.StartTS == nil || n.version >= *q.StartTS) &&
		(len(q.ShopOrderIDs) == 0 || slices.Contains(q.ShopOrderIDs, n.order.up.SoID)) &&
		(len(q.OrderIDs) == 0 || slices.Contains(q.OrderIDs, n.order.oID)) &&
		(len(q.NoteIDs) == 0 || slices.Contains(q.NoteIDs, n.ioID))
}

func (s *Sim) noteRow(n *note) map[string]any {
	o, u := n.order, &n.order.up
	items := []map[string]any{}
	for i := range n.lines {
		items = append(items, n.lines[i].row(o))
	}
	var payDate any
	for _, p := range o.pays {
		payDate = p.Date
	}
	return map[string]any{
		"co_id": companyID, "shop_id": u.ShopID, "shop_name": s.shops[0].name, "io_id": n.ioID, "o_id": o.oID, "so_id": u.SoID,
		"created": wall(n.created), "modified": wall(n.modified), "status": n.status, "order_type": "普通订单", "invoice_title": nil,
		"shop_buyer_id": u.ShopBuyerID, "buyer_id": 0, "open_id": "", "receiver_country": u.ReceiverCountry,
		"receiver_state": text(u.ReceiverState), "receiver_city": text(u.ReceiverCity), "receiver_district": text(u.ReceiverArea), "receiver_town": nil,
		"receiver_address": u.ReceiverAddress, "receiver_name": s.mask(u.ReceiverName, 1, 0), "receiver_phone": nil,
		"receiver_mobile": s.mask(u.ReceiverMobile, 3, 4), "buyer_message": u.BuyerMessage, "remark": u.Remark, "is_cod": u.IsCOD,
		"pay_amount": *u.PayAmount, "paid_amount": o.paid(), "free_amount": schema.Amount(0), "freight": *u.Freight, "f_freight": nil,
		"l_id": n.trackingNo, "lc_id": carrierCode(n.trackingNo), "logistics_company": carrierName(n.trackingNo), "io_date": wall(n.shippedAt),
		"stock_enabled": "启用", "drp_co_id_from": "", "labels": "", "weight": schema.Quantity(0), "f_weight": schema.Quantity(0),
		"merge_so_id": nil, "wms_co_id": o.wms, "business_staff": "", "currency": nil, "node": nil, "pay_date": payDate, "seller_flag": nil,
		"wave_id": 0, "order_staff_id": 0, "order_staff_name": "", "is_print": true, "is_print_express": true, "ts": n.version,
		"package_no": nil, "warehouse_oid": nil, "items": items, "batchs": []any{}, "sns": []any{}, "cluster_infos": []any{},
	}
}

func (l *noteLine) row(o *order) map[string]any {
	it := l.item
	price := it.Price
	if price == nil {
		price = it.BasePrice
	}
	return map[string]any{
		"ioi_id": l.ioiID, "pic": nil, "sku_id": it.SKU, "qty": l.qty, "name": it.Name, "properties_value": it.Properties,
		"sale_price": *price, "oi_id": strconv.FormatInt(it.oiID, 10), "sale_amount": l.amount, "i_id": it.StyleCode, "unit": "件",
		"sale_base_price": *it.BasePrice, "combine_sku_id": nil, "is_gift": it.IsGift, "outer_oi_id": it.OuterID, "raw_so_id": o.up.SoID,
		"batch_id": nil, "product_date": nil, "supplier_id": 0, "expiration_date": nil,
	}
}

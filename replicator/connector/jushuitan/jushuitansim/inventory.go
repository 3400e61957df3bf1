package jushuitansim

import (
	"encoding/json"
	"sort"
	"time"
)

// balance is the stock of one article in one warehouse.
type balance struct {
	sku       string
	qty       int64
	orderLock int64 // by the orders of this simulator
	otherLock int64 // that the world began with
	pickLock  int64 // part of orderLock that is being picked
	virtual   int64
	version   int64
	modified  time.Time
}

// balance finds or opens the stock row of an article; opening counts as a write.
func (s *Sim) balance(place int64, sku string) *balance {
	rows := s.stock[place]
	if rows == nil {
		rows = map[string]*balance{}
		s.stock[place] = rows
	}
	b := rows[sku]
	if b == nil {
		b = &balance{sku: sku, version: s.nextVersion(), modified: s.now()}
		rows[sku] = b
	}
	return b
}

// touch gives a stock row a new version.
func (s *Sim) touch(b *balance) {
	b.version = s.nextVersion()
	b.modified = s.now()
}

func (s *Sim) inventoryQuery(biz []byte) answer {
	q, bad := readQuery(biz, 30, 100)
	if bad.Code != codeOK {
		return bad
	}
	wanted := split(q.SKUs)
	if len(wanted) == 0 && !q.hasTime() && q.TS == nil {
		return refuse(codeParam, "商品编码、时间、ts不能同时为空")
	}
	if q.TS != nil && q.hasTime() {
		return refuse(codeParam, "ts和时间不能同时使用")
	}
	if len(wanted) > 100 {
		return refuse(codeParam, "商品编码一次最多100个")
	}
	if q.Warehouse != 0 && s.stock[q.Warehouse] == nil {
		return refuse(codeSave, "仓库编号[%d]不存在!", q.Warehouse)
	}
	var hits []*balance
	for _, b := range s.balances(q.Warehouse) {
		if (q.TS == nil || b.version >= *q.TS) && q.inWindow(b.modified) && (len(wanted) == 0 || wanted[b.sku]) {
			hits = append(hits, b)
		}
	}
	sort.Slice(hits, func(i, j int) bool { return hits[i].version < hits[j].version })
	block := page(q, "inventorys", hits, func(b *balance) map[string]any { return s.balanceRow(b, q.WithLocks) })
	block["requestId"] = nil
	return ok(block)
}

// balances are the rows of one warehouse, or the sums over all for 0.
func (s *Sim) balances(place int64) []*balance {
	sums := map[string]*balance{}
	for id, rows := range s.stock {
		if place != 0 && id != place {
			continue
		}
		for sku, b := range rows {
			sum := sums[sku]
			if sum == nil {
				sum = &balance{sku: sku}
				sums[sku] = sum
			}
			sum.qty += b.qty
			sum.orderLock += b.orderLock
			sum.otherLock += b.otherLock
			sum.pickLock += b.pickLock
			sum.virtual += b.virtual
			if b.version > sum.version {
				sum.version, sum.modified = b.version, b.modified
			}
		}
	}
	out := make([]*balance, 0, len(sums))
	for _, b := range sums {
		out = append(out, b)
	}
	return out
}

func (s *Sim) balanceRow(b *balance, locks bool) map[string]any {
	row := map[string]any{
		"sku_id": b.sku, "i_id": "", "name": "", "qty": b.qty, "order_lock": b.orderLock + b.otherLock, "pick_lock": b.pickLock,
		"virtual_qty": b.virtual, "purchase_qty": 0, "in_qty": 0, "return_qty": 0, "defective_qty": 0,
		"customize_qty_1": 0, "customize_qty_2": 0, "customize_qty_3": 0, "allocate_qty": 0, "sale_refund_qty": 0,
		"min_qty": nil, "max_qty": 0, "modified": wall(b.modified), "ts": b.version,
	}
	if a := s.article(b.sku); a != nil {
		row["i_id"], row["name"] = a.p.StyleCode, a.p.Name
	}
	if locks {
		row["lock_qty"] = 0
	}
	return row
}

// inventoryUpload takes a stock count. The first call with a so_id that succeeds
// wins; the same so_id is refused ever after.
func (s *Sim) inventoryUpload(biz []byte) answer {
	var doc struct {
		Warehouse int64  `json:"wms_co_id"`
		Type      string `json:"type"`
		Confirm   bool   `json:"is_confirm"`
		SoID      string `json:"so_id"`
		Items     []struct {
			SKU string `json:"sku_id"`
			Qty int64  `json:"qty"`
		} `json:"items"`
	}
	if err := json.Unmarshal(biz, &doc); err != nil || doc.SoID == "" || len(doc.Items) == 0 || len(doc.Items) > 500 {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	if doc.Warehouse == 0 {
		doc.Warehouse = s.mainID()
	}
	if s.stock[doc.Warehouse] == nil {
		return refuse(codeSave, "仓库编号[%d]不存在!", doc.Warehouse)
	}
	if _, used := s.counts[doc.SoID]; used {
		return refuse(codeSave, "外部单号[%s]已存在,不允许重复上传", doc.SoID)
	}
	for _, it := range doc.Items {
		if s.article(it.SKU) == nil {
			return refuse(codeSave, "商品编码[%s]不存在!", it.SKU)
		}
		if doc.Type == "check" && it.Qty < 0 {
			return refuse(codeParam, "盘点数量不能小于0")
		}
	}
	for _, it := range doc.Items {
		if doc.Confirm {
			s.count(s.balance(doc.Warehouse, it.SKU), doc.Type, it.Qty)
		}
	}
	id := s.nextID()
	s.counts[doc.SoID] = id
	yes := true
	a := ok(map[string]any{"data": map[string]any{"msg": msgOK, "so_id": doc.SoID, "io_id": id}})
	a.IsSuccess = &yes
	return a
}

func (s *Sim) count(b *balance, kind string, qty int64) {
	if kind == "check" {
		b.qty = qty
	} else {
		b.qty += qty
	}
	s.touch(b)
}

// relock brings the locks of an order's articles in line with its state. Each
// article is locked as long as the order is paid and its pieces have not left.
func (s *Sim) relock(o *order) {
	want, pick := map[string]int64{}, map[string]int64{}
	for _, it := range o.items {
		if o.locksStock() && !it.cancelled() {
			want[it.SKU] += it.Qty - it.shipped
			if o.status == statusDelivering {
				pick[it.SKU] += it.Qty - it.shipped
			}
		}
	}
	for _, it := range o.items {
		if s.article(it.SKU) == nil {
			continue
		}
		b := s.balance(o.wms, it.SKU)
		dLock, dPick := want[it.SKU]-o.locked[it.SKU], pick[it.SKU]-o.picking[it.SKU]
		if dLock != 0 || dPick != 0 {
			b.orderLock += dLock
			b.pickLock += dPick
			s.touch(b)
		}
		o.locked[it.SKU], o.picking[it.SKU] = want[it.SKU], pick[it.SKU]
	}
}

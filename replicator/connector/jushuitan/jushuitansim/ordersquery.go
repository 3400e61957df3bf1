package jushuitansim

import (
	"encoding/json"
	"slices"
	"sort"
)

func (s *Sim) ordersQuery(biz []byte) answer {
	q, bad := readQuery(biz, 30, 100)
	if bad.Code != codeOK {
		return bad
	}
	if !q.hasTime() && q.StartTS == nil && len(q.ShopOrderIDs) == 0 && len(q.OrderIDs) == 0 {
		return refuse(codeParam, "修改时间、线上单号、内部单号、start_ts不能同时为空")
	}
	if len(q.ShopOrderIDs) > 20 {
		return refuse(codeParam, "线上单号一次最多20个")
	}
	var hits []*order
	for _, o := range s.orders {
		if s.orderMatches(q, o) {
			hits = append(hits, o)
		}
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].version < hits[j].version })
	return ok(page(q, "orders", hits, s.orderRow))
}

func (s *Sim) orderMatches(q *query, o *order) bool {
	at := o.modified
	if q.DateType == 3 {
		at = o.sentAt
	}
	return (q.ShopID == 0 || q.ShopID == o.up.ShopID) && (q.Status == "" || q.Status == o.status) && q.inWindow(at) &&
		(q.StartTS == nil || o.version >= *q.StartTS) &&
		(len(q.ShopOrderIDs) == 0 || slices.Contains(q.ShopOrderIDs, o.up.SoID)) &&
		(len(q.OrderIDs) == 0 || slices.Contains(q.OrderIDs, o.oID))
}

// cancel ends orders that the warehouse has not been given yet. One order that
// cannot be cancelled refuses the whole call.
func (s *Sim) cancel(biz []byte) answer {
	var req struct {
		OrderIDs   []int64 `json:"o_ids"`
		CancelType string  `json:"cancel_type"`
	}
	if err := json.Unmarshal(biz, &req); err != nil || len(req.OrderIDs) == 0 || len(req.OrderIDs) > maxUpload || req.CancelType == "" {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	var hits []*order
	for _, id := range req.OrderIDs {
		o := s.findByID(id)
		if o == nil {
			return refuse(codeSave, "订单[%d]不存在", id)
		}
		if o.status == statusDelivering || o.status == statusSent || o.status == statusSplit {
			return refuse(codeSave, "订单[%d]状态为[%s],不允许取消", id, o.status)
		}
		hits = append(hits, o)
	}
	for _, o := range hits {
		if o.status != statusCancelled {
			o.status, o.questionType = statusCancelled, ""
			s.touchOrder(o)
		}
	}
	return ok(nil)
}

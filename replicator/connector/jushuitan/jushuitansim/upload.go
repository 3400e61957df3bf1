package jushuitansim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// maxUpload is how many orders one call may carry.
const maxUpload = 50

// ordersUpload takes an array of orders. Each row is judged alone; the answer's
// code is 0 although rows may have been refused.
func (s *Sim) ordersUpload(biz []byte) answer {
	var rows []json.RawMessage
	if err := json.Unmarshal(biz, &rows); err != nil || len(rows) > maxUpload {
		return refuse(codeParam, "参数不符合规范,请检查传入参数!")
	}
	if len(rows) == 0 {
		return refuse(codeEmpty, "传输数据不能为空")
	}
	datas := make([]map[string]any, 0, len(rows))
	for _, raw := range rows {
		oID, soID, msg := s.uploadRow(raw)
		datas = append(datas, map[string]any{"o_id": oID, "so_id": soID, "issuccess": msg == "", "msg": orOK(msg)})
	}
	return ok(map[string]any{"datas": datas})
}

func orOK(msg string) string {
	if msg == "" {
		return msgOK
	}
	return msg
}

func (s *Sim) uploadRow(raw json.RawMessage) (oID int64, soID, msg string) {
	var u upload
	if err := json.Unmarshal(raw, &u); err != nil {
		return 0, u.SoID, "参数不符合规范,请检查传入参数!"
	}
	if msg := s.checkUpload(&u, raw); msg != "" {
		return 0, u.SoID, msg
	}
	o := s.find(u.SoID)
	if o == nil {
		o = s.create(u)
	} else {
		s.update(o, u)
	}
	return o.oID, u.SoID, ""
}

// checkUpload returns why a row is refused, "" when it is good.
func (s *Sim) checkUpload(u *upload, raw json.RawMessage) string {
	if u.ShopID != s.opts.ShopID {
		return fmt.Sprintf("店铺编号[%d]不存在!", u.ShopID)
	}
	required := []struct {
		name, value string
		limit       int
	}{
		{"so_id", u.SoID, 50},
		{"order_date", u.OrderDate, 19},
		{"shop_buyer_id", u.ShopBuyerID, 50},
		{"receiver_address", u.ReceiverAddress, 200},
		{"receiver_name", u.ReceiverName, 50},
		{"receiver_mobile", u.ReceiverMobile + u.ReceiverPhone, 100},
	}
	for _, f := range required {
		if f.value == "" {
			return f.name + "不能为空"
		}
		if utf8.RuneCountInString(f.value) > f.limit {
			return fmt.Sprintf("%s长度不能超过%d", f.name, f.limit)
		}
	}
	if _, err := time.ParseInLocation(wallTime, u.OrderDate, shanghai()); err != nil {
		return "order_date格式错误"
	}
	switch u.ShopStatus {
	case "WAIT_BUYER_PAY", "WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO":
	default:
		return "shop_status无效"
	}
	if u.PayAmount == nil || u.Freight == nil {
		return "pay_amount和freight不能为空"
	}
	if u.WmsCoID != 0 && s.stock[u.WmsCoID] == nil {
		return fmt.Sprintf("仓库编号[%d]不存在!", u.WmsCoID)
	}
	if msg := checkRegion(raw); msg != "" {
		return msg
	}
	return s.checkItems(u)
}

// checkRegion: state, city and district may be left out but not be empty.
func checkRegion(raw json.RawMessage) string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return "参数不符合规范,请检查传入参数!"
	}
	for _, name := range []string{"receiver_state", "receiver_city", "receiver_district"} {
		v, present := fields[name]
		if present && (bytes.Equal(v, []byte("null")) || bytes.Equal(v, []byte(`""`))) {
			return name + "不能为空"
		}
	}
	return ""
}

func (s *Sim) checkItems(u *upload) string {
	if len(u.Items) == 0 {
		return "items不能为空"
	}
	seen := map[string]bool{}
	for _, it := range u.Items {
		if it.SKU == "" || it.ShopSKU == "" || it.Name == "" || it.OuterID == "" || it.Amount == nil || it.BasePrice == nil || it.Qty <= 0 {
			return fmt.Sprintf("商品[%s]缺少必填字段", it.SKU)
		}
		if utf8.RuneCountInString(it.Name) > 100 {
			return fmt.Sprintf("商品[%s]名称长度不能超过100", it.SKU)
		}
		if seen[it.OuterID] {
			return fmt.Sprintf("子订单号[%s]重复", it.OuterID)
		}
		seen[it.OuterID] = true
		if s.opts.RejectUnknownSKU && s.article(it.SKU) == nil {
			return fmt.Sprintf("商品编码[%s]不存在!", it.SKU)
		}
	}
	if p := u.Pay; p != nil && (p.OuterID == "" || p.Date == "" || p.Amount == nil) {
		return "pay缺少必填字段"
	}
	return ""
}

func (s *Sim) create(u upload) *order {
	o := &order{oID: s.nextID(), up: u, created: s.now(), wms: u.WmsCoID, status: statusWaitPay}
	if o.wms == 0 {
		o.wms = s.mainID()
	}
	for _, it := range u.Items {
		o.items = append(o.items, &item{uploadItem: it, oiID: s.nextID()})
	}
	s.orders = append(s.orders, o)
	s.addPay(o, u.Pay)
	s.settle(o)
	return o
}

// update changes what may still be changed: the shop's status, remarks and marks
// of refund always, the receiver before the goods left; never items and sums.
func (s *Sim) update(o *order, u upload) {
	o.up.ShopStatus, o.up.BuyerMessage, o.up.Remark, o.up.QuestionDesc = u.ShopStatus, u.BuyerMessage, u.Remark, u.QuestionDesc
	if o.status != statusSent {
		o.up.ReceiverState, o.up.ReceiverCity, o.up.ReceiverArea = u.ReceiverState, u.ReceiverCity, u.ReceiverArea
		o.up.ReceiverAddress, o.up.ReceiverName = u.ReceiverAddress, u.ReceiverName
		o.up.ReceiverMobile, o.up.ReceiverPhone = u.ReceiverMobile, u.ReceiverPhone
	}
	for _, it := range o.items {
		for _, now := range u.Items {
			if now.OuterID == it.OuterID && it.shipped == 0 {
				it.RefundStatus = now.RefundStatus
			}
		}
	}
	s.addPay(o, u.Pay)
	s.settle(o)
}

// addPay takes a payment once; the same outer_pay_id again changes nothing.
func (s *Sim) addPay(o *order, p *uploadPay) {
	if p == nil {
		return
	}
	for _, known := range o.pays {
		if known.OuterID == p.OuterID {
			return
		}
	}
	o.pays = append(o.pays, pay{uploadPay: *p, payID: s.nextID()})
}

// settle derives the ERP's status from what the shop said.
func (s *Sim) settle(o *order) {
	defer s.touchOrder(o)
	if o.status == statusSent || o.status == statusCancelled {
		return
	}
	closed := o.up.ShopStatus == "TRADE_CLOSED" || o.up.ShopStatus == "TRADE_CLOSED_BY_TAOBAO"
	live, waiting, unknown := 0, false, false
	for _, it := range o.items {
		if !it.cancelled() {
			live++
		}
		waiting = waiting || it.RefundStatus == "waiting"
		unknown = unknown || s.article(it.SKU) == nil
	}
	switch {
	case (closed || live == 0) && o.status == statusDelivering:
		o.status, o.questionType = statusQuestion, "订单已关闭"
	case closed || live == 0:
		o.status = statusCancelled
	case waiting:
		o.status, o.questionType = statusQuestion, "退款"
	case o.up.QuestionDesc != "":
		o.status, o.questionType = statusQuestion, "其它"
	case unknown:
		o.status, o.questionType = statusQuestion, "商品编码缺失"
	case o.status == statusDelivering:
	case o.up.ShopStatus != "WAIT_BUYER_PAY" && o.payable():
		o.status, o.questionType = statusWaitConfirm, ""
	default:
		o.status, o.questionType = statusWaitPay, ""
	}
}

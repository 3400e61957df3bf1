package jushuitansim

import (
	"sort"
	"strings"
	"time"

	"sverka/replicator/connector/simworld"
	"sverka/schema"
)

// article is one SKU of the catalogue.
type article struct {
	autoID   int64
	p        simworld.Product
	market   schema.Amount
	enabled  int
	created  time.Time
	modified time.Time
}

type shop struct {
	id      int64
	name    string
	created time.Time
}

type warehouse struct {
	id     int64
	code   string // the world's code; Jushuitan itself does not know it
	name   string
	isMain bool
}

func (s *Sim) addArticle(p simworld.Product, at time.Time) {
	a := &article{autoID: s.nextID(), p: p, enabled: 1, created: at, modified: at}
	s.goods = append(s.goods, a)
	s.bySKU[p.SKU] = a
}

// article finds an article by its SKU, nil when there is none.
func (s *Sim) article(sku string) *article { return s.bySKU[sku] }

// placeID is the wms_co_id of a warehouse of the world.
func (s *Sim) placeID(code string) int64 {
	for _, w := range s.places {
		if w.code == code {
			return w.id
		}
	}
	return 0
}

func (s *Sim) mainID() int64 {
	for _, w := range s.places {
		if w.isMain {
			return w.id
		}
	}
	return 0
}

func (s *Sim) skuQuery(biz []byte) answer {
	q, bad := readQuery(biz, 30, 50)
	if bad.Code != codeOK {
		return bad
	}
	wanted := split(q.SKUs)
	if !q.hasTime() && len(wanted) == 0 {
		return refuse(codeParam, "修改时间和商品编码不能同时为空")
	}
	if len(wanted) > 20 {
		return refuse(codeParam, "商品编码一次最多20个")
	}
	var hits []*article
	for _, a := range s.goods {
		if q.inWindow(a.modified) && (len(wanted) == 0 || wanted[a.p.SKU]) {
			hits = append(hits, a)
		}
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].modified.Before(hits[j].modified) })
	return ok(page(q, "datas", hits, (*article).row))
}

func (a *article) row() map[string]any {
	p := a.p
	colour, _, _ := strings.Cut(p.Variant, ";")
	return map[string]any{
		"sku_id": p.SKU, "i_id": p.StyleCode, "name": p.Name, "short_name": p.Name,
		"sale_price": p.Retail, "cost_price": p.Purchase, "market_price": a.market,
		"properties_value": p.Variant, "color": colour, "c_id": 120345, "category": p.Category, "vc_name": "",
		"pic": p.Picture, "pic_big": p.Picture, "enabled": a.enabled, "weight": p.WeightKg, "l": p.LengthCm, "w": p.WidthCm, "h": p.HeightCm,
		"brand": p.Brand, "unit": "件", "remark": p.Description, "item_type": "成品",
		"supplier_id": "", "supplier_name": "", "supplier_sku_id": "", "supplier_i_id": "",
		"sku_code": p.Barcode, "sku_codes": p.Barcode, "sku_type": "normal", "stock_disabled": 0,
		"modified": wall(a.modified), "created": wall(a.created), "creator": 1, "autoid": a.autoID,
		"shelf_life": nil, "labels": "", "production_licence": "", "is_series_number": false, "batch_enabled": "false",
		"stock_type": nil, "other_1": nil, "other_price_1": nil,
	}
}

func (s *Sim) warehouseQuery(biz []byte) answer {
	q, bad := readQuery(biz, 30, 100)
	if bad.Code != codeOK {
		return bad
	}
	return ok(page(q, "datas", s.places, func(w warehouse) map[string]any {
		return map[string]any{
			"name": w.name, "co_id": companyID, "wms_co_id": w.id, "is_main": w.isMain, "status": "生效", "remark1": "", "remark2": "",
		}
	}))
}

func (s *Sim) shopQuery(biz []byte) answer {
	q, bad := readQuery(biz, 100, 100)
	if bad.Code != codeOK {
		return bad
	}
	block := page(q, "datas", s.shops, func(sh shop) map[string]any {
		return map[string]any{
			"shop_id": sh.id, "shop_name": sh.name, "co_id": companyID, "shop_site": "商家自有商城", "shop_url": "https://shop.example.com",
			"created": wall(sh.created), "nick": "shop@example.com", "session_expired": nil, "session_uid": "", "short_name": sh.name,
			"group_id": nil, "group_name": nil,
		}
	})
	delete(block, "data_count") // the vendor leaves both out for shops
	delete(block, "page_count")
	return ok(block)
}

func (s *Sim) carrierQuery(biz []byte) answer {
	q, bad := readQuery(biz, 50, 50)
	if bad.Code != codeOK {
		return bad
	}
	carriers := [][2]string{{"SF", "顺丰速运"}, {"YUNDA", "韵达快递"}}
	return ok(page(q, "datas", carriers, func(c [2]string) map[string]any {
		return map[string]any{"lc_id": c[0], "lc_name": c[1], "modified": "2024-01-01 00:00:00"}
	}))
}

// split reads a comma list into a set.
func split(list string) map[string]bool {
	set := map[string]bool{}
	for _, v := range strings.Split(list, ",") {
		if v = strings.TrimSpace(v); v != "" {
			set[v] = true
		}
	}
	return set
}

package main

import (
	"encoding/json"
	"sort"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// threeWords is one word of the workbook in its languages.
type threeWords struct{ ru, en, zh string }

func (w threeWords) in(l workbook.Language) string {
	switch l {
	case workbook.English:
		return w.en
	case workbook.Chinese:
		return w.zh
	default:
		return w.ru
	}
}

func systemWord(l workbook.Language, s schema.System) string {
	words := map[schema.System]threeWords{
		schema.OneC: {"1С", "1C", "1C"}, schema.Jushuitan: {"Jushuitan", "Jushuitan", "聚水潭"}, schema.OpenShop: {"OpenShop", "OpenShop", "OpenShop"},
		schema.Bank: {"Банк", "Bank", "银行"}, schema.Yandex: {"Яндекс", "Yandex", "Yandex"}, schema.Sverka: {"sverka", "sverka", "sverka"},
	}
	if w, ok := words[s]; ok {
		return w.in(l)
	}
	return string(s)
}

func entityWord(l workbook.Language, e schema.Entity) string {
	words := map[schema.Entity]threeWords{
		schema.EntityStockBalance: {"остатки", "stock", "库存"}, schema.EntitySalesOrder: {"заказы", "orders", "订单"},
		schema.EntityOrderStatus: {"статусы заказов", "order statuses", "订单状态"}, schema.EntityPayment: {"оплаты", "payments", "付款"},
		schema.EntityShipment: {"отгрузки", "shipments", "发货"}, schema.EntityBankTransaction: {"строки выписки", "statement lines", "银行流水"},
		schema.EntityProduct: {"товары", "products", "商品"}, schema.EntityCustomer: {"покупатели", "customers", "客户"}, schema.EntityWarehouse: {"склады", "warehouses", "仓库"},
	}
	if w, ok := words[e]; ok {
		return w.in(l)
	}
	return string(e)
}

// parameters says the rules of a run in words. A rule that is new here shows its own name.
func parameters(run reconcile.RunInfo, o reportOptions) []workbook.Parameter {
	words := map[string]threeWords{
		"tolerance_quantity": {"Допуск по количеству", "Tolerance, quantity", "数量容差"}, "tolerance_amount": {"Допуск по сумме", "Tolerance, amount", "金额容差"},
		"tolerance_date": {"Допуск по дате", "Tolerance, date", "日期容差"}, "grace": {"Время в пути", "Grace period", "宽限期"},
		"stale_after": {"Данные устаревают через", "Data is stale after", "数据失效时间"}, "materiality": {"Существенность", "Materiality", "重要性"},
		"price_type": {"Вид цены для оценки", "Price type of the valuation", "估价价格类型"}, "since": {"Документы начиная с", "Documents since", "单据起始"},
		"confirmed": {"Известны по подтверждениям", "Known by confirmations", "按确认得知"},
	}
	rules := map[string]json.RawMessage{}
	if err := json.Unmarshal(run.Rules, &rules); err != nil {
		return []workbook.Parameter{{Name: "rules", Value: string(run.Rules)}}
	}
	names := make([]string, 0, len(rules))
	for name := range rules {
		names = append(names, name)
	}
	sort.Strings(names)
	out := make([]workbook.Parameter, 0, len(names))
	for _, name := range names {
		shown := name
		if w, ok := words[name]; ok {
			shown = w.in(o.language)
		}
		out = append(out, ruleLines(o.language, name, shown, rules[name])...)
	}
	return out
}

package main

import (
	"strings"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// totalWords says a control total in the workbook's language: "order_sum" of
// "document onec>openshop RUB" is "Заказы 1С ↔ OpenShop: сумма, RUB". What is new
// here keeps its own words.
func totalWords(l workbook.Language, t reconcile.ControlTotal) string {
	if t.Name == "findings" {
		return threeWords{"Расхождения: посчитаны и записаны", "Differences: counted and stored", "差异：已统计与已保存"}.in(l)
	}
	plain := strings.TrimSpace(t.Name + " " + t.Scope)
	cut := strings.LastIndex(t.Name, "_")
	parts := strings.Fields(t.Scope)
	if cut < 0 || len(parts) == 0 {
		return plain
	}
	subject, ok := comparisonWords()[t.Name[:cut]+" "+parts[0]]
	if !ok {
		return plain
	}
	words, where := subject.in(l), ""
	for _, p := range parts[1:] {
		if a, b, pair := strings.Cut(p, ">"); pair {
			words += " " + systemWord(l, schema.System(a)) + " ↔ " + systemWord(l, schema.System(b))
			continue
		}
		where = p
	}
	if parts[0] == "identity" {
		return words
	}
	return words + totalMeasure(l, t.Name[:cut], t.Name[cut:], where)
}

// totalMeasure says what was counted: pairs, goods of a warehouse, money of a currency.
func totalMeasure(l workbook.Language, area, suffix, where string) string {
	warehouse := ""
	if area == "stock" && where != "" {
		warehouse = threeWords{", склад ", ", warehouse ", "，仓库 "}.in(l) + where
	}
	switch {
	case suffix == "_pairs":
		return warehouse + threeWords{": пар", ": pairs", "：对数"}.in(l)
	case area == "stock" || where == "units":
		return warehouse + threeWords{": количество", ": quantity", "：数量"}.in(l)
	default:
		return threeWords{": сумма, ", ": amount, ", "：金额，"}.in(l) + where
	}
}

// comparisonWords name what a control total is about, by area and comparison.
func comparisonWords() map[string]threeWords {
	return map[string]threeWords{
		"stock quantity":   {"Остатки", "Stock", "库存"},
		"stock reserved":   {"Резерв", "Reserved", "预留"},
		"stock published":  {"К продаже", "For sale", "可售库存"},
		"stock identity":   {"Товары: записи без дублей", "Products: records without doubles", "商品：无重复记录"},
		"order document":   {"Заказы", "Orders", "订单"},
		"order status":     {"Статусы заказов", "Order statuses", "订单状态"},
		"order identity":   {"Заказы: записи без дублей", "Orders: records without doubles", "订单：无重复记录"},
		"payment paid":     {"Оплаты", "Payments", "付款"},
		"shipment shipped": {"Отгрузки", "Shipments", "发货"},
	}
}

// totalArea is the area that a control total belongs to; empty for the totals of
// the run itself.
func totalArea(name string) workbook.Area {
	if cut := strings.LastIndex(name, "_"); cut > 0 {
		return workbook.Area(name[:cut])
	}
	return ""
}

package main

import (
	"strings"

	"sverka/reports/workbook"
	"sverka/schema"
)

// word is the word of a code, or the code itself when it is new here.
func word(l workbook.Language, words map[string]threeWords, code string) string {
	if w, ok := words[code]; ok {
		return w.in(l)
	}
	return code
}

// unitWord is how people write a unit of measure; the systems know it by its OKEI code.
func unitWord(l workbook.Language, code string) string {
	return word(l, map[string]threeWords{
		"796": {"шт", "pcs", "件"}, "006": {"м", "m", "米"}, "003": {"мм", "mm", "毫米"}, "004": {"см", "cm", "厘米"}, "018": {"пог. м", "lin. m", "延米"},
		"055": {"м²", "m²", "平方米"}, "113": {"м³", "m³", "立方米"}, "111": {"мл", "ml", "毫升"}, "112": {"л", "l", "升"},
		"163": {"г", "g", "克"}, "166": {"кг", "kg", "千克"}, "168": {"т", "t", "吨"},
		"625": {"лист", "sheet", "张"}, "642": {"ед", "unit", "个"}, "704": {"набор", "set", "组"}, "715": {"пара", "pair", "双"}, "736": {"рул", "roll", "卷"},
		"778": {"упак", "pack", "包"}, "812": {"ящ", "box", "箱"}, "839": {"компл", "set", "套"}, "868": {"бут", "btl", "瓶"}, "728": {"пач", "pkt", "盒"},
	}, code)
}

// phaseWord is the state of an order in words.
func phaseWord(l workbook.Language, p schema.Phase) string {
	return word(l, map[string]threeWords{
		string(schema.PhaseReceived): {"Получен", "Received", "已接收"}, string(schema.PhaseAwaitingPayment): {"Ждёт оплаты", "Awaiting payment", "待付款"},
		string(schema.PhaseAccepted): {"Принят", "Accepted", "已接受"}, string(schema.PhaseAwaitingStock): {"Ждёт товара", "Awaiting stock", "待备货"},
		string(schema.PhaseHeld): {"Задержан", "Held", "已暂停"}, string(schema.PhaseReleased): {"К отгрузке", "Released", "待发货"},
		string(schema.PhaseShippedPartial): {"Отгружен частично", "Partly shipped", "部分发货"}, string(schema.PhaseShipped): {"Отгружен", "Shipped", "已发货"},
		string(schema.PhaseDelivered): {"Доставлен", "Delivered", "已送达"}, string(schema.PhaseCompleted): {"Выполнен", "Completed", "已完成"},
		string(schema.PhaseClosedShort): {"Закрыт не полностью", "Closed short", "未足量关闭"}, string(schema.PhaseCancelled): {"Отменён", "Cancelled", "已取消"},
		string(schema.PhaseReturned): {"Возвращён", "Returned", "已退货"}, string(schema.PhaseSuperseded): {"Заменён другим", "Superseded", "已被替代"},
		string(schema.PhaseUnknown): {"Не распознан", "Unknown", "未识别"},
	}, string(p))
}

// reasonWords say why a delivery waits.
func reasonWords() map[string]threeWords {
	return map[string]threeWords{
		"not_accepted": {"Заказ не проведён в 1С", "The order is not posted in 1C", "订单在1C尚未过账"}, "not_paid": {"Покупатель не оплатил", "The buyer has not paid", "买家尚未付款"},
		"not_fully_paid":       {"Заказ оплачен не полностью", "The order is not paid in full", "订单尚未付清"},
		"payment_not_verified": {"Банк ещё не подтвердил оплату", "The bank has not confirmed the payment", "银行尚未确认付款"},
		"address_pending":      {"Адрес проверяется", "The address is being looked up", "地址核对中"}, "address_unresolved": {"Адрес не найден", "The address was not found", "地址无法识别"},
		"product_missing": {"Товара там ещё нет", "The product is not there yet", "对方尚无该商品"}, "order_missing": {"Заказа там ещё нет", "The order is not there yet", "对方尚无该订单"},
		"warehouse_unmapped": {"Склад не сопоставлен", "The warehouse is not mapped", "仓库未映射"}, "warehouse_missing": {"Склада там нет", "The warehouse is not there", "对方无该仓库"},
		"unmapped":        {"Нет сопоставления", "Not mapped", "未映射"},
		"already_shipped": {"Заказ уже отгружен", "The order has been shipped", "订单已发货"}, "order_already_shipped": {"Заказ уже отгружен", "The order has been shipped", "订单已发货"},
		"not_shipped": {"Заказ ещё не отгружен", "The order is not shipped yet", "订单尚未发货"}, "not_published": {"Нет доступа к объекту 1С", "1C does not publish the object", "1C未发布该对象"},
		"order_fixed":                   {"Заказ уже передан и там не меняется", "The order is fixed there", "订单在对方已锁定"},
		"order_cancelled_in_jushuitan":  {"Заказ отменён в Jushuitan", "The order is cancelled in Jushuitan", "订单在聚水潭已取消"},
		"order_superseded":              {"Заказ объединён с другим", "The order was merged into another", "订单已合并"},
		"warehouse_refused_cancel":      {"Склад не отменяет заказ", "The warehouse refuses to cancel", "仓库拒绝取消"},
		"customer_missing":              {"Покупателя там ещё нет", "The customer is not there yet", "对方尚无该客户"},
		"customer_ambiguous":            {"Несколько контрагентов с этим ИНН", "Several counterparties have this INN", "多个往来单位税号相同"},
		"customer_duplicate":            {"Контрагент уже есть под другим кодом", "The company is there under another code", "该公司已有其他编码"},
		"shipment_cancel_needs_person":  {"Отгрузка отменена после проведения: решает человек", "Cancelled after posting: a person must act", "发货过账后取消：需人工处理"},
		"refund_needs_person":           {"Возврат оплаты проводит человек", "A person must book the refund", "退款需人工登记"},
		"stock_correction_needs_person": {"Корректировку проводит человек", "A person must book the correction", "需人工登记调整"},
		"stock_owner_unknown":           {"Не указано, кто ведёт склад", "Nobody is named as running the warehouse", "未指定仓库负责系统"},
		"stock_unsettled":               {"Возможно, объясняется отгрузкой в пути", "A shipment under way may explain it", "可能由在途出库解释"},
		"negative_stock":                {"Остаток меньше нуля", "The balance is below zero", "库存为负"},
		"setting_missing":               {"Нет настройки в 1С", "A setting of 1C is missing", "1C缺少设置"}, "vat_rate_missing": {"Нет ставки НДС в 1С", "1C has no such VAT rate", "1C无该增值税率"},
		"attribute_missing": {"Нет реквизита в 1С", "1C has no such attribute", "1C无该属性"}, "parent_missing": {"Ждёт другую запись", "Waits for another record", "等待其他记录"},
		"locked": {"Запись редактируют", "Somebody edits the record", "记录正被编辑"}, "shadow": {"Поток в режиме «тень»", "The flow is in shadow mode", "流程处于影子模式"},
		"validation": {"Запись не прошла проверку", "The record failed validation", "记录未通过校验"}, "rejected": {"Система не приняла запись", "The system refused the record", "系统拒绝该记录"},
		"busy": {"Система занята", "The system is busy", "系统繁忙"}, "session": {"Нет входа в систему", "Not signed in", "未登录"}, "young": {"В пути", "Under way", "在途"},
	}
}

// flowWords reads "sales_order:onec>jushuitan" as "Заказ: 1С → Jushuitan"; a name of
// another shape is shown as it is.
func flowWords(l workbook.Language, id string) (words string, from, to schema.System) {
	entity, ends, ok := strings.Cut(id, ":")
	a, b, both := strings.Cut(ends, ">")
	if !ok || !both {
		return id, "", ""
	}
	from, to = schema.System(a), schema.System(b)
	names := map[string]threeWords{
		string(schema.EntitySalesOrder): {"Заказ", "Order", "订单"}, string(schema.EntityOrderStatus): {"Статус заказа", "Order status", "订单状态"},
		string(schema.EntityPayment): {"Оплата", "Payment", "付款"}, string(schema.EntityShipment): {"Отгрузка", "Shipment", "发货"},
		string(schema.EntityStockBalance): {"Остаток", "Stock", "库存"}, string(schema.EntityProduct): {"Товар", "Product", "商品"},
		string(schema.EntityCustomer): {"Покупатель", "Customer", "客户"}, string(schema.EntityWarehouse): {"Склад", "Warehouse", "仓库"},
		string(schema.EntityBankTransaction): {"Строка выписки", "Statement line", "银行流水"}, string(schema.EntityAddress): {"Адрес", "Address", "地址"},
		string(schema.EntityJournalEntry): {"Запись журнала", "Journal entry", "日志记录"},
	}
	return word(l, names, entity) + ": " + systemWord(l, from) + " → " + systemWord(l, to), from, to
}

package onec

import (
	"context"
	"fmt"

	"sverka/replicator"
	"sverka/schema"
)

// Labels of the lines that DeliveryInfo keeps.
const (
	labelReceiver = "Получатель"
	labelPhone    = "Телефон"
	labelDelivery = "Способ доставки"
	labelPayment  = "Оплата"
	labelTracking = "Трек-номер"
	labelCarrier  = "Перевозчик"

	onDelivery      = "при получении"
	defaultDelivery = "ДоКлиента"
)

func orderFields() []string {
	return []string{
		"Ref_Key", "DataVersion", "DeletionMark", "Number", "Date", "Posted", "Партнер_Key", "Контрагент_Key", "Организация_Key", "Соглашение_Key", "Валюта_Key", "СуммаДокумента", "Склад_Key",
		"Статус", "ФормаОплаты", "АдресДоставки", "СпособДоставки", "Комментарий", "Товары",
	}
}

// orderSelect adds the configured fields.
func (c *Client) orderSelect() []string {
	return append(orderFields(), c.n.OrderNumber, c.n.DeliveryInfo)
}

// orderView is an order of 1C as its two canonical records, or why it has none.
type orderView struct {
	row     row
	order   *schema.SalesOrder
	status  *schema.OrderStatus
	refused *replicator.Refusal
}

// viewOrders reads orders with everything they refer to. shipped tells by order
// and item what posted shipments took.
func (c *Client) viewOrders(ctx context.Context, rows []row, shipped shippedBy) ([]orderView, error) {
	items, partners := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		partners[r.ref("Партнер_Key")] = true
		for _, l := range r.lines("Товары") {
			items[l.ref("Номенклатура_Key")] = true
		}
	}
	known, err := c.itemsByRef(ctx, items)
	if err != nil {
		return nil, err
	}
	people, err := c.partnersByRef(ctx, partners)
	if err != nil {
		return nil, err
	}
	out := make([]orderView, 0, len(rows))
	for _, r := range rows {
		v, err := c.viewOrder(ctx, r, known, people[r.ref("Партнер_Key")].code, shipped[r.ref("Ref_Key")])
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (c *Client) viewOrder(ctx context.Context, r row, items map[string]item, customer string, shipped map[string]schema.Quantity) (orderView, error) {
	number := r.text(c.n.OrderNumber)
	if number == "" {
		return orderView{row: r, refused: refuse(schema.EntitySalesOrder, "", r, "unmapped", schema.Problem{
			Field: "order_number", Reason: "the order " + r.text("Number") + " of 1C carries no outside number", Hint: "fill " + c.n.OrderNumber + " in 1C",
		})}, nil
	}
	o := &schema.SalesOrder{
		Provenance: c.provenance(r), OrderNumber: number, CustomerCode: customer, OrderedAt: c.time(r, "Date"),
		AddressText: r.text("АдресДоставки"), Comment: r.text("Комментарий"), Posted: r.flag("Posted"), Lines: []schema.SalesOrderLine{},
	}
	o.Extra = schema.Extra{"number": r.text("Number")}
	c.readDelivery(o, r)
	var problems []schema.Problem
	var err error
	if o.Total, err = r.amount("СуммаДокумента"); err != nil {
		problems = append(problems, malformed("total", err))
	}
	if o.Currency, err = c.currencyLetters(ctx, r.ref("Валюта_Key")); err != nil {
		return orderView{}, err
	}
	if o.WarehouseCode, err = c.codeOfWarehouse(ctx, r.ref("Склад_Key")); err != nil {
		return orderView{}, err
	}
	if o.WarehouseCode == "" && r.ref("Склад_Key") != "" {
		return orderView{row: r, refused: refuse(schema.EntitySalesOrder, schema.Key(number), r, "unmapped", unmappedWarehouse(r.ref("Склад_Key")))}, nil
	}
	lineProblems, err := c.readLines(ctx, o, r, items)
	if err != nil {
		return orderView{}, err
	}
	problems = append(append(problems, lineProblems...), o.Validate()...)
	if len(problems) > 0 {
		return orderView{row: r, refused: refuse(schema.EntitySalesOrder, schema.Key(number), r, "validation", problems...)}, nil
	}
	s, err := c.statusOf(ctx, r, o, items, shipped)
	return orderView{row: r, order: o, status: s}, err
}

func unmappedWarehouse(ref string) schema.Problem {
	return schema.Problem{Field: "warehouse_code", Value: ref, Reason: "the warehouse of 1C is not mapped", Hint: "add it to the setting warehouses"}
}

func malformed(field string, err error) schema.Problem {
	return schema.Problem{Field: field, Reason: err.Error(), Hint: "correct the field in 1C"}
}

func refuse(e schema.Entity, key schema.Key, r row, code string, problems ...schema.Problem) *replicator.Refusal {
	return &replicator.Refusal{Entity: e, Key: key, ExternalID: r.ref("Ref_Key"), Code: code, Problems: problems}
}

// codeOfWarehouse is our code of a warehouse, "" when it is empty or not mapped.
func (c *Client) codeOfWarehouse(ctx context.Context, ref string) (string, error) {
	if ref == "" {
		return "", nil
	}
	all, err := c.warehouses(ctx)
	return all[ref], err
}

// readDelivery reads receiver, methods and telephone out of their lines.
func (c *Client) readDelivery(o *schema.SalesOrder, r row) {
	info := r.text(c.n.DeliveryInfo)
	o.ReceiverName, o.ReceiverPhone = labelled(info, labelReceiver), labelled(info, labelPhone)
	o.DeliveryMethod = labelled(info, labelDelivery)
	if v := r.text("СпособДоставки"); o.DeliveryMethod == "" && v != "" {
		for method, value := range c.cfg.DeliveryMethods {
			if value == v {
				o.DeliveryMethod = method
			}
		}
		if o.DeliveryMethod == "" && v != defaultDelivery {
			o.DeliveryMethod = v
		}
	}
	switch paid := labelled(info, labelPayment); {
	case paid == onDelivery:
		o.PaymentMethod = schema.MethodOnDelivery
	case paid != "":
		o.PaymentMethod = paid
	default:
		o.PaymentMethod = map[string]string{
			"ПлатежнаяКарта": schema.MethodCard, "Безналичная": schema.MethodBankTransfer, "Наличная": schema.MethodCash,
		}[r.text("ФормаОплаты")]
	}
}

// readLines fills lines, freight and discount. The manual discount of the lines
// is the order's discount: that is where the sink puts it.
func (c *Client) readLines(ctx context.Context, o *schema.SalesOrder, r row, items map[string]item) ([]schema.Problem, error) {
	var problems []schema.Problem
	for i, l := range r.lines("Товары") {
		it := items[l.ref("Номенклатура_Key")]
		line := schema.SalesOrderLine{
			SKU: it.sku, Name: l.text("Содержание"), UnitCode: it.unit, IsService: it.service, Cancelled: l.flag("Отменено"),
		}
		if line.Name == "" {
			line.Name = it.name
		}
		var discount schema.Amount
		var err error
		note := func(field string, e error) {
			if e != nil {
				problems = append(problems, malformed(fmt.Sprintf("lines[%d].%s", i+1, field), e))
			}
		}
		line.Quantity, err = l.quantity("Количество")
		note("quantity", err)
		line.Price, err = l.amount("Цена")
		note("price", err)
		line.VATAmount, err = l.amount("СуммаНДС")
		note("vat_amount", err)
		discount, err = l.amount("СуммаРучнойСкидки")
		note("discount", err)
		line.Amount, err = lineSum(l)
		note("amount", err)
		line.Amount += discount
		if !line.Cancelled {
			o.Discount += discount
		}
		if it.sku == c.cfg.Trade.FreightArticle && it.service {
			if !line.Cancelled {
				o.Freight += line.Amount
			}
			continue
		}
		if line.VATRate, err = c.vatName(ctx, l.ref("СтавкаНДС_Key")); err != nil {
			return nil, err
		}
		line.LineNo = len(o.Lines) + 1
		o.Lines = append(o.Lines, line)
	}
	return problems, nil
}

// lineSum is what the buyer owes for a line, VAT included.
func lineSum(l row) (schema.Amount, error) {
	sum, err := l.amount("СуммаСНДС")
	if err == nil && sum == 0 {
		sum, err = l.amount("Сумма")
	}
	return sum, err
}

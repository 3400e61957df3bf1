package commerceml_test

import (
	"strings"
	"testing"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

const paidOrder = `<Документ><Ид>77</Ид><Номер>B-77</Номер><Дата>2026-11-23</Дата><ХозОперация>Заказ товара</ХозОперация><Валюта>руб</Валюта><Сумма>100</Сумма>
<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Заказ оплачен</Наименование><Значение>true</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>
<Товары><Товар><Артикул>L-1</Артикул><Наименование>Лампа</Наименование><Единица><Код>796</Код></Единица><Количество>1</Количество><Цена>100</Цена><Сумма>100</Сумма></Товар></Товары></Документ>`

func paymentDoc(operation, more string) string {
	return `<Документ><Ид>p1</Ид><Номер>B-77/1</Номер><Дата>2026-11-23</Дата><Время>12:00:00</Время><ХозОперация>` + operation + `</ХозОперация><Валюта>руб</Валюта><Сумма>100</Сумма>` + more + `</Документ>`
}

func box(docs ...string) string {
	return "<Контейнер>" + strings.Join(docs, "") + "</Контейнер>"
}

func TestMapper_of_payment_documents(t *testing.T) {
	t.Parallel()
	const bank = "Выплата безналичных денег"
	unpaid := strings.Replace(paidOrder, "<Значение>true<", "<Значение>false<", 1)
	shipment := paymentDoc("Отпуск товара", `<Товары><Товар><Ид>1</Ид><Количество>много</Количество></Товар></Товары>`)
	for _, tt := range []struct {
		name, body string
		payment    string // id, order, amount, method and status
		refused    string
		counts     commerceml.Counts
	}{
		{"in the container of its order, once", box(paidOrder, paymentDoc(bank, "")), "B-77/1 B-77 100.00  paid", "", commerceml.Counts{}},
		{"in cash", box(unpaid, paymentDoc("Выплата наличных денег", "")), "B-77/1 B-77 100.00 cash paid", "", commerceml.Counts{}},
		{"beside its order, by its Ид", unpaid + paymentDoc(bank, "<Основание>77</Основание>"), "B-77/1 B-77 100.00  paid", "", commerceml.Counts{}},
		{"alone, by number", paymentDoc(bank, "<НомерОснования>B-9</НомерОснования>"), "B-77/1 B-9 100.00  paid", "", commerceml.Counts{}},
		{"alone, of nobody knows what", box(unpaid) + box(paymentDoc(bank, "<Основание>5</Основание>")), "", "payment B-77/1 unmapped order_number", commerceml.Counts{}},
		{"told by the order already", paidOrder + paymentDoc(bank, "<Основание>77</Основание>"), "B-77-paid B-77 100.00  paid", "", commerceml.Counts{PaymentsTold: 1}},
		{"a shipment says nothing", box(paidOrder, shipment), "B-77-paid B-77 100.00  paid", "", commerceml.Counts{Shipments: 1}},
		{"no known currency", box(unpaid, strings.Replace(paymentDoc(bank, ""), "руб", "тугрик", 1)), "", "payment B-77/1 validation currency", commerceml.Counts{}},
		{"another document", box(unpaid, paymentDoc("Возврат товара", "")), "", "sales_order B-77/1 unmapped operation", commerceml.Counts{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mapper := commerceml.NewMapper(testMapping(t))
			for it, err := range text(tt.body) {
				if err != nil {
					t.Fatal(err)
				}
				mapper.Add(it)
			}
			out, got := mapper.Finish(), []string{}
			for _, r := range out.Records {
				if p, ok := r.(*schema.Payment); ok {
					got = append(got, p.PaymentID+" "+p.OrderNumber+" "+p.Amount.String()+" "+p.Method+" "+p.Status)
				}
			}
			if strings.Join(got, "; ") != tt.payment || refusals(out) != tt.refused || mapper.Counts() != tt.counts {
				t.Errorf("payments %q, refused %q, counts %+v", got, refusals(out), mapper.Counts())
			}
		})
	}
}

package commerceml

import (
	"io"
	"iter"
	"time"

	"sverka/schema"
)

// StatusDocument tells a shop where one of its orders stands. It carries no
// lines and nothing personal: a receiver reads the requisites only.
type StatusDocument struct {
	ID           string // the shop's own id of the order, the number when empty
	Number       string
	OrderedAt    time.Time
	Currency     string // ISO 4217
	Total        schema.Amount
	CustomerCode string

	Status         string // "Статус заказа"
	ChangedAt      time.Time
	Cancelled      bool
	Reason         string // of a cancellation
	InvoiceNumber  string // "Номер отгрузки по 1С"
	ShippedAt      time.Time
	TrackingNumber string
	Carrier        string
	PaymentNumber  string // "Номер оплаты по 1С"
	PaidAt         time.Time
}

// WriteStatuses writes an orders document with one Документ per status.
func WriteStatuses(w io.Writer, o WriteOptions, documents iter.Seq[StatusDocument]) error {
	o = o.withDefaults()
	x := newWriter(w)
	x.document(o)
	for d := range documents {
		if x.err != nil {
			break
		}
		x.status(o, d)
	}
	return x.finish("orders")
}

func (w *writer) status(o WriteOptions, d StatusDocument) {
	if d.ID == "" {
		d.ID = d.Number
	}
	if d.CustomerCode == "" {
		d.CustomerCode = "-"
	}
	at := d.OrderedAt
	if at.IsZero() {
		at = o.FormedAt
	}
	at = at.In(o.Location)
	w.start("Документ")
	w.leaf("Ид", d.ID)
	w.leaf("Номер", d.Number)
	w.leaf("Дата", at.Format("2006-01-02"))
	w.leaf("ХозОперация", "Заказ товара")
	w.leaf("Роль", "Продавец")
	w.leaf("Валюта", d.Currency)
	w.leaf("Курс", "1")
	w.leaf("Сумма", d.Total.String())
	w.start("Контрагенты")
	w.start("Контрагент")
	w.leaf("Ид", d.CustomerCode)
	w.leaf("Наименование", d.CustomerCode)
	w.leaf("ПолноеНаименование", d.CustomerCode)
	w.leaf("Роль", "Покупатель")
	w.end()
	w.end()
	w.leaf("Время", at.Format("15:04:05"))
	cancelled := ""
	if d.Cancelled {
		cancelled = "true"
	}
	w.requisites([]Pair{
		{Name: "Статус заказа", Value: d.Status},
		{Name: "Дата изменения статуса", Value: localTime(d.ChangedAt, o.Location)},
		{Name: "Отменен", Value: cancelled},
		{Name: "Причина отмены", Value: d.Reason},
		{Name: "Номер отгрузки по 1С", Value: d.InvoiceNumber},
		{Name: "Дата отгрузки по 1С", Value: localTime(d.ShippedAt, o.Location)},
		{Name: "Трек-номер", Value: d.TrackingNumber},
		{Name: "Служба доставки", Value: d.Carrier},
		{Name: "Номер оплаты по 1С", Value: d.PaymentNumber},
		{Name: "Дата оплаты по 1С", Value: localTime(d.PaidAt, o.Location)},
	})
	w.end()
}

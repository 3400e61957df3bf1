package onecsim

import (
	"strings"
	"time"

	"sverka/schema"
)

// Order is what a test needs to know of an order in 1C.
type Order struct {
	Ref, Number, Status, Comment string // Number is 1C's own
	Posted, Deleted              bool
	Date                         time.Time
	Total                        schema.Amount
	Lines                        []OrderLine // the freight line included
}

// OrderLine is one line of an order in 1C.
type OrderLine struct {
	SKU       string
	Quantity  schema.Quantity
	Amount    schema.Amount
	Cancelled bool
	Supply    string // ВариантОбеспечения
	Reason    string // of the cancellation
}

// Order finds an order by the shop's number; false when 1C has none.
func (s *Sim) Order(number string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.table(setOrder).rows {
		if text(r, "НомерПоДаннымКлиента") != number {
			continue
		}
		at, _ := time.ParseInLocation(dateForm, text(r, "Date"), s.opt.Location)
		o := Order{
			Ref: text(r, "Ref_Key"), Number: text(r, "Number"), Status: text(r, "Статус"), Comment: text(r, "Комментарий"),
			Posted: flag(r, "Posted"), Deleted: flag(r, "DeletionMark"), Date: at, Total: amount(r, "СуммаДокумента"),
		}
		for _, l := range lines(r, "Товары") {
			line := OrderLine{
				Quantity: quantity(l, "Количество"), Amount: amount(l, "СуммаСНДС"),
				Cancelled: flag(l, "Отменено"), Supply: text(l, "ВариантОбеспечения"),
			}
			if p := s.get(setProduct, text(l, "Номенклатура_Key")); p != nil {
				line.SKU = text(p, "Артикул")
			}
			if reason := s.get("Catalog_ПричиныОтменыЗаказовКлиентов", text(l, "ПричинаОтмены_Key")); reason != nil {
				line.Reason = text(reason, "Description")
			}
			o.Lines = append(o.Lines, line)
		}
		return o, true
	}
	return Order{}, false
}

// OrderCount is how many order documents carry the shop's number.
func (s *Sim) OrderCount(number string) int {
	return s.count(setOrder, func(r row) bool { return text(r, "НомерПоДаннымКлиента") == number })
}

// ShipmentCount is how many shipment documents carry the invoice number.
func (s *Sim) ShipmentCount(invoice string) int {
	return s.count(setShipment, func(r row) bool { return text(r, "ОснованиеНомер") == invoice })
}

// ShippedTotal adds up the posted shipments of an order, freight included.
func (s *Sim) ShippedTotal(number string) schema.Amount {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum schema.Amount
	if o := s.table(setOrder).find("НомерПоДаннымКлиента", number); o != nil {
		for _, r := range s.shipmentsOf(text(o, "Ref_Key")) {
			sum += amount(r, "СуммаДокумента")
		}
	}
	return sum
}

// PaymentCount is how many payment documents of all kinds carry the payment id.
func (s *Sim) PaymentCount(id string) int {
	n := 0
	for _, set := range []string{"Document_ПоступлениеБезналичныхДенежныхСредств", "Document_ОперацияПоПлатежнойКарте", "Document_ПриходныйКассовыйОрдер"} {
		n += s.count(set, func(r row) bool { return strings.Contains(text(r, "Комментарий"), "[payment:"+id+"]") })
	}
	return n
}

// Count is how many objects or records an entity set holds.
func (s *Sim) Count(set string) int { return s.count(set, func(row) bool { return true }) }

// PostedCount is how many documents of an entity set are posted.
func (s *Sim) PostedCount(set string) int {
	return s.count(set, func(r row) bool { return flag(r, "Posted") })
}

func (s *Sim) count(set string, match func(row) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.table(set).rows {
		if match(r) {
			n++
		}
	}
	return n
}

// Quantity is what lies in a warehouse of an article; zero when 1C knows neither.
func (s *Sim) Quantity(warehouseCode, sku string) schema.Quantity {
	q, _ := s.stockOf(warehouseCode, sku)
	return q
}

// Reserved is what is promised to orders of an article in a warehouse.
func (s *Sim) Reserved(warehouseCode, sku string) schema.Quantity {
	_, r := s.stockOf(warehouseCode, sku)
	return r
}

func (s *Sim) stockOf(warehouseCode, sku string) (schema.Quantity, schema.Quantity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.stockKey(warehouseCode, sku)
	if b := s.balances[key]; err == nil && b != nil {
		return b.quantity, b.reserved
	}
	return 0, 0
}

// JournalEntry is one record of the error register.
type JournalEntry struct {
	ID, Code, Key, Message, State string
	Attempt                       string
}

// JournalEntries lists the error register in the order of its ids.
func (s *Sim) JournalEntries() []JournalEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table("InformationRegister_ИО_ОшибкиОбмена")
	out := make([]JournalEntry, 0, len(t.rows))
	for _, k := range t.sorted() {
		r := t.rows[k]
		out = append(out, JournalEntry{
			ID: text(r, "ИдентификаторОшибки"), Code: text(r, "КодОшибки"), Key: text(r, "КлючОбъекта"),
			Message: text(r, "Сообщение"), State: text(r, "Состояние"), Attempt: text(r, "Попытка"),
		})
	}
	return out
}

// Calls is how many requests the infobase has answered.
func (s *Sim) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ProductCount is how many items carry the article.
func (s *Sim) ProductCount(sku string) int {
	return s.count(setProduct, func(r row) bool { return text(r, "Артикул") == sku })
}

// PartnerCount is how many partners carry the customer code, in Code or as a mark.
func (s *Sim) PartnerCount(code string) int {
	return s.count("Catalog_Партнеры", func(r row) bool {
		return text(r, "Code") == code || strings.Contains(text(r, "Комментарий"), "[customer:"+code+"]")
	})
}

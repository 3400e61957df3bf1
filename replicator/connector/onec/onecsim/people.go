package onecsim

import (
	"fmt"

	"sverka/schema"
)

// What people do inside 1C, behind the exchange's back.

// SetQuantity makes a warehouse hold so much of an article, as a stock-taking does.
func (s *Sim) SetQuantity(warehouseCode, sku string, q schema.Quantity) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.stockKey(warehouseCode, sku)
	if err != nil {
		return err
	}
	diff := q
	if b := s.balances[key]; b != nil {
		diff -= b.quantity
	}
	set, sum := setSurplus, diff
	if diff < 0 {
		set, sum = setShortage, -diff
	}
	if diff == 0 {
		return nil
	}
	ref := s.insert(set, row{
		"Date": s.now(), "Склад_Key": key.warehouse, "Комментарий": "Инвентаризация",
		"Товары": []row{{"Номенклатура_Key": key.product, "Количество": quantityNumber(sum)}},
	})
	r := s.get(set, ref)
	r["Posted"] = true
	s.record(set, r)
	return nil
}

// CloseOrder sets an order's status to Закрыт and posts it.
func (s *Sim) CloseOrder(number string) error {
	return s.editOrder(number, func(r row) error { r["Статус"] = "Закрыт"; return nil })
}

// SetOrderTotal writes another sum into an order, without touching its lines.
func (s *Sim) SetOrderTotal(number string, total schema.Amount) error {
	return s.editOrder(number, func(r row) error { r["СуммаДокумента"] = amountNumber(total); return nil })
}

// EditLine changes quantity and sum of one line of an order, counted from 1, and
// the order's total with it.
func (s *Sim) EditLine(number string, lineNo int, q schema.Quantity, sum schema.Amount) error {
	return s.editOrder(number, func(r row) error {
		rows := lines(r, "Товары")
		if lineNo < 1 || lineNo > len(rows) {
			return fmt.Errorf("edit line %d of order %s: the order has %d lines", lineNo, number, len(rows))
		}
		l := rows[lineNo-1]
		total := amount(r, "СуммаДокумента") - amount(l, "СуммаСНДС") + sum
		l["Количество"], l["КоличествоУпаковок"] = quantityNumber(q), quantityNumber(q)
		l["Сумма"], l["СуммаСНДС"] = amountNumber(sum), amountNumber(sum)
		r["СуммаДокумента"] = amountNumber(total)
		return nil
	})
}

// SetOrderStatus sets an order's Статус and posts it.
func (s *Sim) SetOrderStatus(number, status string) error {
	return s.editOrder(number, func(r row) error { r["Статус"] = status; return nil })
}

// MarkOrderDeleted un-posts an order and marks it for deletion.
func (s *Sim) MarkOrderDeleted(number string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.table(setOrder).find("НомерПоДаннымКлиента", number)
	if r == nil {
		return fmt.Errorf("order %s: not in 1C", number)
	}
	if err := s.unpost(setOrder, r); err != nil {
		return err
	}
	r["DeletionMark"] = true
	s.touch(r)
	return nil
}

func (s *Sim) editOrder(number string, edit func(row) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.table(setOrder)
	old := t.find("НомерПоДаннымКлиента", number)
	if old == nil {
		return fmt.Errorf("order %s: not in 1C", number)
	}
	r := old.clone()
	if err := edit(r); err != nil {
		return err
	}
	t.put(text(r, "Ref_Key"), r)
	if err := s.post(setOrder, r); err != nil {
		return fmt.Errorf("post order %s: %w", number, err)
	}
	return nil
}

// UnpostShipment takes back the posting of a shipment: its goods return.
func (s *Sim) UnpostShipment(invoice string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.table(setShipment).find("ОснованиеНомер", invoice)
	if r == nil {
		return fmt.Errorf("shipment %s: not in 1C", invoice)
	}
	if err := s.unpost(setShipment, r); err != nil {
		return fmt.Errorf("unpost shipment %s: %w", invoice, err)
	}
	return nil
}

func (s *Sim) stockKey(warehouseCode, sku string) (stockKey, error) {
	p := s.table(setProduct).find("Артикул", sku)
	if p == nil {
		return stockKey{}, fmt.Errorf("product %s: not in 1C", sku)
	}
	for _, w := range s.world.Warehouses {
		if w.Code == warehouseCode {
			if r := s.table("Catalog_Склады").find("Description", w.Name); r != nil {
				return stockKey{text(r, "Ref_Key"), text(p, "Ref_Key")}, nil
			}
		}
	}
	return stockKey{}, fmt.Errorf("warehouse %s: not in 1C", warehouseCode)
}

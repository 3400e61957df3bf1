package commerceml

import (
	"strings"

	"sverka/schema"
)

// StatusText is the shop's own wording of a phase, as sverka writes it into
// "Статус заказа"; "" when the shop has no word for it.
func StatusText(p schema.Phase) string {
	for _, s := range statusWords() {
		if s.phase == p && s.letter != "" {
			return "[" + s.letter + "] " + s.label
		}
	}
	return ""
}

// PhaseOf reads a "Статус заказа" such as "[N] Принят": by the whole text in the
// given table, then by the table's or the default label, then by the letter. A
// label is stronger than a letter, because shops rename letters. An unknown text
// is PhaseUnknown and never guessed.
func PhaseOf(text string, table map[string]schema.Phase) schema.Phase {
	text = strings.TrimSpace(text)
	letter, label := "", text
	if rest, ok := strings.CutPrefix(text, "["); ok {
		if l, r, ok := strings.Cut(rest, "]"); ok {
			letter, label = strings.TrimSpace(l), strings.TrimSpace(r)
		}
	}
	for _, candidate := range []string{text, label, letter} {
		if p, ok := lookup(table, candidate); ok {
			return p
		}
	}
	for _, s := range statusWords() {
		if label != "" && strings.EqualFold(s.label, label) {
			return s.phase
		}
	}
	for _, s := range statusWords() {
		if s.letter != "" && (s.letter == letter || letter == "" && s.letter == label) {
			return s.phase
		}
	}
	return schema.PhaseUnknown
}

type statusWord struct {
	letter, label string
	phase         schema.Phase
}

// statusWords are the shop's letters and labels, then labels of Bitrix and 1C
// that mean the same; the latter have no letter and are never written.
func statusWords() []statusWord {
	return []statusWord{
		{"N", "Принят", schema.PhaseReceived},
		{"P", "Ждёт оплаты", schema.PhaseAwaitingPayment},
		{"O", "Оплачен", schema.PhaseAccepted},
		{"W", "Ожидает товар", schema.PhaseAwaitingStock},
		{"S", "Собирается", schema.PhaseReleased},
		{"SP", "Частично отправлен", schema.PhaseShippedPartial},
		{"L", "Отправлен", schema.PhaseShipped},
		{"D", "Доставлен", schema.PhaseDelivered},
		{"F", "Выполнен", schema.PhaseCompleted},
		{"FP", "Закрыт с недопоставкой", schema.PhaseClosedShort},
		{"C", "Отменён", schema.PhaseCancelled},
		{"R", "Возвращён", schema.PhaseReturned},
		{"H", "Требует внимания", schema.PhaseHeld},
		{"", "Принят, ожидается оплата", schema.PhaseAwaitingPayment},
		{"", "Ждет оплаты", schema.PhaseAwaitingPayment},
		{"", "Ожидается оплата", schema.PhaseAwaitingPayment},
		{"", "Оплачен, формируется к отправке", schema.PhaseAccepted},
		{"", "Подтвержден", schema.PhaseAccepted},
		{"", "Отгружен", schema.PhaseShipped},
		{"", "Отгружен частично", schema.PhaseShippedPartial},
		{"", "Завершен", schema.PhaseCompleted},
		{"", "Отменен", schema.PhaseCancelled},
		{"", "Отменён покупателем", schema.PhaseCancelled},
		{"", "Возврат", schema.PhaseReturned},
	}
}

func lookup[V any](table map[string]V, word string) (V, bool) {
	var none V
	if word == "" {
		return none, false
	}
	for k, v := range table {
		if strings.EqualFold(k, word) {
			return v, true
		}
	}
	return none, false
}

package bankfile

import "strings"

// The words of 1CClientBankExchange in lower case, as tags are compared.
const (
	markFile        = "1cclientbankexchange"
	markAccount     = "секциярасчсчет"
	markAccountEnd  = "конецрасчсчет"
	markDocument    = "секциядокумент"
	markDocumentEnd = "конецдокумента"
	markFileEnd     = "конецфайла"
	markFileEndAlfa = "конецвыписки" // what one large bank writes instead
)

// isKnownKey tells whether the format has such a tag.
func isKnownKey(key string) bool {
	switch key {
	case markFile, markAccount, markAccountEnd, markDocument, markDocumentEnd, markFileEnd, markFileEndAlfa,
		"версияформата", "кодировка", "отправитель", "получатель", "датасоздания", "времясоздания", "датаначала", "датаконца", "расчсчет", "документ",
		"начальныйостаток", "всегопоступило", "всегосписано", "конечныйостаток",
		"номер", "дата", "сумма", "квитанциядата", "квитанциявремя", "квитанциясодержание", "датасписано", "датапоступило",
		"видплатежа", "видоплаты", "код", "коднацплатежа", "кодназплатежа", "очередность", "статуссоставителя":
		return true
	}
	for _, prefix := range []string{"плательщик", "получатель", "назначениеплатежа", "показатель"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// inColumns are the tags that have a column of their own; every other tag is kept in Extra.
func inColumns(key string) bool {
	switch key {
	case "номер", "дата", "сумма", "датасписано", "датапоступило", "плательщик", "плательщик1", "плательщикинн", "плательщиксчет", "плательщикрасчсчет",
		"получатель", "получатель1", "получательинн", "получательсчет", "получательрасчсчет":
		return true
	}
	return strings.HasPrefix(key, "назначениеплатежа")
}

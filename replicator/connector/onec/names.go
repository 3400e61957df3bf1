package onec

// Sections of Document_УстановкаЦенНоменклатуры; each has its own price register.
const (
	pricesPlain = "Товары"    // ЦеныНоменклатуры
	prices25    = "Товары2_5" // ЦеныНоменклатуры25, where pricing 2.5 is switched on
)

// Names are the entity sets and the fields that differ between releases and
// companies. The zero value means those of UT 11.5.
type Names struct {
	Products, Units, VATRates, PriceKinds, Currencies, ItemKinds     string
	Warehouses, Partners, Counterparties, ContactKinds               string
	Organizations, Agreements, CancelReasons, BankAccounts, CashDesk string
	Properties, Barcodes, Stock, Journal                             string

	Orders, Shipments, PriceDocument, Surplus, Shortage string
	BankPayment, CardPayment, CashPayment               string

	// PriceSection is Товары, or Товары2_5 where pricing 2.5 is on.
	PriceSection string
	// OrderNumber is the field of an order that keeps the shop's number.
	OrderNumber string
	// Invoice is the field of a shipment that keeps the invoice number. With
	// Комментарий the number is kept there as a mark, [invoice:880001].
	Invoice string
	// DeliveryInfo is the field of orders and shipments that keeps receiver,
	// telephone, tracking number and carrier, one to a line.
	DeliveryInfo string
	// ContactPhone, ContactEmail and ContactAddress are the predefined names of
	// the kinds of contact information of a partner, "-" to write lines without a kind.
	ContactPhone, ContactEmail, ContactAddress string
	// JournalFields are the properties of the error register.
	JournalFields JournalFields
}

// JournalFields names the properties of the error register.
type JournalFields struct {
	ID, At, Source, Entity, Key, Code, Message, Occurrences, State string
}

func (n Names) withDefaults() Names {
	for field, name := range map[*string]string{
		&n.Products: "Catalog_Номенклатура", &n.Units: "Catalog_УпаковкиЕдиницыИзмерения", &n.VATRates: "Catalog_СтавкиНДС",
		&n.PriceKinds: "Catalog_ВидыЦен", &n.Currencies: "Catalog_Валюты", &n.ItemKinds: "Catalog_ВидыНоменклатуры",
		&n.Warehouses: "Catalog_Склады", &n.Partners: "Catalog_Партнеры", &n.Counterparties: "Catalog_Контрагенты",
		&n.ContactKinds: "Catalog_ВидыКонтактнойИнформации", &n.Organizations: "Catalog_Организации",
		&n.Agreements: "Catalog_СоглашенияСКлиентами", &n.CancelReasons: "Catalog_ПричиныОтменыЗаказовКлиентов",
		&n.BankAccounts: "Catalog_БанковскиеСчетаОрганизаций", &n.CashDesk: "Catalog_Кассы",
		&n.Properties: "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения", &n.Barcodes: "InformationRegister_ШтрихкодыНоменклатуры",
		&n.Stock: "AccumulationRegister_ТоварыНаСкладах", &n.Journal: "InformationRegister_ИО_ОшибкиОбмена",
		&n.Orders: "Document_ЗаказКлиента", &n.Shipments: "Document_РеализацияТоваровУслуг",
		&n.PriceDocument: "Document_УстановкаЦенНоменклатуры", &n.Surplus: "Document_ОприходованиеИзлишковТоваров",
		&n.Shortage: "Document_СписаниеНедостачТоваров", &n.BankPayment: "Document_ПоступлениеБезналичныхДенежныхСредств",
		&n.CardPayment: "Document_ОперацияПоПлатежнойКарте", &n.CashPayment: "Document_ПриходныйКассовыйОрдер",
		&n.PriceSection: pricesPlain, &n.OrderNumber: "НомерПоДаннымКлиента", &n.Invoice: "ОснованиеНомер",
		&n.DeliveryInfo: "ДополнительнаяИнформацияПоДоставке", &n.ContactPhone: "ТелефонПартнера",
		&n.ContactEmail: "EmailПартнера", &n.ContactAddress: "АдресПартнера",
	} {
		or(field, name)
	}
	or(&n.JournalFields, JournalFields{
		ID: "ИдентификаторОшибки", At: "ДатаВозникновения", Source: "Направление", Entity: "ВидОбъекта", Key: "КлючОбъекта",
		Code: "КодОшибки", Message: "Сообщение", Occurrences: "Попытка", State: "Состояние",
	})
	return n
}

// priceRegister is the register that the price section is posted to.
func (n Names) priceRegister() string {
	if n.PriceSection == prices25 {
		return "InformationRegister_ЦеныНоменклатуры25"
	}
	return "InformationRegister_ЦеныНоменклатуры"
}

// required lists the entity sets without which the exchange cannot run.
func (n Names) required() []string {
	return []string{
		n.Products, n.Units, n.VATRates, n.PriceKinds, n.Currencies, n.Warehouses, n.Partners, n.Counterparties, n.Organizations,
		n.Properties, n.Barcodes, n.Stock, n.Orders, n.Shipments, n.PriceDocument, n.BankPayment, n.CardPayment, n.CashPayment,
		n.priceRegister() + "_RecordType", n.Journal,
	}
}

// Package onec reads from and writes to 1C:Trade Management 11.5 (1С:Управление
// торговлей, "UT") through its OData interface standard.odata.
//
// Words: a catalogue (Справочник) holds elements, a document (Документ) is
// posted (проведён) and then makes movements in registers (регистры); a tabular
// section is a table inside an object. Номенклатура is our product, Партнер with
// its Контрагент our customer, Склад our warehouse, ЗаказКлиента our sales order,
// РеализацияТоваровУслуг our shipment; payments are ПоступлениеБезналичных-
// ДенежныхСредств, ОперацияПоПлатежнойКарте and ПриходныйКассовыйОрдер.
//
// # Protocol
//
// OData v3 with $format=json, Basic authentication, the rights of one infobase
// user. A space is %20, a + is a +. Int64 travels as a string, an empty date is
// 0001-01-01T00:00:00, times are the infobase's wall time without a zone
// (Config.Location). Lists are paged by $top and $skip in the order of Ref_Key;
// virtual tables (Balance, SliceLast) are read in one call. An infobase serves
// few sessions, so a client has at most eight calls under way.
//
// # What "confirmed" means
//
// 1C answers 201 with the whole object, then /Post moves the registers; the
// document is read back, and a delivery is confirmed only when what 1C now holds
// equals what was wanted. A handler that changed a sum makes it "accepted but
// altered", which a person sees. PATCH of Posted only sets a flag and is not used.
//
// # Once and only once
//
// There is no optimistic locking and no idempotency key: read, compare, write,
// verify. Everything is found by its business key before it is created, and again
// when an answer was lost:
//
//	product        Артикул
//	customer       Партнеры.Code when the code fits 11 characters, or the mark
//	               [customer:<code>] in Комментарий; a company that has neither by
//	               Контрагенты.ИНН and КПП (and is then stamped with the mark).
//	               Never by name
//	order          НомерПоДаннымКлиента
//	payment        the mark [payment:<id>] in Комментарий: one way for all three kinds,
//	               since ИдентификаторПлатежа (25 characters, bank only) is the УИН
//	shipment       ОснованиеНомер (128), or the mark [invoice:<number>] in Комментарий
//	prices, stock  marks of the deliveries in Комментарий of the document
//	journal        the register's key; a duplicate is refused with 400
//
// Marks are looked up by substringof, because 1C cannot compare texts of
// unlimited length.
//
// # Where fields live that UT has no place for
//
// Receiver, telephone, delivery method and "payment on delivery" of an order,
// tracking number and carrier of a shipment are labelled lines of
// ДополнительнаяИнформацияПоДоставке. Freight is a line with the configured
// service. A discount on the whole order becomes СуммаРучнойСкидки of its lines.
// Style, variant, brand, category, width, height, pictures and "not for sale" of
// a product are additional attributes (ДополнительныеРеквизиты); DeletionMark is
// never set on a product. The name of a line is Содержание.
//
// # Where an order stands
//
// НеСогласован is received; posted КОбеспечению is accepted, КОтгрузке released,
// and posted shipments make it shipped_partial or shipped. Закрыт is completed,
// closed_short or cancelled by what was shipped, and held while one of its
// shipments is un-posted. All lines Отменено, or a
// deletion mark, is cancelled. Anything else is unknown, with 1C's word. Writing
// is the same table backwards; shipped phases are not written, 1C derives them.
//
// # Stock
//
// Balances cannot be written. Differences are held for a person, or booked by
// ОприходованиеИзлишковТоваров and СписаниеНедостачТоваров (one per batch and
// warehouse, the difference to the balance of that moment). A balance register
// lists no zeros, so the reader tells them: on a process's first read for every
// item, then for what it saw above zero before. The set stays in memory, since it
// is too large for a cursor; losing it costs one whole read.
//
// # Failures
//
//	401, 403                                   Unauthorised
//	429, 503 with Retry-After                  Throttled
//	404 code 9                                 Rejected: the object is gone
//	404/400 code 6                             held: the entity set is not published
//	400 code 1, 13, 14                         Rejected
//	500 code -1, a handler or the form refused Rejected
//	500 code -1, lock conflict                 Transient: 1C rolled back
//	other 500, on a write                      Unknown, otherwise Transient
//
// The platform's own words often quote our values, so they never enter an error;
// they stand in the recorded exchange.
package onec

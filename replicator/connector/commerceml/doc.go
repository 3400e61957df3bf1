// Package commerceml reads and writes CommerceML 2, the XML that 1C and web shops
// exchange: catalogues, offers with prices and stock, and orders.
//
// Reading is a stream: [Read] holds one item at a time and yields typed items in
// the order of the document. Versions 2.03 to 2.10 and 3.1 are read alike, with
// or without namespaces, in UTF-8 (with or without byte order mark) and
// windows-1251 (declared or not), from a whole document or from a fragment such
// as a lone Классификатор. What has no field of its own is kept under its path in
// Extra. The document's structure is strict, its values are not: a price that is
// no number makes one [Refused] item, while a broken tag, a DOCTYPE, a nesting
// deeper than 64, an oversized text or a truncated end stop the reading with a
// [ParseError].
//
// [Mapper] turns items into canonical records. Products of a catalogue and their
// offers are joined by Ид (its first part), so the mapper holds the products of a
// package, never the document. A shop order becomes SalesOrder, Customer,
// OrderStatus and, when it was paid, Payment. Lines that are services, and the
// line ORDER_DELIVERY, become the order's Freight: the other systems know delivery
// as money of the order and not as an article.
//
// Requisites that sverka itself writes and reads beside those of 1C and Bitrix:
// on products Вес (kg), Длина, Ширина, Высота (cm), КодСтиля, Активность,
// Ставка НДС (when it is not a number) and Штрихкод (when the schema's Штрихкод
// cannot hold it); on orders Трек-номер and Служба доставки.
//
// Writing streams too and follows schema 2.07 in the order of children that the
// published XSD 2.10 demands. Texts are written whole: the length limits of the
// schema are not enforced, because cutting loses data in silence.
package commerceml

// Package openshop speaks to the company's own web shop. sverka plays the part of
// 1C: it calls the shop's CommerceML exchange endpoint, and beside it a small JSON
// read-back that tells what the shop really shows.
//
// # Exchange endpoint
//
// One URL; type=catalog or type=sale; modes checkauth (Basic; the answer names a
// cookie and a sessid), init (zip=yes|no, file_limit), file (raw body, fragments
// of one filename in order), import (repeated while it answers "progress"), query
// and success (orders). Answers are plain text: "success", "progress" or
// "failure", words for people, and optionally a third line "code=<word>":
//
//	busy                come again later
//	session             the session ended, nothing was done
//	product_missing     the record waits for its product
//	order_missing       the shop has no such order
//	warehouse_missing   the shop has no such warehouse
//	anything else       the package is refused
//
// The shop takes a package whole or not at all. What is refused as a package is
// halved until the bad record is found (invariant 5). A file name is never used
// twice, so a fragment whose answer was lost cannot be appended to a later file.
// Packages hold absolute values, so sending one again after an unknown outcome is
// safe: nothing has to be asked first.
//
// A Товар of import.xml replaces the article's own attributes; prices and stock
// that a package does not name stay. Statuses travel as a Документ that carries
// requisites only. A stock figure is what may be sold: never below zero.
//
// Orders come again until mode=success of the session that queried them, which is
// sent after the page was committed. It is withheld while an order of the page
// is unmapped, because that is ours to repair: the shop then offers it again.
//
// # Read-back
//
//	GET <ReadBackURL>/products?after=<sku>&limit=500
//	GET <ReadBackURL>/stock?after=<warehouse>/<sku>&limit=500
//	GET <ReadBackURL>/orders?after=<number>&limit=500
//
// with Basic authentication, answering {"items": [...], "more": true|false} in the
// order of the keys. Shapes, with exact decimals as strings or numbers:
//
//	product {id, sku, name, description, style_code, variant, category, brand, barcode, unit_code, vat_rate, weight_kg,
//	         length_cm, width_cm, height_cm, enabled, deleted_at|null, modified_at, prices [{type, amount, currency}], images [url]}
//	stock   {warehouse (the shop's id), sku, quantity, modified_at}
//	order   {id, number, status "[L] Отправлен", cancelled, reason, status_changed_at, tracking_number}
//
// Times in JSON carry their zone; times in CommerceML are the shop's wall time.
package openshop

// Package jushuitan speaks the open API of Jushuitan (聚水潭), the ERP that runs
// orders and warehouses.
//
// # Protocol
//
// Form POST to one host, one path per operation (see operation.go). The business
// parameters travel as JSON text in the field biz: an object for queries, an
// array for orders. The answer has HTTP status 200 always; the code in its body
// says what happened. Numbers come as numbers, strings, "" or null, and are
// decoded without a float. [Config.Legacy] speaks to the old gateway instead:
// method and signature in the query, raw JSON body, flat answer.
//
// # Authentication
//
// Application key and secret sign every call (MD5 over the secret and the sorted
// parameters). A self-developed application gets its token by itself with a
// random code; tokens live thirty days, are renewed a day before their end by one
// caller at a time, and kept in a [TokenStore] that several processes may share.
// Code 100 is both "bad token" and plain validation: only a text that speaks of
// the token renews it, once per call.
//
// # Limits
//
// 5 calls a second and 100 a minute. The client keeps below both by itself;
// codes 199 and 200 are Throttled. 50 orders or cancellations, 500 stock rows and
// 20 order numbers per call. Time filters span 7 days at most. An order number
// has up to 50 characters, quantities are whole pieces.
//
// # Reading
//
// Orders, out-notes and stock are followed by row version (start_ts, ts). The
// condition is "not below", so the last row comes again and is recognised;
// a page without progress turns the page instead of asking for ever. Products
// have no version: they are read by windows of modification time, last page
// first, because rows move while they are modified. Stock rows carry no
// warehouse: each mapped warehouse is asked by itself, and a row that is absent
// says nothing.
//
// # Writing
//
// An order is found by (shop_id, so_id) before it is sent; the upload itself is
// an upsert on the same key, so one number never becomes two orders. Only the
// receiver, the comment, marks of cancelled lines and the payment of an uploaded
// order can be changed: other differences are held for a person. "Confirmed"
// means issuccess of the order's own row; what is observed is read back by the
// code that reads orders. A payment is a re-upload with pay{}, sent once the
// order is paid in full. A cancellation is believed only when the order reads
// Cancelled. A stock count carries a single-use number made of the deliveries'
// references; a number that was used means that the count was carried out.
// There is no call to create a warehouse or a customer: the first is held until
// a person made and mapped it, the second is carried by its orders.
//
// # Clock and quirks
//
// Times are wall time of Asia/Shanghai without a zone. "0" is the main warehouse
// in the orders query. Receivers may come masked ("张**"); a mask that fits what
// was sent is taken as equal. With fine bin management a stock count of type
// check empties articles of the same bin that it does not list.
package jushuitan

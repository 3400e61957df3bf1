// Package openshopsim imitates the web shop: the CommerceML exchange endpoint that
// 1C would call, and the JSON read-back beside it.
//
//	/1c_exchange?type=catalog|sale&mode=checkauth|init|file|import|query|success
//	/api/products, /api/stock, /api/orders   ?after=<key>&limit=<n>
//
// Its XML reader and writer are its own: the protocol is read a second time here,
// independently of the connector. Imports are all or nothing. A failure is three
// lines: "failure", words for people, "code=<word>" for machines.
//
// The shop begins with the world's products, available stock and past orders; the
// first exchange offers all orders, later ones what is new or changed. An order
// counts as taken only after mode=success of the session that queried it.
package openshopsim

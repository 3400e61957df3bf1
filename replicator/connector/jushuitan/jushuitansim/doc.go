// Package jushuitansim imitates the open API of Jushuitan (聚水潭): one company
// with one self-built shop, its warehouses, goods, stock and orders, held in
// memory and changed by the same calls and by what people do in the ERP.
//
// It is an independent reading of the protocol and shares no code with the
// connector. Every call is checked in the order of the real gateway: application
// key, signature, timestamp, token, path, rate, business parameters. Every
// answer has HTTP status 200; what went wrong stands in the body.
//
// Choices made where the vendor's behaviour is not published: a page larger than
// the maximum is refused; an order with an unknown article goes to Question
// (or is refused, see [Options]); stock is locked when an order is paid and
// also marked as picking once it is approved; a released or sent order refuses
// to be cancelled; a cancelled order is never revived by an upload.
package jushuitansim

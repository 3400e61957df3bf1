// Package onecsim imitates the OData interface (standard.odata) of 1C:Trade
// Management 11.5, with state in memory.
//
// What it keeps to, because integrations stumble over exactly that: a POST of an
// object answers 201 with the whole object, a PATCH answers 200 and replaces a
// tabular section as a whole; LineNumber must run from 1 without gaps; only
// /Post and /Unpost move registers, setting Posted does not; nothing locks
// optimistically, a stale If-Match wins; unknown fields are ignored and too long
// text is cut, both without a word; Int64 travels as a string; a "+" in a filter
// is not a space; a duplicate key of an independent register is refused with 400.
//
// Balances are computed from the movements of posted documents, so un-posting a
// shipment really gives its goods back. Prices come from posted price documents.
//
// What it leaves out: Atom, $expand, $batch, turnovers, the full $metadata (only
// the list of entity sets is given), rights of single users.
package onecsim

// Package reconcile proves every night whether 1C, Jushuitan and OpenShop agree,
// and names what does not. It meets the replicator in tables only.
//
// # A run
//
// [Run] takes one repeatable-read snapshot and works in SQL, statement by
// statement (sql/*.sql, in the order of steps): what may be compared (sources),
// what is under way (deliveries, documents), the comparisons, the lists, the
// tallies, the control totals. Only differences leave the joins, and nothing
// crosses into Go but the summary. A finished run is never changed; triggers see
// to that.
//
// # What is compared
//
//	area      comparison  pair                     key               measure
//	stock     quantity    onec, jushuitan          warehouse, SKU    physical quantity
//	stock     reserved    onec, jushuitan          warehouse, SKU    reserve
//	stock     published   onec, openshop           warehouse, SKU    greatest(quantity - reserved, 0) of 1C
//	stock     warehouse   onec, either             warehouse         a warehouse one side does not know
//	order     document    onec, either             order number      existence, currency, goods, sums, VAT, date
//	order     status      onec, either             order number      phase, see recon.phase_equivalence
//	payment   paid        onec, either or bank     order number      paid less paid back
//	shipment  shipped     onec, jushuitan          invoice number    goods, month
//	order     identity    one system               external id       one document, one key
//	stock     identity    one system               external id       one article, one SKU
//	any       source      one system               entity            a source too old to be compared
//
// # Classes
//
// Every pair ends in exactly one class, and a difference always decomposes:
//
//	B - A = in flight + overdue + unexplained
//
// In flight is what a document seen on one side only, or a delivery of the very
// key, explains within the grace of its lane; it is no discrepancy. The same
// beyond its grace is overdue, with a known error failed at once. Only the rest
// is quantity, amount, missing and so on. A stale source is never compared: its
// pairs are neither equal nor missing (invariant 8 of the design).
//
// # Proof
//
// Control totals count and add up the tables by grouping, the comparisons work by
// joining; both must come to the same figures, or the run fails.
package reconcile

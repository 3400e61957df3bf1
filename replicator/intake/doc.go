// Package intake reads the outside systems and stages what they say.
//
// A page of records, its identifiers, the journal entries of refused records and
// the reader's cursor are one transaction (invariant 9); rows that say nothing new
// are not written; a bad record goes to the journal and stops nothing (invariant 5);
// a failed page stages nothing, and what a page does not mention is left alone
// (invariant 8).
package intake

// Package canonical stages records into the canonical tables and loads them back.
//
// A record travels as JSON whose names are the column names, so Postgres itself
// maps it to rows. The caller owns the transaction.
package canonical

// Package schema holds the words of the canonical model: what ONE system holds
// for ONE business key, in one shared shape.
//
// Every exported record type mirrors one table of the Postgres schema
// "canonical"; its JSON names are the column names, so a record travels to and
// from the database without a second mapping. Quantities and money are exact
// (see [Quantity] and [Amount]), times are UTC instants.
package schema

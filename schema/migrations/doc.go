// Package migrations brings a database to the schema of this binary.
//
// A migration is a file NNNN_verb_noun.sql that begins with "-- Why: …" and the lock it
// takes. It only ever goes forward: an applied file is never edited (its checksum is
// kept), a mistake is mended by the next number. Each runs in a transaction of its own, together with
// the row of ops.migration that remembers it, so a crash leaves whole migrations and nothing else.
//
// Views are not migrated but made anew, see package views; version 0 of ops.migration
// keeps their checksum. A migration that changes a column under a view drops the view itself.
package migrations

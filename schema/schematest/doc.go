// Package schematest gives every test a real, migrated database of its own.
//
//	db := schematest.New(t)          // gone when the test ends
//	schematest.Stage(t, db, order)   // rows as intake would stage them
//
// # One cluster for everybody
//
// All test processes of one user share one private Postgres (package localpg) in
// <tmp>/sverka-schematest-<uid>-…. The first process starts it; each holds the write end
// of a named pipe, its lifeline, until the process ends, however it ends. When the last
// holder is gone the kernel closes the pipe and the cluster stops by itself: `go test ./...` leaves no
// process behind, a killed one neither. The data directory stays, so the next run starts in less than a second.
//
// A process that joins while the cluster may be stopping is not left to chance: it writes a
// name into the pipe and waits for the keeper's answer. An answered holder is counted on; without an
// answer the old cluster is waited out and a new one started.
//
// # One template for every schema
//
// Migrations run once per content of their files, into a template database named after
// their checksum; a test copies it. No Postgres is a failure with the reason, never a skip.
//
// SVERKA_TEST_PG_BIN names a folder with other binaries, to run the suite on another version.
package schematest

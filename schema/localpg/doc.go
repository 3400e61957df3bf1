// Package localpg starts a private Postgres from the binaries found on the machine:
// for the demo, for a first run and for tests. It is not meant to hold a company's books.
//
// One directory holds everything of one cluster:
//
//	<dir>/data          what initdb made
//	<dir>/run           the Unix socket, entered only by the user Postgres runs as (and root)
//	<dir>/postgres.log  what Postgres said
//	<dir>/lock          held by the keeper for as long as the cluster lives
//	<dir>/running.json  where a running cluster is reached
//
// Who is let in: anybody who can enter <dir>/run, without a password; over TCP only
// the loopback address listens and asks for the password in <dir>/password.
//
// # Nothing is left behind
//
// Postgres is a child of a keeper, eight lines of POSIX shell that wait for the end of
// a pipe (the lifeline). The kernel closes the pipe when its last holder dies, however it
// dies, and the keeper then asks Postgres for a fast shutdown. A parent-death signal would
// do the same on Linux only, and is tied to the thread that started the child, not to the process.
//
// Postgres refuses to run as root: a root process starts it as the user "postgres", or
// "nobody" where there is none.
package localpg

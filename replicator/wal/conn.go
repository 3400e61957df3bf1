package wal

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// While it catches up, the reader naps before each read and lets the kernel gather
// what the walsender sends, so that both are woken once for a large piece and not
// once per message: the walsender, not our parser, is the limit. The nap is as long
// as the socket needs to fill, found by trying: a full socket blocks the walsender.
const (
	shortestNap = 500 * time.Microsecond
	longestNap  = 30 * time.Millisecond
	// worthANap is how much a read after a nap must bring for the next nap to pay.
	worthANap = 16 << 10
)

// readBuffer is how much one read takes at most.
const readBuffer = 4 << 20

// coalescingConn reads in large pieces while it is catching up; otherwise it reads
// at once, so latency does not pay. Whoever decodes knows when the stream is behind
// and says so; a nap that brought little ends it.
type coalescingConn struct {
	net.Conn

	buf        []byte
	start, end int
	catchingUp bool
	nap        time.Duration
	fullest    int // largest read seen: what the socket holds
}

// Read implements io.Reader.
func (c *coalescingConn) Read(p []byte) (int, error) {
	if c.start == c.end {
		if c.catchingUp {
			time.Sleep(c.nap) //nolint:forbidigo // gathering is the point; nothing is waited for
		}
		n, err := c.Conn.Read(c.buf)
		c.start, c.end = 0, n
		c.adapt(n)
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, c.buf[c.start:c.end])
	c.start += n
	return n, nil
}

// adapt shortens the nap after a read that found the socket more than half full,
// lengthens it after one that found it nearly empty, and stops napping when it does
// not pay.
func (c *coalescingConn) adapt(n int) {
	c.fullest = max(c.fullest, n)
	switch {
	case !c.catchingUp:
	case n < worthANap:
		c.catchingUp = false
	case n > c.fullest/2:
		c.nap = max(c.nap*2/3, shortestNap)
	case n < c.fullest/4:
		c.nap = min(c.nap*3/2, longestNap)
	}
}

// buffered is how many bytes can be read without waiting.
func (c *coalescingConn) buffered() int { return c.end - c.start }

// connect opens a replication connection with coalescing reads.
func connect(ctx context.Context, url string) (*pgconn.PgConn, *coalescingConn, error) {
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, nil, fmt.Errorf("parse the replication URL: %w", err)
	}
	cfg.RuntimeParams["replication"] = "database"
	cfg.RuntimeParams["application_name"] = "sverka replication"
	// Staging may take longer than the default while a disk is busy.
	cfg.RuntimeParams["wal_sender_timeout"] = "120s"
	var wrapped *coalescingConn
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		wrapped = &coalescingConn{Conn: nc, buf: make([]byte, readBuffer), nap: 2 * time.Millisecond}
		return wrapped, nil
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("connect for replication: %w", err)
	}
	return conn, wrapped, nil
}

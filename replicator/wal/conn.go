package wal

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// napWhileCatchingUp lets the kernel gather what the walsender sends, so that it
// and we are woken once for hundreds of kilobytes and not once per message: the
// walsender, not our parser, is the limit (measured 2–2.5 ×).
const napWhileCatchingUp = 30 * time.Millisecond

// readBuffer is how much one read takes at most, and what the socket may hold.
const readBuffer = 4 << 20

// coalescingConn reads in large pieces. While the last read brought much, it naps
// before the next; when the stream is idle it reads at once, so latency does not pay.
type coalescingConn struct {
	net.Conn

	buf        []byte
	start, end int
	catchingUp bool
}

// Read implements io.Reader.
func (c *coalescingConn) Read(p []byte) (int, error) {
	if c.start == c.end {
		if c.catchingUp {
			time.Sleep(napWhileCatchingUp)
		}
		n, err := c.Conn.Read(c.buf)
		c.start, c.end = 0, n
		c.catchingUp = n >= len(c.buf)/16
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, c.buf[c.start:c.end])
	c.start += n
	return n, nil
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
		if tcp, ok := nc.(interface{ SetReadBuffer(bytes int) error }); ok {
			_ = tcp.SetReadBuffer(readBuffer) // a smaller buffer is slower, not wrong
		}
		wrapped = &coalescingConn{Conn: nc, buf: make([]byte, readBuffer)}
		return wrapped, nil
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("connect for replication: %w", err)
	}
	return conn, wrapped, nil
}

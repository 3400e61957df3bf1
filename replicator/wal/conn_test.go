package wal

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is a connection that answers each read with the next piece.
type scripted struct {
	net.Conn

	pieces [][]byte
	reads  int
}

func (s *scripted) Read(p []byte) (int, error) {
	s.reads++
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	s.pieces = s.pieces[1:]
	return n, nil
}

func TestCoalescingConn_hands_on_every_byte_in_order(t *testing.T) {
	t.Parallel()
	want := bytes.Repeat([]byte("abcdefghij"), 100)
	inner := &scripted{pieces: [][]byte{want[:7], want[7:8], want[8:]}}
	c := &coalescingConn{Conn: inner, buf: make([]byte, 1<<20)}
	var got []byte
	p := make([]byte, 3)
	for {
		n, err := c.Read(p)
		got = append(got, p[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if inner.reads == 3 && c.buffered() != len(want)-len(got) {
			t.Fatalf("%d bytes are buffered, want %d", c.buffered(), len(want)-len(got))
		}
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came, want %d", len(got), len(want))
	}
	if inner.reads != 4 {
		t.Errorf("%d reads of the socket for 3 pieces", inner.reads)
	}
}

func TestCoalescingConn_naps_only_while_it_catches_up_and_naps_pay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		full, half, little, tiny := make([]byte, 8*worthANap), make([]byte, 3*worthANap), make([]byte, worthANap), []byte("x")
		inner := &scripted{pieces: [][]byte{full, full, full, half, little, little, tiny, full}}
		c := &coalescingConn{Conn: inner, buf: make([]byte, len(full)), nap: 9 * time.Millisecond}
		p := make([]byte, len(full))
		read := func() time.Duration {
			started := time.Now()
			if _, err := c.Read(p); err != nil {
				t.Fatal(err)
			}
			return time.Since(started)
		}
		if nap := read(); nap != 0 {
			t.Errorf("napped %s before anybody said that the stream is behind", nap)
		}
		c.catchingUp = true
		for i, want := range []time.Duration{
			9 * time.Millisecond, 6 * time.Millisecond, 4 * time.Millisecond, // full sockets shorten the nap
			4 * time.Millisecond,                       // neither full nor empty keeps it
			6 * time.Millisecond, 9 * time.Millisecond, // nearly empty ones lengthen it
			0, // one that brought nothing ends it
		} {
			if nap := read(); nap != want {
				t.Errorf("read %d napped %s, want %s", i, nap, want)
			}
		}
	})
}

func TestCoalescingConn_naps_stay_within_their_bounds(t *testing.T) {
	t.Parallel()
	c := &coalescingConn{catchingUp: true, nap: time.Millisecond}
	for range 100 {
		c.adapt(8 * worthANap)
	}
	if c.nap != shortestNap {
		t.Errorf("the shortest nap is %s", c.nap)
	}
	for range 100 {
		c.adapt(worthANap)
	}
	if c.nap != longestNap || !c.catchingUp {
		t.Errorf("the longest nap is %s, catching up %v", c.nap, c.catchingUp)
	}
}

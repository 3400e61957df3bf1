package wal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"sverka/replicator"
)

var errTruncatedMessage = errors.New("message ends too early")

// relation is what a Relation message said of a table.
type relation struct {
	schema, table string
	columns       []string
}

// decoder turns pgoutput messages (protocol 1) into changes. pglogrepl's own
// tuple decoding allocates a struct and a copy per column; here a row costs two
// slices, and values point into one copy of the message.
type decoder struct {
	relations map[uint32]*relation
	schema    string // only tables of this schema become changes
	xid       uint32
	seq       int
	committed time.Time
	finalLSN  uint64
}

func newDecoder(schema string) *decoder {
	return &decoder{relations: map[uint32]*relation{}, schema: schema}
}

// commit is the end of a transaction.
type commit struct {
	endLSN uint64
	xid    uint32
}

// decode reads one message. Changes are appended to dst; a commit is returned
// when the message ends a transaction.
func (d *decoder) decode(msg []byte, dst []replicator.Change) ([]replicator.Change, *commit, error) {
	r := reader{b: msg}
	switch kind := r.byte(); kind {
	case 'B':
		d.finalLSN, d.committed, d.xid, d.seq = r.uint64(), pgTime(r.uint64()), r.uint32(), 0
	case 'C':
		r.byte() // flags
		r.uint64()
		c := commit{endLSN: r.uint64(), xid: d.xid}
		if r.err == nil {
			return dst, &c, nil
		}
	case 'R':
		d.relation(&r)
	case 'I', 'U', 'D':
		return d.row(&r, kind, dst)
	case 'T':
		n := int(r.uint32())
		r.byte() // options
		for range n {
			rel := d.relations[r.uint32()]
			if r.err != nil {
				break // the number of tables is the message's word, not to be counted through in vain
			}
			if rel != nil && rel.schema == d.schema {
				dst = append(dst, replicator.Change{Table: rel.table, Op: replicator.OpTruncate, LSN: d.finalLSN, Seq: d.next(), XID: d.xid, CommittedAt: d.committed})
			}
		}
	case 'M', 'O', 'Y':
		// Logical messages, origins and types say nothing about rows.
	default:
		return dst, nil, fmt.Errorf("pgoutput message %q is not of protocol 1", kind)
	}
	return dst, nil, r.err
}

func (d *decoder) next() int { d.seq++; return d.seq }

func (d *decoder) relation(r *reader) {
	id := r.uint32()
	rel := &relation{schema: r.text(), table: r.text()}
	r.byte() // replica identity
	n := int(r.uint16())
	for range n {
		r.byte() // flags
		rel.columns = append(rel.columns, r.text())
		r.uint32() // type
		r.uint32() // modifier
		if r.err != nil {
			return
		}
	}
	d.relations[id] = rel
}

func (d *decoder) row(r *reader, kind byte, dst []replicator.Change) ([]replicator.Change, *commit, error) {
	id := r.uint32()
	rel := d.relations[id]
	if rel == nil {
		return dst, nil, fmt.Errorf("row of relation %d came before its description", id)
	}
	if rel.schema != d.schema {
		return dst, nil, nil
	}
	c := replicator.Change{Table: rel.table, Op: replicator.Op(kind), LSN: d.finalLSN, Seq: d.next(), XID: d.xid, CommittedAt: d.committed, Columns: rel.columns}
	switch mark := r.byte(); {
	case mark == 'N':
		r.tuple(&c)
	case (mark == 'K' || mark == 'O') && kind == 'D':
		r.tuple(&c)
	case mark == 'K' || mark == 'O':
		old := replicator.Change{Columns: rel.columns}
		r.tuple(&old)
		if mark == 'K' && r.err == nil {
			// The key itself changed: the old key is gone, the new row is another one.
			gone := c
			gone.Op, gone.Values = replicator.OpDelete, old.Values
			dst = append(dst, gone)
			c.Op, c.Seq = replicator.OpInsert, d.next()
		}
		if r.byte() != 'N' {
			return dst, nil, fmt.Errorf("row of %s has an old tuple without a new one", rel.table)
		}
		r.tuple(&c)
	default:
		return dst, nil, fmt.Errorf("row of %s carries mark %q", rel.table, mark)
	}
	if r.err != nil {
		return dst, nil, fmt.Errorf("row of %s: %w", rel.table, r.err)
	}
	return append(dst, c), nil, nil
}

// reader reads big-endian fields; after the first shortage it only returns zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if n < 0 || len(r.b) < n {
		r.err = errTruncatedMessage
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) text() string {
	for i, c := range r.b {
		if c == 0 {
			s := string(r.b[:i])
			r.b = r.b[i+1:]
			return s
		}
	}
	r.err = errTruncatedMessage
	return ""
}

// tuple reads a row. Values alias one copy of the rest of the message, since the
// receive buffer is reused.
func (r *reader) tuple(c *replicator.Change) {
	n := int(r.uint16())
	if r.err != nil || n != len(c.Columns) {
		r.err = errTruncatedMessage
		return
	}
	rest := append([]byte(nil), r.b...)
	r.b = rest
	c.Values = make([][]byte, n)
	for i := range n {
		switch r.byte() {
		case 'n':
		case 'u':
			if c.Unchanged == nil {
				c.Unchanged = make([]bool, n)
			}
			c.Unchanged[i] = true
		case 't', 'b':
			size := int(r.uint32())
			v := r.take(size)
			if v == nil {
				v = []byte{}
			}
			c.Values[i] = v[:len(v):len(v)]
		default:
			r.err = errTruncatedMessage
		}
		if r.err != nil {
			return
		}
	}
}

// pgTime converts microseconds since 2000-01-01.
func pgTime(us uint64) time.Time {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(us) * time.Microsecond)
}

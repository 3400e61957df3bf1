package wal

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
)

// message builds one pgoutput message.
type message []byte

func (m message) u8(n byte) message    { return append(m, n) }
func (m message) u16(n uint16) message { return binary.BigEndian.AppendUint16(m, n) }
func (m message) u32(n uint32) message { return binary.BigEndian.AppendUint32(m, n) }
func (m message) u64(n uint64) message { return binary.BigEndian.AppendUint64(m, n) }
func (m message) text(s string) message {
	return append(append(m, s...), 0)
}

// value is one column: a text, "\x00null" or "\x00same".
const (
	null = "\x00null"
	same = "\x00same"
)

func (m message) tuple(values ...string) message {
	m = m.u16(uint16(len(values)))
	for _, v := range values {
		switch v {
		case null:
			m = m.u8('n')
		case same:
			m = m.u8('u')
		default:
			m = append(m.u8('t').u32(uint32(len(v))), v...)
		}
	}
	return m
}

func begin(final uint64, xid uint32) message {
	return message("B").u64(final).u64(uint64(time.Hour.Microseconds())).u32(xid)
}

func commitAt(end uint64) message {
	return message("C").u8(0).u64(end - 8).u64(end).u64(0)
}

func describe(id uint32, schema, table string, columns ...string) message {
	m := message("R").u32(id).text(schema).text(table).u8('d').u16(uint16(len(columns)))
	for _, c := range columns {
		m = m.u8(0).text(c).u32(25).u32(0xffffffff)
	}
	return m
}

func row(kind byte, id uint32) message { return message{kind}.u32(id) }

// show is one change on a line: "U product[system=onec sku=A name=?]".
func show(c *replicator.Change) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%c %s %d.%d", c.Op, c.Table, c.LSN, c.Seq)
	for i, col := range c.Columns {
		switch {
		case i >= len(c.Values):
		case c.Unchanged != nil && c.Unchanged[i]:
			fmt.Fprintf(&b, " %s=?", col)
		case c.Values[i] == nil:
			fmt.Fprintf(&b, " %s=NULL", col)
		default:
			fmt.Fprintf(&b, " %s=%s", col, c.Values[i])
		}
	}
	return b.String()
}

func TestDecode_messages_become_changes(t *testing.T) {
	t.Parallel()
	prelude := []message{
		describe(1, "canonical", "product", "system", "sku", "name"),
		describe(2, "ops", "delivery", "flow"),
		begin(500, 42),
	}
	for name, c := range map[string]struct {
		messages []message
		want     []string
	}{
		"insert":                    {[]message{row('I', 1).u8('N').tuple("onec", "A", "Лампа")}, []string{"I product 500.1 system=onec sku=A name=Лампа"}},
		"NULL is not empty":         {[]message{row('I', 1).u8('N').tuple("onec", "A", null), row('I', 1).u8('N').tuple("onec", "B", "")}, []string{"I product 500.1 system=onec sku=A name=NULL", "I product 500.2 system=onec sku=B name="}},
		"update":                    {[]message{row('U', 1).u8('N').tuple("onec", "A", "new")}, []string{"U product 500.1 system=onec sku=A name=new"}},
		"unchanged large value":     {[]message{row('U', 1).u8('N').tuple("onec", "A", same)}, []string{"U product 500.1 system=onec sku=A name=?"}},
		"update with the old row":   {[]message{row('U', 1).u8('O').tuple("onec", "A", "old").u8('N').tuple("onec", "A", "new")}, []string{"U product 500.1 system=onec sku=A name=new"}},
		"key change is two":         {[]message{row('U', 1).u8('K').tuple("onec", "A", null).u8('N').tuple("onec", "B", "new")}, []string{"D product 500.1 system=onec sku=A name=NULL", "I product 500.2 system=onec sku=B name=new"}},
		"delete by key":             {[]message{row('D', 1).u8('K').tuple("onec", "A", null)}, []string{"D product 500.1 system=onec sku=A name=NULL"}},
		"delete with the old row":   {[]message{row('D', 1).u8('O').tuple("onec", "A", "old")}, []string{"D product 500.1 system=onec sku=A name=old"}},
		"truncate of two tables":    {[]message{message("T").u32(2).u8(0).u32(1).u32(2)}, []string{"T product 500.1"}},
		"other schema says nothing": {[]message{row('I', 2).u8('N').tuple("x"), row('I', 1).u8('N').tuple("onec", "A", "a")}, []string{"I product 500.1 system=onec sku=A name=a"}},
		"column added meanwhile":    {[]message{describe(1, "canonical", "product", "system", "sku", "name", "colour"), row('I', 1).u8('N').tuple("onec", "A", "a", "red")}, []string{"I product 500.1 system=onec sku=A name=a colour=red"}},
		"words about nothing":       {[]message{message("M").u8(0), message("O").u64(1), message("Y").u32(3)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDecoder("canonical")
			var changes []replicator.Change
			for _, m := range append(slices.Clone(prelude), c.messages...) {
				var end *commit
				var err error
				buf := slices.Clone(m)
				if changes, end, err = d.decode(buf, changes); err != nil || end != nil {
					t.Fatalf("%q: %v, %v", m, end, err)
				}
				clear(buf) // the receive buffer is used again
			}
			var got []string
			for i := range changes {
				got = append(got, show(&changes[i]))
				if changes[i].XID != 42 || !changes[i].CommittedAt.Equal(time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC)) {
					t.Errorf("%+v", changes[i])
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			_, end, err := d.decode(commitAt(600), changes)
			if err != nil || end == nil || end.endLSN != 600 || end.xid != 42 {
				t.Errorf("commit: %+v, %v", end, err)
			}
		})
	}
}

func TestDecode_broken_messages_are_errors(t *testing.T) {
	t.Parallel()
	whole := map[string]message{
		"begin": begin(500, 42), "commit": commitAt(600), "relation": describe(1, "canonical", "product", "system", "sku"),
		"insert": row('I', 1).u8('N').tuple("onec", "A"), "update": row('U', 1).u8('K').tuple("onec", null).u8('N').tuple("onec", "A"),
		"delete": row('D', 1).u8('K').tuple("onec", "A"), "truncate": message("T").u32(2).u8(0).u32(1).u32(1),
	}
	for name, m := range whole {
		for cut := range len(m) - 1 {
			d := newDecoder("canonical")
			if _, _, err := d.decode(describe(1, "canonical", "product", "system", "sku"), nil); err != nil {
				t.Fatal(err)
			}
			// A commit is whole once its end position is read; what follows is not needed.
			if name == "commit" && cut+1 >= 18 {
				continue
			}
			if _, end, err := d.decode(m[:cut+1], nil); err == nil || end != nil {
				t.Errorf("%s cut to %d of %d bytes was read", name, cut+1, len(m))
			}
		}
	}
	for name, m := range map[string]message{
		"empty": nil, "unknown kind": message("Z"), "streamed transaction": message("S").u32(1).u8(1), "undescribed relation": row('I', 9).u8('N').tuple("x"),
		"unknown mark": row('I', 1).u8('?').tuple("x"), "more columns than described": row('I', 1).u8('N').tuple("a", "b", "c"), "fewer columns than described": row('I', 1).u8('N').tuple("a"),
		"unknown kind of value": row('I', 1).u8('N').u16(1).u8('?'), "old row without a new one": row('U', 1).u8('O').tuple("a", "b").u8('X').tuple("a", "b"),
	} {
		d := newDecoder("canonical")
		if _, _, err := d.decode(describe(1, "canonical", "product", "system", "sku"), nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.decode(m, nil); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestDecode_believes_no_number_of_a_message(t *testing.T) {
	t.Parallel()
	d := newDecoder("canonical")
	started := time.Now()
	for name, m := range map[string]message{
		"tables": message("T").u32(0xffffffff).u8(0), "columns": message("R").u32(1).text("canonical").text("t").u8('d').u16(0xffff),
		"size": row('I', 2).u8('N').u16(1).u8('t').u32(0xffffffff),
	} {
		if _, _, err := d.decode(describe(2, "canonical", "t", "a"), nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.decode(m, nil); err == nil {
			t.Errorf("an impossible number of %s was believed", name)
		}
	}
	if took := time.Since(started); took > time.Second {
		t.Errorf("impossible numbers took %s", took)
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range []message{
		begin(500, 42), commitAt(600), describe(1, "canonical", "product", "system", "sku"), row('I', 1).u8('N').tuple("onec", "A"),
		row('U', 1).u8('K').tuple("onec", null).u8('N').tuple(same, "A"), row('D', 1).u8('O').tuple("onec", "A"), message("T").u32(2).u8(0).u32(1).u32(1),
	} {
		f.Add([]byte(m), []byte(row('I', 1).u8('N').tuple("a", "b")))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		d := newDecoder("canonical")
		if _, _, err := d.decode(describe(1, "canonical", "product", "system", "sku"), nil); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var changes []replicator.Change
		for _, m := range [][]byte{first, second} {
			var end *commit
			var err error
			n := len(changes)
			changes, end, err = d.decode(m, changes)
			if err != nil {
				if end != nil {
					t.Fatalf("an error beside a commit: %v, %v", end, err)
				}
				changes = changes[:n] // whoever meets an error ends the stream
			}
		}
		for i := range changes {
			if c := &changes[i]; c.Table == "" && len(c.Columns) > 0 || len(c.Values) > len(c.Columns) || c.Unchanged != nil && len(c.Unchanged) != len(c.Values) {
				t.Fatalf("%+v", c)
			}
		}
		runtime.ReadMemStats(&after)
		if used, sent := after.TotalAlloc-before.TotalAlloc, uint64(len(first)+len(second)); used > 1<<20+200*sent {
			t.Fatalf("%d bytes were allocated for %d", used, sent)
		}
	})
}

func TestVisible_compares_modulo_the_wrap_around(t *testing.T) {
	t.Parallel()
	const epoch = int64(1) << 32
	for name, c := range map[string]struct {
		xmax    int64
		running []int64
		xids    []uint32
		want    bool
	}{
		"nothing to wait for":             {100, nil, nil, true},
		"ended before":                    {100, nil, []uint32{99}, true},
		"running":                         {100, []int64{99}, []uint32{99}, false},
		"another is running":              {100, []int64{98}, []uint32{99}, true},
		"not begun when the snapshot was": {100, nil, []uint32{100}, false},
		"far in the future":               {100, nil, []uint32{5000}, false},
		"one of many is running":          {100, []int64{97}, []uint32{96, 97, 98}, false},
		"in a later epoch":                {3*epoch + 100, nil, []uint32{99}, true},
		"running in a later epoch":        {3*epoch + 100, []int64{3*epoch + 99}, []uint32{99}, false},
		"before the wrap, snapshot after": {epoch + 5, nil, []uint32{0xfffffff0}, true},
		"after the wrap, snapshot before": {epoch - 5, nil, []uint32{3}, false},
		"running before the wrap":         {epoch + 5, []int64{epoch - 16}, []uint32{0xfffffff0}, false},
	} {
		if got := visible(c.xmax, c.running, c.xids); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

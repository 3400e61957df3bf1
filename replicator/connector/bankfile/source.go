package bankfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sverka/schema"
)

const (
	maxFile     = 256 << 20 // of a statement: the busiest account's year is far smaller
	maxField    = 64 << 10  // of one text of a document, such as its purpose
	maxDocument = 1 << 20   // of all texts of a document
	maxXMLText  = 1 << 20   // of one text of an XML file, before it is known whose it is
)

// source is a statement that can be read from its beginning as often as needed, so
// that a wrong file is refused whole before a line of it is staged, and yet no more
// than a page of it is in memory.
type source struct {
	from  io.ReaderAt
	size  int64
	alive func() error // of the context of the load; nil when there is none
	err   error        // of a read, to tell a broken disk from a broken file
}

// start reads from the beginning, without a byte order mark of UTF-8.
func (s *source) start() *bufio.Reader {
	r := bufio.NewReaderSize(&reading{s, io.NewSectionReader(s.from, 0, s.size)}, 64<<10)
	if head, _ := r.Peek(3); bytes.Equal(head, []byte("\xEF\xBB\xBF")) {
		_, _ = r.Discard(3) // they were peeked at
	}
	return r
}

// reading ends a long read when its context does.
type reading struct {
	s *source
	r io.Reader
}

func (r *reading) Read(p []byte) (int, error) {
	if r.s.alive != nil && r.s.alive() != nil {
		r.s.err = r.s.alive()
		return 0, r.s.err
	}
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.s.err = err
	}
	return n, err //nolint:wrapcheck // load names the file
}

// textGuard ends the reading of an XML file whose texts no memory should hold.
type textGuard struct {
	r     io.Reader
	since int // bytes since the last <
}

var errLongText = errors.New("a text is longer than 1 MiB")

func (g *textGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if i := bytes.LastIndexByte(p[:n], '<'); i >= 0 {
		g.since = n - i
	} else {
		g.since += n
	}
	if g.since > maxXMLText {
		return 0, errLongText
	}
	return n, err //nolint:wrapcheck // the XML reader names file and line
}

// openFile opens a statement; messages hold its base name only.
func openFile(ctx context.Context, path string) (*os.File, *source, error) {
	name := filepath.Base(path)
	info, err := os.Stat(path) // before opening, which would wait for the other end of a pipe
	if err != nil {
		return nil, nil, fmt.Errorf("open statement %s: %w", name, err)
	}
	if reason := notFile(info); reason != "" {
		return nil, nil, &FileError{File: name, Reason: reason, Hint: "save the statement to a file and name that"}
	}
	if info.Size() > maxFile {
		return nil, nil, tooLarge(name)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open statement %s: %w", name, err)
	}
	return f, &source{from: f, size: info.Size(), alive: ctx.Err}, nil
}

func notFile(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "is a folder, not a file"
	case mode&fs.ModeNamedPipe != 0:
		return "is a pipe; a statement is read twice, so it must be a file"
	default:
		return "is a device or a socket, not a file"
	}
}

func tooLarge(name string) error {
	return &FileError{File: name, Reason: fmt.Sprintf("is larger than %d MiB", maxFile>>20), Hint: "export shorter periods"}
}

// statementFile is a file that was read through once and can be read again for its rows.
type statementFile struct {
	src    *source
	opts   Options
	at     time.Time
	format func(*builder) error
	st     *Statement
	count  int // rows
	*builder
}

// survey reads a whole file and keeps everything of it but the rows. An error refuses the file.
func survey(src *source, name string, opts Options, at time.Time) (*statementFile, error) {
	f := &statementFile{src: src, opts: opts, at: at, st: &Statement{Name: name}}
	var err error
	if f.format, err = readerFor(src, f.st); err == nil {
		f.builder = newBuilder(f.st, opts, at)
		f.orders = finder{} // rows are only counted
		f.take = func(*schema.BankTransaction) error { f.count++; return nil }
		err = f.format(f.builder)
	}
	if src.err != nil {
		return f, fmt.Errorf("read statement %s: %w", name, src.err)
	}
	if err != nil {
		return f, err
	}
	f.st.checkTotals(f.read)
	return f, nil
}

// rows reads the file again and hands over its rows.
func (f *statementFile) rows(take func(*schema.BankTransaction) error) error {
	again := *f.st // what is found again is told already
	b := newBuilder(&again, f.opts, f.at)
	b.take = take
	err := f.format(b)
	if f.src.err != nil {
		return fmt.Errorf("read statement %s: %w", f.st.Name, f.src.err)
	}
	return err
}

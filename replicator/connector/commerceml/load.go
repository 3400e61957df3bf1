package commerceml

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"

	"sverka/replicator"
)

// LoadOptions say how files become pages.
type LoadOptions struct {
	Mapping  Mapping
	Read     Options // File is set from the path
	Archive  ArchiveLimits
	PageSize int // records of a page, 500 when zero
	// Together promises what [Mapper.Together] asks for, of the files as they follow
	// one another: memory is then bounded whatever their size.
	Together bool
	// Told, which may be nil, hears what all files held besides records.
	Told func(Counts)
}

// LoadFile reads one CommerceML file or zip archive and hands pages of records
// to emit. See [LoadFiles].
func LoadFile(ctx context.Context, path string, opts LoadOptions, emit func(replicator.Page) error, progress func(bytesDone, bytesTotal int64)) error {
	return LoadFiles(ctx, []string{path}, opts, emit, progress)
}

// LoadFiles reads files that belong together, such as import.xml and offers.xml,
// joins them and hands pages of records to emit; an archive is opened and its
// documents are joined too. Orders are handed over while reading, products and
// balances at the end, unless Together allows it earlier. The first broken file stops everything that was not yet
// handed over. progress, which may be nil, counts bytes of the files as they lie
// on the disk.
func LoadFiles(ctx context.Context, paths []string, opts LoadOptions, emit func(replicator.Page) error, progress func(bytesDone, bytesTotal int64)) error {
	if opts.PageSize == 0 {
		opts.PageSize = 500
	}
	l := &loader{opts: opts, emit: emit, mapper: NewMapper(opts.Mapping)}
	if opts.Together {
		l.mapper.Together()
	}
	if progress != nil {
		l.progress = progress
		for _, p := range paths {
			info, err := os.Stat(p)
			if err != nil {
				return fmt.Errorf("load CommerceML: %w", err)
			}
			l.total += info.Size()
		}
	}
	for _, p := range paths {
		if err := l.file(ctx, p); err != nil {
			return fmt.Errorf("load CommerceML: %w", err)
		}
	}
	l.page(l.mapper.Finish())
	if err := l.flush(ctx, true); err != nil {
		return fmt.Errorf("load CommerceML: %w", err)
	}
	if opts.Told != nil {
		opts.Told(l.mapper.Counts())
	}
	return nil
}

// loader carries one call of LoadFiles.
type loader struct {
	opts     LoadOptions
	emit     func(replicator.Page) error
	mapper   *Mapper
	waiting  Mapped
	progress func(done, total int64)
	done     int64 // bytes of finished files
	total    int64
}

func (l *loader) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err //nolint:wrapcheck // LoadFiles names the operation, the error the path
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	head := make([]byte, 4)
	n, err := f.ReadAt(head, 0)
	if err != nil && n == 0 && err != io.EOF { //nolint:errorlint // ReaderAt returns io.EOF bare
		return err //nolint:wrapcheck // as above
	}
	opts := l.opts.Read
	opts.File = path
	if bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) || bytes.HasPrefix(head[:n], []byte("PK\x05\x06")) {
		err = l.archive(ctx, f, info.Size(), opts)
	} else {
		var read int64
		err = l.items(ctx, Read(&counted{r: f, count: func(n int) { read += int64(n); l.tell(read) }}, opts))
	}
	l.done += info.Size()
	l.tell(0)
	return err
}

func (l *loader) archive(ctx context.Context, f *os.File, size int64, opts Options) error {
	files, err := openArchive(f, size, l.opts.Archive, opts.File)
	if err != nil {
		return err
	}
	var packed int64
	for _, entry := range files {
		var read uint64
		count := func(n int) {
			read += uint64(n)
			part := float64(read) / float64(max(1, entry.UncompressedSize64))
			l.tell(packed + int64(part*float64(entry.CompressedSize64)))
		}
		if err := l.items(ctx, readEntry(entry, opts, count)); err != nil {
			return err
		}
		packed += int64(entry.CompressedSize64)
	}
	return nil
}

func (l *loader) tell(inFile int64) {
	if l.progress != nil {
		l.progress(min(l.done+inFile, l.total), l.total)
	}
}

func (l *loader) items(ctx context.Context, items iter.Seq2[Item, error]) error {
	for it, err := range items {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // LoadFiles names the operation
		}
		l.mapper.Add(it)
		l.page(l.mapper.Take())
		if err := l.flush(ctx, false); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) page(m Mapped) { l.waiting.append(m) }

// flush hands over full pages, or with all also the last one.
func (l *loader) flush(ctx context.Context, all bool) error {
	for len(l.waiting.Records)+len(l.waiting.Refused) >= l.opts.PageSize || all {
		w := &l.waiting
		n := min(l.opts.PageSize, len(w.Records))
		p := replicator.Page{Records: w.Records[:n], Refused: w.Refused, Identifiers: w.Identifiers}
		w.Records, w.Refused, w.Identifiers = w.Records[n:], nil, nil
		if p.Read = len(p.Records) + len(p.Refused); p.Read == 0 && len(p.Identifiers) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // LoadFiles names the operation
		}
		if err := l.emit(p); err != nil {
			return err
		}
	}
	return nil
}

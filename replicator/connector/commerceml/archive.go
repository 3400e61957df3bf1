package commerceml

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
)

// ArchiveLimits keep a hostile archive harmless. The zero value has the defaults.
type ArchiveLimits struct {
	MaxEntries  int    // 10 000
	MaxUnpacked uint64 // bytes over all entries, 4 GiB
	MaxRatio    uint64 // unpacked to packed bytes of entries above 1 MiB, 200
}

func (l ArchiveLimits) withDefaults() ArchiveLimits {
	if l.MaxEntries == 0 {
		l.MaxEntries = 10_000
	}
	if l.MaxUnpacked == 0 {
		l.MaxUnpacked = 4 << 30
	}
	if l.MaxRatio == 0 {
		l.MaxRatio = 200
	}
	return l
}

// ReadArchive yields the items of every CommerceML document in a zip archive, in
// the order of its entries. What is a document is decided by its content, names
// do not matter; pictures are passed over. Archives with paths that lead out,
// links, repeated names, too much to unpack or anything else that an exchange
// never sends are refused before anything is read.
func ReadArchive(r io.ReaderAt, size int64, limits ArchiveLimits, opts Options) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		files, err := openArchive(r, size, limits, opts.File)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, f := range files {
			for it, err := range readEntry(f, opts, nil) {
				if !yield(it, err) {
					return
				}
				if err != nil {
					return
				}
			}
		}
	}
}

// openArchive checks the table of contents and returns the regular files.
func openArchive(r io.ReaderAt, size int64, limits ArchiveLimits, name string) ([]*zip.File, error) {
	limits = limits.withDefaults()
	refuse := func(entry, reason string) ([]*zip.File, error) {
		return nil, &ParseError{File: name, Element: entry, Reason: reason, Hint: "an exchange package never holds this: ask the sender for another archive"}
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &ParseError{File: name, Reason: "the zip archive is broken", Hint: "it was cut on its way: transfer it again", Err: err}
	}
	if len(z.File) > limits.MaxEntries {
		return refuse("", fmt.Sprintf("the archive has more than %d entries", limits.MaxEntries))
	}
	var files []*zip.File
	var total uint64
	seen := map[string]bool{}
	for _, f := range z.File {
		entry := strings.ReplaceAll(f.Name, `\`, "/")
		clean := strings.ToLower(path.Clean(entry))
		switch {
		case strings.HasPrefix(entry, "/") || strings.Contains(entry, ":") || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(entry, "\x00"):
			return refuse(f.Name, "the entry's name leads out of the archive")
		case f.Mode()&(fs.ModeSymlink|fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0:
			return refuse(f.Name, "the entry is a link or a device")
		case seen[clean]:
			return refuse(f.Name, "the entry stands twice")
		case f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/max(1, f.CompressedSize64) > limits.MaxRatio:
			return refuse(f.Name, "the entry unpacks to far more than is believable")
		}
		seen[clean] = true
		// The declared size is safe to add up: reading stops at it.
		if total += f.UncompressedSize64; total > limits.MaxUnpacked || f.UncompressedSize64 > limits.MaxUnpacked {
			return refuse(f.Name, fmt.Sprintf("the archive unpacks to more than %d bytes", limits.MaxUnpacked))
		}
		if !f.FileInfo().IsDir() {
			files = append(files, f)
		}
	}
	if len(files) > 0 {
		return files, anyXML(files, name)
	}
	return files, nil
}

// anyXML refuses an archive without a document, which would load as nothing, and
// one that packs another archive.
func anyXML(files []*zip.File, name string) error {
	found := false
	for _, f := range files {
		head, err := headOf(f)
		if err != nil {
			return &ParseError{File: name, Element: f.Name, Reason: "the archive's entry cannot be opened", Hint: "ask the sender for a plain zip archive", Err: err}
		}
		if kind := packedKind(head); kind != "" {
			return &ParseError{File: name, Element: f.Name, Reason: "the archive holds " + kind, Hint: "unpack it and pack its documents themselves"}
		}
		found = found || looksLikeXML(head)
	}
	if !found {
		return &ParseError{File: name, Reason: "the archive holds no XML document", Hint: "pack the .xml files of the exchange"}
	}
	return nil
}

// headOf reads where an entry begins; it is empty for an empty entry.
func headOf(f *zip.File) ([]byte, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller names the entry
	}
	defer rc.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(rc, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err //nolint:wrapcheck // as above
	}
	return head[:n], nil
}

// readEntry yields the items of one entry, nothing when it is no XML.
func readEntry(f *zip.File, opts Options, count func(int)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		if opts.File != "" {
			opts.File += ": "
		}
		opts.File += f.Name
		rc, err := f.Open()
		if err != nil {
			yield(nil, &ParseError{File: opts.File, Reason: "the archive's entry cannot be opened", Hint: "ask the sender for a plain zip archive", Err: err})
			return
		}
		defer rc.Close()
		var head [512]byte
		n, err := io.ReadFull(rc, head[:])
		if err != nil && n == 0 || !looksLikeXML(head[:n]) {
			return // an empty file or a picture
		}
		left := io.LimitReader(rc, int64(min(f.UncompressedSize64, 1<<62))-int64(n))
		Read(&counted{r: io.MultiReader(bytes.NewReader(head[:n]), left), count: count}, opts)(yield)
	}
}

func looksLikeXML(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}

// counted tells how many bytes were read.
type counted struct {
	r     io.Reader
	count func(int)
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.count != nil {
		c.count(n)
	}
	return n, err //nolint:wrapcheck // io.EOF must stay io.EOF
}

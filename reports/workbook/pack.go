package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// deflateLevel is the usual trade of size for time.
const deflateLevel = 6

// shellParts lets excelize serialise the shell and catches its parts.
func shellParts(f *excelize.File) (map[string][]byte, error) {
	caught := &catcher{parts: map[string]*bytes.Buffer{}}
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return caught })
	if err := f.Write(io.Discard); err != nil {
		return nil, fmt.Errorf("serialise the shell: %w", err)
	}
	parts := make(map[string][]byte, len(caught.parts))
	for name, b := range caught.parts {
		parts[name] = b.Bytes()
	}
	types, err := sortedTypes(parts[typesPart])
	if err != nil {
		return nil, err
	}
	parts[typesPart] = types
	return parts, nil
}

// catcher is the ZipWriter that only remembers.
type catcher struct{ parts map[string]*bytes.Buffer }

func (c *catcher) Create(name string) (io.Writer, error) {
	b := &bytes.Buffer{}
	c.parts[name] = b
	return b, nil
}

func (*catcher) AddFS(fs.FS) error { return nil }
func (*catcher) Close() error      { return nil }

const (
	typesPart = "[Content_Types].xml"
	relsPart  = "_rels/.rels"
)

// contentTypes is [Content_Types].xml.
type contentTypes struct {
	XMLName  xml.Name `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
	Default  []defaultType
	Override []overrideType
}

type defaultType struct {
	Extension   string `xml:",attr"`
	ContentType string `xml:",attr"`
}

type overrideType struct {
	PartName    string `xml:",attr"`
	ContentType string `xml:",attr"`
}

// sortedTypes puts the content types in order: excelize lists them in the order
// of a map, which differs from run to run.
func sortedTypes(part []byte) ([]byte, error) {
	var types contentTypes
	if err := xml.Unmarshal(part, &types); err != nil {
		return nil, fmt.Errorf("read %s of the shell: %w", typesPart, err)
	}
	slices.SortFunc(types.Default, func(a, b defaultType) int { return cmp.Compare(a.Extension, b.Extension) })
	slices.SortFunc(types.Override, func(a, b overrideType) int { return cmp.Compare(a.PartName, b.PartName) })
	out, err := xml.Marshal(types)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", typesPart, err)
	}
	return append([]byte(xml.Header), out...), nil
}

// filler writes the rows of a sheet.
type filler func(*cells) error

// packer writes the finished package.
type packer struct {
	zw     *zip.Writer
	asOf   time.Time
	styles *styles
	words  texts
	zone   *time.Location
}

// pack writes all parts in a fixed order with fixed times; fill has the rows of
// the sheets, by part name.
func (p *packer) pack(ctx context.Context, w io.Writer, parts map[string][]byte, fill map[string]filler) error {
	p.zw = zip.NewWriter(w)
	p.zw.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, deflateLevel) })
	for name := range fill {
		if _, ok := parts[name]; !ok {
			return fmt.Errorf("pack %s: the shell has no such part", name)
		}
	}
	for _, name := range partOrder(parts) {
		if err := p.part(ctx, name, parts[name], fill[name]); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := p.zw.Close(); err != nil {
		return fmt.Errorf("close the package: %w", err)
	}
	return nil
}

// partOrder puts first what readers look for first, then the names in order.
func partOrder(parts map[string][]byte) []string {
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	rank := func(name string) int {
		switch name {
		case typesPart:
			return 0
		case relsPart:
			return 1
		default:
			return 2
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	return names
}

func (p *packer) part(ctx context.Context, name string, content []byte, fill filler) error {
	out, err := p.zw.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.asOf})
	if err != nil {
		return fmt.Errorf("open the part: %w", err)
	}
	head, tail := content, []byte(nil)
	if fill != nil {
		if head, tail, err = split(content); err != nil {
			return err
		}
	}
	if _, err := out.Write(head); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if fill == nil {
		return nil
	}
	c := &cells{ctx: ctx, w: out, styles: p.styles, words: p.words, zone: p.zone, buf: make([]byte, 0, flushAt*2)}
	if err := fill(c); err != nil {
		return err
	}
	if err := c.flush(); err != nil {
		return err
	}
	if _, err := out.Write(tail); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// split opens a sheet part where its rows end.
func split(part []byte) (head, tail []byte, err error) {
	const empty, end = "<sheetData/>", "</sheetData>"
	if i := bytes.Index(part, []byte(end)); i >= 0 {
		return part[:i], part[i:], nil
	}
	if i := bytes.Index(part, []byte(empty)); i >= 0 {
		head := append(slices.Clone(part[:i]), "<sheetData>"...)
		return head, append([]byte(end), part[i+len(empty):]...), nil
	}
	return nil, nil, fmt.Errorf("the shell has no sheetData")
}

package commerceml_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

type entry struct {
	name string
	body []byte
	mode fs.FileMode
}

func writeZip(t *testing.T, entries ...entry) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.zip")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func own(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/xml/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func load(ctx context.Context, t *testing.T, opts commerceml.LoadOptions, paths ...string) ([]replicator.Page, error) {
	t.Helper()
	opts.Mapping = testMapping(t)
	var pages []replicator.Page
	last := int64(-1)
	err := commerceml.LoadFiles(ctx, paths, opts, func(p replicator.Page) error {
		pages = append(pages, p)
		return nil
	}, func(done, total int64) {
		if done < last || done > total {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last = done
	})
	return pages, err
}

func TestLoadFiles_joins_files_and_archives(t *testing.T) {
	t.Parallel()
	archive := writeZip(t,
		entry{name: "a/offers.txt", body: own(t, "offers_207.xml")}, // the name says nothing
		entry{name: "import_files/aa/1.jpg", body: []byte("\xFF\xD8\xFFpicture")},
		entry{name: "b/data", body: own(t, "import_207.xml")})
	for name, paths := range map[string][]string{"archive": {archive}, "files": {"testdata/xml/import_207.xml", "testdata/xml/offers_207.xml"}} {
		pages, err := load(t.Context(), t, commerceml.LoadOptions{PageSize: 2}, paths...)
		if err != nil {
			t.Fatal(name, err)
		}
		var products, refused int
		for _, p := range pages {
			if len(p.Records) > 2 {
				t.Errorf("%s: a page of %d records", name, len(p.Records))
			}
			refused += len(p.Refused)
			for _, r := range p.Records {
				if v, ok := r.(*schema.Product); ok && v.SKU == "LMP-1" && len(v.Prices) == 1 {
					products++
				}
			}
		}
		if products != 1 || refused != 6 {
			t.Errorf("%s: %d products with prices, %d refused, pages %+v", name, products, refused, pages)
		}
	}
}

func TestLoadFile_refuses_hostile_archives(t *testing.T) {
	t.Parallel()
	doc := own(t, "import_207.xml")
	for name, entries := range map[string][]entry{
		"leads out":          {{name: "../import.xml", body: doc}},
		"leads out backward": {{name: `a\..\..\import.xml`, body: doc}},
		"absolute":           {{name: "/import.xml", body: doc}},
		"drive":              {{name: `C:\import.xml`, body: doc}},
		"link":               {{name: "import.xml", body: []byte("/etc/passwd"), mode: fs.ModeSymlink | 0o777}},
		"twice":              {{name: "import.xml", body: doc}, {name: "Import.XML", body: doc}},
		"ratio":              {{name: "import.xml", body: bytes.Repeat([]byte(" "), 8<<20)}},
		"total":              {{name: "a", body: doc}, {name: "b", body: doc}},
		"entries":            {{name: "a"}, {name: "b"}, {name: "c"}, {name: "d"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := commerceml.ArchiveLimits{MaxEntries: 3}
			if name == "total" {
				limits.MaxUnpacked = uint64(len(doc)) + 10
			}
			pages, err := load(t.Context(), t, commerceml.LoadOptions{Archive: limits}, writeZip(t, entries...))
			var pe *commerceml.ParseError
			if !errors.As(err, &pe) || len(pages) != 0 {
				t.Errorf("got %v and %d pages", err, len(pages))
			}
		})
	}
}

func TestLoadFile_stops_at_a_broken_file_and_when_told(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken.xml")
	if err := os.WriteFile(broken, own(t, "import_207.xml")[:900], 0o600); err != nil {
		t.Fatal(err)
	}
	if pages, err := load(t.Context(), t, commerceml.LoadOptions{}, broken); err == nil || !strings.Contains(err.Error(), "ends in the middle") || len(pages) != 0 {
		t.Errorf("got %v and %d pages", err, len(pages))
	}
	if _, err := load(t.Context(), t, commerceml.LoadOptions{}, "no-such-file.xml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := load(ctx, t, commerceml.LoadOptions{}, "testdata/xml/import_207.xml"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	stop := errors.New("no room")
	err := commerceml.LoadFile(t.Context(), "testdata/xml/order_203.cp1251.xml", commerceml.LoadOptions{Mapping: testMapping(t)}, func(replicator.Page) error { return stop }, nil)
	if !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

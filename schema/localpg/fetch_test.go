package localpg

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// mirror is a Maven repository with one archive of portable binaries.
type mirror struct {
	url   string
	asked atomic.Int32 // downloads of the archive
}

// newMirror serves an archive with the given files at the place where the library looks
// for Postgres of a version, whatever system and processor the test runs on.
func newMirror(t *testing.T, version string, files map[string][]byte, checksum string) *mirror {
	t.Helper()
	jar := newJar(t, files)
	if checksum == "" {
		sum := sha256.Sum256(jar)
		checksum = hex.EncodeToString(sum[:])
	}
	m := &mirror{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := jar
		path, isSum := strings.CutSuffix(r.URL.Path, ".sha256")
		if isSum {
			body = []byte(checksum)
		}
		if !strings.HasPrefix(path, "/maven/io/zonky/test/postgres/embedded-postgres-binaries-") || !strings.HasSuffix(path, "-"+version+".jar") {
			http.NotFound(w, r)
			return
		}
		if !isSum {
			m.asked.Add(1)
		}
		w.Write(body)
	}))
	t.Cleanup(srv.Close)
	m.url = srv.URL + "/maven/"
	return m
}

// newJar is the archive's layout: a zip that holds one .txz that holds bin, lib and share.
func newJar(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var tarred, jar bytes.Buffer
	tw := tar.NewWriter(&tarred)
	for name, content := range files {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	zw := zip.NewWriter(&jar)
	w, err := zw.Create("postgres-any.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(xzStored(tarred.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}

// xzStored wraps data into an .xz file of stored chunks: one stream, one block, no
// compression, so that the test needs no tool. Numbers are those of the format's specification.
func xzStored(data []byte) []byte {
	var out bytes.Buffer
	flags := []byte{0, 0} // no check of the content: tar and zip have their own
	out.WriteString("\xfd7zXZ\x00")
	out.Write(flags)
	out.Write(le32(crc32.ChecksumIEEE(flags)))

	header := []byte{2, 0, 0x21, 1, 8, 0, 0, 0} // 12 bytes with its sum, one filter: LZMA2 with a small dictionary
	out.Write(header)
	out.Write(le32(crc32.ChecksumIEEE(header)))
	body := 0
	for first := byte(1); len(data) > 0; first = 2 {
		chunk := data[:min(len(data), 1<<16)]
		data = data[len(chunk):]
		out.Write([]byte{first, byte((len(chunk) - 1) >> 8), byte(len(chunk) - 1)})
		out.Write(chunk)
		body += 3 + len(chunk)
	}
	out.WriteByte(0)
	body++
	chunks := (body - 1 + 1<<16 + 2) / (1<<16 + 3)
	for pad := body; pad%4 != 0; pad++ {
		out.WriteByte(0)
	}

	index := []byte{0, 1}
	index = binary.AppendUvarint(index, uint64(12+body))
	index = binary.AppendUvarint(index, uint64(body-1-3*chunks))
	for len(index)%4 != 0 {
		index = append(index, 0)
	}
	out.Write(index)
	out.Write(le32(crc32.ChecksumIEEE(index)))

	footer := append(le32(uint32((len(index)+4)/4-1)), flags...)
	out.Write(le32(crc32.ChecksumIEEE(footer)))
	out.Write(footer)
	out.WriteString("YZ")
	return out.Bytes()
}

func le32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

// newCache is a folder that the server's account can enter.
func newCache(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg-cache-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func script(answer string) []byte { return []byte("#!/bin/sh\necho '" + answer + "'\n") }

func TestFetch_gets_portable_binaries_once(t *testing.T) {
	t.Parallel()
	m := newMirror(t, "17.5.0", map[string][]byte{
		"bin/initdb": script("initdb"), "bin/pg_ctl": script("pg_ctl"), "bin/postgres": script("postgres (PostgreSQL) 17.5"),
	}, "")
	b := Binaries{Mirror: m.url, Cache: newCache(t)}
	nowhere := finder{root: t.TempDir(), path: "/nothing"}
	for range 2 {
		in, err := b.resolve(t.Context(), nowhere, 0)
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(b.Cache, "17.5.0", "bin"); in.bin != want || in.major != 17 {
			t.Errorf("got %+v, want %s", in, want)
		}
	}
	if n := m.asked.Load(); n != 1 {
		t.Errorf("the archive was downloaded %d times", n)
	}
	if left, err := filepath.Glob(filepath.Join(b.Cache, "start-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestFetch_says_why_it_failed_and_what_to_install(t *testing.T) {
	t.Parallel()
	good := map[string][]byte{"bin/initdb": script("initdb"), "bin/pg_ctl": script("pg_ctl"), "bin/postgres": script("postgres (PostgreSQL) 17.5")}
	damaged := newMirror(t, "17.5.0", good, strings.Repeat("0", 64))
	empty := newMirror(t, "17.5.0", map[string][]byte{"README": []byte("no programs")}, "")
	for name, c := range map[string]struct{ mirror, want string }{
		"damaged on the way":  {damaged.url, "checksums do not match"},
		"an archive of else":  {empty.url, "pg_ctl"},
		"a mirror that is no": {"http://robot:hunter2@127.0.0.1:1", "unable to connect to http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := Binaries{Mirror: c.mirror, Cache: newCache(t)}
			_, err := b.fetch(t.Context(), 17)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "apt-get install postgresql") {
				t.Fatalf("error %v does not say %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("invariant 11: the error shows the mirror's password: %v", err)
			}
		})
	}
}

func TestFetch_stops_when_asked(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	t.Cleanup(srv.Close)
	b := Binaries{Mirror: srv.URL, Cache: newCache(t)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.fetch(ctx, 17); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("got %v", err)
	}
	close(hold)
	err := poll(t.Context(), func() (bool, error) {
		scratch, err := filepath.Glob(filepath.Join(b.Cache, "start-*"))
		return len(scratch) == 0, err
	})
	if err != nil {
		t.Errorf("the download did not end by itself: %v", err)
	}
}

func TestStart_runs_a_fetched_Postgres(t *testing.T) {
	t.Parallel()
	here, err := Binaries{Dir: os.Getenv("SVERKA_TEST_PG_BIN")}.resolve(t.Context(), finder{root: "/"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	version, err := portableVersion(here.major)
	if err != nil {
		t.Fatal(err)
	}
	// The programs of this machine, wrapped so that they find what they need beside the originals.
	programs := map[string][]byte{}
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		programs["bin/"+name] = []byte("#!/bin/sh\nexec " + filepath.Join(here.bin, name) + " \"$@\"\n")
	}
	dir := filepath.Join(newCache(t), "cluster")
	in, err := Binaries{Mirror: newMirror(t, string(version), programs, "").url, Cache: newCache(t)}.fetch(t.Context(), here.major)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Options{Dir: dir, Fast: true, Binaries: Binaries{Dir: in.bin}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

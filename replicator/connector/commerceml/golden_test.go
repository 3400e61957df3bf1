package commerceml_test

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// repoRoot is the directory of go.mod.
func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func moscow(tb testing.TB) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func testMapping(tb testing.TB) commerceml.Mapping {
	tb.Helper()
	return commerceml.Mapping{
		System: schema.OpenShop, ObservedAt: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), Location: moscow(tb),
		PriceTypes: map[string]string{"Розничная": schema.PriceRetail},
		Warehouses: map[string]string{"w1": "MAIN", `Магазин "Обувь"`: "SHOES"},
	}
}

func TestGoldens_of_own_testdata(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/xml/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, f := range files {
		checkGolden(t, f, "own_")
	}
}

func TestGoldens_of_shared_samples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(repoRoot(t), "..", "shared", "samples", "commerceml", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("shared samples are absent: ../shared/samples/commerceml")
	}
	for _, f := range files {
		checkGolden(t, f, "shared_")
	}
}

func checkGolden(t *testing.T, file, prefix string) {
	t.Helper()
	name := strings.TrimSuffix(filepath.Base(file), ".xml")
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		got := describe(t, file)
		golden := filepath.Join("testdata", "golden", prefix+name+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("what was read differs from %s; run with -update and look at the difference\n--- got\n%s--- want\n%s", golden, got, want)
		}
	})
}

// describe says what was read: counts, a digest of all values per kind, and the
// business keys of what came out of the mapping.
func describe(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	counts, digests := map[string]int{}, map[string]string{}
	mapping := testMapping(t)
	mapping.SKUFromID = strings.Contains(file, "orders") || strings.Contains(file, "bitrix")
	mapper := commerceml.NewMapper(mapping)
	var b strings.Builder
	for it, err := range commerceml.Read(f, commerceml.Options{File: filepath.Base(file)}) {
		if err != nil {
			t.Fatal(err)
		}
		kind := strings.TrimPrefix(fmt.Sprintf("%T", it), "*commerceml.")
		counts[kind]++
		text, err := json.Marshal(it)
		if err != nil {
			t.Fatal(err)
		}
		digests[kind] = fmt.Sprintf("%x", sha256.Sum256([]byte(digests[kind]+string(text))))[:16]
		if h, ok := it.(*commerceml.Header); ok {
			fmt.Fprintf(&b, "root %s version %q formed %q %s\n", h.Root, h.Version, h.Formed, h.FormedAt.Format(time.RFC3339))
		}
		if r, ok := it.(*commerceml.Refused); ok {
			fmt.Fprintf(&b, "refused %s %s: %v\n", r.Element, r.ID, r.Problems)
		}
		mapper.Add(it)
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%-10s %3d %s\n", kind, counts[kind], digests[kind])
	}
	out := mapper.Finish()
	for i, r := range out.Records {
		if i == 12 {
			fmt.Fprintf(&b, "… %d records in all\n", len(out.Records))
			break
		}
		fmt.Fprintf(&b, "record %s %s %s\n", r.RecordEntity(), r.RecordKey(), schema.Hash(r))
	}
	for i, r := range out.Refused {
		if i == 12 {
			fmt.Fprintf(&b, "… %d refusals in all\n", len(out.Refused))
			break
		}
		fmt.Fprintf(&b, "refusal %s %s %s %s\n", r.Code, r.Entity, r.Key, r.Problems[0].Reason)
	}
	return b.String()
}

package workbook

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"sverka/reports/workbook/workbooktest"
)

// newUpdate is a function because a package variable would be shared state.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite the goldens")
	flag.Parse()
	m.Run()
}

// rendered is a report as bytes.
func rendered(t *testing.T, r Report, l limits) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := render(context.Background(), &out, &r, l); err != nil {
		t.Fatalf("render: %v", err)
	}
	return out.Bytes()
}

// readBack opens what was rendered and finds no fault with the package.
func readBack(t *testing.T, file []byte) *workbooktest.Book {
	t.Helper()
	book, err := workbooktest.Read(file)
	if err != nil {
		t.Fatalf("read back: %v", err)
	}
	for _, problem := range book.Check() {
		t.Errorf("package: %s", problem)
	}
	return book
}

func TestWorkbook_reads_as_reviewed_in_every_language(t *testing.T) {
	t.Parallel()
	for _, language := range []Language{Russian, English, Chinese} {
		t.Run(string(language), func(t *testing.T) {
			t.Parallel()
			got := readBack(t, rendered(t, someReport(language), defaultLimits())).Text()
			golden := filepath.Join("testdata", "daily-"+string(language)+".golden")
			if updating() {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the workbook changed; look at the difference after\n\tgo test ./reports/workbook -update\ngot:\n%s", got)
			}
		})
	}
}

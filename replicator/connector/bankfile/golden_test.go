package bankfile_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sverka/replicator"
	"sverka/replicator/connector/bankfile"
	"sverka/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func fixedClock() time.Time { return time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC) }

func TestParse_reads_every_sample_of_our_own(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.[tx][xm][tl]")
	if err != nil || len(files) < 7 {
		t.Fatalf("testdata holds %d statements (%v)", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			requireGolden(t, filepath.Join("testdata", filepath.Base(path)+".golden"), render(parseFile(t, path), plainText))
		})
	}
}

func TestParse_reads_every_shared_sample(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(repositoryRoot(t), "..", "shared", "samples", "bank")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("shared samples are absent: the own samples of testdata cover the same ground")
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			t.Parallel()
			// Names and purposes are compared by digest: the samples are not ours to copy.
			requireGolden(t, filepath.Join("testdata", "shared", e.Name()+".golden"), render(parseFile(t, filepath.Join(dir, e.Name())), digested))
		})
	}
}

type parsed struct {
	st      bankfile.Statement
	refused []replicator.Refusal
	err     error
}

func parseFile(t *testing.T, path string) parsed {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var p parsed
	p.st, p.refused, p.err = bankfile.Parse(bytes.NewReader(b), filepath.Base(path), bankfile.Options{Clock: fixedClock})
	return p
}

func plainText(s string) string { return s }

func digested(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%d runes %x", utf8.RuneCountInString(s), sha256.Sum256([]byte(s)))[:20]
}

// render writes a statement for a reviewer, a line per fact.
func render(p parsed, show func(string) string) string {
	var b strings.Builder
	st := p.st
	fmt.Fprintf(&b, "%s %s %s complete=%v\n", st.Format, st.Version, st.Encoding, st.Complete)
	if p.err != nil {
		fmt.Fprintf(&b, "error: %v\n", p.err)
	}
	for _, a := range st.Accounts {
		fmt.Fprintf(&b, "account %s %s..%s opening=%s in=%s out=%s closing=%s\n", a.Account, day(a.From), day(a.To), amount(a.Opening), amount(a.In), amount(a.Out), amount(a.Closing))
	}
	for _, r := range st.Transactions {
		fmt.Fprintf(&b, "\n%s %s %s %s %s on %s\n", r.TransactionID, r.Account, r.Direction, r.Amount, r.Currency, day(r.BookedOn))
		fmt.Fprintf(&b, "  document %q %q of %s, id %q, order %q\n", r.DocumentKind, r.DocumentNumber, day(r.DocumentDate), r.ExternalID, r.OrderReference)
		fmt.Fprintf(&b, "  payer %q %q %q\n", show(r.PayerName), r.PayerINN, r.PayerAccount)
		fmt.Fprintf(&b, "  payee %q %q %q\n", show(r.PayeeName), r.PayeeINN, r.PayeeAccount)
		fmt.Fprintf(&b, "  purpose %q\n", show(r.Purpose))
		for _, k := range slices.Sorted(maps.Keys(r.Extra)) {
			fmt.Fprintf(&b, "  extra %s=%q\n", k, show(r.Extra[k]))
		}
	}
	for _, r := range p.refused {
		for _, problem := range r.Problems {
			fmt.Fprintf(&b, "\nrefused %s %s: %v\n", r.ExternalID, r.Code, problem)
		}
	}
	for _, w := range st.Warnings {
		fmt.Fprintf(&b, "\nwarning %s %d: %v\n", w.Code, w.Line, w.Problem)
	}
	return b.String()
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

func amount(a *schema.Amount) string {
	if a == nil {
		return "-"
	}
	return a.String()
}

func requireGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and review):\n%s", path, got)
	}
}

// repositoryRoot is the directory of go.mod.
func repositoryRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("go.mod: not in any directory above the test")
		}
		dir = filepath.Dir(dir)
	}
}

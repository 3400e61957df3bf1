package reconcile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// codes finds the stable words that the statements assign to a column: those behind
// THEN and ELSE of the expressions that make it.
func codes(t *testing.T, texts map[string]string) map[string]bool {
	t.Helper()
	entries, err := statements.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	word := regexp.MustCompile(`'([a-z_]+)'`)
	for _, e := range entries {
		text, err := statements.ReadFile("sql/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range word.FindAllStringSubmatch(string(text), -1) {
			if _, ok := texts[m[1]]; ok {
				found[m[1]] = true
			}
		}
	}
	return found
}

func TestWords_AreTheSameCodesInEveryLanguage(t *testing.T) {
	t.Parallel()
	en, slot := wordsEN(), regexp.MustCompile(`\{[a-z_]+\}`)
	known := en.slots(&Finding{}, nil)
	for lang, w := range map[string]words{"en": en, "ru": wordsRU(), "zh": wordsZH()} {
		tables := []struct {
			name      string
			got, want map[string]string
		}{
			{"causes", w.causes, en.causes},
			{"repairs", w.repairs, en.repairs},
			{"reasons", w.reasons, en.reasons},
			{"systems", w.systems, en.systems},
			{"entities", w.entities, en.entities},
		}
		for _, table := range tables {
			if got, want := slices.Sorted(maps.Keys(table.got)), slices.Sorted(maps.Keys(table.want)); !slices.Equal(got, want) {
				t.Errorf("%s of %s: got %v, want %v", table.name, lang, got, want)
			}
			for code, text := range table.got {
				if strings.Count(text, "[") != strings.Count(text, "]") {
					t.Errorf("%s %s of %s: brackets do not close: %q", table.name, code, lang, text)
				}
				for _, s := range slot.FindAllString(text, -1) {
					if _, ok := known[strings.Trim(s, "{}")]; !ok {
						t.Errorf("%s %s of %s: slot %s is never filled", table.name, code, lang, s)
					}
				}
			}
		}
	}
}

func TestWords_AreUsedByStatements(t *testing.T) {
	t.Parallel()
	w := wordsEN()
	for _, table := range []map[string]string{w.causes, w.repairs} {
		used := codes(t, table)
		for code := range table {
			if !used[code] && !strings.HasPrefix(code, "source_") && code != "investigate" {
				t.Errorf("no statement assigns %q", code)
			}
		}
	}
}

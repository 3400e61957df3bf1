package reconcile_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sverka/reconcile"
	"sverka/schema"
	"sverka/schema/schematest"
)

func TestExplain_WordsEveryCauseAndRepairInEveryLanguage(t *testing.T) {
	t.Parallel()
	db := schematest.New(t).Pool
	w := cleanWorld(5, 2)
	for _, s := range allSeeds() {
		s.spoil(w)
	}
	w.write(t, db)
	code := regexp.MustCompile(`^[a-z_]+$`)
	for _, f := range listed(t, db, run(t, db).ID) {
		for _, lang := range []string{reconcile.LanguageEN, reconcile.LanguageRU, reconcile.LanguageZH} {
			cause, repair := reconcile.Explain(&f, lang, nil)
			for _, text := range []string{cause, repair} {
				if text == "" || strings.ContainsAny(text, "{}[]") || code.MatchString(text) {
					t.Errorf("%s %s: cause %q, repair %q in %s is no sentence: %q", f.Comparison, f.Class, f.Cause, f.Repair, lang, text)
				}
			}
		}
	}
}

func TestExplain_NamesDocumentAndTime(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("MSK", 3*60*60)
	f := reconcile.Finding{Cause: "shipment_missing", Repair: "post_document"}
	f.Evidence.Documents = []reconcile.EvidenceDocument{{Document: "88231", SeenIn: schema.Jushuitan, At: time.Date(2026, 11, 22, 18, 4, 0, 0, time.UTC)}}
	f.Evidence.Failure = "onec: rejected: code {order}"
	cause, repair := reconcile.Explain(&f, reconcile.LanguageRU, moscow)
	want := "Отгрузка проведена только с одной стороны: 88231 (Jushuitan, 22.11.2026 21:04); ошибка обмена: onec: rejected: code {order}."
	if cause != want {
		t.Errorf("got %q, want %q", cause, want)
	}
	if repair != "Провести документ или отправить его повторно." {
		t.Errorf("got repair %q", repair)
	}
}

func TestExplain_ShowsAnUnknownCodeAsItIs(t *testing.T) {
	t.Parallel()
	f := reconcile.Finding{Cause: "brand_new", Repair: "also_new"}
	if cause, repair := reconcile.Explain(&f, "xx", nil); cause != "brand_new" || repair != "also_new" {
		t.Errorf("got %q and %q", cause, repair)
	}
}

func TestFinding_CodeFollowsTheAccountantsList(t *testing.T) {
	t.Parallel()
	cases := []struct {
		class reconcile.Class
		a     schema.System
		want  string
	}{
		{reconcile.ClassMissingOneC, schema.OneC, "MISS_A"},
		{reconcile.ClassMissingJushuitan, schema.OneC, "MISS_B"},
		{reconcile.ClassQuantity, schema.OneC, "QTY"},
		{reconcile.ClassWarehouseUnmapped, schema.OneC, "WH_MAP"},
	}
	for _, c := range cases {
		if got := (&reconcile.Finding{Class: c.class, SystemA: c.a}).Code(); got != c.want {
			t.Errorf("%s with %s first: got %q, want %q", c.class, c.a, got, c.want)
		}
	}
	for _, class := range reconcile.Classes() {
		counted := slices.Contains([]reconcile.Class{reconcile.ClassEqual, reconcile.ClassNotDue, reconcile.ClassNotCarried}, class)
		if got := (&reconcile.Finding{Class: class, SystemA: schema.OneC}).Code(); (got == "") != counted {
			t.Errorf("%s has code %q", class, got)
		}
	}
}

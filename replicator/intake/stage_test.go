package intake

import (
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
	"sverka/schema/canonical"
)

func TestStagePage_bad_records_are_refused_by_themselves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nul := product("NUL", "a\x00b")
	sum := b.page(replicator.Page{
		Records:     []schema.Record{product("A", "good"), product("B", ""), nul, product("C", "good")},
		Refused:     []replicator.Refusal{{Entity: schema.EntityProduct, ExternalID: "77\x00", Code: "unmapped", Problems: []schema.Problem{{Field: "sku", Value: "x\x00", Reason: "has no counterpart", Hint: "map it"}}}},
		Identifiers: []replicator.Identifier{{Entity: schema.EntityProduct, ExternalID: "1", Key: "A"}},
		Read:        5,
	})
	if sum.New != 2 || sum.Refused != 3 || sum.Read != 5 || len(sum.Refusals) != 3 {
		t.Errorf("%+v", sum)
	}
	if n := b.number(`SELECT count(*) FROM canonical.product WHERE sku IN ('A', 'C')`); n != 2 {
		t.Errorf("%d of the good ones are staged", n)
	}
	if n := b.number(`SELECT count(*) FROM canonical.identifier WHERE system = 'jushuitan' AND external_id = '1' AND key = 'A'`); n != 1 {
		t.Error("the identifier is not staged")
	}
	for key, code := range map[string]string{"B": "validation", "NUL": "validation", "": "unmapped"} {
		if n := b.number(`SELECT count(*) FROM canonical.journal_entry WHERE subject_key = $1 AND code = $2 AND severity = 'error' AND source_file = 'f.xml'`, key, code); n != 1 {
			t.Errorf("%d journal entries tell of %q", n, key)
		}
	}
}

func TestEntry_words_a_refusal(t *testing.T) {
	t.Parallel()
	now := time.Now()
	origin := Origin{System: schema.Bank, Source: "file", File: "kl_to_1c.txt"}
	refusal := func(code string) replicator.Refusal {
		return replicator.Refusal{
			Entity: schema.EntityBankTransaction, Key: "K1", ExternalID: "line 7", Code: code,
			Problems: []schema.Problem{{Field: "amount", Value: "12,345", Reason: "has three decimal places", Hint: "ask the bank"}, {Field: "account", Reason: "is empty"}},
		}
	}
	e := entryOf(origin, refusal("validation"), now)
	if e.Message != `amount: has three decimal places (got "12,345") (and 1 more problems) [id line 7]` || e.Hint != "ask the bank" || e.Field != "amount" || e.SourceFile != "kl_to_1c.txt" {
		t.Errorf("%+v", e)
	}
	if problems := e.Validate(); len(problems) > 0 {
		t.Errorf("an entry that cannot be staged: %v", problems)
	}
	for code, want := range map[string]string{
		"control_total": schema.SeverityWarning, "oddity": schema.SeverityWarning, "not_booked": schema.SeverityWarning,
		"validation": schema.SeverityError, "unmapped": schema.SeverityError, "malformed": schema.SeverityError, "": schema.SeverityError,
	} {
		if got := entryOf(origin, refusal(code), now).Severity; got != want {
			t.Errorf("%q is of severity %s, want %s", code, got, want)
		}
	}
	if again := entryOf(origin, refusal("validation"), now.Add(time.Hour)); again.EntryID != e.EntryID {
		t.Error("the same refusal tomorrow is another entry")
	}
	if other := entryOf(origin, refusal("unmapped"), now); other.EntryID == e.EntryID {
		t.Error("another refusal is the same entry")
	}
	bare := entryOf(origin, replicator.Refusal{Code: "malformed"}, now)
	if bare.Message != "refused" || len(bare.Validate()) > 0 {
		t.Errorf("%+v", bare)
	}
}

func TestStagePage_rows_refer_to_the_call_that_brought_them(t *testing.T) {
	t.Parallel()
	b := setup(t)
	call := apicall.Exchange{System: "jushuitan", Operation: "read products", Method: "POST", Path: "/open\xff/sku", StartedAt: time.Now(), Status: 200, Response: []byte("\x00{}")}
	b.page(replicator.Page{Records: []schema.Record{product("A", "a")}, Read: 1}, call, call)
	if n := b.number(`SELECT count(*) FROM canonical.product p JOIN ops.exchange x ON x.id = p.exchange_id WHERE x.operation = 'read products' AND x.direction = 'in'`); n != 1 {
		t.Error("the row does not refer to its call")
	}
	b.page(replicator.Page{Records: []schema.Record{product("A", "a")}, Read: 1}, call)
	if n := b.number(`SELECT count(*) FROM ops.exchange`); n != 2 {
		t.Errorf("%d calls are kept, want the 2 that brought something", n)
	}
	b.page(replicator.Page{Records: []schema.Record{product("FILE", "from a file")}, Read: 1})
	if n := b.number(`SELECT count(*) FROM canonical.product WHERE sku = 'FILE' AND exchange_id IS NULL`); n != 1 {
		t.Error("a row from a file refers to a call that never was")
	}
}

func TestStagePage_an_empty_page_writes_nothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if sum := b.page(replicator.Page{Read: 3}); sum.Read != 3 || sum.Total() != 0 {
		t.Errorf("%+v", sum)
	}
}

func TestStagePage_only_what_was_read_well_is_resolved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.page(replicator.Page{Records: []schema.Record{product("A", ""), product("B", "")}, Read: 2})
	b.page(replicator.Page{Records: []schema.Record{product("A", "named"), product("B", "")}, Read: 2})
	for key, want := range map[string]int{"A": 0, "B": 1} {
		if n := b.number(`SELECT count(*) FROM canonical.journal_entry WHERE subject_key = $1 AND resolved_at IS NULL`, key); n != want {
			t.Errorf("%d open entries of %s, want %d", n, key, want)
		}
	}
}

func TestSummary_keeps_the_first_hundred_refusals(t *testing.T) {
	t.Parallel()
	var sum Summary
	for range 3 {
		sum.Add(Summary{Counts: canonical.Counts{New: 1, Changed: 2, Unchanged: 3}, Read: 6, Refused: 60, Refusals: make([]replicator.Refusal, 60)})
	}
	if sum.Refused != 180 || len(sum.Refusals) != 100 || sum.Total() != 18 || sum.Read != 18 {
		t.Errorf("%d refused, %d kept, %+v", sum.Refused, len(sum.Refusals), sum.Counts)
	}
}

func TestStorable_keeps_what_Postgres_can_hold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "Ёлка 台灯": "Ёлка 台灯", "a\x00b": "a\uFFFDb", "a\xff\xfeb": "a\uFFFDb"} {
		if got := storable(in); got != want || strings.Contains(got, "\x00") {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

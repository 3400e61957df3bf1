package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

func languages() []workbook.Language {
	return []workbook.Language{workbook.Russian, workbook.English, workbook.Chinese}
}

// reconcileSQL reads a statement of the reconciler: the words must cover what it can write.
func reconcileSQL(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "reconcile", "sql", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// possibleTotals are the control totals that the SQL can write, one of each kind.
func possibleTotals(t *testing.T) []reconcile.ControlTotal {
	t.Helper()
	var out []reconcile.ControlTotal
	totals := reconcileSQL(t, "control_totals.sql")
	for _, m := range regexp.MustCompile(`@run_id::bigint, '(\w+)', (s\.scope|'(\w+)')`).FindAllStringSubmatch(totals, -1) {
		if m[3] != "" {
			out = append(out, reconcile.ControlTotal{Name: m[1], Scope: m[3]})
			continue
		}
		for _, c := range regexp.MustCompile(`(?m)^\s+\('(\w+)', '(\w+)', `).FindAllStringSubmatch(reconcileSQL(t, "prove_stock.sql"), -1) {
			out = append(out, reconcile.ControlTotal{Name: m[1], Scope: c[1] + " onec>" + c[2] + " MAIN"})
		}
	}
	proofs := reconcileSQL(t, "prove_documents.sql")
	for _, m := range regexp.MustCompile(`SELECT '(\w+)', '(\w+)', \S+, (''|'\w+'|c\.currency),`).FindAllStringSubmatch(proofs, -1) {
		switch scope := strings.Trim(m[3], "'"); scope {
		case "":
			out = append(out, reconcile.ControlTotal{Name: m[1] + "_pairs", Scope: m[2] + " onec>openshop"})
		case "c.currency":
			out = append(out, reconcile.ControlTotal{Name: m[1] + "_sum", Scope: m[2] + " onec>openshop RUB"})
		default:
			out = append(out, reconcile.ControlTotal{Name: m[1] + "_sum", Scope: m[2] + " onec>jushuitan " + scope})
		}
	}
	_, identities, ok := strings.Cut(proofs, "identities AS (")
	if !ok || !strings.Contains(proofs, "SELECT area, 'identity'") {
		t.Fatal("prove_documents.sql proves identities in another way now")
	}
	identities, _, _ = strings.Cut(identities, "\n)")
	for _, m := range regexp.MustCompile(`SELECT '(\w+)'`).FindAllStringSubmatch(identities, -1) {
		out = append(out, reconcile.ControlTotal{Name: m[1] + "_pairs", Scope: "identity"})
	}
	return out
}

func TestTotalWords_cover_every_control_total_that_the_SQL_can_write(t *testing.T) {
	t.Parallel()
	totals := possibleTotals(t)
	if len(totals) < 16 {
		t.Fatalf("only %d kinds of control totals were found in the SQL: %v", len(totals), totals)
	}
	for _, l := range languages() {
		seen := map[string]reconcile.ControlTotal{}
		for _, total := range totals {
			got := totalWords(l, total)
			if strings.ContainsAny(got, "_>⟦") || got == "" || strings.Contains(got, total.Name) {
				t.Errorf("%s: %s %s has no words: %q", l, total.Name, total.Scope, got)
			}
			if other, ok := seen[got]; ok {
				t.Errorf("%s: %v and %v have the same words %q", l, other, total, got)
			}
			seen[got] = total
		}
	}
}

func TestTotalWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, scope, ru, en, zh string }{
		{"stock_sum", "quantity onec>jushuitan MAIN", "Остатки 1С ↔ Jushuitan, склад MAIN: количество", "Stock 1C ↔ Jushuitan, warehouse MAIN: quantity", "库存 1C ↔ 聚水潭，仓库 MAIN：数量"},
		{"order_sum", "document onec>openshop RUB", "Заказы 1С ↔ OpenShop: сумма, RUB", "Orders 1C ↔ OpenShop: amount, RUB", "订单 1C ↔ OpenShop：金额，RUB"},
		{"shipment_sum", "shipped onec>jushuitan units", "Отгрузки 1С ↔ Jushuitan: количество", "Shipments 1C ↔ Jushuitan: quantity", "发货 1C ↔ 聚水潭：数量"},
		{"payment_pairs", "paid onec>bank", "Оплаты 1С ↔ Банк: пар", "Payments 1C ↔ Bank: pairs", "付款 1C ↔ 银行：对数"},
		{"order_pairs", "identity", "Заказы: записи без дублей", "Orders: records without doubles", "订单：无重复记录"},
		{"of_tomorrow", "thing onec>bank", "of_tomorrow thing onec>bank", "of_tomorrow thing onec>bank", "of_tomorrow thing onec>bank"},
	}
	for _, tt := range tests {
		for l, want := range map[workbook.Language]string{workbook.Russian: tt.ru, workbook.English: tt.en, workbook.Chinese: tt.zh} {
			if got := totalWords(l, reconcile.ControlTotal{Name: tt.name, Scope: tt.scope}); got != want {
				t.Errorf("%s: %s %s: %q, want %q", l, tt.name, tt.scope, got, want)
			}
		}
	}
	for name, want := range map[string]workbook.Area{"stock_pairs": workbook.AreaStock, "payment_sum": workbook.AreaPayment, "findings": ""} {
		if got := totalArea(name); got != want {
			t.Errorf("%s belongs to %q, want %q", name, got, want)
		}
	}
}

func TestFlowWords(t *testing.T) {
	t.Parallel()
	if words, from, to := flowWords(workbook.Russian, "sales_order:onec>jushuitan"); words != "Заказ: 1С → Jushuitan" || from != schema.OneC || to != schema.Jushuitan {
		t.Errorf("%q, %s, %s", words, from, to)
	}
	if words, from, to := flowWords(workbook.Russian, ""); words != "" || from != "" || to != "" {
		t.Errorf("an empty lane becomes %q, %s, %s", words, from, to)
	}
	for _, l := range languages() {
		for _, e := range schema.Entities() {
			if words, _, _ := flowWords(l, string(e)+":onec>openshop"); strings.Contains(words, "_") || strings.HasPrefix(words, string(e)) {
				t.Errorf("%s: flow of %s reads %q", l, e, words)
			}
		}
	}
}

func TestCodes_are_shown_as_words(t *testing.T) {
	t.Parallel()
	for _, l := range languages() {
		for _, p := range []schema.Phase{
			schema.PhaseReceived, schema.PhaseAwaitingPayment, schema.PhaseAccepted, schema.PhaseAwaitingStock, schema.PhaseHeld,
			schema.PhaseReleased, schema.PhaseShippedPartial, schema.PhaseShipped, schema.PhaseDelivered, schema.PhaseCompleted,
			schema.PhaseClosedShort, schema.PhaseCancelled, schema.PhaseReturned, schema.PhaseSuperseded, schema.PhaseUnknown,
		} {
			if got := phaseWord(l, p); got == string(p) || got == "" {
				t.Errorf("%s: phase %s has no word", l, p)
			}
		}
		for code, w := range reasonWords() {
			if w.in(l) == "" || strings.Contains(w.in(l), "_") {
				t.Errorf("%s: reason %s has no words", l, code)
			}
		}
		if got := unitWord(l, "999"); got != "999" {
			t.Errorf("%s: an unknown unit becomes %q", l, got)
		}
	}
	if ru, en, zh := unitWord(workbook.Russian, "796"), unitWord(workbook.English, "796"), unitWord(workbook.Chinese, "796"); ru != "шт" || en != "pcs" || zh != "件" {
		t.Errorf("796 is %q, %q, %q", ru, en, zh)
	}
}

// Reasons are written where deliveries are held; each must have its words here.
func TestReasonWords_cover_the_code(t *testing.T) {
	t.Parallel()
	hold := regexp.MustCompile(`HoldError\{\s*Reason: "([a-z_]+)"`)
	found := 0
	for _, pattern := range []string{"../../replicator/delivery/*.go", "../../replicator/connector/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range hold.FindAllStringSubmatch(string(text), -1) {
				found++
				if _, ok := reasonWords()[m[1]]; !ok {
					t.Errorf("%s holds deliveries for %s, which has no words", file, m[1])
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d reasons were found in the code", found)
	}
}

func TestAmountText(t *testing.T) {
	t.Parallel()
	for amount, want := range map[schema.Amount][2]string{
		0: {"0,00", "0.00"}, 100_000: {"1\u00a0000,00", "1,000.00"}, 5_000_000_050: {"50\u00a0000\u00a0000,50", "50,000,000.50"}, -12_345: {"-123,45", "-123.45"},
	} {
		if ru, en := amountText(workbook.Russian, amount), amountText(workbook.English, amount); ru != want[0] || en != want[1] {
			t.Errorf("%d is %q and %q, want %q", amount, ru, en, want)
		}
	}
}

func TestDurationText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"1m0s": "1 мин", "1h30m0s": "1 ч 30 мин", "24h0m0s": "24 ч", "1.5s": "1.5s", "0s": "0s", "retail": "retail"} {
		if got := durationText(workbook.Russian, text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

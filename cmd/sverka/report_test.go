package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

func reportIn(l workbook.Language) reportOptions {
	return reportOptions{language: l, zone: time.UTC, currency: "RUB"}
}

func TestAdaptFinding(t *testing.T) {
	t.Parallel()
	quantity := func(n int64) *schema.Quantity { q := schema.Pieces(n); return &q }
	amount := func(n schema.Amount) *schema.Amount { return &n }
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

	t.Run("a stock difference keeps its figures and its sign", func(t *testing.T) {
		t.Parallel()
		got := adaptFinding(&reconcile.Finding{
			ID: "f-1", Area: reconcile.AreaStock, Class: reconcile.ClassQuantity, Severity: reconcile.SeverityInfo, State: reconcile.StateNew,
			SystemA: schema.OneC, SystemB: schema.Jushuitan, WarehouseCode: "MAIN", SKU: "SKU-1", QtyOneC: quantity(10), QtyJushuitan: quantity(6),
			Difference: schema.Pieces(-4), InFlight: schema.Pieces(-1), Overdue: schema.Pieces(-2), Unexplained: schema.Pieces(-1),
			Amount: amount(300_00), Currency: "RUB", Cause: "unknown", FirstSeenAt: at, LastSeenAt: at.Add(49 * time.Hour),
		}, nil, reportIn(workbook.English))
		if got.Amount != -300_00 {
			t.Errorf("amount %s, want -300.00: the second system holds less", got.Amount)
		}
		if got.Unexplained != workbook.Known(schema.Pieces(-3)) || got.InFlight != workbook.Known(schema.Pieces(-1)) {
			t.Errorf("in flight %v, unexplained %v; want -1 and the -3 that need a person", got.InFlight, got.Unexplained)
		}
		if got.QtyOpenShop.Valid || !got.QtyOneC.Valid {
			t.Errorf("quantities %v, %v: what a system does not have is not zero", got.QtyOneC, got.QtyOpenShop)
		}
		if got.Severity != workbook.Low || got.State != workbook.Open || got.AgeDays != 2 || got.Cause == "" {
			t.Errorf("severity %s, state %s, age %d, cause %q; want low, open, 2 and words", got.Severity, got.State, got.AgeDays, got.Cause)
		}
	})
	t.Run("an order keeps money out of the quantity columns and documents with their systems", func(t *testing.T) {
		t.Parallel()
		got := adaptFinding(&reconcile.Finding{
			Area: reconcile.AreaOrder, Class: reconcile.ClassAmount, SystemA: schema.OneC, SystemB: schema.OpenShop, OrderNumber: "OS-1", Document: "OS-1",
			Difference: 5000, Amount: amount(5_00), AmountOneC: amount(95_00), AmountOpenShop: amount(100_00), State: reconcile.StateChanged,
			Evidence: reconcile.Evidence{DocumentA: "УТ-000123", DocumentB: "1001", CustomerCode: "C-7", OrderedAt: &at, LinesDiffering: 2},
		}, []reconcile.Resolution{{At: at, Author: "Анна", Resolution: "explained", Comment: "скидка"}, {At: at, Author: "Пётр", Comment: "ждём"}}, reportIn(workbook.Russian))
		if got.InFlight.Valid || got.Unexplained.Valid {
			t.Errorf("in flight %v, unexplained %v: money stands in quantity columns", got.InFlight, got.Unexplained)
		}
		if got.DocOneC != "УТ-000123" || got.DocOpenShop != "1001" || got.DocJushuitan != "" {
			t.Errorf("documents %q, %q, %q", got.DocOneC, got.DocOpenShop, got.DocJushuitan)
		}
		if got.State != workbook.Reopened || got.Customer != "C-7" || !got.OrderDate.Equal(at) || got.Amount != 5_00 {
			t.Errorf("state %s, customer %s, date %s, amount %s", got.State, got.Customer, got.OrderDate, got.Amount)
		}
		if got.CarriedNote != "2026-11-20 Анна: explained скидка\n2026-11-20 Пётр: ждём" {
			t.Errorf("note %q", got.CarriedNote)
		}
	})
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	t.Run("every class that is listed has a code of the workbook", func(t *testing.T) {
		t.Parallel()
		known := map[workbook.Class]bool{}
		for _, c := range workbook.Classes() {
			known[c] = true
		}
		for _, c := range reconcile.Classes() {
			if c == reconcile.ClassInFlight || c == reconcile.ClassEqual || c == reconcile.ClassNotDue || c == reconcile.ClassNotCarried {
				continue // not on a detail sheet
			}
			f := reconcile.Finding{Class: c, SystemA: schema.OneC, SystemB: schema.Jushuitan}
			if code := classOf(&f); !known[code] {
				t.Errorf("class %s becomes %s, which the workbook has no words for", c, code)
			}
		}
	})
	t.Run("what is missing names the side of the pair", func(t *testing.T) {
		t.Parallel()
		f := reconcile.Finding{Class: reconcile.ClassMissingOneC, SystemA: schema.OneC, SystemB: schema.Bank}
		if got := classOf(&f); got != workbook.ClassMissLeft {
			t.Errorf("missing in 1C of onec and bank: %s", got)
		}
		f.Class = reconcile.ClassMissingBank
		if got := classOf(&f); got != workbook.ClassMissRight {
			t.Errorf("missing in the bank of onec and bank: %s", got)
		}
	})
	t.Run("a class of tomorrow keeps its own word", func(t *testing.T) {
		t.Parallel()
		if got := classOf(&reconcile.Finding{Class: "of_tomorrow"}); got != "of_tomorrow" {
			t.Errorf("class %s", got)
		}
	})
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		class reconcile.Class
		state string
		want  workbook.State
	}{
		{reconcile.ClassQuantity, reconcile.StateNew, workbook.Open},
		{reconcile.ClassQuantity, reconcile.StateInWork, workbook.Open},
		{reconcile.ClassQuantity, reconcile.StateReopened, workbook.Reopened},
		{reconcile.ClassQuantity, reconcile.StateChanged, workbook.Reopened},
		{reconcile.ClassQuantity, reconcile.StateAccepted, workbook.Accepted},
		{reconcile.ClassRounding, reconcile.StateNew, workbook.Accepted},
	}
	for _, tt := range tests {
		if got := stateOf(&reconcile.Finding{Class: tt.class, State: tt.state}); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.class, tt.state, got, tt.want)
		}
	}
}

func TestFigure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, scope, text string
		want              workbook.Figure
	}{
		{"stock_pairs", "quantity onec>jushuitan MAIN", "120", workbook.CountOf(120)},
		{"findings", "listed", "3", workbook.CountOf(3)},
		{"stock_sum", "quantity onec>jushuitan MAIN", "12.500", workbook.QuantityOf(12500)},
		{"shipment_sum", "shipped onec>jushuitan units", "7", workbook.QuantityOf(7000)},
		{"order_sum", "document onec>openshop RUB", "1200.50", workbook.AmountOf(1200_50, "RUB")},
	}
	for _, tt := range tests {
		got, err := figure(tt.name, tt.scope, tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%s %s %s: %v, %v; want %v", tt.name, tt.scope, tt.text, got, err, tt.want)
		}
	}
	for _, name := range []string{"stock_pairs", "stock_sum", "order_sum"} {
		if _, err := figure(name, "x RUB", "many"); err == nil {
			t.Errorf("%s of a text is no error", name)
		}
	}
}

func TestVerdictOf(t *testing.T) {
	t.Parallel()
	stale := reconcile.RunInfo{TotalsTie: true, Sources: []reconcile.SourceState{{Status: reconcile.SourceStale}}}
	tests := []struct {
		name string
		run  reconcile.RunInfo
		open int64
		want workbook.Verdict
	}{
		{"everything was compared and agrees", reconcile.RunInfo{TotalsTie: true}, 0, workbook.Clean},
		{"something is open", reconcile.RunInfo{TotalsTie: true}, 1, workbook.Differences},
		{"a source was not compared", stale, 0, workbook.Incomplete},
		{"the totals do not tie", reconcile.RunInfo{}, 0, workbook.Incomplete},
	}
	for _, tt := range tests {
		if got := verdictOf(tt.run, tt.open); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	totals := func(pairs ...string) map[string]json.RawMessage {
		m := map[string]json.RawMessage{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = json.RawMessage(pairs[i+1])
		}
		return m
	}
	tests := []struct {
		name     string
		state    reconcile.SourceState
		quantity schema.Quantity
		amount   schema.Amount
		currency string
	}{
		{"goods", reconcile.SourceState{Entity: schema.EntityStockBalance, Totals: totals("quantity", "12.500", "reserved", "1")}, 12500, 0, ""},
		{"no goods at all", reconcile.SourceState{Entity: schema.EntityStockBalance, Totals: totals("quantity", "null")}, 0, 0, ""},
		{"money of the run's currency", reconcile.SourceState{Entity: schema.EntitySalesOrder, Totals: totals("RUB", "10.50", "CNY", "7")}, 0, 10_50, "RUB"},
		{"money of another currency only", reconcile.SourceState{Entity: schema.EntitySalesOrder, Totals: totals("CNY", "7")}, 0, 7_00, "CNY"},
		{"no money", reconcile.SourceState{Entity: schema.EntityPayment}, 0, 0, "RUB"},
	}
	for _, tt := range tests {
		q, a, c := sums(tt.state, "RUB")
		if q != tt.quantity || a != tt.amount || c != tt.currency {
			t.Errorf("%s: %s, %s %s; want %s, %s %s", tt.name, q, a, c, tt.quantity, tt.amount, tt.currency)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	run := reconcile.RunInfo{Rules: json.RawMessage(`{"stale_after":"2h0m0s","grace":{"a":"30m","b":"30m"},"materiality":{"":{"list":100,"accept":0.5}},"since":"","confirmed":["bank:bank_transaction"],"of_tomorrow":{"a":"1","b":"2"}}`)}
	var lines []string
	for _, p := range parameters(run, reportIn(workbook.English)) {
		lines = append(lines, p.Name+": "+p.Value)
	}
	want := "Known by confirmations: Bank: statement lines; Grace period: 30 min; Materiality: accepted up to: 0.50; Materiality: low up to: 100.00; " +
		"Materiality: high from: 0.00; of_tomorrow: 1 · a; of_tomorrow: 2 · b; Documents since: no limit; Data is stale after: 2 h"
	if got := strings.Join(lines, "; "); got != want {
		t.Errorf("parameters\n%s\nwant\n%s", got, want)
	}
}

func TestParseMoment(t *testing.T) {
	t.Parallel()
	zone := mustZone("Europe/Moscow")
	for _, text := range []string{"2026-11-23 06:30", "2026-11-23 06:30:00", "2026-11-23T06:30:00+03:00", "2026-11-23T03:30:00Z"} {
		got, err := parseMoment(text, zone)
		if want := time.Date(2026, 11, 23, 3, 30, 0, 0, time.UTC); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sverka/reconcile"
	"sverka/reports/workbook"
	"sverka/schema"
)

// night is what the reconciliation came to.
type night struct {
	done     *reconciled
	findings []injected // open findings, in the words of what was injected
	inFlight int64
}

// reconcile compares everything and writes the workbook.
func (d *demo) reconcile(ctx context.Context) (*night, error) {
	zone := mustZone("Europe/Moscow").Location
	done, err := reconcileNow(ctx, d.pool, reconcile.Options{
		Zone: zone,
		// A bank has no reader that ends; a payment's lines are compared by order.
		Grace: time.Minute, StaleAfter: time.Hour,
	}, reportOptions{directory: d.opts.out, language: workbook.Language(d.opts.language), zone: zone, currency: d.world.Currency})
	if err != nil {
		return nil, err
	}
	n := &night{done: done}
	for f, err := range reconcile.Findings(ctx, d.pool, done.Run) {
		if err != nil {
			return nil, fmt.Errorf("read the findings: %w", err)
		}
		switch {
		case f.Class.Discrepancy():
			n.findings = append(n.findings, foundAs(&f))
		case f.Class == reconcile.ClassInFlight:
			n.inFlight++
		}
	}
	return n, nil
}

// foundAs words a finding like an injected discrepancy, so that both can be compared.
func foundAs(f *reconcile.Finding) injected {
	key := f.OrderNumber
	if f.Area == reconcile.AreaStock {
		key = string(schema.JoinKey(f.WarehouseCode, f.SKU))
	}
	cause, _ := reconcile.Explain(f, "en", time.UTC)
	return injected{area: f.Area, class: string(f.Class), key: key, text: cause}
}

// summary is the short plain account at the end.
func (d *demo) summary(ctx context.Context, n *night, want []injected) error {
	s := d.show
	s.plain("\nWhat moved where\n")
	if err := d.table(ctx, `SELECT f.flow, count(d.key) FILTER (WHERE d.state = 'delivered')::text AS delivered,
  (SELECT count(*) FROM ops.attempt a WHERE a.flow = f.flow AND a.outcome = 'sent')::text AS sent,
  (SELECT count(*) FROM ops.attempt a WHERE a.flow = f.flow AND a.outcome = 'failed')::text AS failed
FROM ops.flow f LEFT JOIN ops.delivery d USING (flow) GROUP BY f.flow HAVING count(d.key) > 0 ORDER BY f.flow`, "flow", "settled", "calls that changed something", "failed and repeated"); err != nil {
		return err
	}
	s.plain("\nWhat is held, and why\n")
	if err := d.table(ctx, `SELECT flow, reason, count(*)::text, min(failure) FROM ops.delivery WHERE state IN ('held', 'dead') GROUP BY flow, reason ORDER BY flow, reason`,
		"flow", "reason", "how many", "for example"); err != nil {
		return err
	}
	s.plain("\nWhat was refused (error journal, also written into 1C)\n")
	if err := d.table(ctx, `SELECT source_system, subject_entity || ' ' || subject_key, left(message, 90) FROM canonical.journal_entry WHERE system = 'sverka' AND resolved_at IS NULL ORDER BY entry_id LIMIT 10`,
		"system", "record", "what"); err != nil {
		return err
	}
	s.plain("\nDiscrepancies found: %d (injected: %d; under way and explained: %d)\n", len(n.findings), len(want), n.inFlight)
	for _, f := range n.findings {
		s.plain("  %-9s %-10s %-22s %s\n", f.area, f.class, f.key, f.text)
	}
	for _, stale := range n.done.Stale {
		s.plain("  not compared: %s\n", stale)
	}
	if n.done.Workbook == nil {
		return errors.New("the workbook was not written")
	}
	s.plain("\nWorkbook: %s\n", n.done.Workbook.Path)
	s.plain("Database: %s while the demo runs; its files are in %s\n", d.cluster.URL(demoDatabase), d.opts.data)
	return nil
}

// table prints the rows of a query under the given headings.
func (d *demo) table(ctx context.Context, sql string, headings ...string) error {
	rows, err := d.pool.Query(ctx, sql)
	if err != nil {
		return fmt.Errorf("read the summary: %w", err)
	}
	defer rows.Close()
	var b strings.Builder
	t := newTable(&b, upper(headings)...)
	found := false
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return fmt.Errorf("read the summary: %w", err)
		}
		t.row(values...)
		found = true
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the summary: %w", err)
	}
	if !found {
		d.show.plain("  nothing\n")
		return nil
	}
	if err := t.flush(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		d.show.plain("  %s", line)
	}
	return nil
}

func upper(words []string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, strings.ToUpper(w))
	}
	return out
}

// keepServing leaves everything running until ctx ends.
func (d *demo) keepServing(ctx context.Context) {
	d.show.plain("\nServing until interrupted. Simulators:\n")
	for name, url := range d.urls {
		d.show.plain("  %-10s %s\n", name, url)
	}
	<-ctx.Done()
}

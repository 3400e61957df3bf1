package delivery

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/exchangelog"
	"sverka/schema"
	"sverka/schema/canonical"
)

//go:embed sql/settle.sql
var settleSQL string

// settle writes down how the round ended: ledger, attempts, exchanges, journal,
// and what the target confirmed, staged as the target's own rows, all in one
// transaction. A confirmed answer is an observation.
func (e *Engine) settle(ctx context.Context, st *flowState, items []*item, exchanges []apicall.Exchange, results []replicator.Confirmation, started time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Lease/4)
	defer cancel()
	err := again(ctx, e.pool, func(tx pgx.Tx) error {
		exchangeID, err := exchangelog.Store(ctx, tx, exchangelog.Out, exchanges)
		if err != nil {
			return err
		}
		if err := stageConfirmed(ctx, tx, results, exchangeID); err != nil {
			return err
		}
		if err := storeAttempts(ctx, tx, st, items, exchangeID, started); err != nil {
			return err
		}
		if err := e.journal(ctx, tx, st, items); err != nil {
			return err
		}
		if err := unpark(ctx, tx, st, items); err != nil {
			return err
		}
		return e.updateLedger(ctx, tx, st, items)
	})
	if err != nil {
		return fmt.Errorf("settle %d deliveries of %s: %w", len(items), st.ID(), err)
	}
	return nil
}

// again runs a transaction once more when Postgres sacrificed it to another one: the
// call was made, and its outcome must not be forgotten for that.
func again(ctx context.Context, pool *pgxpool.Pool, work func(pgx.Tx) error) error {
	for n := 1; ; n++ {
		err := pgx.BeginFunc(ctx, pool, work)
		var pgErr *pgconn.PgError
		if n == 5 || !errors.As(err, &pgErr) || !strings.HasPrefix(pgErr.Code, "40") {
			return err
		}
	}
}

func stageConfirmed(ctx context.Context, tx pgx.Tx, results []replicator.Confirmation, exchangeID int64) error {
	var observed []schema.Record
	confirmed := time.Now()
	for _, c := range results {
		for _, r := range c.Observed {
			// Later than any read that was under way while the target was written to:
			// such a read may show the state before it.
			r.Prov().ExchangeID, r.Prov().ObservedAt = exchangeID, confirmed
			observed = append(observed, r)
		}
	}
	if len(observed) == 0 {
		return nil
	}
	// One that the database cannot hold stays out: the system confirmed it all the same,
	// and the next read of the system meets it again and puts it into the journal.
	_, _, err := canonical.StageGood(ctx, tx, observed...)
	return err
}

// unpark frees what was composed in shadow mode when the flow has been switched on
// meanwhile: [SetMode] has woken what was parked before it, and nobody would come again.
func unpark(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) error {
	shadowed := func(it *item) bool { return it.settled.outcome == "shadow" }
	if !slices.ContainsFunc(items, shadowed) {
		return nil
	}
	var mode replicator.Mode
	// The lock puts us before or after SetMode, never beside it.
	if err := tx.QueryRow(ctx, `SELECT mode FROM ops.flow WHERE flow = $1 FOR SHARE`, st.ID()).Scan(&mode); err != nil {
		return fmt.Errorf("read the mode of %s: %w", st.ID(), err)
	}
	if mode != replicator.ModeLive {
		return nil
	}
	st.mu.Lock()
	st.readAt = time.Time{} // what this process remembers of the mode is out of date
	st.mu.Unlock()
	for _, it := range items {
		if shadowed(it) {
			it.settled.state, it.settled.reason, it.settled.wait = "pending", "", 0
			if it.AskFirst {
				it.settled.state = "unknown"
			}
		}
	}
	return nil
}

func (e *Engine) updateLedger(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) error {
	n := len(items)
	text := func(get func(*item) string) []string {
		out := make([]string, n)
		for i, it := range items {
			out[i] = get(it)
		}
		return out
	}
	waits, tokens, uncounted := make([]int64, n), make([]int64, n), make([]bool, n)
	for i, it := range items {
		if it.settled.state == "held" && it.settled.reason != it.Reason && it.settled.reason != "shadow" {
			// What it waits for may have come between the look and this note of what it
			// waits for, and woken nobody: the second look is soon.
			it.settled.wait = min(it.settled.wait, e.cfg.RetryMin)
		}
		if it.AskFirst && it.settled.state == "held" {
			it.settled.state = "unknown" // invariant 4: a hold does not answer what became of the earlier call
		}
		waits[i], tokens[i], uncounted[i] = it.settled.wait.Milliseconds(), it.Token, it.settled.uncounted
	}
	rows, err := tx.Query(ctx, settleSQL, st.ID(),
		text(func(it *item) string { return string(it.Key) }),
		text(func(it *item) string { return it.LSN }),
		text(func(it *item) string { return it.settled.state }),
		waits,
		text(func(it *item) string { return it.settled.reason }),
		text(func(it *item) string { return it.settled.failure }),
		text(func(it *item) string { return it.settled.hint }),
		text(func(it *item) string { return strings.Join(it.settled.waitsFor, "\x1f") }),
		text(func(it *item) string { return it.settled.outcome }),
		text(func(it *item) string { return it.settled.hash }),
		text(func(it *item) string { return clip(it.settled.reference) }),
		uncounted, tokens)
	if err != nil {
		return fmt.Errorf("update the ledger: %w", err)
	}
	rows.Close()
	return rows.Err()
}

func storeAttempts(ctx context.Context, tx pgx.Tx, st *flowState, items []*item, exchangeID int64, started time.Time) error {
	took := float64(time.Since(started).Microseconds()) / 1000
	var exchange *int64
	if exchangeID != 0 {
		exchange = &exchangeID
	}
	batch := &pgx.Batch{}
	for _, it := range items {
		s := it.settled
		if s.attempt == "" || (s.attempt == "held" && s.reason == it.Reason) {
			continue // equal, or held as before: nothing happened
		}
		kind := ""
		if s.attempt == "failed" {
			kind = s.kind.String()
		}
		batch.Queue(`INSERT INTO ops.attempt (flow, key, attempt, wanted_lsn, started_at, duration_ms, outcome, kind, failure, wanted, held, exchange_id)
VALUES ($1, $2, $3, $4::text::pg_lsn, $5, $6, $7, $8, $9, $10, $11, $12)`,
			st.ID(), it.Key, it.Attempt, it.LSN, started, took, s.attempt, kind, s.failure, jsonOf(it.delivery.Wanted), jsonOf(it.delivery.Held), exchange)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("store attempts: %w", err)
	}
	return nil
}

func jsonOf(r schema.Record) *string {
	if r == nil {
		return nil
	}
	b, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	// jsonb holds no NUL; the proof of a broken value must not keep its batch from being settled.
	s := strings.ReplaceAll(string(b), `\u0000`, `\ufffd`)
	return &s
}

// journal reports what died and resolves what came right. Failures of the journal's
// own flow are not reported: the report could not arrive either.
func (e *Engine) journal(ctx context.Context, tx pgx.Tx, st *flowState, items []*item) error {
	if st.Entity == schema.EntityJournalEntry {
		return nil
	}
	var dead []*schema.JournalEntry
	var right []string
	now := time.Now()
	for _, it := range items {
		switch {
		case it.settled.state == "dead":
			dead = append(dead, &schema.JournalEntry{
				EntryID:  schema.JournalID(string(st.ID()), string(it.Key), "dead"),
				Severity: schema.SeverityError, Code: "rejected", Flow: string(st.ID()), SourceSystem: st.Source,
				SubjectEntity: st.Entity, SubjectKey: string(it.Key), Message: it.settled.failure, Hint: it.settled.hint, LastSeenAt: now,
			})
		case it.settled.state == "delivered" && it.Failure != "":
			right = append(right, string(it.Key))
		}
	}
	if len(dead) > 0 {
		if err := canonical.Report(ctx, tx, dead...); err != nil {
			return err
		}
	}
	return canonical.ResolveJournal(ctx, tx, string(st.ID()), st.Source, st.Entity, right, now)
}

package reconcile

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/*.sql
var statements embed.FS

// ErrTotals says that the control totals of a run do not tie: its findings are
// kept for inspection, but the run has failed and must not be trusted.
var ErrTotals = errors.New("control totals do not tie")

// ErrBusy says that another run is under way.
var ErrBusy = errors.New("another run is under way")

// Beginner begins transactions; *pgxpool.Pool and *pgx.Conn do.
type Beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// Querier reads; pools, connections and transactions do.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Summary is what a run came to.
type Summary struct {
	RunInfo
	Timings []Timing // of each step, in order
}

// Timing is how long one step took.
type Timing struct {
	Step string
	Took time.Duration
}

// Run compares all systems in one repeatable-read snapshot and writes one immutable
// run with its findings, tallies and control totals. It opens its own transactions:
// one that announces the run, one that does the work. A run that cannot finish is
// kept as failed with its reason; when the totals do not tie the error wraps
// [ErrTotals] and the summary is filled. One run at a time: a second one fails with
// [ErrBusy].
func Run(ctx context.Context, db Beginner, o Options) (Summary, error) {
	o = o.withDefaults()
	if err := o.Validate(); err != nil {
		return Summary{}, fmt.Errorf("options: %w", err)
	}
	id, err := announce(ctx, db, o)
	if err != nil {
		return Summary{}, fmt.Errorf("announce run: %w", err)
	}
	summary, err := compare(ctx, db, id, o)
	if err != nil && !errors.Is(err, ErrTotals) {
		return Summary{}, errors.Join(fmt.Errorf("run %d: %w", id, err), giveUp(ctx, db, id, o, err))
	}
	if err != nil {
		return summary, fmt.Errorf("run %d: %w", id, err)
	}
	return summary, nil
}

// announce makes the run visible as running. Runs that were killed long ago are
// closed as failed, so that nobody waits for them.
func announce(ctx context.Context, db Beginner, o Options) (int64, error) {
	rules, err := o.rules()
	if err != nil {
		return 0, err
	}
	var id int64
	err = pgx.BeginTxFunc(ctx, db, pgx.TxOptions{}, func(tx pgx.Tx) error {
		now := o.Now().UTC()
		_, err := tx.Exec(ctx, `UPDATE recon.run SET status = 'failed', failure = 'interrupted', finished_at = $1
			WHERE status = 'running' AND started_at < $1::timestamptz - interval '6 hours'`, now)
		if err != nil {
			return fmt.Errorf("close interrupted runs: %w", err)
		}
		return tx.QueryRow(ctx, `INSERT INTO recon.run (as_of, zone, started_at, rules_version, rules) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
			o.AsOf.UTC(), o.Zone.String(), now, RulesVersion, rules).Scan(&id)
	})
	return id, err
}

// giveUp records why a run failed, even when the caller's context has ended.
func giveUp(ctx context.Context, db Beginner, id int64, o Options, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := pgx.BeginTxFunc(ctx, db, pgx.TxOptions{}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE recon.run SET status = 'failed', failure = $2, finished_at = $3 WHERE id = $1`, id, cause.Error(), o.Now().UTC())
		return err
	})
	if err != nil {
		return fmt.Errorf("record failure of run %d: %w", id, err)
	}
	return nil
}

// step is one statement of a run.
type step struct {
	name    string // sql/<name>.sql
	analyze string // work tables whose sizes the planner must know afterwards
}

// sourceSteps find out what may be compared, workSteps compare it.
func sourceSteps() []step {
	return []step{
		{name: "create_work_tables"},
		{name: "load_lanes"},
		{name: "load_sources"},
		{name: "source_totals"},
		{name: "load_deliveries", analyze: "w_delivery"},
		{name: "prove_stock"},
		{name: "mark_carried"},
	}
}

func workSteps() []step {
	return []step{
		{name: "compare_stock", analyze: "w_stock"},
		{name: "split_stock", analyze: "w_pair"},
		{name: "find_movements", analyze: "w_movement"},
		{name: "explain_stock", analyze: "w_explained"},
		{name: "classify_stock"},
		{name: "list_unmapped_warehouses"},
		{name: "compare_order_lines", analyze: "w_line_difference"},
		{name: "compare_orders"},
		{name: "compare_statuses"},
		{name: "compare_shipments"},
		{name: "compare_payments"},
		{name: "find_duplicates", analyze: "w_document"},
		{name: "list_documents"},
		{name: "prove_documents"},
		{name: "tally"},
		{name: "list_stale_sources", analyze: "w_finding"},
		{name: "insert_findings"},
		{name: "insert_tally"},
		{name: "control_totals"},
		{name: "finish_run"},
	}
}

func compare(ctx context.Context, db Beginner, id int64, o Options) (summary Summary, err error) {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return Summary{}, fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil && !errors.Is(err, ErrTotals) {
			_ = tx.Rollback(context.WithoutCancel(ctx)) // the first error is the one to tell
		}
	}()
	if err := claim(ctx, tx); err != nil {
		return Summary{}, err
	}
	args, err := o.args(id)
	if err != nil {
		return Summary{}, err
	}
	var previous *int64
	if err := tx.QueryRow(ctx, `SELECT max(id) FROM recon.run WHERE status = 'complete' AND id < $1`, id).Scan(&previous); err != nil {
		return Summary{}, fmt.Errorf("find previous run: %w", err)
	}
	args["previous_run_id"] = previous
	if err := summary.take(ctx, tx, sourceSteps(), args); err != nil {
		return Summary{}, err
	}
	if err := addScope(ctx, tx, args); err != nil {
		return Summary{}, err
	}
	args["finished_at"] = o.Now().UTC()
	if err := summary.take(ctx, tx, workSteps(), args); err != nil {
		return Summary{}, err
	}
	summary.RunInfo, err = LoadRun(ctx, tx, id)
	if err != nil {
		return Summary{}, err
	}
	if err := tx.Commit(ctx); err != nil {
		return Summary{}, fmt.Errorf("commit: %w", err)
	}
	if summary.Status != StatusComplete {
		return summary, fmt.Errorf("%w: %s", ErrTotals, summary.Failure)
	}
	return summary, nil
}

// claim makes this the only run and sets up the planner for it.
func claim(ctx context.Context, tx pgx.Tx) error {
	var alone bool
	if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('sverka reconcile', 0))`).Scan(&alone); err != nil {
		return fmt.Errorf("take the lock of runs: %w", err)
	}
	if !alone {
		return ErrBusy
	}
	if _, err := tx.Exec(ctx, `SET LOCAL jit = off; SET LOCAL work_mem = '256MB'; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL timezone = 'UTC'`); err != nil {
		return fmt.Errorf("set up the planner: %w", err)
	}
	return nil
}

func (s *Summary) take(ctx context.Context, tx pgx.Tx, steps []step, args pgx.NamedArgs) error {
	for _, st := range steps {
		began := time.Now()
		if err := st.run(ctx, tx, args); err != nil {
			return fmt.Errorf("%s: %w", st.name, err)
		}
		s.Timings = append(s.Timings, Timing{st.name, time.Since(began)})
	}
	return nil
}

func (st step) run(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) error {
	text, err := statements.ReadFile("sql/" + st.name + ".sql")
	if err != nil {
		return fmt.Errorf("read statement: %w", err)
	}
	if st.name == "create_work_tables" { // several statements, no arguments
		_, err := tx.Exec(ctx, string(text))
		return err
	}
	if _, err := tx.Exec(ctx, string(text), args); err != nil {
		return err
	}
	if st.analyze != "" {
		if _, err := tx.Exec(ctx, "ANALYZE "+st.analyze); err != nil {
			return err
		}
	}
	return nil
}

// addScope tells the statements which pairs and warehouses may be compared.
func addScope(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) error {
	sc, err := loadScope(ctx, tx)
	if err != nil {
		return err
	}
	sc.addTo(args)
	var jushuitan, openshop []string
	err = tx.QueryRow(ctx, `SELECT coalesce(array_agg(warehouse_code) FILTER (WHERE comparison = 'quantity'), '{}'),
		coalesce(array_agg(warehouse_code) FILTER (WHERE comparison = 'published'), '{}') FROM w_stock_tally WHERE carried`).Scan(&jushuitan, &openshop)
	if err != nil {
		return fmt.Errorf("read warehouses: %w", err)
	}
	args["carried_jushuitan"], args["carried_openshop"] = jushuitan, openshop
	return nil
}

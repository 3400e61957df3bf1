package wal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// slotState is what pg_replication_slots says of our slot.
type slotState struct {
	exists    bool
	confirmed pglogrepl.LSN
	walStatus string
}

func readSlot(ctx context.Context, q interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}, name string,
) (slotState, error) {
	var confirmed, status *string
	err := q.QueryRow(ctx, `SELECT confirmed_flush_lsn::text, wal_status FROM pg_replication_slots
WHERE slot_name = $1 AND slot_type = 'logical' AND database = current_database()`, name).Scan(&confirmed, &status)
	if errors.Is(err, pgx.ErrNoRows) {
		return slotState{}, nil
	}
	if err != nil {
		return slotState{}, fmt.Errorf("read slot %s: %w", name, err)
	}
	s := slotState{exists: true}
	if status != nil {
		s.walStatus = *status
	}
	if confirmed != nil {
		if s.confirmed, err = pglogrepl.ParseLSN(*confirmed); err != nil {
			return slotState{}, fmt.Errorf("read slot %s: %w", name, err)
		}
	}
	return s, nil
}

// createSlot makes the logical slot. Names are quoted here: pglogrepl does not.
func createSlot(ctx context.Context, conn *pgconn.PgConn, name string) (pglogrepl.LSN, error) {
	sql := fmt.Sprintf("CREATE_REPLICATION_SLOT %s LOGICAL pgoutput NOEXPORT_SNAPSHOT", quoteIdentifier(name))
	res, err := pglogrepl.ParseCreateReplicationSlot(conn.Exec(ctx, sql))
	if err != nil {
		return 0, fmt.Errorf("create slot %s: %w", name, err)
	}
	lsn, err := pglogrepl.ParseLSN(res.ConsistentPoint)
	if err != nil {
		return 0, fmt.Errorf("create slot %s: consistent point %q: %w", name, res.ConsistentPoint, err)
	}
	return lsn, nil
}

// dropSlot removes the slot when it is there.
func dropSlot(ctx context.Context, tx pgx.Tx, name string) error {
	_, err := tx.Exec(ctx, `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()`, name)
	if err != nil {
		return fmt.Errorf("drop slot %s: %w", name, err)
	}
	return nil
}

// checkPublication finds published tables that are missing: a table that was
// dropped and made anew leaves a FOR TABLE publication in silence.
func checkPublication(ctx context.Context, q interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, publication string, tables []string,
) error {
	rows, err := q.Query(ctx, `SELECT t FROM unnest($2::text[]) t
WHERE NOT EXISTS (SELECT FROM pg_publication_tables p WHERE p.pubname = $1 AND p.schemaname = 'canonical' AND p.tablename = t)`, publication, tables)
	if err != nil {
		return fmt.Errorf("read publication %s: %w", publication, err)
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read publication %s: %w", publication, err)
	}
	if len(missing) == 0 {
		return nil
	}
	return &SetupError{
		What: fmt.Sprintf("publication %s lacks the tables %s", publication, strings.Join(missing, ", ")),
		Mend: fmt.Sprintf("run 'sverka migrate' on a new database, or: ALTER PUBLICATION %s ADD TABLE canonical.%s;", quoteIdentifier(publication), strings.Join(missing, ", canonical.")),
	}
}

func quoteIdentifier(name string) string { return pgx.Identifier{name}.Sanitize() }

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

-- Purpose: wish for every row that a flow's source holds, at the current LSN.
-- Caller: WishAll, Backfill. $1 flow, $2 source system, $3 keys (NULL for all); {table} and {key} are filled in.
INSERT INTO ops.delivery AS d (flow, key, wanted_lsn)
SELECT $1, {key}, pg_current_wal_lsn() FROM canonical.{table} t
WHERE t.system = $2 AND ($3::text[] IS NULL OR {key} = ANY ($3))
ON CONFLICT (flow, key) DO UPDATE
SET wanted_lsn = greatest(d.wanted_lsn, excluded.wanted_lsn), changed_at = now(),
    state = CASE WHEN d.state IN ('sending', 'unknown') THEN d.state ELSE 'pending' END,
    attempts = 0, due_at = CASE WHEN d.state = 'sending' THEN d.due_at ELSE now() END;

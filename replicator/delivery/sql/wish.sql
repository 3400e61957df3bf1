-- Purpose: upsert wishes, one row per (flow, key), keeping the newest LSN.
-- Caller: (*Engine).Hook. Index: primary key of ops.delivery.
-- A newer wish wakes what was parked (held, dead); a back-off and a call under way are left alone.
-- While a call is under way the wish always counts as newer than what is being sent: the row may
-- carry the position of a re-send, which can lie behind a change that was not visible then.
INSERT INTO ops.delivery AS d (flow, key, wanted_lsn)
SELECT f, k, l::pg_lsn FROM unnest($1::text[], $2::text[], $3::text[]) AS w (f, k, l)
ON CONFLICT (flow, key) DO UPDATE
SET wanted_lsn = greatest(d.wanted_lsn + CASE d.state WHEN 'sending' THEN 1 ELSE 0 END, excluded.wanted_lsn),
    changed_at = now(),
    state = CASE WHEN d.state IN ('delivered', 'held', 'dead') THEN 'pending' ELSE d.state END,
    attempts = CASE WHEN d.state IN ('delivered', 'held', 'dead') THEN 0 ELSE d.attempts END,
    due_at = CASE WHEN d.state IN ('delivered', 'held', 'dead') THEN now() ELSE d.due_at END;

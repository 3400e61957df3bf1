-- Purpose: take up to $2 due deliveries of flow $1 for $3 milliseconds.
-- Caller: (*Engine).claim. Index: ops.delivery_due_idx.
-- Invariant 3: one claimant per (flow, key): the row is locked while it is chosen, and a
-- lease that ran out means that an earlier call's outcome is not known.
WITH token AS (SELECT nextval('ops.lease_token') AS t),
due AS (
    SELECT d.key, d.state, d.reason, d.failure
    FROM ops.delivery d
    WHERE d.flow = $1
      AND d.state IN ('pending', 'retry', 'unknown', 'held', 'sending')
      AND d.due_at <= now()
      AND (d.state <> 'sending' OR d.lease_until < now())
    ORDER BY d.due_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
UPDATE ops.delivery d
SET state = 'sending', attempts = d.attempts + 1, lease_until = now() + $3 * interval '1 millisecond',
    lease_token = token.t, due_at = now() + $3 * interval '1 millisecond'
FROM due, token
WHERE d.flow = $1 AND d.key = due.key
RETURNING d.key, d.wanted_lsn::text, d.delivered_lsn::text, d.attempts, d.lease_token, due.state IN ('unknown', 'sending'), due.reason, due.failure;

-- Purpose: write down how the claimed deliveries of flow $1 ended.
-- Caller: (*Engine).settle. Index: primary key of ops.delivery.
-- The lease token fences off a claimant whose lease ran out: it changes nothing.
-- A wish that came meanwhile is newer than what was sent and stays pending (invariant 3).
-- Rows are locked in key order, as every writer of the ledger does: no two can deadlock.
WITH locked AS (
    SELECT key FROM ops.delivery WHERE flow = $1 AND key = ANY ($2::text[]) ORDER BY key COLLATE "C" FOR UPDATE
)
UPDATE ops.delivery d
SET state = CASE
        WHEN s.state IN ('delivered', 'held', 'dead') AND d.wanted_lsn > s.lsn::pg_lsn THEN 'pending'
        ELSE s.state
    END,
    delivered_lsn = CASE WHEN s.state = 'delivered' THEN greatest(d.delivered_lsn, s.lsn::pg_lsn) ELSE d.delivered_lsn END,
    attempts = CASE WHEN s.state = 'delivered' THEN 0 WHEN s.uncounted THEN greatest(d.attempts - 1, 0) ELSE d.attempts END,
    due_at = CASE
        WHEN s.state IN ('delivered', 'held', 'dead') AND d.wanted_lsn > s.lsn::pg_lsn THEN now()
        ELSE now() + s.wait_ms * interval '1 millisecond'
    END,
    lease_until = NULL,
    reason = s.reason,
    failure = s.failure,
    hint = s.hint,
    waits_for = coalesce(string_to_array(nullif(s.waits_for, ''), E'\x1f'), '{}'),
    outcome = CASE WHEN s.outcome <> '' THEN s.outcome ELSE d.outcome END,
    target_hash = CASE WHEN s.hash <> '' THEN s.hash ELSE d.target_hash END,
    target_reference = CASE WHEN s.reference <> '' THEN s.reference ELSE d.target_reference END,
    settled_at = now()
FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::boolean[], $14::bigint[])
     AS s (key, lsn, state, wait_ms, reason, failure, hint, waits_for, outcome, hash, reference, uncounted, token)
JOIN locked USING (key)
WHERE d.flow = $1 AND d.key = s.key AND d.lease_token = s.token AND d.state = 'sending'
RETURNING d.key, d.state;

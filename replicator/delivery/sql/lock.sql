-- Purpose: lock what a batch will change in the ledger, wishes ($2 flows, $3 keys) and those it
-- wakes (topics $1), in one order: whoever settles locks in the same order, so no two deadlock,
-- and a wake waits for a settlement under way instead of missing it.
-- Caller: (*Engine).Hook. Indexes: primary key of ops.delivery, ops.delivery_waits_idx.
WITH touched AS (
    SELECT d.flow, d.key FROM unnest($2::text[], $3::text[]) AS w (flow, key) JOIN ops.delivery d USING (flow, key)
    UNION
    SELECT flow, key FROM ops.delivery
    WHERE state IN ('held', 'sending') AND waits_for <> '{}' AND waits_for && $1::text[]
)
SELECT d.flow FROM ops.delivery d JOIN touched USING (flow, key)
ORDER BY d.flow COLLATE "C", d.key COLLATE "C"
FOR UPDATE OF d;

-- Purpose: wake held deliveries that wait for one of the topics $1.
-- Caller: (*Engine).Hook. Index: ops.delivery_waits_idx.
UPDATE ops.delivery SET state = 'pending', due_at = now()
WHERE state = 'held' AND waits_for && $1::text[]
RETURNING flow;

-- Purpose: wake held deliveries that wait for one of the topics $1.
-- Caller: (*Engine).Hook, after lock.sql. Index: ops.delivery_waits_idx.
-- One that is being looked at right now may have read the rows before this change: it counts
-- as wished for again, so that it is not parked on what it saw.
UPDATE ops.delivery
SET state = CASE state WHEN 'held' THEN 'pending' ELSE state END,
    due_at = CASE state WHEN 'held' THEN now() ELSE due_at END,
    wanted_lsn = CASE state WHEN 'held' THEN wanted_lsn ELSE wanted_lsn + 1 END
WHERE state IN ('held', 'sending') AND waits_for <> '{}' AND waits_for && $1::text[]
RETURNING flow;

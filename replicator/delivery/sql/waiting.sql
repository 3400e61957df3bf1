-- Purpose: does any delivery wait for one of the topics $1? Most batches wake nobody.
-- Caller: (*Engine).Hook. Index: ops.delivery_waits_idx.
SELECT EXISTS (
    SELECT FROM ops.delivery
    WHERE state IN ('held', 'sending') AND waits_for <> '{}' AND waits_for && $1::text[]
);

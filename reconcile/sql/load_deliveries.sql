-- Purpose: deliveries that have not arrived: young, overdue, failed, or held where only a
-- person can act, so that the difference stands (recon.held_reason). A known error has no grace.
-- Caller: Run. Indexes: none, one pass over ops.delivery.
INSERT INTO w_delivery (flow, key, state, status, since, expected_by, reason, failure, mode)
SELECT d.flow, d.key, d.state,
    CASE WHEN d.state = 'dead' THEN 'failed'
        WHEN d.state = 'held' AND h.meaning = 'waits' THEN 'young'
        WHEN d.state = 'held' AND h.meaning = 'stands' THEN 'stands'
        WHEN t.since + l.grace >= @as_of::timestamptz THEN 'young'
        ELSE 'overdue'
    END,
    t.since, t.since + l.grace, d.reason, d.failure, coalesce(f.mode, 'live')
FROM ops.delivery AS d
JOIN w_lane AS l USING (flow)
CROSS JOIN LATERAL (SELECT CASE WHEN d.delivered_lsn = '0/0' THEN d.created_at ELSE d.changed_at END AS since) AS t
LEFT JOIN recon.held_reason AS h ON h.reason = d.reason
LEFT JOIN ops.flow AS f USING (flow)
WHERE d.state <> 'delivered';

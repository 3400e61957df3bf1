-- Purpose: a source that may not be compared is one finding, with the number of pairs that
-- were not compared for its sake.
-- Caller: Run, after tally. Indexes: none.
INSERT INTO w_finding (key, area, comparison, class, system_a, document, affected, happened_at, cause, evidence, repair)
SELECT s.entity, a.area, 'source', 'stale', s.system, s.entity,
    coalesce((
        SELECT sum(t.pairs) FROM w_tally AS t
        WHERE t.class = 'stale' AND t.area = a.area AND (s.system IN ('onec', t.system_b))
            AND (a.area <> 'order' OR t.comparison = a.comparison)
    ), 0),
    s.as_of, 'source_' || s.reason,
    jsonb_strip_nulls(jsonb_build_object('entity', s.entity, 'last_complete', s.as_of, 'rows_read', s.rows_read, 'rows_refused', s.rows_refused)),
    'rerun_load'
FROM w_source AS s
JOIN (VALUES
    ('stock_balance', 'stock', ''), ('sales_order', 'order', 'document'), ('order_status', 'order', 'status'),
    ('payment', 'payment', ''), ('bank_transaction', 'payment', ''), ('shipment', 'shipment', '')
) AS a (entity, area, comparison) USING (entity)
LEFT JOIN w_source AS c ON c.system = s.system AND c.entity = s.carrier AND c.entity <> s.entity AND c.status = 'stale'
WHERE s.status = 'stale' AND c.system IS NULL;

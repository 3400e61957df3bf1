-- Purpose: the independent proof of the stock comparison: pairs, equal pairs and sums per
-- warehouse, counted by grouping and not by joining, so that a row lost by compare_stock
-- shows in the control totals.
-- Caller: Run. Indexes: none needed, one pass over canonical.stock_balance per system.
INSERT INTO w_stock_tally (comparison, system_b, warehouse_code, pairs, equal, sum_a, sum_b, rows_a, rows_b)
WITH placed AS (
    SELECT warehouse_code, sku, quantity AS qo, reserved AS ro, NULL::numeric AS qj, NULL::numeric AS rj, NULL::numeric AS qs
    FROM canonical.stock_balance WHERE system = 'onec' AND deleted_at IS NULL
    UNION ALL
    SELECT warehouse_code, sku, NULL, NULL, quantity, reserved, NULL
    FROM canonical.stock_balance WHERE system = 'jushuitan' AND deleted_at IS NULL
    UNION ALL
    SELECT warehouse_code, sku, NULL, NULL, NULL, NULL, quantity
    FROM canonical.stock_balance WHERE system = 'openshop' AND deleted_at IS NULL
),
keys AS (
    SELECT warehouse_code, sku, max(qo) AS qo, max(ro) AS ro, max(qj) AS qj, max(rj) AS rj, max(qs) AS qs
    FROM placed
    GROUP BY warehouse_code, sku
),
sums AS (
    SELECT warehouse_code,
        count(qo) AS rows_o, count(qj) AS rows_j, count(qs) AS rows_s,
        count(*) FILTER (WHERE qo IS NOT NULL OR qj IS NOT NULL) AS quantity_pairs,
        count(*) FILTER (WHERE (qo = qj AND qo >= 0)
            OR (qj IS NULL AND qo = 0 AND ro = 0) OR (qo IS NULL AND qj = 0 AND rj = 0)) AS quantity_equal,
        count(*) FILTER (WHERE qo IS NOT NULL AND qj IS NOT NULL) AS reserved_pairs,
        count(*) FILTER (WHERE ro = rj) AS reserved_equal,
        count(*) FILTER (WHERE qo IS NOT NULL OR qs IS NOT NULL) AS published_pairs,
        count(*) FILTER (WHERE (qo IS NOT NULL OR qs IS NOT NULL)
            AND coalesce(greatest(qo - ro, 0), 0) = coalesce(qs, 0)) AS published_equal,
        coalesce(sum(qo), 0) AS qo, coalesce(sum(qj), 0) AS qj, coalesce(sum(ro), 0) AS ro, coalesce(sum(rj), 0) AS rj,
        coalesce(sum(greatest(qo - ro, 0)), 0) AS available, coalesce(sum(qs), 0) AS qs
    FROM keys
    GROUP BY warehouse_code
)
SELECT v.comparison, v.system_b, s.warehouse_code, v.pairs, v.equal, v.sum_a, v.sum_b, v.rows_a, v.rows_b
FROM sums AS s
CROSS JOIN LATERAL (VALUES
    ('quantity', 'jushuitan', quantity_pairs, quantity_equal, qo, qj, rows_o, rows_j),
    ('reserved', 'jushuitan', reserved_pairs, reserved_equal, ro, rj, rows_o, rows_j),
    ('published', 'openshop', published_pairs, published_equal, available, s.qs, rows_o, rows_s)
) AS v (comparison, system_b, pairs, equal, sum_a, sum_b, rows_a, rows_b)
WHERE v.rows_a + v.rows_b > 0;

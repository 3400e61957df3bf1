-- Purpose: two ways to the same figure. Pairs counted in the tables are the pairs of all
-- classes; the sum of A and every difference is the sum of B.
-- Caller: Run, after tally. Indexes: none.
INSERT INTO recon.control_total (run_id, name, scope, left_value, right_value)
WITH stock AS (
    SELECT t.*, concat_ws(' ', comparison, 'onec>' || system_b, warehouse_code) AS scope FROM w_stock_tally AS t
),
documents AS (
    SELECT p.*, concat_ws(' ', comparison, nullif('onec>' || system_b, 'onec>'), nullif(p.scope, '')) AS label,
        (comparison || ':' || system_b) = ANY (@compared_documents::text[]) AS compared
    FROM w_document_proof AS p
),
-- A missing row takes its reserve with it, and so does an unmapped warehouse.
missing_reserve AS (
    SELECT warehouse_code, sum(coalesce(reserved_jushuitan, 0) - coalesce(reserved_onec, 0)) AS difference
    FROM w_finding
    WHERE area = 'stock' AND system_b = 'jushuitan'
        AND (comparison = 'warehouse' OR (comparison = 'quantity' AND (qty_onec IS NULL OR qty_jushuitan IS NULL)))
    GROUP BY 1
),
listed AS (
    SELECT CASE comparison WHEN 'warehouse' THEN CASE system_b WHEN 'openshop' THEN 'published' ELSE 'quantity' END ELSE comparison END AS comparison,
        system_b, warehouse_code, sum(difference) AS difference
    FROM w_finding WHERE area = 'stock' AND comparison IN ('quantity', 'reserved', 'published', 'warehouse')
    GROUP BY 1, 2, 3
)
SELECT @run_id::bigint, 'stock_pairs', s.scope, s.pairs,
    coalesce((SELECT sum(t.pairs) FROM w_tally AS t
        WHERE t.area = 'stock' AND t.comparison = s.comparison AND t.system_b = s.system_b AND t.warehouse_code = s.warehouse_code), 0)
FROM stock AS s
UNION ALL
SELECT @run_id::bigint, 'stock_sum', s.scope,
    s.sum_a + coalesce(l.difference, 0) + CASE s.comparison WHEN 'reserved' THEN coalesce(m.difference, 0) ELSE 0 END, s.sum_b
FROM stock AS s
LEFT JOIN listed AS l USING (comparison, system_b, warehouse_code)
LEFT JOIN missing_reserve AS m ON m.warehouse_code = s.warehouse_code
WHERE s.system_b = ANY (@stock_systems::text[])
UNION ALL
SELECT @run_id::bigint, d.area || '_pairs', d.label, d.pairs,
    coalesce((SELECT sum(t.pairs) FROM w_tally AS t WHERE t.area = d.area AND t.comparison = d.comparison AND t.system_b = d.system_b), 0)
FROM documents AS d
WHERE d.scope = ''
UNION ALL
SELECT @run_id::bigint, d.area || '_sum', d.label,
    d.sum_a + coalesce((
        SELECT sum(CASE WHEN w.currency_b = d.scope OR d.scope = 'units' THEN coalesce(w.value_b, 0) ELSE 0 END
            - CASE WHEN w.currency_a = d.scope OR d.scope = 'units' THEN coalesce(w.value_a, 0) ELSE 0 END)
        FROM w_document AS w
        WHERE w.area = d.area AND w.comparison = d.comparison AND w.system_b = d.system_b AND w.class <> 'equal'), 0),
    d.sum_b
FROM documents AS d
WHERE d.scope <> '' AND d.compared
UNION ALL
SELECT @run_id::bigint, 'findings', 'listed', (SELECT count(*) FROM w_finding), (SELECT count(*) FROM recon.finding WHERE run_id = @run_id::bigint);

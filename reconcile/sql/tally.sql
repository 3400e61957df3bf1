-- Purpose: how many pairs ended in each class, equal and not compared ones included.
-- Caller: Run, after all comparisons. Indexes: none.
INSERT INTO w_tally (area, comparison, system_a, system_b, warehouse_code, class, pairs)
SELECT * FROM (
    SELECT 'stock', comparison, 'onec', system_b, warehouse_code, 'stale', pairs
    FROM w_stock_tally WHERE system_b <> ALL (@stock_systems::text[])
    UNION ALL
    SELECT 'stock', comparison, 'onec', system_b, warehouse_code, 'equal', equal
    FROM w_stock_tally WHERE system_b = ANY (@stock_systems::text[])
    UNION ALL
    SELECT 'stock', comparison, 'onec', system_b, warehouse_code, 'warehouse_unmapped', pairs - equal
    FROM w_stock_tally WHERE system_b = ANY (@stock_systems::text[]) AND NOT carried
    UNION ALL
    SELECT 'stock', comparison, 'onec', system_b, warehouse_code, class, count(*)
    FROM w_finding WHERE area = 'stock' AND comparison IN ('quantity', 'reserved', 'published') GROUP BY 2, 4, 5, 6
    UNION ALL
    SELECT area, comparison, CASE comparison WHEN 'identity' THEN '' ELSE 'onec' END, system_b, '', class, count(*)
    FROM w_document GROUP BY 1, 2, 4, 6
    UNION ALL
    SELECT area, comparison, '', '', '', 'equal', equal FROM w_document_proof WHERE comparison = 'identity'
    UNION ALL
    SELECT p.area, p.comparison, 'onec', p.system_b, '', 'stale', p.pairs
    FROM w_document_proof AS p
    WHERE p.scope = '' AND p.comparison <> 'identity'
        AND (p.comparison || ':' || p.system_b) = ANY (@stale_documents::text[])
    UNION ALL
    SELECT p.area, p.comparison, 'onec', p.system_b, '', 'not_carried', p.pairs
    FROM w_document_proof AS p
    WHERE p.scope = '' AND p.comparison <> 'identity'
        AND (p.comparison || ':' || p.system_b) = ANY (@not_carried_documents::text[])
) AS t (area, comparison, system_a, system_b, warehouse_code, class, pairs)
WHERE pairs > 0;

-- Purpose: which documents explain each stock difference. Certain ones always count; of
-- the others the set that leaves the least unexplained: none, all, or up to three of the
-- eight newest; the smallest such set, then the newest documents. The same data always
-- gives the same choice.
-- Caller: Run, after find_movements. Indexes: none, only listed articles are touched.
INSERT INTO w_explained (comparison, system_b, warehouse_code, sku, young, overdue, failed, documents, document, kind, lane, happened_at, expected_by)
WITH base AS (
    SELECT comparison, system_b, warehouse_code, sku, p.difference,
        p.difference - coalesce(sum(m.contribution) FILTER (WHERE m.certain), 0) AS rest
    FROM w_pair AS p
    JOIN w_movement AS m USING (comparison, system_b, warehouse_code, sku)
    GROUP BY 1, 2, 3, 4, 5
),
perhaps AS (
    SELECT comparison, system_b, warehouse_code, sku, m.document, m.contribution,
        row_number() OVER (PARTITION BY comparison, system_b, warehouse_code, sku ORDER BY m.happened_at DESC, m.document)::integer AS n
    FROM w_movement AS m
    WHERE NOT m.certain
),
choices AS (
    SELECT b.comparison, b.system_b, b.warehouse_code, b.sku, ARRAY[]::integer[] AS chosen, 0::bigint AS size, b.rest AS left_over FROM base AS b
    UNION ALL
    SELECT b.comparison, b.system_b, b.warehouse_code, b.sku, array_agg(m.n ORDER BY m.n), count(*), b.rest - sum(m.contribution)
    FROM base AS b JOIN perhaps AS m USING (comparison, system_b, warehouse_code, sku)
    GROUP BY 1, 2, 3, 4, b.rest
    UNION ALL
    SELECT b.comparison, b.system_b, b.warehouse_code, b.sku, ARRAY[m.n], 1, b.rest - m.contribution
    FROM base AS b JOIN perhaps AS m USING (comparison, system_b, warehouse_code, sku)
    WHERE m.n <= 8
    UNION ALL
    SELECT b.comparison, b.system_b, b.warehouse_code, b.sku, ARRAY[m.n, o.n], 2, b.rest - m.contribution - o.contribution
    FROM base AS b
    JOIN perhaps AS m USING (comparison, system_b, warehouse_code, sku)
    JOIN perhaps AS o USING (comparison, system_b, warehouse_code, sku)
    WHERE m.n < o.n AND o.n <= 8
    UNION ALL
    SELECT b.comparison, b.system_b, b.warehouse_code, b.sku, ARRAY[m.n, o.n, q.n], 3, b.rest - m.contribution - o.contribution - q.contribution
    FROM base AS b
    JOIN perhaps AS m USING (comparison, system_b, warehouse_code, sku)
    JOIN perhaps AS o USING (comparison, system_b, warehouse_code, sku)
    JOIN perhaps AS q USING (comparison, system_b, warehouse_code, sku)
    WHERE m.n < o.n AND o.n < q.n AND q.n <= 8
),
best AS (
    SELECT DISTINCT ON (comparison, system_b, warehouse_code, sku) comparison, system_b, warehouse_code, sku, chosen
    FROM choices
    ORDER BY comparison, system_b, warehouse_code, sku, abs(left_over), size, chosen
),
used AS (
    SELECT m.* FROM w_movement AS m WHERE m.certain
    UNION ALL
    SELECT m.* FROM w_movement AS m
    JOIN perhaps AS p USING (comparison, system_b, warehouse_code, sku, document)
    JOIN best AS b USING (comparison, system_b, warehouse_code, sku)
    WHERE NOT m.certain AND p.n = ANY (b.chosen)
)
SELECT comparison, system_b, warehouse_code, sku,
    coalesce(sum(contribution) FILTER (WHERE status = 'young'), 0),
    coalesce(sum(contribution) FILTER (WHERE status = 'overdue'), 0),
    coalesce(sum(contribution) FILTER (WHERE status = 'failed'), 0),
    jsonb_agg(jsonb_build_object('kind', kind, 'document', document, 'seen_in', seen_in, 'quantity', contribution, 'status', status, 'at', happened_at)
        ORDER BY happened_at, document),
    (array_agg(document ORDER BY status = 'young', happened_at, document))[1],
    (array_agg(kind ORDER BY status = 'young', happened_at, document))[1],
    (array_agg(lane ORDER BY status = 'young', happened_at, document))[1],
    min(happened_at), min(expected_by)
FROM used
GROUP BY 1, 2, 3, 4;

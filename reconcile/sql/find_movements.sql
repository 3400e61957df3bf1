-- Purpose: documents that one system has and the other has not yet, as the part of a stock
-- difference that they explain. Counted only for articles that differ. A shipment is
-- certain when both balances were read so that the one holds it and the other cannot;
-- reserves are never certain, because 1C may accept an order without reserving.
-- Caller: Run, after split_stock.
-- Indexes: shipment_pkey, shipment_line_pkey, sales_order_pkey, sales_order_line_pkey, w_pair_pkey.
INSERT INTO w_movement (comparison, system_b, warehouse_code, sku, kind, document, seen_in, contribution, status, certain, happened_at, expected_by, lane)
WITH shipped AS (
    SELECT invoice_number, system, warehouse_code, observed_at,
        CASE system WHEN 'jushuitan' THEN coalesce(shipped_at, observed_at) ELSE coalesce(source_modified_at, observed_at) END AS known_at,
        coalesce(shipped_at, observed_at) AS happened_at
    FROM canonical.shipment
    WHERE system IN ('onec', 'jushuitan') AND status = 'shipped' AND deleted_at IS NULL
),
one_sided AS (
    SELECT s.* FROM shipped AS s
    WHERE NOT EXISTS (SELECT FROM shipped AS o WHERE o.invoice_number = s.invoice_number AND o.system <> s.system)
        OR s.known_at > (SELECT min(as_of) FROM w_source WHERE entity = 'stock_balance' AND system IN ('onec', 'jushuitan'))
),
shipped_lines AS (
    SELECT s.invoice_number, s.system, s.warehouse_code, l.sku, s.known_at, s.happened_at, sum(l.quantity) AS quantity
    FROM one_sided AS s
    JOIN canonical.shipment_line AS l USING (system, invoice_number)
    GROUP BY 1, 2, 3, 4, 5, 6
),
-- What each side's balance already holds of each shipment.
held AS (
    SELECT l.invoice_number, p.warehouse_code, p.sku, min(l.happened_at) AS happened_at,
        coalesce(sum(l.quantity) FILTER (WHERE l.system = 'onec' AND l.known_at <= greatest(so.as_of, bo.observed_at)), 0)
            - coalesce(sum(l.quantity) FILTER (WHERE l.system = 'jushuitan' AND l.known_at <= greatest(sj.as_of, bj.observed_at)), 0) AS contribution,
        count(DISTINCT l.system) AS systems, min(l.system) AS seen_in
    FROM shipped_lines AS l
    JOIN (SELECT DISTINCT warehouse_code, sku FROM w_pair WHERE system_b = 'jushuitan') AS p USING (warehouse_code, sku)
    LEFT JOIN w_source AS so ON so.system = 'onec' AND so.entity = 'stock_balance'
    LEFT JOIN w_source AS sj ON sj.system = 'jushuitan' AND sj.entity = 'stock_balance'
    LEFT JOIN canonical.stock_balance AS bo ON bo.system = 'onec' AND bo.warehouse_code = p.warehouse_code AND bo.sku = p.sku
    LEFT JOIN canonical.stock_balance AS bj ON bj.system = 'jushuitan' AND bj.warehouse_code = p.warehouse_code AND bj.sku = p.sku
    GROUP BY 1, 2, 3
),
shipments AS (
    SELECT c.comparison, 'jushuitan' AS system_b, h.warehouse_code, h.sku,
        CASE h.systems WHEN 1 THEN 'shipment_missing' ELSE 'snapshot_between' END AS kind,
        h.invoice_number AS document, h.seen_in, h.contribution, h.happened_at,
        c.comparison = 'quantity' AND h.happened_at > @as_of::timestamptz - interval '7 days'
            AND (h.systems = 2 OR follower.shipments_as_of >= follower.stock_as_of) AS certain,
        CASE h.seen_in WHEN 'jushuitan' THEN 'shipment:jushuitan>onec' ELSE 'shipment:onec>jushuitan' END AS lane
    FROM held AS h
    CROSS JOIN (VALUES ('quantity'), ('reserved')) AS c (comparison)
    LEFT JOIN LATERAL (
        SELECT max(as_of) FILTER (WHERE entity = 'shipment') AS shipments_as_of,
            max(as_of) FILTER (WHERE entity = 'stock_balance') AS stock_as_of
        FROM w_source WHERE system = CASE h.seen_in WHEN 'onec' THEN 'jushuitan' ELSE 'onec' END
    ) AS follower ON true
    WHERE h.contribution <> 0 AND h.happened_at >= @since::timestamptz
),
reserving AS (
    SELECT o.system, o.order_number, o.warehouse_code, greatest(o.ordered_at, coalesce(o.source_modified_at, o.observed_at)) AS happened_at
    FROM canonical.sales_order AS o
    LEFT JOIN canonical.order_status AS s USING (system, order_number)
    WHERE o.deleted_at IS NULL AND o.posted AND o.ordered_at >= @since::timestamptz
        AND coalesce(s.phase, 'accepted') IN ('received', 'awaiting_payment', 'accepted', 'awaiting_stock', 'held', 'released')
),
orders AS (
    SELECT v.comparison, v.system_b, r.order_number, r.system, r.warehouse_code, r.happened_at, v.sign, v.lane
    FROM reserving AS r
    JOIN (VALUES
        ('onec', 'jushuitan', 'reserved', 'jushuitan', -1, 'sales_order:onec>jushuitan'),
        ('jushuitan', 'onec', 'reserved', 'jushuitan', 1, 'sales_order:onec>jushuitan'),
        ('openshop', 'onec', 'published', 'openshop', -1, 'sales_order:openshop>onec')
    ) AS v (system, follower, comparison, system_b, sign, lane) USING (system)
    WHERE NOT EXISTS (SELECT FROM reserving AS f WHERE f.system = v.follower AND f.order_number = r.order_number)
),
reserves AS (
    SELECT o.comparison, o.system_b, p.warehouse_code, p.sku, 'order_missing' AS kind, o.order_number AS document, o.system AS seen_in,
        o.sign * sum(l.quantity) AS contribution, o.happened_at, false AS certain, o.lane
    FROM orders AS o
    JOIN canonical.sales_order_line AS l USING (system, order_number)
    JOIN w_pair AS p ON p.comparison = o.comparison AND p.system_b = o.system_b AND p.sku = l.sku
        AND (p.warehouse_code = o.warehouse_code OR o.warehouse_code = '')
    WHERE NOT l.cancelled AND NOT l.is_service
    GROUP BY 1, 2, 3, 4, 6, 7, 9, 11, o.sign
),
evidence AS (
    SELECT comparison, system_b, warehouse_code, sku, kind, document, seen_in, contribution, certain, happened_at, lane FROM shipments
    UNION ALL
    SELECT comparison, system_b, warehouse_code, sku, kind, document, seen_in, contribution, certain, happened_at, lane FROM reserves
)
SELECT e.comparison, e.system_b, e.warehouse_code, e.sku, e.kind, e.document, e.seen_in, e.contribution,
    CASE WHEN e.kind = 'snapshot_between' THEN 'young' -- both have it, only the balances were read at different times
        ELSE coalesce(nullif(d.status, 'stands'), CASE WHEN e.happened_at + l.grace >= @as_of::timestamptz THEN 'young' ELSE 'overdue' END)
    END,
    e.certain, e.happened_at, coalesce(d.expected_by, e.happened_at + l.grace), e.lane
FROM evidence AS e
JOIN w_pair AS p USING (comparison, system_b, warehouse_code, sku)
JOIN w_lane AS l ON l.flow = e.lane
LEFT JOIN w_delivery AS d ON d.flow = e.lane AND d.key = e.document;

-- Purpose: one finding per stock comparison that differs, in exactly one class. What is
-- left after documents is explained by a delivery of the very key that has not arrived;
-- only the rest is a discrepancy.
-- Caller: Run, after explain_stock.
-- Indexes: w_delivery, w_explained, product_pkey, product_price_pkey, stock_balance_pkey.
INSERT INTO w_finding (key, area, comparison, class, system_a, system_b, warehouse_code, sku, product_name, unit_code, document, lane,
    qty_onec, qty_jushuitan, qty_openshop, reserved_onec, reserved_jushuitan,
    difference, in_flight, overdue, unexplained, price, amount, currency, happened_at, expected_by, cause, evidence, repair)
WITH lanes (system_b, flow) AS (
    VALUES ('jushuitan', 'stock_balance:onec>jushuitan'), ('jushuitan', 'stock_balance:jushuitan>onec'), ('openshop', 'stock_balance:onec>openshop')
),
-- A dead delivery speaks louder than an overdue one, an overdue one louder than a young one.
deliveries AS (
    SELECT DISTINCT ON (l.system_b, d.key) l.system_b, d.*
    FROM lanes AS l JOIN w_delivery AS d USING (flow)
    JOIN (SELECT DISTINCT system_b, warehouse_code || '/' || sku AS key FROM w_pair) AS p USING (system_b, key)
    ORDER BY l.system_b, d.key, array_position(ARRAY['failed', 'overdue', 'young', 'stands'], d.status), d.flow
),
split AS (
    SELECT p.*, d.flow, d.state AS delivery_state, d.status AS delivery_status, d.since, d.reason, d.failure, d.mode,
        d.expected_by AS delivery_expected_by,
        coalesce(e.young, 0) AS young, coalesce(e.overdue, 0) AS late, coalesce(e.failed, 0) AS failed,
        p.difference - coalesce(e.young + e.overdue + e.failed, 0) AS rest,
        coalesce(e.documents, '[]') AS documents, coalesce(e.document, '') AS document, e.kind, e.lane AS movement_lane,
        e.happened_at, e.expected_by
    FROM w_pair AS p
    LEFT JOIN w_explained AS e USING (comparison, system_b, warehouse_code, sku)
    LEFT JOIN deliveries AS d ON d.system_b = p.system_b AND d.key = p.warehouse_code || '/' || p.sku
),
measured AS (
    SELECT s.*,
        young + CASE WHEN delivery_status = 'young' THEN rest ELSE 0 END AS in_flight,
        late + failed + CASE WHEN delivery_status IN ('overdue', 'failed') THEN rest ELSE 0 END AS overdue,
        CASE WHEN coalesce(delivery_status, 'stands') = 'stands' THEN rest ELSE 0 END AS unexplained,
        failed <> 0 OR (delivery_status = 'failed' AND rest <> 0) AS any_failed
    FROM split AS s
),
named AS (
    SELECT m.*,
        coalesce(po.name, pj.name, ps.name, '') AS product_name,
        (CASE WHEN m.system_b = 'jushuitan' THEN pj.sku ELSE ps.sku END) IS NULL AS unknown_to_b,
        po.sku IS NULL AS unknown_to_a,
        coalesce(bo.unit_code, bb.unit_code, po.unit_code, '') AS unit_code,
        bo.unit_code <> bb.unit_code AS units_differ,
        price.amount AS price, price.currency AS price_currency,
        CASE WHEN quantity_a <> 0 AND quantity_b <> 0
            THEN greatest(abs(quantity_a), abs(quantity_b)) / least(abs(quantity_a), abs(quantity_b)) END AS ratio,
        count(*) FILTER (WHERE m.unexplained <> 0) OVER same AS same_size,
        count(*) FILTER (WHERE m.unexplained > 0) OVER same AS same_size_up,
        min(m.sku) OVER same AS first_sku, max(m.sku) OVER same AS last_sku
    FROM measured AS m
    LEFT JOIN canonical.product AS po ON po.system = 'onec' AND po.sku = m.sku AND po.deleted_at IS NULL
    LEFT JOIN canonical.product AS pj ON pj.system = 'jushuitan' AND pj.sku = m.sku AND pj.deleted_at IS NULL
    LEFT JOIN canonical.product AS ps ON ps.system = 'openshop' AND ps.sku = m.sku AND ps.deleted_at IS NULL
    LEFT JOIN canonical.stock_balance AS bo ON bo.system = 'onec' AND bo.warehouse_code = m.warehouse_code AND bo.sku = m.sku
    LEFT JOIN canonical.stock_balance AS bb ON bb.system = m.system_b AND bb.warehouse_code = m.warehouse_code AND bb.sku = m.sku
    LEFT JOIN LATERAL (
        SELECT amount, currency FROM canonical.product_price
        WHERE sku = m.sku AND price_type = @price_type::text AND system IN ('onec', 'jushuitan')
        ORDER BY system = 'onec' DESC LIMIT 1
    ) AS price ON true
    WINDOW same AS (PARTITION BY m.comparison, m.system_b, m.warehouse_code, abs(m.unexplained), m.quantity_a IS NULL, m.quantity_b IS NULL)
),
partnered AS (
    -- Exactly two articles of the warehouse differ by this much, one up and one down.
    SELECT n.*, far.warehouse_code AS far_warehouse,
        CASE WHEN n.comparison = 'quantity' AND n.same_size = 2 AND n.same_size_up = 1 AND n.quantity_a IS NOT NULL AND n.quantity_b IS NOT NULL
            THEN CASE n.sku WHEN n.first_sku THEN n.last_sku ELSE n.first_sku END END AS twin
    FROM named AS n
    LEFT JOIN LATERAL (
        SELECT f.warehouse_code FROM w_pair AS f
        WHERE f.comparison = n.comparison AND f.system_b = n.system_b AND f.sku = n.sku AND f.warehouse_code <> n.warehouse_code
            AND f.difference = -n.unexplained AND n.unexplained <> 0
        ORDER BY f.warehouse_code LIMIT 1
    ) AS far ON true
),
classified AS (
    SELECT p.*, CASE
        WHEN (unexplained <> 0 OR overdue <> 0) AND quantity_b IS NULL AND unknown_to_b THEN 'unmapped'
        WHEN (unexplained <> 0 OR overdue <> 0) AND quantity_a IS NULL AND unknown_to_a THEN 'unmapped'
        WHEN unexplained <> 0 AND quantity_b IS NULL THEN 'missing_in_' || system_b
        WHEN unexplained <> 0 AND quantity_a IS NULL THEN 'missing_in_onec'
        WHEN unexplained <> 0 AND abs(unexplained) <= @tolerance_quantity::numeric THEN 'rounding'
        WHEN unexplained <> 0 AND comparison = 'reserved' THEN 'reserve'
        WHEN unexplained <> 0 AND comparison = 'quantity' AND (units_differ OR ratio IN (6, 10, 12, 20, 24, 48, 50, 100, 144, 1000)) THEN 'unit'
        WHEN unexplained <> 0 AND twin IS NOT NULL THEN 'transpose'
        WHEN unexplained <> 0 AND (quantity_a < 0 OR quantity_b < 0) THEN 'negative'
        WHEN unexplained <> 0 THEN 'quantity'
        WHEN any_failed THEN 'failed'
        WHEN overdue <> 0 THEN 'overdue'
        WHEN in_flight <> 0 OR young <> 0 THEN 'in_flight'
        WHEN quantity_a IS NULL THEN 'missing_in_onec' -- nothing lies there, but something is reserved
        WHEN quantity_b IS NULL THEN 'missing_in_' || system_b
        ELSE 'negative' -- both agree on less than nothing
    END AS class
    FROM partnered AS p
)
SELECT warehouse_code || '/' || sku, 'stock', comparison, class, 'onec', system_b, warehouse_code, sku, product_name, unit_code, document,
    coalesce(movement_lane, flow, CASE comparison WHEN 'published' THEN 'stock_balance:onec>openshop' ELSE '' END),
    quantity_a, CASE system_b WHEN 'jushuitan' THEN quantity_b ELSE other.quantity END,
    CASE system_b WHEN 'openshop' THEN quantity_b ELSE other.quantity END,
    reserved_a, CASE system_b WHEN 'jushuitan' THEN reserved_b ELSE other.reserved END,
    difference, in_flight, overdue, unexplained, price,
    round(price * abs(CASE WHEN unexplained <> 0 THEN unexplained WHEN overdue <> 0 THEN overdue ELSE in_flight END), 2),
    coalesce(price_currency, ''), coalesce(happened_at, since), coalesce(expected_by, delivery_expected_by),
    CASE
        WHEN delivery_status = 'failed' THEN 'delivery_dead'
        WHEN rest <> 0 AND (mode <> 'live' OR reason = 'shadow') THEN 'flow_not_live'
        WHEN rest <> 0 AND delivery_state = 'held' AND delivery_status <> 'stands' THEN 'delivery_held'
        WHEN rest <> 0 AND delivery_status <> 'stands' THEN 'delivery_waiting'
        WHEN kind IS NOT NULL AND unexplained = 0 THEN kind
        WHEN class = 'unmapped' THEN 'product_unknown'
        WHEN class LIKE 'missing%' THEN 'row_missing'
        WHEN class = 'unit' THEN 'pack_factor'
        WHEN class = 'transpose' THEN 'transpose'
        WHEN class = 'negative' THEN 'negative_stock'
        WHEN class = 'rounding' THEN 'within_tolerance'
        WHEN far_warehouse IS NOT NULL THEN 'transfer'
        WHEN comparison = 'quantity' AND abs(unexplained) = reserved_a AND reserved_a > 1 THEN 'equals_reserve'
        WHEN comparison = 'reserved' AND reserved_b < reserved_a THEN 'reserve_without_order'
        WHEN delivery_status = 'stands' THEN 'delivery_held'
        WHEN kind IS NOT NULL THEN 'partly_explained'
        ELSE 'unknown'
    END,
    jsonb_strip_nulls(jsonb_build_object(
        'documents', CASE WHEN documents <> '[]' THEN documents END,
        'flow', flow, 'delivery_state', delivery_state, 'delivery_since', since, 'reason', nullif(reason, ''), 'failure', nullif(failure, ''),
        'mode', CASE WHEN mode <> 'live' THEN mode END,
        'factor', CASE WHEN class = 'unit' THEN trim_scale(ratio) END, 'twin_sku', twin, 'other_warehouse', far_warehouse,
        'missing_in', CASE WHEN quantity_b IS NULL THEN system_b WHEN quantity_a IS NULL THEN 'onec' END)),
    CASE
        WHEN class = 'failed' THEN 'fix_and_replay'
        WHEN class = 'overdue' AND kind IS NOT NULL THEN 'post_document'
        WHEN class = 'overdue' THEN 'chase_delivery'
        WHEN class = 'in_flight' THEN 'wait'
        WHEN class = 'unmapped' THEN 'map'
        WHEN class LIKE 'missing%' THEN 'resend'
        WHEN class = 'unit' THEN 'fix_factor'
        WHEN class = 'transpose' THEN 'transfer_between'
        WHEN class = 'negative' THEN 'check_sequence'
        WHEN class = 'reserve' THEN 'release_reserve'
        WHEN class = 'rounding' THEN 'accept'
        WHEN comparison = 'published' THEN 'resend'
        ELSE 'recount'
    END
FROM classified AS c
LEFT JOIN LATERAL (
    SELECT quantity, reserved FROM canonical.stock_balance AS b
    WHERE b.system = CASE c.system_b WHEN 'jushuitan' THEN 'openshop' ELSE 'jushuitan' END
        AND b.warehouse_code = c.warehouse_code AND b.sku = c.sku AND b.deleted_at IS NULL
) AS other ON true;

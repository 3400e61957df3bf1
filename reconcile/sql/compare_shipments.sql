-- Purpose: goods that left, by invoice number: Jushuitan ships, 1C posts the sale. A
-- shipment counts when its system says shipped; the month must agree, because it decides
-- the accounting period.
-- Caller: Run. Indexes: shipment_pkey, shipment_line_pkey.
INSERT INTO w_document (area, comparison, system_b, key, class, order_number, document, warehouse_code, value_a, value_b, lane, happened_at, expected_by, cause, evidence)
WITH shipped AS (
    SELECT *, coalesce(shipped_at, observed_at) AS happened_at FROM canonical.shipment
    WHERE system IN ('onec', 'jushuitan') AND status = 'shipped' AND deleted_at IS NULL
),
pairs AS (
    SELECT invoice_number, a.system IS NOT NULL AS in_a, b.system IS NOT NULL AS in_b,
        coalesce(nullif(b.order_number, ''), a.order_number, '') AS order_number,
        coalesce(nullif(b.warehouse_code, ''), a.warehouse_code, '') AS warehouse_code,
        a.warehouse_code <> '' AND b.warehouse_code <> '' AND a.warehouse_code <> b.warehouse_code AS moved,
        a.happened_at AS at_a, b.happened_at AS at_b, coalesce(b.happened_at, a.happened_at) AS happened_at,
        CASE WHEN b.system IS NULL THEN 'shipment:onec>jushuitan' ELSE 'shipment:jushuitan>onec' END AS lane
    FROM (SELECT * FROM shipped WHERE system = 'onec') AS a
    FULL JOIN (SELECT * FROM shipped WHERE system = 'jushuitan') AS b USING (invoice_number)
    WHERE greatest(a.happened_at, b.happened_at) >= @since::timestamptz AND @compare_shipments::boolean
),
sums AS (
    SELECT l.invoice_number, l.sku, sum(l.quantity) FILTER (WHERE l.system = 'onec') AS a, sum(l.quantity) FILTER (WHERE l.system = 'jushuitan') AS b
    FROM pairs AS p
    JOIN canonical.shipment_line AS l ON l.invoice_number = p.invoice_number
        AND ((l.system = 'onec' AND p.in_a) OR (l.system = 'jushuitan' AND p.in_b))
    GROUP BY 1, 2
),
lines AS (
    SELECT invoice_number, sum(a) AS quantity_a, sum(b) AS quantity_b,
        bool_or(a IS DISTINCT FROM b) AS differs, count(*) FILTER (WHERE a IS DISTINCT FROM b) AS differing,
        (array_agg(jsonb_build_object('sku', sku, 'qty_a', a, 'qty_b', b) ORDER BY a IS NOT DISTINCT FROM b, sku))[1] AS example
    FROM sums GROUP BY 1
),
judged AS (
    SELECT p.*, l.quantity_a, l.quantity_b, l.differing, l.example, d.state, d.since, d.reason, d.failure, d.status AS delivery, d.mode,
        coalesce(d.expected_by, p.happened_at + g.grace) AS expected_by,
        CASE
            WHEN NOT (in_a AND in_b) AND d.status = 'failed' THEN 'failed'
            WHEN NOT (in_a AND in_b) AND d.status = 'young' THEN 'in_flight'
            WHEN NOT (in_a AND in_b) AND d.status = 'overdue' THEN 'overdue'
            WHEN NOT (in_a AND in_b) AND p.happened_at + g.grace >= @as_of::timestamptz THEN 'in_flight'
            WHEN NOT (in_a AND in_b) AND NOT EXISTS (SELECT FROM canonical.sales_order AS o WHERE o.system = ANY (ARRAY['onec', 'jushuitan', 'openshop']) AND o.order_number = p.order_number) THEN 'orphan'
            WHEN NOT in_a THEN 'missing_in_onec'
            WHEN NOT in_b THEN 'missing_in_jushuitan'
            WHEN (l.differs OR moved) AND d.status = 'failed' THEN 'failed'
            WHEN (l.differs OR moved) AND d.status = 'young' THEN 'in_flight'
            WHEN (l.differs OR moved) AND d.status = 'overdue' THEN 'overdue'
            WHEN l.differs OR moved THEN 'quantity'
            WHEN date_trunc('month', at_a AT TIME ZONE @zone::text) <> date_trunc('month', at_b AT TIME ZONE @zone::text) THEN 'date'
            ELSE 'equal'
        END AS class
    FROM pairs AS p
    JOIN w_lane AS g ON g.flow = p.lane
    LEFT JOIN lines AS l USING (invoice_number)
    LEFT JOIN w_delivery AS d ON d.flow = p.lane AND d.key = p.invoice_number
)
SELECT 'shipment', 'shipped', 'jushuitan', invoice_number, class, order_number, invoice_number, warehouse_code,
    CASE WHEN in_a THEN coalesce(quantity_a, 0) END, CASE WHEN in_b THEN coalesce(quantity_b, 0) END, lane, happened_at, expected_by,
    CASE
        WHEN class = 'equal' THEN ''
        WHEN delivery = 'failed' THEN 'delivery_dead'
        WHEN delivery IS NOT NULL AND (mode <> 'live' OR reason = 'shadow') THEN 'flow_not_live'
        WHEN state = 'held' THEN 'delivery_held'
        WHEN delivery IS NOT NULL OR class = 'in_flight' THEN 'delivery_waiting'
        WHEN class = 'orphan' THEN 'order_unknown'
        WHEN class LIKE 'missing%' THEN 'shipment_missing'
        WHEN class = 'date' THEN 'month_differs'
        WHEN moved THEN 'warehouse_differs'
        ELSE 'lines_differ'
    END,
    CASE WHEN class = 'equal' THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object(
        'missing_in', CASE WHEN NOT in_a THEN 'onec' WHEN NOT in_b THEN 'jushuitan' END,
        'shipped_a', at_a, 'shipped_b', at_b, 'lines_differing', nullif(differing, 0), 'line', CASE WHEN in_a AND in_b THEN example END,
        'delivery_state', state, 'delivery_since', since, 'reason', nullif(reason, ''), 'failure', nullif(failure, ''),
        'mode', CASE WHEN mode <> 'live' THEN mode END)) END
FROM judged;

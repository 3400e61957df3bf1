-- Purpose: the independent proof of the document comparisons: pairs and sums counted from
-- the tables by grouping and not by joining, whether the pair may be compared or not.
-- Caller: Run. Indexes: none, one pass per table and pair.
INSERT INTO w_document_proof (area, comparison, system_b, scope, pairs, equal, sum_a, sum_b)
WITH orders AS (
    SELECT s.system_b, o.order_number,
        max(o.currency) FILTER (WHERE o.system = 'onec' AND o.deleted_at IS NULL) AS currency_a, max(o.total) FILTER (WHERE o.system = 'onec' AND o.deleted_at IS NULL) AS a,
        max(o.currency) FILTER (WHERE o.system <> 'onec' AND o.deleted_at IS NULL) AS currency_b, max(o.total) FILTER (WHERE o.system <> 'onec' AND o.deleted_at IS NULL) AS b
    FROM (VALUES ('openshop'), ('jushuitan')) AS s (system_b)
    JOIN canonical.sales_order AS o ON o.system IN ('onec', s.system_b)
    GROUP BY 1, 2
    HAVING max(o.ordered_at) >= @since::timestamptz AND bool_or(o.deleted_at IS NULL)
),
statuses AS (
    SELECT s.system_b, t.order_number
    FROM (VALUES ('openshop'), ('jushuitan')) AS s (system_b)
    JOIN canonical.order_status AS t ON t.system IN ('onec', s.system_b)
    WHERE t.deleted_at IS NULL
        AND NOT EXISTS (SELECT FROM canonical.sales_order AS o WHERE o.system = 'onec' AND o.order_number = t.order_number AND o.ordered_at < @since::timestamptz)
    GROUP BY 1, 2
    HAVING count(*) = 2
),
shipments AS (
    SELECT h.invoice_number,
        max(l.quantity) FILTER (WHERE h.system = 'onec') AS a, max(l.quantity) FILTER (WHERE h.system = 'jushuitan') AS b
    FROM canonical.shipment AS h
    LEFT JOIN LATERAL (
        SELECT sum(quantity) AS quantity FROM canonical.shipment_line AS l WHERE l.system = h.system AND l.invoice_number = h.invoice_number
    ) AS l ON true
    WHERE h.system IN ('onec', 'jushuitan') AND h.status = 'shipped' AND h.deleted_at IS NULL
    GROUP BY 1
    HAVING max(coalesce(h.shipped_at, h.observed_at)) >= @since::timestamptz
),
money AS (
    SELECT system, order_number, CASE status WHEN 'paid' THEN amount ELSE -amount END AS amount, currency,
        coalesce(paid_at, source_modified_at, observed_at) AS paid_at, method = 'bank_transfer' AS by_bank
    FROM canonical.payment WHERE status IN ('paid', 'refunded') AND deleted_at IS NULL
    UNION ALL
    SELECT system, order_reference, CASE direction WHEN 'in' THEN amount ELSE -amount END, currency, booked_on, true
    FROM canonical.bank_transaction WHERE order_reference <> '' AND deleted_at IS NULL
),
payments AS (
    SELECT s.system_b, m.order_number,
        min(m.currency) FILTER (WHERE m.system = 'onec') AS currency_a, greatest(sum(m.amount) FILTER (WHERE m.system = 'onec'), 0) AS a,
        min(m.currency) FILTER (WHERE m.system <> 'onec') AS currency_b, greatest(sum(m.amount) FILTER (WHERE m.system <> 'onec'), 0) AS b
    FROM (VALUES ('openshop'), ('jushuitan'), ('bank')) AS s (system_b)
    JOIN money AS m ON m.system IN ('onec', s.system_b)
    GROUP BY 1, 2
    HAVING max(m.paid_at) >= @since::timestamptz AND (s.system_b <> 'bank' OR bool_or(m.by_bank))
),
identities AS (
    SELECT 'order' AS area, system, external_id FROM canonical.sales_order
    WHERE external_id <> '' AND deleted_at IS NULL AND ordered_at >= @since::timestamptz AND system = ANY (@identity_systems::text[])
    UNION ALL
    SELECT 'stock', system, external_id FROM canonical.product
    WHERE external_id <> '' AND deleted_at IS NULL AND system IN ('onec', 'jushuitan', 'openshop')
)
SELECT 'order', 'document', system_b, '', count(*), NULL::bigint, NULL::numeric, NULL::numeric FROM orders GROUP BY system_b
UNION ALL
SELECT 'order', 'document', o.system_b, c.currency, NULL, NULL,
    coalesce(sum(a) FILTER (WHERE currency_a = c.currency), 0), coalesce(sum(b) FILTER (WHERE currency_b = c.currency), 0)
FROM orders AS o
JOIN (SELECT DISTINCT currency FROM canonical.sales_order) AS c ON c.currency IN (currency_a, currency_b)
GROUP BY o.system_b, c.currency
UNION ALL
SELECT 'order', 'status', system_b, '', count(*), NULL, NULL, NULL FROM statuses GROUP BY system_b
UNION ALL
SELECT 'shipment', 'shipped', 'jushuitan', '', count(*), NULL, NULL, NULL FROM shipments HAVING count(*) > 0
UNION ALL
SELECT 'shipment', 'shipped', 'jushuitan', 'units', NULL, NULL, coalesce(sum(a), 0), coalesce(sum(b), 0) FROM shipments HAVING count(*) > 0
UNION ALL
SELECT 'payment', 'paid', system_b, '', count(*), NULL, NULL, NULL FROM payments GROUP BY system_b
UNION ALL
SELECT 'payment', 'paid', p.system_b, c.currency, NULL, NULL,
    coalesce(sum(a) FILTER (WHERE currency_a = c.currency), 0), coalesce(sum(b) FILTER (WHERE currency_b = c.currency), 0)
FROM payments AS p
JOIN (SELECT DISTINCT currency FROM money) AS c ON c.currency IN (currency_a, currency_b)
GROUP BY p.system_b, c.currency
UNION ALL
SELECT area, 'identity', '', '', count(DISTINCT (system, external_id)),
    (SELECT count(*) FROM (SELECT FROM identities AS j WHERE j.area = i.area GROUP BY system, external_id HAVING count(*) = 1) AS single), NULL, NULL
FROM identities AS i GROUP BY area;

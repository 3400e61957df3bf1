-- Purpose: findings of the document comparisons that are not equal, with what all three
-- systems say beside the pair.
-- Caller: Run, after the compare_* steps. Indexes: sales_order_pkey, order_status_pkey, product_pkey.
INSERT INTO w_finding (key, area, comparison, class, system_a, system_b, warehouse_code, order_number, document, lane,
    qty_onec, qty_jushuitan, amount_onec, amount_jushuitan, amount_openshop, amount_bank, phase_onec, phase_jushuitan, phase_openshop,
    difference, in_flight, overdue, unexplained, amount, currency, happened_at, expected_by, cause, evidence, repair)
SELECT d.key, d.area, d.comparison, d.class,
    CASE d.comparison WHEN 'identity' THEN d.evidence ->> 'system' ELSE 'onec' END, d.system_b, d.warehouse_code, d.order_number, d.document, d.lane,
    CASE WHEN d.area = 'shipment' THEN d.value_a END, CASE WHEN d.area = 'shipment' THEN d.value_b END,
    CASE WHEN d.area = 'payment' THEN d.value_a WHEN d.area = 'order' THEN o.onec END,
    CASE WHEN d.area = 'payment' AND d.system_b = 'jushuitan' THEN d.value_b WHEN d.area = 'order' THEN o.jushuitan END,
    CASE WHEN d.area = 'payment' AND d.system_b = 'openshop' THEN d.value_b WHEN d.area = 'order' THEN o.openshop END,
    CASE WHEN d.system_b = 'bank' THEN d.value_b END,
    coalesce(p.onec, ''), coalesce(p.jushuitan, ''), coalesce(p.openshop, ''),
    v.difference, CASE WHEN d.class = 'in_flight' THEN v.difference ELSE 0 END,
    CASE WHEN d.class IN ('overdue', 'failed') THEN v.difference ELSE 0 END,
    CASE WHEN d.class NOT IN ('in_flight', 'overdue', 'failed') THEN v.difference ELSE 0 END,
    CASE WHEN d.area = 'shipment' THEN goods.amount ELSE d.amount END,
    CASE WHEN d.area = 'shipment' THEN coalesce(goods.currency, '') ELSE coalesce(nullif(d.currency_a, ''), d.currency_b) END,
    d.happened_at, d.expected_by, d.cause, d.evidence,
    CASE
        WHEN d.class = 'failed' THEN 'fix_and_replay'
        WHEN d.class = 'in_flight' THEN 'wait'
        WHEN d.class = 'overdue' THEN 'chase_delivery'
        WHEN d.class LIKE 'missing%' THEN 'resend'
        WHEN d.class = 'ghost' THEN 'delete_or_restore'
        WHEN d.class = 'duplicate' THEN 'reverse_copy'
        WHEN d.class IN ('mapping_duplicate', 'unmapped') THEN 'map'
        WHEN d.class = 'orphan' THEN 'link_or_cancel'
        WHEN d.class = 'status' THEN 'resend_status'
        WHEN d.class = 'rounding' THEN 'accept'
        WHEN d.class = 'date' THEN 'move_period'
        WHEN d.class = 'price' THEN 'refresh_prices'
        ELSE 'correct_document'
    END
FROM w_document AS d
LEFT JOIN LATERAL (
    SELECT max(total) FILTER (WHERE system = 'onec') AS onec, max(total) FILTER (WHERE system = 'jushuitan') AS jushuitan,
        max(total) FILTER (WHERE system = 'openshop') AS openshop
    FROM canonical.sales_order AS o
    WHERE d.area = 'order' AND o.order_number = d.order_number AND o.deleted_at IS NULL AND o.system IN ('onec', 'jushuitan', 'openshop')
) AS o ON true
LEFT JOIN LATERAL (
    SELECT max(phase) FILTER (WHERE system = 'onec') AS onec, max(phase) FILTER (WHERE system = 'jushuitan') AS jushuitan,
        max(phase) FILTER (WHERE system = 'openshop') AS openshop
    FROM canonical.order_status AS t
    WHERE d.order_number <> '' AND t.order_number = d.order_number AND t.deleted_at IS NULL AND t.system IN ('onec', 'jushuitan', 'openshop')
) AS p ON true
LEFT JOIN LATERAL (
    SELECT round(sum(abs(l.quantity) * pr.amount), 2) AS amount, min(pr.currency) AS currency
    FROM canonical.shipment_line AS l
    JOIN LATERAL (
        SELECT amount, currency FROM canonical.product_price
        WHERE sku = l.sku AND price_type = @price_type::text AND system IN ('onec', 'jushuitan')
        ORDER BY system = 'onec' DESC LIMIT 1
    ) AS pr ON true
    WHERE d.area = 'shipment' AND l.invoice_number = d.document
        AND l.system = CASE WHEN d.value_b IS NULL THEN 'onec' ELSE 'jushuitan' END
) AS goods ON true
CROSS JOIN LATERAL (
    SELECT CASE WHEN d.comparison = 'identity' OR d.currency_a <> d.currency_b AND d.value_a IS NOT NULL AND d.value_b IS NOT NULL THEN 0
        ELSE coalesce(d.value_b, 0) - coalesce(d.value_a, 0) END AS difference
) AS v
WHERE d.class NOT IN ('equal', 'not_due');

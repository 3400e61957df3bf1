-- Purpose: what was paid for each order, in each system and by the bank. Paid less paid
-- back; nothing and zero are the same. The bank is compared for orders that it names or
-- that 1C says were paid by transfer.
-- Caller: Run. Indexes: payment_order_idx, sales_order_pkey, bank_transaction_order_idx.
INSERT INTO w_document (area, comparison, system_b, key, class, order_number, value_a, value_b, currency_a, currency_b, amount, lane, happened_at, expected_by, cause, evidence)
WITH paid AS (
    SELECT system, order_number,
        greatest(coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0) - coalesce(sum(amount) FILTER (WHERE status = 'refunded'), 0), 0) AS amount,
        min(currency) AS currency, max(coalesce(paid_at, source_modified_at, observed_at)) AS paid_at,
        bool_or(method = 'bank_transfer') AS by_bank, array_agg(payment_id ORDER BY payment_id) AS payments
    FROM canonical.payment
    WHERE status IN ('paid', 'refunded') AND deleted_at IS NULL
    GROUP BY 1, 2
    UNION ALL
    SELECT system, order_reference, greatest(sum(CASE direction WHEN 'in' THEN amount ELSE -amount END), 0),
        min(currency), max(booked_on), true, array_agg(document_number ORDER BY document_number)
    FROM canonical.bank_transaction
    WHERE order_reference <> '' AND deleted_at IS NULL
    GROUP BY 1, 2
),
lanes (system_b, leader, lane) AS (
    VALUES ('openshop', 'openshop', 'payment:openshop>onec'), ('jushuitan', 'onec', 'payment:onec>jushuitan'), ('bank', 'bank', 'payment:bank>onec')
),
pairs AS (
    SELECT s.system_b, s.leader, s.lane, j.*
    FROM lanes AS s
    CROSS JOIN LATERAL (
        SELECT order_number, a.amount AS value_a, b.amount AS value_b, coalesce(a.currency, '') AS currency_a, coalesce(b.currency, '') AS currency_b,
            greatest(a.paid_at, b.paid_at) AS paid_at, a.payments AS payments_a, b.payments AS payments_b
        FROM (SELECT * FROM paid WHERE system = 'onec') AS a
        FULL JOIN (SELECT * FROM paid WHERE system = s.system_b) AS b USING (order_number)
        WHERE greatest(a.paid_at, b.paid_at) >= @since::timestamptz AND (s.system_b <> 'bank' OR a.by_bank OR b.order_number IS NOT NULL)
    ) AS j
    WHERE s.system_b = ANY (@payment_systems::text[])
),
facts AS (
    SELECT p.*, g.grace, d.*, coalesce(value_b, 0) - coalesce(value_a, 0) AS difference,
        EXISTS (SELECT FROM canonical.sales_order AS o WHERE o.system = 'jushuitan' AND o.order_number = p.order_number AND o.deleted_at IS NULL) AS order_in_jushuitan,
        EXISTS (SELECT FROM canonical.sales_order AS o WHERE o.system = 'onec' AND o.order_number = p.order_number AND o.deleted_at IS NULL) AS order_in_onec,
        EXISTS (SELECT FROM canonical.sales_order AS o WHERE o.system = ANY (ARRAY['onec', 'openshop', 'jushuitan']) AND o.order_number = p.order_number) AS order_known
    FROM pairs AS p
    JOIN w_lane AS g ON g.flow = p.lane
    LEFT JOIN LATERAL (
        SELECT w.status AS delivery, w.state, w.since, w.reason, w.failure, w.mode, w.expected_by
        FROM unnest(CASE p.leader WHEN 'onec' THEN p.payments_a WHEN 'bank' THEN NULL ELSE p.payments_b END) AS payment (id)
        JOIN w_delivery AS w ON w.flow = p.lane AND w.key = payment.id
        ORDER BY array_position(ARRAY['failed', 'overdue', 'young', 'stands'], w.status), w.key
        LIMIT 1
    ) AS d ON true
),
judged AS (
    SELECT f.*, CASE
        WHEN system_b = 'bank' AND value_b IS NOT NULL AND NOT order_known THEN 'orphan'
        WHEN difference = 0 AND (currency_a = '' OR currency_b = '' OR currency_a = currency_b) THEN 'equal'
        WHEN system_b = 'jushuitan' AND value_b IS NULL AND NOT order_in_jushuitan THEN 'not_due'
        WHEN delivery = 'failed' THEN 'failed'
        WHEN delivery = 'young' THEN 'in_flight'
        WHEN delivery = 'overdue' THEN 'overdue'
        WHEN paid_at + grace >= @as_of::timestamptz THEN 'in_flight'
        WHEN currency_a <> '' AND currency_b <> '' AND currency_a <> currency_b THEN 'currency'
        WHEN value_a IS NULL THEN 'missing_in_onec'
        WHEN value_b IS NULL THEN 'missing_in_' || system_b
        WHEN abs(difference) <= @tolerance_amount::numeric THEN 'rounding'
        ELSE 'amount'
    END AS class
    FROM facts AS f
)
SELECT 'payment', 'paid', system_b, order_number, class, order_number, value_a, value_b, currency_a, currency_b,
    CASE WHEN value_a IS NULL OR value_b IS NULL OR currency_a <> currency_b THEN coalesce(value_a, value_b) ELSE abs(difference) END,
    lane, paid_at, coalesce(expected_by, paid_at + grace),
    CASE
        WHEN class IN ('equal', 'not_due') THEN ''
        WHEN class = 'orphan' THEN 'order_unknown'
        WHEN delivery = 'failed' THEN 'delivery_dead'
        WHEN delivery IS NOT NULL AND (mode <> 'live' OR reason = 'shadow') THEN 'flow_not_live'
        WHEN state = 'held' THEN 'delivery_held'
        WHEN delivery IS NOT NULL OR class = 'in_flight' THEN 'delivery_waiting'
        WHEN class LIKE 'missing%' AND NOT order_in_onec THEN 'order_missing'
        WHEN class LIKE 'missing%' THEN 'payment_missing'
        WHEN class = 'currency' THEN 'currency_differs'
        WHEN class = 'rounding' THEN 'within_tolerance'
        ELSE 'sums_differ'
    END,
    CASE WHEN class IN ('equal', 'not_due') THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object(
        'payments_a', to_jsonb(payments_a[1:5]), 'payments_b', to_jsonb(payments_b[1:5]),
        'missing_in', CASE WHEN value_a IS NULL THEN 'onec' WHEN value_b IS NULL THEN system_b END,
        'delivery_state', state, 'delivery_since', since, 'reason', nullif(reason, ''), 'failure', nullif(failure, ''),
        'mode', CASE WHEN mode <> 'live' THEN mode END)) END
FROM judged;

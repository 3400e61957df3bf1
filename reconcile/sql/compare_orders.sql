-- Purpose: every pair of orders in exactly one class: does the other side have it, and do
-- currency, goods, sums and date agree. An order goes shop > 1C > Jushuitan; what the lane
-- still carries, or a gate holds, is not missing.
-- Caller: Run, after compare_order_lines. Indexes: sales_order_pkey, order_status_pkey.
INSERT INTO w_document (area, comparison, system_b, key, class, order_number, document, warehouse_code, value_a, value_b, phase_a, phase_b,
    currency_a, currency_b, amount, lane, happened_at, expected_by, cause, evidence)
WITH lanes (system_b, leader, lane) AS (
    VALUES ('openshop', 'openshop', 'sales_order:openshop>onec'), ('jushuitan', 'onec', 'sales_order:onec>jushuitan')
),
pairs AS (
    SELECT s.system_b, s.leader, s.lane, j.*,
        CASE WHEN in_a AND NOT in_b THEN s.system_b WHEN in_b AND NOT in_a THEN 'onec' END AS absent_in,
        CASE WHEN live_a THEN total_a END AS value_a, CASE WHEN live_b THEN total_b END AS value_b
    FROM lanes AS s
    CROSS JOIN LATERAL (
        SELECT order_number, a.system IS NOT NULL AS in_a, b.system IS NOT NULL AS in_b,
            a.system IS NOT NULL AND a.deleted_at IS NULL AS live_a, b.system IS NOT NULL AND b.deleted_at IS NULL AS live_b,
            a.total AS total_a, b.total AS total_b, a.currency AS currency_a, b.currency AS currency_b,
            a.ordered_at AS ordered_a, b.ordered_at AS ordered_b, a.freight = b.freight AND a.discount = b.discount AS same_extras,
            a.posted, coalesce(a.customer_code, b.customer_code) AS customer_code, coalesce(nullif(a.warehouse_code, ''), b.warehouse_code, '') AS warehouse_code,
            a.external_id AS document_a, b.external_id AS document_b, coalesce(a.deleted_at, b.deleted_at) AS deleted_at,
            greatest(a.ordered_at, coalesce(a.source_modified_at, a.observed_at)) AS known_a,
            greatest(b.ordered_at, coalesce(b.source_modified_at, b.observed_at)) AS known_b
        FROM (SELECT * FROM canonical.sales_order WHERE system = 'onec') AS a
        FULL JOIN (SELECT * FROM canonical.sales_order WHERE system = s.system_b) AS b USING (order_number)
        WHERE greatest(a.ordered_at, b.ordered_at) >= @since::timestamptz
            AND ((a.system IS NOT NULL AND a.deleted_at IS NULL) OR (b.system IS NOT NULL AND b.deleted_at IS NULL))
    ) AS j
    WHERE s.system_b = ANY (@order_systems::text[])
),
facts AS (
    SELECT p.*, coalesce(sa.phase, '') AS phase_a, coalesce(sb.phase, '') AS phase_b,
        CASE WHEN live_a THEN coalesce(sa.phase, '') ELSE coalesce(sb.phase, '') END AS live_phase,
        CASE WHEN live_a THEN known_a ELSE known_b END AS known_at, g.grace,
        d.status AS delivery, d.state, d.since, d.reason, d.failure, d.mode, d.expected_by,
        l.lines, l.quantity_differs, l.amount_differs, l.vat_differs, l.example,
        absent_in IS NOT NULL AND absent_in <> leader AS follower_lacks
    FROM pairs AS p
    JOIN w_lane AS g ON g.flow = p.lane
    LEFT JOIN canonical.order_status AS sa ON sa.system = 'onec' AND sa.order_number = p.order_number AND sa.deleted_at IS NULL
    LEFT JOIN canonical.order_status AS sb ON sb.system = p.system_b AND sb.order_number = p.order_number AND sb.deleted_at IS NULL
    LEFT JOIN w_delivery AS d ON d.flow = p.lane AND d.key = p.order_number
    LEFT JOIN w_line_difference AS l ON l.system_b = p.system_b AND l.order_number = p.order_number
),
judged AS (
    SELECT f.*, CASE
        WHEN live_phase IN ('cancelled', 'superseded') AND (absent_in IS NOT NULL OR live_a <> live_b) AND coalesce(delivery, '') <> 'failed' THEN 'not_due'
        WHEN absent_in IS NOT NULL AND NOT follower_lacks AND known_at + grace >= @as_of::timestamptz THEN 'in_flight'
        WHEN absent_in IS NOT NULL AND NOT follower_lacks THEN 'missing_in_' || absent_in
        WHEN follower_lacks AND delivery = 'failed' THEN 'failed'
        WHEN follower_lacks AND leader = 'onec' AND NOT posted THEN 'in_flight'
        WHEN follower_lacks AND delivery = 'young' THEN 'in_flight'
        WHEN follower_lacks AND delivery = 'overdue' THEN 'overdue'
        WHEN follower_lacks AND known_at + grace >= @as_of::timestamptz THEN 'in_flight'
        WHEN follower_lacks THEN 'missing_in_' || absent_in
        WHEN live_a <> live_b AND coalesce(delivery, 'stands') = 'stands' AND deleted_at + grace >= @as_of::timestamptz THEN 'in_flight'
        WHEN live_a <> live_b THEN 'ghost'
        -- Cancelled on both sides: nobody owes it, whatever sum each system leaves on the document.
        WHEN phase_a = 'cancelled' AND phase_b = 'cancelled' AND total_a <> total_b THEN 'not_due'
        WHEN currency_a <> currency_b THEN 'currency'
        WHEN quantity_differs THEN 'quantity'
        WHEN total_a <> total_b AND abs(total_a - total_b) <= greatest(@tolerance_amount::numeric, 0.005 * (
            SELECT count(*) FROM canonical.sales_order_line AS l WHERE l.system = 'onec' AND l.order_number = f.order_number)) THEN 'rounding'
        WHEN amount_differs AND (total_a <> total_b OR same_extras) THEN 'price'
        WHEN total_a <> total_b THEN 'amount'
        WHEN vat_differs THEN 'tax'
        WHEN greatest(ordered_a, ordered_b) - least(ordered_a, ordered_b) > @tolerance_date::interval THEN 'date'
        ELSE 'equal'
    END AS verdict
    FROM facts AS f
),
final AS (
    SELECT j.*, CASE
        WHEN absent_in IS NOT NULL OR verdict IN ('equal', 'not_due', 'rounding', 'in_flight') OR coalesce(delivery, 'stands') = 'stands' THEN verdict
        WHEN delivery = 'failed' THEN 'failed'
        WHEN delivery = 'overdue' THEN 'overdue'
        ELSE 'in_flight'
    END AS class
    FROM judged AS j
)
SELECT 'order', 'document', system_b, order_number, class, order_number, coalesce(CASE WHEN live_b THEN document_b END, document_a, ''), warehouse_code,
    value_a, value_b, phase_a, phase_b, coalesce(currency_a, ''), coalesce(currency_b, ''),
    CASE WHEN class = 'date' THEN 0
        WHEN value_a IS NULL OR value_b IS NULL OR currency_a <> currency_b THEN coalesce(value_a, value_b)
        ELSE greatest(abs(value_b - value_a), CASE WHEN lines > 0 THEN (example ->> 'amount')::numeric ELSE 0 END) END,
    lane, coalesce(known_at, known_b), coalesce(expected_by, known_at + grace),
    CASE
        WHEN delivery = 'failed' THEN 'delivery_dead'
        WHEN delivery IS NOT NULL AND (mode <> 'live' OR reason = 'shadow') THEN 'flow_not_live'
        WHEN state = 'held' THEN 'delivery_held'
        WHEN follower_lacks AND leader = 'onec' AND NOT posted THEN 'not_accepted'
        WHEN delivery IS NOT NULL THEN 'delivery_waiting'
        WHEN class = 'in_flight' THEN 'delivery_waiting'
        WHEN class LIKE 'missing%' THEN 'order_missing'
        WHEN class = 'ghost' THEN 'deleted_on_one_side'
        WHEN class = 'quantity' THEN 'lines_differ'
        WHEN class = 'price' THEN 'prices_differ'
        WHEN class = 'amount' THEN 'extras_differ'
        WHEN class = 'tax' THEN 'vat_differs'
        WHEN class = 'rounding' THEN 'within_tolerance'
        WHEN class = 'currency' THEN 'currency_differs'
        WHEN class = 'date' THEN 'dates_differ'
        ELSE ''
    END,
    CASE WHEN class IN ('equal', 'not_due') THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object(
        'verdict', CASE WHEN verdict <> class THEN verdict END, 'missing_in', absent_in,
        'customer_code', nullif(customer_code, ''), 'ordered_at', least(ordered_a, ordered_b), 'ordered_a', ordered_a, 'ordered_b', ordered_b,
        'document_a', nullif(document_a, ''), 'document_b', nullif(document_b, ''),
        'lines_differing', lines, 'line', example, 'deleted_at', CASE WHEN live_a <> live_b THEN deleted_at END,
        'delivery_state', state, 'delivery_since', since, 'reason', nullif(reason, ''), 'failure', nullif(failure, ''),
        'mode', CASE WHEN mode <> 'live' THEN mode END)) END
FROM final;

-- Purpose: where each system says an order stands. Phases may differ by agreement
-- (recon.phase_equivalence) or because the change is on its way.
-- Caller: Run. Indexes: order_status_pkey, sales_order_pkey.
INSERT INTO w_document (area, comparison, system_b, key, class, order_number, phase_a, phase_b, lane, happened_at, expected_by, cause, evidence)
WITH ranks AS (
    SELECT * FROM unnest(@phases::text[], @ranks::integer[]) AS r (phase, rank)
),
pairs AS (
    SELECT b.system AS system_b, a.order_number, a.phase AS phase_a, b.phase AS phase_b,
        a.vendor_status AS vendor_a, b.vendor_status AS vendor_b,
        greatest(coalesce(a.changed_at, a.source_modified_at, a.observed_at), coalesce(b.changed_at, b.source_modified_at, b.observed_at)) AS changed_at,
        CASE WHEN ra.rank >= rb.rank THEN 'order_status:onec>' || b.system ELSE 'order_status:' || b.system || '>onec' END AS lane
    FROM canonical.order_status AS a
    JOIN canonical.order_status AS b USING (order_number)
    JOIN ranks AS ra ON ra.phase = a.phase
    JOIN ranks AS rb ON rb.phase = b.phase
    LEFT JOIN canonical.sales_order AS o ON o.system = 'onec' AND o.order_number = a.order_number
    WHERE a.system = 'onec' AND b.system = ANY (@status_systems::text[]) AND a.deleted_at IS NULL AND b.deleted_at IS NULL
        AND coalesce(o.ordered_at, 'infinity') >= @since::timestamptz
),
judged AS (
    SELECT p.*, d.state, d.since, d.reason, d.failure, d.status AS delivery, d.mode, coalesce(d.expected_by, p.changed_at + g.grace) AS expected_by,
        CASE
            WHEN p.phase_a = p.phase_b OR e.note IS NOT NULL THEN 'equal'
            WHEN d.status = 'failed' THEN 'failed'
            WHEN d.status = 'overdue' THEN 'overdue'
            WHEN d.status = 'young' OR p.changed_at + g.grace >= @as_of::timestamptz THEN 'in_flight'
            WHEN 'unknown' IN (p.phase_a, p.phase_b) THEN 'unmapped'
            ELSE 'status'
        END AS class
    FROM pairs AS p
    JOIN w_lane AS g ON g.flow = p.lane
    LEFT JOIN recon.phase_equivalence AS e ON e.system_b = p.system_b AND e.phase_onec = p.phase_a AND e.phase_b = p.phase_b
    LEFT JOIN w_delivery AS d ON d.flow = p.lane AND d.key = p.order_number
)
SELECT 'order', 'status', system_b, order_number, class, order_number, phase_a, phase_b, lane, changed_at, expected_by,
    CASE
        WHEN class = 'equal' THEN ''
        WHEN delivery = 'failed' THEN 'delivery_dead'
        WHEN delivery IS NOT NULL AND (mode <> 'live' OR reason = 'shadow') THEN 'flow_not_live'
        WHEN state = 'held' THEN 'delivery_held'
        WHEN delivery IS NOT NULL OR class = 'in_flight' THEN 'delivery_waiting'
        WHEN class = 'unmapped' THEN 'status_unknown'
        ELSE 'status_not_carried'
    END,
    CASE WHEN class = 'equal' THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object(
        'vendor_a', nullif(vendor_a, ''), 'vendor_b', nullif(vendor_b, ''), 'delivery_state', state, 'delivery_since', since,
        'reason', nullif(reason, ''), 'failure', nullif(failure, ''), 'mode', CASE WHEN mode <> 'live' THEN mode END)) END
FROM judged;

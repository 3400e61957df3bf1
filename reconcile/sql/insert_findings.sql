-- Purpose: findings become part of the run: stable id, history of the pair, state from
-- what people decided, severity from class, amount and age. An acceptance dies when the
-- figures it accepted have moved.
-- Caller: Run, after all lists. Indexes: finding_history_idx, resolution_finding_idx, tally_pkey.
INSERT INTO recon.finding (run_id, finding_id, area, comparison, class, severity, system_a, system_b, warehouse_code, sku, product_name, unit_code,
    order_number, document, lane, qty_onec, qty_jushuitan, qty_openshop, reserved_onec, reserved_jushuitan,
    amount_onec, amount_jushuitan, amount_openshop, amount_bank, phase_onec, phase_jushuitan, phase_openshop,
    difference, in_flight, overdue, unexplained, price, amount, currency, happened_at, expected_by, affected, cause, evidence, repair,
    first_seen_at, last_seen_at, times_seen, state)
WITH named AS (
    SELECT w.*, encode(substring(sha256(convert_to(concat_ws(chr(31), area, comparison, system_a, system_b, key), 'UTF8')) FROM 1 FOR 8), 'hex') AS id
    FROM w_finding AS w
),
aged AS (
    SELECT n.*, prior.run_id AS prior_run, coalesce(prior.first_seen_at, @as_of::timestamptz) AS since, coalesce(prior.times_seen, 0) + 1 AS times,
        r.resolution, r.accepted_until, said.class AS said_class, said.unexplained AS said_unexplained, said.overdue AS said_overdue,
        prior.run_id < @previous_run_id::bigint AND EXISTS (
            SELECT FROM recon.tally AS t JOIN recon.run ON run.id = t.run_id AND run.status = 'complete'
            WHERE t.run_id > prior.run_id AND t.area = n.area AND t.class <> 'stale'
                AND (t.comparison = n.comparison OR n.comparison IN ('source', 'warehouse')) AND (t.system_b = n.system_b OR n.system_b = '')
        ) AS was_gone
    FROM named AS n
    LEFT JOIN LATERAL (
        SELECT f.run_id, f.first_seen_at, f.times_seen FROM recon.finding AS f JOIN recon.run ON run.id = f.run_id
        WHERE f.finding_id = n.id AND run.status = 'complete' ORDER BY f.run_id DESC LIMIT 1
    ) AS prior ON true
    LEFT JOIN LATERAL (
        SELECT s.resolution, s.accepted_until, s.run_id, s.at FROM recon.resolution AS s
        WHERE s.finding_id = n.id AND s.resolution <> '' ORDER BY s.id DESC LIMIT 1
    ) AS r ON true
    LEFT JOIN LATERAL (
        SELECT f.class, f.unexplained, f.overdue FROM recon.finding AS f
        WHERE f.finding_id = n.id AND f.run_id = coalesce(r.run_id, prior.run_id)
    ) AS said ON true
),
stated AS (
    SELECT a.*, CASE
        WHEN prior_run IS NULL THEN 'new'
        WHEN was_gone THEN 'reopened'
        WHEN resolution IN ('accept', 'explained') AND (said_class, said_unexplained, said_overdue) IS DISTINCT FROM (class, unexplained, overdue) THEN 'changed'
        WHEN resolution IN ('accept', 'explained') AND coalesce(accepted_until, 'infinity') >= @as_of::timestamptz THEN 'accepted'
        WHEN resolution NOT IN ('accept', 'explained') THEN 'in_work'
        ELSE 'open'
    END AS stands,
    coalesce(@materiality::jsonb -> currency, @materiality::jsonb -> '') AS limits
    FROM aged AS a
)
SELECT @run_id::bigint, id, area, comparison, class,
    CASE
        WHEN class IN ('in_flight', 'rounding') THEN 'info'
        WHEN amount <= (limits ->> 'accept')::numeric AND class IN ('quantity', 'reserve', 'amount', 'price', 'tax') AND amount > 0 THEN 'info'
        WHEN class IN ('failed', 'stale', 'duplicate') THEN 'high'
        WHEN amount >= (limits ->> 'escalate')::numeric THEN 'high'
        WHEN @as_of::timestamptz - since > interval '14 days' THEN 'high'
        WHEN amount < (limits ->> 'list')::numeric AND amount > 0 THEN 'low'
        ELSE 'medium'
    END,
    system_a, system_b, warehouse_code, sku, product_name, unit_code, order_number, document, lane,
    qty_onec, qty_jushuitan, qty_openshop, reserved_onec, reserved_jushuitan,
    amount_onec, amount_jushuitan, amount_openshop, amount_bank, phase_onec, phase_jushuitan, phase_openshop,
    difference, in_flight, overdue, unexplained, price, amount, currency, happened_at, expected_by, affected, cause, evidence, repair,
    since, @as_of::timestamptz, times, stands
FROM stated;

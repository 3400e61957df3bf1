-- Purpose: the run is complete, or failed when a control total does not tie; afterwards
-- nothing of it can be changed. Its hash is chained to the run before.
-- Caller: Run. Indexes: finding_pkey, control_total_pkey.
UPDATE recon.run AS r SET
    status = CASE WHEN t.ties THEN 'complete' ELSE 'failed' END,
    failure = CASE WHEN t.ties THEN '' ELSE 'control totals do not tie: ' || t.broken END,
    finished_at = @finished_at::timestamptz,
    control_totals_ok = t.ties,
    sources = s.sources,
    fingerprint = s.fingerprint,
    findings = f.findings,
    closed = c.closed,
    previous_run_id = @previous_run_id::bigint,
    result_hash = encode(sha256(convert_to(concat_ws(chr(31),
        (SELECT result_hash FROM recon.run WHERE id = @previous_run_id::bigint), r.rules_version, r.rules::text, r.as_of, s.fingerprint, f.findings, f.digest), 'UTF8')), 'hex')
FROM (
    SELECT coalesce(bool_and(ties), true) AS ties, coalesce(left(string_agg(name || ' ' || scope, ', ' ORDER BY name, scope) FILTER (WHERE NOT ties), 500), '') AS broken
    FROM recon.control_total WHERE run_id = @run_id::bigint
) AS t,
(
    SELECT jsonb_agg(jsonb_build_object('system', system, 'entity', entity, 'status', status, 'reason', reason, 'as_of', as_of,
            'rows_read', rows_read, 'rows_refused', rows_refused, 'rows', rows_live, 'totals', totals, 'fingerprint', to_hex(fingerprint)) ORDER BY entity, system) AS sources,
        to_hex(bit_xor(hashtextextended(system || entity || status || fingerprint, 0))) AS fingerprint
    FROM w_source
) AS s,
(
    SELECT count(*) AS findings,
        bit_xor(hashtextextended(concat_ws(chr(31), finding_id, class, severity, difference, in_flight, overdue, unexplained, amount, cause, evidence::text), 0)) AS digest
    FROM recon.finding WHERE run_id = @run_id::bigint
) AS f,
(
    SELECT count(*) AS closed FROM recon.finding AS old
    WHERE old.run_id = @previous_run_id::bigint
        AND NOT EXISTS (SELECT FROM recon.finding AS now WHERE now.run_id = @run_id::bigint AND now.finding_id = old.finding_id)
        AND NOT EXISTS (
            SELECT FROM recon.tally AS t
            WHERE t.run_id = @run_id::bigint AND t.class = 'stale' AND t.area = old.area AND t.comparison = old.comparison AND t.system_b = old.system_b)
) AS c
WHERE r.id = @run_id::bigint;

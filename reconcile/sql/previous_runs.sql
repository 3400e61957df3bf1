-- Purpose: the trend, one row per day: its last complete run.
-- Caller: PreviousRuns ($1 run, $2 days). Indexes: run_complete_idx, finding_pkey, tally_pkey.
WITH last_of_day AS (
    SELECT DISTINCT ON ((r.as_of AT TIME ZONE asked.zone)::date) (r.as_of AT TIME ZONE asked.zone)::date AS day, r.id, r.closed, r.as_of, asked.zone
    FROM recon.run AS asked
    JOIN recon.run AS r ON r.id <= asked.id AND (r.status = 'complete' OR r.id = asked.id)
    WHERE asked.id = $1
    ORDER BY 1 DESC, r.id DESC
    LIMIT $2
)
SELECT d.day::timestamp AT TIME ZONE 'UTC', d.id, f.open, f.new, f.reopened, d.closed, t.pairs, t.equal, f.oldest, f.by_class, f.amount
FROM last_of_day AS d
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n) FILTER (WHERE counts), 0)::bigint AS open, coalesce(sum(fresh) FILTER (WHERE counts), 0)::bigint AS new,
        coalesce(sum(reopened) FILTER (WHERE counts), 0)::bigint AS reopened, coalesce(max(oldest) FILTER (WHERE counts), 0)::integer AS oldest,
        coalesce((SELECT jsonb_object_agg(class, n) FROM (
            SELECT class, count(*) AS n FROM recon.finding WHERE run_id = d.id GROUP BY class) AS c), '{}') AS by_class,
        coalesce((SELECT jsonb_object_agg(currency, amount::text) FROM (
            SELECT currency, sum(amount) AS amount FROM recon.finding
            WHERE run_id = d.id AND currency <> '' AND class NOT IN ('in_flight', 'rounding') AND state <> 'accepted' GROUP BY currency) AS m), '{}') AS amount
    FROM (
        SELECT class NOT IN ('in_flight', 'rounding') AND state <> 'accepted' AS counts, count(*) AS n,
            count(*) FILTER (WHERE (first_seen_at AT TIME ZONE d.zone)::date = d.day) AS fresh,
            count(*) FILTER (WHERE state = 'reopened') AS reopened,
            max(extract(day FROM last_seen_at - first_seen_at)) AS oldest
        FROM recon.finding WHERE run_id = d.id GROUP BY 1
    ) AS g
) AS f
CROSS JOIN LATERAL (
    SELECT coalesce(sum(pairs), 0)::bigint AS pairs, coalesce(sum(pairs) FILTER (WHERE class IN ('equal', 'not_due')), 0)::bigint AS equal
    FROM recon.tally WHERE run_id = d.id AND class NOT IN ('stale', 'not_carried')
) AS t
ORDER BY d.day;

-- Purpose: append what a person decided, unless it repeats the newest entry of the finding.
-- Caller: AddResolutions. Indexes: resolution_finding_idx, finding_history_idx.
INSERT INTO recon.resolution (finding_id, run_id, resolution, comment, owner, accepted_until, author, origin, at)
SELECT @finding_id::text, nullif(@run_id::bigint, 0), @resolution::text, @comment::text, @owner::text, @accepted_until::timestamptz,
    @author::text, @origin::text, @at::timestamptz
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT * FROM recon.resolution WHERE finding_id = @finding_id::text ORDER BY id DESC LIMIT 1
    ) AS newest
    WHERE (resolution, comment, owner, accepted_until) IS NOT DISTINCT FROM (@resolution::text, @comment::text, @owner::text, @accepted_until::timestamptz)
);

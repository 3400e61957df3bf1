-- Purpose: grace period of every lane.
-- Caller: Run. Indexes: none.
INSERT INTO w_lane (flow, grace)
SELECT flow, make_interval(secs => seconds)
FROM unnest(@lanes::text[], @lane_seconds::double precision[]) AS lane (flow, seconds);

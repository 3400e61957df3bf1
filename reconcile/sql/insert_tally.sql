-- Purpose: the tally becomes part of the run.
-- Caller: Run. Indexes: none.
INSERT INTO recon.tally (run_id, area, comparison, system_a, system_b, warehouse_code, class, pairs)
SELECT @run_id::bigint, area, comparison, system_a, system_b, warehouse_code, class, pairs FROM w_tally;

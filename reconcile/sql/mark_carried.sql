-- Purpose: a warehouse that one side of a pair does not know at all is one finding and not
-- one per article.
-- Caller: Run, after prove_stock. Indexes: canonical.warehouse_pkey.
UPDATE w_stock_tally AS t SET carried = false
WHERE (t.rows_b = 0 AND NOT EXISTS (
        SELECT FROM canonical.warehouse AS w
        WHERE w.system = t.system_b AND w.warehouse_code = t.warehouse_code AND w.deleted_at IS NULL))
    OR (t.rows_a = 0 AND NOT EXISTS (
        SELECT FROM canonical.warehouse AS w
        WHERE w.system = 'onec' AND w.warehouse_code = t.warehouse_code AND w.deleted_at IS NULL));

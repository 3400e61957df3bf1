-- Purpose: every warehouse and article whose balances differ. 1C and Jushuitan hold
-- physical quantity and reserve; the shop shows what 1C can sell. A missing row and a
-- zero are the same. Two joins of two systems keep every join on plain columns; a chain
-- of three would join on coalesced keys and sort again.
-- Caller: Run. Indexes: stock_balance_pkey where the planner prefers merging to hashing.
INSERT INTO w_stock (system_b, warehouse_code, sku, quantity_a, reserved_a, quantity_b, reserved_b)
SELECT 'jushuitan', warehouse_code, sku, a.quantity, a.reserved, b.quantity, b.reserved
FROM (
    SELECT warehouse_code, sku, quantity, reserved FROM canonical.stock_balance
    WHERE system = 'onec' AND deleted_at IS NULL
) AS a
FULL JOIN (
    SELECT warehouse_code, sku, quantity, reserved FROM canonical.stock_balance
    WHERE system = 'jushuitan' AND deleted_at IS NULL
) AS b USING (warehouse_code, sku)
WHERE @compare_jushuitan::boolean
    AND (coalesce(a.quantity, 0) <> coalesce(b.quantity, 0)
        OR coalesce(a.reserved, 0) <> coalesce(b.reserved, 0)
        OR a.quantity < 0)
    AND warehouse_code = ANY (@carried_jushuitan::text[])
UNION ALL
SELECT 'openshop', warehouse_code, sku, a.quantity, a.reserved, b.quantity, NULL
FROM (
    SELECT warehouse_code, sku, quantity, reserved FROM canonical.stock_balance
    WHERE system = 'onec' AND deleted_at IS NULL
) AS a
FULL JOIN (
    SELECT warehouse_code, sku, quantity FROM canonical.stock_balance
    WHERE system = 'openshop' AND deleted_at IS NULL
) AS b USING (warehouse_code, sku)
WHERE @compare_openshop::boolean
    AND coalesce(greatest(a.quantity - a.reserved, 0), 0) <> coalesce(b.quantity, 0)
    AND warehouse_code = ANY (@carried_openshop::text[]);

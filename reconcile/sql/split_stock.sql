-- Purpose: one row per comparison that differs: physical quantity, reserve, quantity shown
-- by the shop. Where one side has no row, its reserve belongs to the missing row.
-- Caller: Run. Indexes: none.
INSERT INTO w_pair (comparison, system_b, warehouse_code, sku, quantity_a, reserved_a, quantity_b, reserved_b, difference)
SELECT v.comparison, s.system_b, s.warehouse_code, s.sku, s.quantity_a, s.reserved_a, s.quantity_b, s.reserved_b, v.difference
FROM w_stock AS s
CROSS JOIN LATERAL (VALUES
    ('quantity', coalesce(quantity_b, 0) - coalesce(quantity_a, 0),
        s.system_b = 'jushuitan' AND (coalesce(quantity_b, 0) <> coalesce(quantity_a, 0)
            OR quantity_a IS NULL OR quantity_b IS NULL OR quantity_a < 0)),
    ('reserved', reserved_b - reserved_a, s.system_b = 'jushuitan' AND reserved_b <> reserved_a),
    ('published', coalesce(quantity_b, 0) - coalesce(greatest(quantity_a - reserved_a, 0), 0), s.system_b = 'openshop')
) AS v (comparison, difference, listed)
WHERE v.listed;

-- Purpose: a warehouse with stock that the other side does not know: one finding for all
-- its articles, with the sums, so that the control totals still tie.
-- Caller: Run, after mark_carried. Indexes: none.
INSERT INTO w_finding (key, area, comparison, class, system_a, system_b, warehouse_code, qty_onec, qty_jushuitan, qty_openshop,
    reserved_onec, reserved_jushuitan, difference, unexplained, affected, cause, evidence, repair)
SELECT t.warehouse_code, 'stock', 'warehouse', 'warehouse_unmapped', 'onec', t.system_b, t.warehouse_code,
    CASE WHEN t.system_b = 'jushuitan' THEN t.sum_a END, CASE WHEN t.system_b = 'jushuitan' THEN t.sum_b END,
    CASE WHEN t.system_b = 'openshop' THEN t.sum_b END, r.sum_a, r.sum_b,
    t.sum_b - t.sum_a, t.sum_b - t.sum_a, t.pairs - t.equal, 'warehouse_unknown',
    jsonb_build_object('missing_in', CASE WHEN t.rows_b = 0 THEN t.system_b ELSE 'onec' END, 'articles', t.pairs - t.equal),
    'map'
FROM w_stock_tally AS t
LEFT JOIN w_stock_tally AS r ON r.comparison = 'reserved' AND r.system_b = t.system_b AND r.warehouse_code = t.warehouse_code
JOIN w_source AS s ON s.system = t.system_b AND s.entity = 'stock_balance' AND s.status IN ('fresh', 'confirmed')
JOIN w_source AS o ON o.system = 'onec' AND o.entity = 'stock_balance' AND o.status IN ('fresh', 'confirmed')
WHERE NOT t.carried AND t.comparison <> 'reserved' AND t.pairs > t.equal;

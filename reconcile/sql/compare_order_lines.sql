-- Purpose: orders that both systems hold and whose goods differ, article by article. The
-- order of lines and their splitting do not matter; services and cancelled lines are no goods.
-- An order that is cancelled on both sides asks for no goods: one system cancels its lines,
-- another only says so in its status.
-- Caller: Run. Indexes: sales_order_pkey, sales_order_line_pkey.
INSERT INTO w_line_difference (system_b, order_number, lines, quantity_differs, amount_differs, vat_differs, example)
WITH pairs AS (
    SELECT b.system AS system_b, order_number
    FROM canonical.sales_order AS a
    JOIN canonical.sales_order AS b USING (order_number)
    WHERE a.system = 'onec' AND b.system = ANY (@order_systems::text[])
        AND a.deleted_at IS NULL AND b.deleted_at IS NULL
        AND greatest(a.ordered_at, b.ordered_at) >= @since::timestamptz
        AND NOT EXISTS (
            SELECT FROM canonical.order_status AS x
            JOIN canonical.order_status AS y USING (order_number)
            WHERE x.system = 'onec' AND y.system = b.system AND x.order_number = a.order_number
                AND x.phase = 'cancelled' AND y.phase = 'cancelled'
        )
),
a AS (
    SELECT p.system_b, p.order_number, l.sku, sum(l.quantity) AS quantity, sum(l.amount) AS amount, sum(l.vat_amount) AS vat
    FROM pairs AS p
    JOIN canonical.sales_order_line AS l ON l.system = 'onec' AND l.order_number = p.order_number
    WHERE NOT l.cancelled AND NOT l.is_service
    GROUP BY 1, 2, 3
),
b AS (
    SELECT p.system_b, p.order_number, l.sku, sum(l.quantity) AS quantity, sum(l.amount) AS amount, sum(l.vat_amount) AS vat
    FROM pairs AS p
    JOIN canonical.sales_order_line AS l ON l.system = p.system_b AND l.order_number = p.order_number
    WHERE NOT l.cancelled AND NOT l.is_service
    GROUP BY 1, 2, 3
)
SELECT system_b, order_number, count(*),
    bool_or(a.quantity IS DISTINCT FROM b.quantity),
    bool_or(a.amount IS DISTINCT FROM b.amount),
    bool_or(a.vat <> b.vat AND a.vat <> 0 AND b.vat <> 0),
    (jsonb_agg(jsonb_build_object('sku', sku, 'qty_a', a.quantity, 'qty_b', b.quantity, 'amount_a', a.amount, 'amount_b', b.amount) ORDER BY sku)) -> 0
        || jsonb_build_object('amount', round(sum(abs(coalesce(a.amount, 0) - coalesce(b.amount, 0))) / 2, 2))
FROM a FULL JOIN b USING (system_b, order_number, sku)
WHERE a.quantity IS DISTINCT FROM b.quantity OR a.amount IS DISTINCT FROM b.amount
    OR (a.vat <> b.vat AND a.vat <> 0 AND b.vat <> 0)
GROUP BY 1, 2;

-- Purpose: rows, sums and an order-independent digest of everything that is compared, to
-- prove later what a run has seen. Digests of rows are combined by xor: keys are unique.
-- Caller: Run. Indexes: none, one pass per table.
UPDATE w_source AS s
SET rows_live = t.rows_live, totals = t.totals, fingerprint = t.fingerprint
FROM (
    SELECT system, 'stock_balance' AS entity, count(*) FILTER (WHERE deleted_at IS NULL) AS rows_live,
        jsonb_build_object('quantity', sum(quantity) FILTER (WHERE deleted_at IS NULL), 'reserved', sum(reserved) FILTER (WHERE deleted_at IS NULL)) AS totals,
        bit_xor(hashtextextended(warehouse_code || '/' || sku || row_hash, 0)) AS fingerprint
    FROM canonical.stock_balance GROUP BY 1
    UNION ALL
    SELECT system, 'sales_order', sum(n)::bigint, jsonb_object_agg(currency, total), bit_xor(f)
    FROM (
        SELECT system, currency, count(*) FILTER (WHERE deleted_at IS NULL) AS n, sum(total) FILTER (WHERE deleted_at IS NULL) AS total,
            bit_xor(hashtextextended(order_number || row_hash, 0)) AS f
        FROM canonical.sales_order GROUP BY 1, 2
    ) AS o GROUP BY 1
    UNION ALL
    SELECT system, 'order_status', count(*) FILTER (WHERE deleted_at IS NULL), '{}', bit_xor(hashtextextended(order_number || row_hash, 0))
    FROM canonical.order_status GROUP BY 1
    UNION ALL
    SELECT system, 'payment', sum(n)::bigint, jsonb_object_agg(currency, total), bit_xor(f)
    FROM (
        SELECT system, currency, count(*) FILTER (WHERE deleted_at IS NULL) AS n, sum(amount) FILTER (WHERE deleted_at IS NULL) AS total,
            bit_xor(hashtextextended(payment_id || row_hash, 0)) AS f
        FROM canonical.payment GROUP BY 1, 2
    ) AS p GROUP BY 1
    UNION ALL
    SELECT system, 'shipment', count(*) FILTER (WHERE deleted_at IS NULL), '{}', bit_xor(hashtextextended(invoice_number || row_hash, 0))
    FROM canonical.shipment GROUP BY 1
    UNION ALL
    SELECT system, 'bank_transaction', sum(n)::bigint, jsonb_object_agg(currency, total), bit_xor(f)
    FROM (
        SELECT system, currency, count(*) FILTER (WHERE deleted_at IS NULL) AS n,
            sum(CASE direction WHEN 'in' THEN amount ELSE -amount END) FILTER (WHERE deleted_at IS NULL) AS total,
            bit_xor(hashtextextended(transaction_id || row_hash, 0)) AS f
        FROM canonical.bank_transaction GROUP BY 1, 2
    ) AS b GROUP BY 1
) AS t
WHERE t.system = s.system AND t.entity = s.entity;

-- Purpose: one document of a system that stands under two keys of ours, and one article
-- that stands under two SKUs. Two orders with one number in one system cannot be: the key
-- forbids it.
-- Caller: Run. Indexes: none, one pass per system.
INSERT INTO w_document (area, comparison, system_b, key, class, order_number, document, value_a, currency_a, amount, cause, evidence)
SELECT 'order', 'identity', '', system || '/' || external_id, 'duplicate', min(order_number), external_id,
    count(*), min(currency), sum(total) - max(total), 'same_external_id',
    jsonb_build_object('system', system, 'external_id', external_id, 'keys', to_jsonb((array_agg(order_number ORDER BY order_number))[1:10]))
FROM canonical.sales_order
WHERE external_id <> '' AND deleted_at IS NULL AND ordered_at >= @since::timestamptz AND system = ANY (@identity_systems::text[])
GROUP BY system, external_id
HAVING count(*) > 1
UNION ALL
SELECT 'stock', 'identity', '', system || '/' || external_id, 'mapping_duplicate', '', external_id,
    count(*), '', NULL, 'same_external_id',
    jsonb_build_object('system', system, 'external_id', external_id, 'keys', to_jsonb((array_agg(sku ORDER BY sku))[1:10]))
FROM canonical.product
WHERE external_id <> '' AND deleted_at IS NULL AND system IN ('onec', 'jushuitan', 'openshop')
GROUP BY system, external_id
HAVING count(*) > 1;

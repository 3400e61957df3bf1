-- Purpose: what is known of each system and entity, and whether it may be compared. A
-- source that never came to its end, is too old, or has failed since and is too old, is
-- stale: its pairs are not compared, neither equal nor missing (invariant 8). An entity
-- that rides on another reader (lines of an order, balances of a catalogue) takes that
-- reader's freshness. What a system has no door for and never told us is absent.
-- Caller: Run. Indexes: intake_source_pkey; the first key column of each canonical table.
INSERT INTO w_source (system, entity, core, status, reason, as_of, rows_read, rows_refused, carrier)
WITH wanted AS (
    SELECT * FROM unnest(@systems::text[], @entities::text[], @core::boolean[]) AS w (system, entity, core)
),
rides_on (entity, carrier) AS (
    VALUES ('stock_balance', 'product'), ('order_status', 'sales_order'), ('payment', 'sales_order'), ('shipment', 'sales_order')
),
known AS (
    SELECT w.*,
        EXISTS (SELECT FROM ops.intake_source AS s WHERE s.system = w.system AND s.entity = w.entity) AS registered,
        CASE w.entity
            WHEN 'stock_balance' THEN EXISTS (SELECT FROM canonical.stock_balance AS t WHERE t.system = w.system)
            WHEN 'sales_order' THEN EXISTS (SELECT FROM canonical.sales_order AS t WHERE t.system = w.system)
            WHEN 'order_status' THEN EXISTS (SELECT FROM canonical.order_status AS t WHERE t.system = w.system)
            WHEN 'payment' THEN EXISTS (SELECT FROM canonical.payment AS t WHERE t.system = w.system)
            WHEN 'shipment' THEN EXISTS (SELECT FROM canonical.shipment AS t WHERE t.system = w.system)
            WHEN 'bank_transaction' THEN EXISTS (SELECT FROM canonical.bank_transaction AS t WHERE t.system = w.system)
            ELSE false
        END AS has_rows,
        (w.system || ':' || w.entity) = ANY (@confirmed::text[]) AS confirmed
    FROM wanted AS w
),
readers AS (
    SELECT k.system, k.entity, k.core, k.registered, k.has_rows, k.confirmed,
        count(s.name) AS readers,
        bool_or(s.last_complete_started_at IS NULL) AS never_completed,
        bool_or(s.last_failure <> '' AND s.last_failure_at > s.last_complete_finished_at
            AND s.last_complete_started_at < @as_of::timestamptz - @stale_after::interval) AS failing,
        max(s.last_complete_started_at) AS as_of,
        coalesce(sum(s.rows_read), 0) AS rows_read,
        coalesce(sum(s.rows_refused), 0) AS rows_refused,
        coalesce(max(s.entity), k.entity) AS carrier
    FROM known AS k
    LEFT JOIN rides_on AS r ON r.entity = k.entity AND NOT k.registered
    LEFT JOIN ops.intake_source AS s ON s.system = k.system AND s.entity = coalesce(r.carrier, k.entity)
    GROUP BY 1, 2, 3, 4, 5, 6
),
judged AS (
    SELECT r.*, CASE
        WHEN confirmed THEN 'confirmed'
        WHEN NOT core AND NOT registered AND NOT has_rows THEN 'absent'
        WHEN readers = 0 OR never_completed THEN 'stale'
        WHEN as_of < @as_of::timestamptz - @stale_after::interval OR failing THEN 'stale'
        ELSE 'fresh'
    END AS status
    FROM readers AS r
)
SELECT system, entity, core, status,
    CASE WHEN status <> 'stale' THEN ''
        WHEN readers = 0 OR never_completed THEN 'never_completed'
        WHEN failing THEN 'failing'
        ELSE 'too_old'
    END,
    CASE WHEN confirmed THEN @as_of::timestamptz ELSE as_of END, rows_read, rows_refused, carrier
FROM judged;

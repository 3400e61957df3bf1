-- Why: what analysts query. Names, grain and columns are a contract; personal data is masked.
-- Re-created whole whenever a file of this folder changes.
DROP VIEW IF EXISTS analytics.product CASCADE;
DROP VIEW IF EXISTS analytics.stock CASCADE;
DROP VIEW IF EXISTS analytics.sales_order CASCADE;
DROP VIEW IF EXISTS analytics.sales_order_line CASCADE;
DROP VIEW IF EXISTS analytics.payment CASCADE;
DROP VIEW IF EXISTS analytics.shipment CASCADE;
DROP VIEW IF EXISTS analytics.customer CASCADE;
DROP VIEW IF EXISTS analytics.freshness CASCADE;
DROP VIEW IF EXISTS analytics.journal CASCADE;

CREATE VIEW analytics.product AS
SELECT p.sku,
       coalesce(max(p.name) FILTER (WHERE p.system = 'onec'), max(p.name) FILTER (WHERE p.system = 'jushuitan'), max(p.name)) AS name,
       coalesce(max(p.category) FILTER (WHERE p.system = 'onec'), max(p.category)) AS category,
       coalesce(max(p.brand) FILTER (WHERE p.system = 'onec'), max(p.brand)) AS brand,
       coalesce(max(p.barcode) FILTER (WHERE p.system = 'onec'), max(p.barcode)) AS barcode,
       max(r.amount) AS retail_price,
       max(u.amount) AS purchase_price,
       max(r.currency) AS currency,
       coalesce(max(p.weight_kg) FILTER (WHERE p.system = 'onec'), max(p.weight_kg)) AS weight_kg,
       bool_or(p.system = 'onec') AS in_onec,
       bool_or(p.system = 'jushuitan') AS in_jushuitan,
       bool_or(p.system = 'openshop') AS in_openshop
FROM canonical.product p
LEFT JOIN canonical.product_price r ON r.system = 'onec' AND r.sku = p.sku AND r.price_type = 'retail'
LEFT JOIN canonical.product_price u ON u.system = 'onec' AND u.sku = p.sku AND u.price_type = 'purchase'
WHERE p.deleted_at IS NULL
GROUP BY p.sku;
COMMENT ON VIEW analytics.product IS 'One row per SKU: what the hub (1C) holds, and which other systems hold it';
COMMENT ON COLUMN analytics.product.sku IS 'Article';
COMMENT ON COLUMN analytics.product.name IS 'Name in 1C, else in Jushuitan';
COMMENT ON COLUMN analytics.product.category IS 'Path of groups';
COMMENT ON COLUMN analytics.product.brand IS 'Brand';
COMMENT ON COLUMN analytics.product.barcode IS 'Main barcode';
COMMENT ON COLUMN analytics.product.retail_price IS 'Retail price in the hub';
COMMENT ON COLUMN analytics.product.purchase_price IS 'Purchase price in the hub';
COMMENT ON COLUMN analytics.product.currency IS 'Currency of the retail price';
COMMENT ON COLUMN analytics.product.weight_kg IS 'Weight of one unit in kilograms';
COMMENT ON COLUMN analytics.product.in_onec IS 'Whether 1C holds it';
COMMENT ON COLUMN analytics.product.in_jushuitan IS 'Whether Jushuitan holds it';
COMMENT ON COLUMN analytics.product.in_openshop IS 'Whether OpenShop holds it';

CREATE VIEW analytics.stock AS
SELECT b.warehouse_code, b.sku, max(b.unit_code) AS unit_code,
       max(b.quantity) FILTER (WHERE b.system = 'onec') AS onec_quantity,
       max(b.reserved) FILTER (WHERE b.system = 'onec') AS onec_reserved,
       max(b.quantity - b.reserved) FILTER (WHERE b.system = 'onec') AS onec_available,
       max(b.quantity) FILTER (WHERE b.system = 'jushuitan') AS jushuitan_quantity,
       max(b.reserved) FILTER (WHERE b.system = 'jushuitan') AS jushuitan_reserved,
       max(b.quantity) FILTER (WHERE b.system = 'openshop') AS openshop_shown,
       max(o.system) AS run_by,
       max(b.observed_at) AS newest_observation
FROM canonical.stock_balance b LEFT JOIN ops.stock_owner o USING (warehouse_code)
WHERE b.deleted_at IS NULL
GROUP BY b.warehouse_code, b.sku;
COMMENT ON VIEW analytics.stock IS 'One row per warehouse and SKU: what each system says, side by side';
COMMENT ON COLUMN analytics.stock.warehouse_code IS 'Warehouse';
COMMENT ON COLUMN analytics.stock.sku IS 'Article';
COMMENT ON COLUMN analytics.stock.unit_code IS 'Unit of all quantities, OKEI code';
COMMENT ON COLUMN analytics.stock.onec_quantity IS 'Physical quantity in 1C; NULL when 1C does not say';
COMMENT ON COLUMN analytics.stock.onec_reserved IS 'Reserved in 1C';
COMMENT ON COLUMN analytics.stock.onec_available IS 'Physical less reserved in 1C, what may be sold';
COMMENT ON COLUMN analytics.stock.jushuitan_quantity IS 'Physical quantity in Jushuitan; NULL when it does not say';
COMMENT ON COLUMN analytics.stock.jushuitan_reserved IS 'Reserved in Jushuitan';
COMMENT ON COLUMN analytics.stock.openshop_shown IS 'What the shop shows; NULL when it does not say';
COMMENT ON COLUMN analytics.stock.run_by IS 'System that runs the warehouse: its count is the truth';
COMMENT ON COLUMN analytics.stock.newest_observation IS 'When the newest of these figures was seen to change';

CREATE VIEW analytics.sales_order AS
WITH n AS (SELECT DISTINCT order_number FROM canonical.sales_order WHERE deleted_at IS NULL)
SELECT n.order_number, coalesce(e.ordered_at, s.ordered_at) AS ordered_at, coalesce(e.customer_code, s.customer_code) AS customer_code,
       coalesce(e.currency, s.currency) AS currency, coalesce(e.total, s.total) AS total, coalesce(e.freight, s.freight) AS freight,
       coalesce(nullif(s.payment_method, ''), e.payment_method) AS payment_method, coalesce(nullif(e.warehouse_code, ''), s.warehouse_code) AS warehouse_code,
       so.phase AS phase_openshop, eo.phase AS phase_onec, jo.phase AS phase_jushuitan,
       (SELECT coalesce(sum(CASE status WHEN 'paid' THEN amount WHEN 'refunded' THEN -amount END), 0) FROM canonical.payment p
         WHERE p.system = 'onec' AND p.order_number = n.order_number AND p.deleted_at IS NULL) AS paid,
       (SELECT count(*) FROM canonical.shipment h WHERE h.system = 'jushuitan' AND h.order_number = n.order_number AND h.status = 'shipped' AND h.deleted_at IS NULL) AS shipments,
       (SELECT count(*) FROM canonical.sales_order_line l WHERE l.system = CASE WHEN e.order_number IS NULL THEN 'openshop' ELSE 'onec' END
         AND l.order_number = n.order_number AND NOT l.cancelled) AS lines
FROM n
LEFT JOIN canonical.sales_order e ON e.system = 'onec' AND e.order_number = n.order_number AND e.deleted_at IS NULL
LEFT JOIN canonical.sales_order s ON s.system = 'openshop' AND s.order_number = n.order_number AND s.deleted_at IS NULL
LEFT JOIN canonical.order_status eo ON eo.system = 'onec' AND eo.order_number = n.order_number
LEFT JOIN canonical.order_status so ON so.system = 'openshop' AND so.order_number = n.order_number
LEFT JOIN canonical.order_status jo ON jo.system = 'jushuitan' AND jo.order_number = n.order_number;
COMMENT ON VIEW analytics.sales_order IS 'One row per order number: the hub''s order with its phase in every system; no personal data';
COMMENT ON COLUMN analytics.sales_order.order_number IS 'Number of the order in all systems';
COMMENT ON COLUMN analytics.sales_order.ordered_at IS 'When it was ordered';
COMMENT ON COLUMN analytics.sales_order.customer_code IS 'Who ordered';
COMMENT ON COLUMN analytics.sales_order.currency IS 'Currency of the amounts';
COMMENT ON COLUMN analytics.sales_order.total IS 'What the buyer owes, as 1C says, else the shop';
COMMENT ON COLUMN analytics.sales_order.freight IS 'Delivery charge';
COMMENT ON COLUMN analytics.sales_order.payment_method IS 'How it is paid';
COMMENT ON COLUMN analytics.sales_order.warehouse_code IS 'Warehouse that ships it';
COMMENT ON COLUMN analytics.sales_order.phase_openshop IS 'Phase in the shop';
COMMENT ON COLUMN analytics.sales_order.phase_onec IS 'Phase in 1C';
COMMENT ON COLUMN analytics.sales_order.phase_jushuitan IS 'Phase in Jushuitan';
COMMENT ON COLUMN analytics.sales_order.paid IS 'Recorded payments in 1C';
COMMENT ON COLUMN analytics.sales_order.shipments IS 'Parcels shipped, as Jushuitan says';
COMMENT ON COLUMN analytics.sales_order.lines IS 'Lines that are not cancelled';

CREATE VIEW analytics.sales_order_line AS
SELECT l.order_number, l.line_no, l.sku, l.quantity, l.unit_code, l.price, l.amount, l.cancelled, l.system AS said_by
FROM canonical.sales_order_line l
JOIN canonical.sales_order o ON o.system = l.system AND o.order_number = l.order_number AND o.deleted_at IS NULL
WHERE l.system = 'onec' OR (l.system = 'openshop' AND NOT EXISTS (
    SELECT FROM canonical.sales_order e WHERE e.system = 'onec' AND e.order_number = l.order_number AND e.deleted_at IS NULL));
COMMENT ON VIEW analytics.sales_order_line IS 'One row per order line of the hub, or of the shop where the hub has no such order';
COMMENT ON COLUMN analytics.sales_order_line.order_number IS 'Order';
COMMENT ON COLUMN analytics.sales_order_line.line_no IS 'Number of the line';
COMMENT ON COLUMN analytics.sales_order_line.sku IS 'Article';
COMMENT ON COLUMN analytics.sales_order_line.quantity IS 'Ordered quantity';
COMMENT ON COLUMN analytics.sales_order_line.unit_code IS 'Unit, OKEI code';
COMMENT ON COLUMN analytics.sales_order_line.price IS 'Price of one unit';
COMMENT ON COLUMN analytics.sales_order_line.amount IS 'Total of the line';
COMMENT ON COLUMN analytics.sales_order_line.cancelled IS 'Whether the line was cancelled';
COMMENT ON COLUMN analytics.sales_order_line.said_by IS 'System that says so';

CREATE VIEW analytics.payment AS
SELECT system, payment_id, order_number, CASE status WHEN 'refunded' THEN -amount ELSE amount END AS amount, currency, method, status, paid_at
FROM canonical.payment WHERE deleted_at IS NULL;
COMMENT ON VIEW analytics.payment IS 'One row per system and payment';
COMMENT ON COLUMN analytics.payment.system IS 'System that says so';
COMMENT ON COLUMN analytics.payment.payment_id IS 'Payment';
COMMENT ON COLUMN analytics.payment.order_number IS 'Order it pays for';
COMMENT ON COLUMN analytics.payment.amount IS 'Amount; negative for a refund';
COMMENT ON COLUMN analytics.payment.currency IS 'Currency';
COMMENT ON COLUMN analytics.payment.method IS 'How it was paid';
COMMENT ON COLUMN analytics.payment.status IS 'pending, paid, refunded or failed';
COMMENT ON COLUMN analytics.payment.paid_at IS 'When it was paid';

CREATE VIEW analytics.shipment AS
SELECT j.invoice_number, j.order_number, j.warehouse_code, j.shipped_at, j.carrier, j.tracking_number, j.status,
       EXISTS (SELECT FROM canonical.shipment e WHERE e.system = 'onec' AND e.invoice_number = j.invoice_number AND e.deleted_at IS NULL) AS booked_in_onec
FROM canonical.shipment j WHERE j.system = 'jushuitan' AND j.deleted_at IS NULL;
COMMENT ON VIEW analytics.shipment IS 'One row per invoice number: what Jushuitan shipped and whether 1C booked it';
COMMENT ON COLUMN analytics.shipment.invoice_number IS 'Outbound note';
COMMENT ON COLUMN analytics.shipment.order_number IS 'Order';
COMMENT ON COLUMN analytics.shipment.warehouse_code IS 'Warehouse';
COMMENT ON COLUMN analytics.shipment.shipped_at IS 'When it left';
COMMENT ON COLUMN analytics.shipment.carrier IS 'Carrier';
COMMENT ON COLUMN analytics.shipment.tracking_number IS 'Tracking number';
COMMENT ON COLUMN analytics.shipment.status IS 'planned, shipped or cancelled';
COMMENT ON COLUMN analytics.shipment.booked_in_onec IS 'Whether 1C holds it';

CREATE VIEW analytics.customer AS
SELECT c.customer_code, c.kind, left(c.name, 1) || '…' AS name_masked, CASE c.kind WHEN 'company' THEN c.inn ELSE '' END AS inn,
       CASE WHEN c.phone = '' THEN '' ELSE '…' || right(c.phone, 4) END AS phone_masked, c.discount_group,
       (SELECT count(*) FROM canonical.sales_order o WHERE o.system = 'onec' AND o.customer_code = c.customer_code AND o.deleted_at IS NULL) AS orders
FROM (SELECT DISTINCT ON (customer_code) * FROM canonical.customer WHERE deleted_at IS NULL
      ORDER BY customer_code, CASE system WHEN 'onec' THEN 0 ELSE 1 END) c;
COMMENT ON VIEW analytics.customer IS 'One row per customer code as the hub holds it, else the shop; personal data masked';
COMMENT ON COLUMN analytics.customer.customer_code IS 'Customer';
COMMENT ON COLUMN analytics.customer.kind IS 'person or company';
COMMENT ON COLUMN analytics.customer.name_masked IS 'First letter of the name';
COMMENT ON COLUMN analytics.customer.inn IS 'Taxpayer number of a company, empty for a person';
COMMENT ON COLUMN analytics.customer.phone_masked IS 'Last four digits of the phone';
COMMENT ON COLUMN analytics.customer.discount_group IS 'Discount group';
COMMENT ON COLUMN analytics.customer.orders IS 'Orders in the hub';

CREATE VIEW analytics.freshness AS
SELECT system, name AS source, entity, last_complete_started_at AS complete_at, now() - last_complete_started_at AS age, rows_read, rows_refused, last_failure
FROM ops.intake_source;
COMMENT ON VIEW analytics.freshness IS 'One row per source: how fresh what it says is';
COMMENT ON COLUMN analytics.freshness.system IS 'System';
COMMENT ON COLUMN analytics.freshness.source IS 'Reader';
COMMENT ON COLUMN analytics.freshness.entity IS 'Entity it reads';
COMMENT ON COLUMN analytics.freshness.complete_at IS 'When the last complete read was begun; NULL when there was none';
COMMENT ON COLUMN analytics.freshness.age IS 'How long ago that is';
COMMENT ON COLUMN analytics.freshness.rows_read IS 'Rows of that read';
COMMENT ON COLUMN analytics.freshness.rows_refused IS 'Rows it refused';
COMMENT ON COLUMN analytics.freshness.last_failure IS 'Last failure, empty after a complete read';

CREATE VIEW analytics.journal AS
SELECT entry_id, severity, code, flow, source_system, subject_entity, subject_key, field, message, hint, first_seen_at, last_seen_at, occurrences, resolved_at
FROM canonical.journal_entry WHERE system = 'sverka' AND deleted_at IS NULL;
COMMENT ON VIEW analytics.journal IS 'One row per fault of the error journal';
COMMENT ON COLUMN analytics.journal.entry_id IS 'Fault';
COMMENT ON COLUMN analytics.journal.severity IS 'warning or error';
COMMENT ON COLUMN analytics.journal.code IS 'Kind of fault';
COMMENT ON COLUMN analytics.journal.flow IS 'Flow, empty for intake';
COMMENT ON COLUMN analytics.journal.source_system IS 'System whose record it is';
COMMENT ON COLUMN analytics.journal.subject_entity IS 'Entity of the record';
COMMENT ON COLUMN analytics.journal.subject_key IS 'Key of the record';
COMMENT ON COLUMN analytics.journal.field IS 'Field that is wrong';
COMMENT ON COLUMN analytics.journal.message IS 'What happened';
COMMENT ON COLUMN analytics.journal.hint IS 'What to do';
COMMENT ON COLUMN analytics.journal.first_seen_at IS 'First time';
COMMENT ON COLUMN analytics.journal.last_seen_at IS 'Last time';
COMMENT ON COLUMN analytics.journal.occurrences IS 'How often';
COMMENT ON COLUMN analytics.journal.resolved_at IS 'When it was resolved; NULL while open';

GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO sverka_analyst, sverka_app;

-- Why: the state of a canonical table as of any moment, from the versions in history.
-- A version is valid from its commit until the next one of the same key.
-- Re-created whole whenever a file of this folder changes.

DROP FUNCTION IF EXISTS history.product_as_of(timestamptz);
CREATE FUNCTION history.product_as_of(at timestamptz) RETURNS SETOF canonical.product LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, sku, name, description, style_code, variant, category, brand, barcode, unit_code, vat_rate, weight_kg, length_cm, width_cm, height_cm, enabled, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, sku) * FROM history.product
        WHERE valid_from <= at ORDER BY system, sku, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.product_as_of(timestamptz) IS 'canonical.product as it was at a moment';
GRANT EXECUTE ON FUNCTION history.product_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.customer_as_of(timestamptz);
CREATE FUNCTION history.customer_as_of(at timestamptz) RETURNS SETOF canonical.customer LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, customer_code, kind, name, full_name, inn, kpp, phone, email, address_text, discount_group, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, customer_code) * FROM history.customer
        WHERE valid_from <= at ORDER BY system, customer_code, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.customer_as_of(timestamptz) IS 'canonical.customer as it was at a moment';
GRANT EXECUTE ON FUNCTION history.customer_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.warehouse_as_of(timestamptz);
CREATE FUNCTION history.warehouse_as_of(at timestamptz) RETURNS SETOF canonical.warehouse LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, warehouse_code, name, is_main, active, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, warehouse_code) * FROM history.warehouse
        WHERE valid_from <= at ORDER BY system, warehouse_code, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.warehouse_as_of(timestamptz) IS 'canonical.warehouse as it was at a moment';
GRANT EXECUTE ON FUNCTION history.warehouse_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.address_as_of(timestamptz);
CREATE FUNCTION history.address_as_of(at timestamptz) RETURNS SETOF canonical.address LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, address_id, text, status, formatted, country, region, city, district, street, house, postal_code, longitude, latitude, precision, candidates, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, address_id) * FROM history.address
        WHERE valid_from <= at ORDER BY system, address_id, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.address_as_of(timestamptz) IS 'canonical.address as it was at a moment';
GRANT EXECUTE ON FUNCTION history.address_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.stock_balance_as_of(timestamptz);
CREATE FUNCTION history.stock_balance_as_of(at timestamptz) RETURNS SETOF canonical.stock_balance LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, warehouse_code, sku, unit_code, quantity, reserved, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, warehouse_code, sku) * FROM history.stock_balance
        WHERE valid_from <= at ORDER BY system, warehouse_code, sku, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.stock_balance_as_of(timestamptz) IS 'canonical.stock_balance as it was at a moment';
GRANT EXECUTE ON FUNCTION history.stock_balance_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.sales_order_as_of(timestamptz);
CREATE FUNCTION history.sales_order_as_of(at timestamptz) RETURNS SETOF canonical.sales_order LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, order_number, customer_code, ordered_at, currency, total, freight, discount, payment_method, delivery_method, warehouse_code, receiver_name, receiver_phone, address_text, comment, posted, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, order_number) * FROM history.sales_order
        WHERE valid_from <= at ORDER BY system, order_number, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.sales_order_as_of(timestamptz) IS 'canonical.sales_order as it was at a moment';
GRANT EXECUTE ON FUNCTION history.sales_order_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.order_status_as_of(timestamptz);
CREATE FUNCTION history.order_status_as_of(at timestamptz) RETURNS SETOF canonical.order_status LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, order_number, phase, vendor_status, reason, changed_at, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, order_number) * FROM history.order_status
        WHERE valid_from <= at ORDER BY system, order_number, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.order_status_as_of(timestamptz) IS 'canonical.order_status as it was at a moment';
GRANT EXECUTE ON FUNCTION history.order_status_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.payment_as_of(timestamptz);
CREATE FUNCTION history.payment_as_of(at timestamptz) RETURNS SETOF canonical.payment LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, payment_id, order_number, amount, currency, method, status, paid_at, document_number, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, payment_id) * FROM history.payment
        WHERE valid_from <= at ORDER BY system, payment_id, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.payment_as_of(timestamptz) IS 'canonical.payment as it was at a moment';
GRANT EXECUTE ON FUNCTION history.payment_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.bank_transaction_as_of(timestamptz);
CREATE FUNCTION history.bank_transaction_as_of(at timestamptz) RETURNS SETOF canonical.bank_transaction LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, transaction_id, account, direction, amount, currency, booked_on, document_number, document_date, document_kind, payer_name, payer_inn, payer_account, payee_name, payee_inn, payee_account, purpose, order_reference, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, transaction_id) * FROM history.bank_transaction
        WHERE valid_from <= at ORDER BY system, transaction_id, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.bank_transaction_as_of(timestamptz) IS 'canonical.bank_transaction as it was at a moment';
GRANT EXECUTE ON FUNCTION history.bank_transaction_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.shipment_as_of(timestamptz);
CREATE FUNCTION history.shipment_as_of(at timestamptz) RETURNS SETOF canonical.shipment LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, invoice_number, order_number, warehouse_code, shipped_at, carrier, tracking_number, status, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, invoice_number) * FROM history.shipment
        WHERE valid_from <= at ORDER BY system, invoice_number, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.shipment_as_of(timestamptz) IS 'canonical.shipment as it was at a moment';
GRANT EXECUTE ON FUNCTION history.shipment_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.journal_entry_as_of(timestamptz);
CREATE FUNCTION history.journal_entry_as_of(at timestamptz) RETURNS SETOF canonical.journal_entry LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, entry_id, severity, code, flow, source_system, subject_entity, subject_key, field, message, hint, source_file, first_seen_at, last_seen_at, occurrences, resolved_at, external_id, source_modified_at, observed_at, exchange_id, row_hash, deleted_at, extra FROM (
        SELECT DISTINCT ON (system, entry_id) * FROM history.journal_entry
        WHERE valid_from <= at ORDER BY system, entry_id, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.journal_entry_as_of(timestamptz) IS 'canonical.journal_entry as it was at a moment';
GRANT EXECUTE ON FUNCTION history.journal_entry_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.product_price_as_of(timestamptz);
CREATE FUNCTION history.product_price_as_of(at timestamptz) RETURNS SETOF canonical.product_price LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, sku, price_type, amount, currency FROM (
        SELECT DISTINCT ON (system, sku, price_type) * FROM history.product_price
        WHERE valid_from <= at ORDER BY system, sku, price_type, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.product_price_as_of(timestamptz) IS 'canonical.product_price as it was at a moment';
GRANT EXECUTE ON FUNCTION history.product_price_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.product_image_as_of(timestamptz);
CREATE FUNCTION history.product_image_as_of(at timestamptz) RETURNS SETOF canonical.product_image LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, sku, position, url FROM (
        SELECT DISTINCT ON (system, sku, position) * FROM history.product_image
        WHERE valid_from <= at ORDER BY system, sku, position, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.product_image_as_of(timestamptz) IS 'canonical.product_image as it was at a moment';
GRANT EXECUTE ON FUNCTION history.product_image_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.sales_order_line_as_of(timestamptz);
CREATE FUNCTION history.sales_order_line_as_of(at timestamptz) RETURNS SETOF canonical.sales_order_line LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, order_number, line_no, sku, name, quantity, unit_code, price, amount, vat_rate, vat_amount, is_service, cancelled FROM (
        SELECT DISTINCT ON (system, order_number, line_no) * FROM history.sales_order_line
        WHERE valid_from <= at ORDER BY system, order_number, line_no, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.sales_order_line_as_of(timestamptz) IS 'canonical.sales_order_line as it was at a moment';
GRANT EXECUTE ON FUNCTION history.sales_order_line_as_of(timestamptz) TO sverka_app;

DROP FUNCTION IF EXISTS history.shipment_line_as_of(timestamptz);
CREATE FUNCTION history.shipment_line_as_of(at timestamptz) RETURNS SETOF canonical.shipment_line LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$
    SELECT system, invoice_number, line_no, sku, quantity, unit_code, amount FROM (
        SELECT DISTINCT ON (system, invoice_number, line_no) * FROM history.shipment_line
        WHERE valid_from <= at ORDER BY system, invoice_number, line_no, lsn DESC, seq DESC) v
    WHERE op <> 'delete'
$$;
COMMENT ON FUNCTION history.shipment_line_as_of(timestamptz) IS 'canonical.shipment_line as it was at a moment';
GRANT EXECUTE ON FUNCTION history.shipment_line_as_of(timestamptz) TO sverka_app;

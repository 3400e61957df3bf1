-- Why: every past version of a canonical row, so that any figure can be asked as of any moment.
-- Append-only: a version is valid until the next one of the same key; the views and
-- as-of functions in schema/views say so, no row is ever updated here.
-- Lock: none on existing tables. Duration: milliseconds.

CREATE TABLE history.product (LIKE canonical.product INCLUDING COMMENTS);
ALTER TABLE history.product ALTER COLUMN name DROP NOT NULL, ALTER COLUMN description DROP NOT NULL, ALTER COLUMN style_code DROP NOT NULL, ALTER COLUMN variant DROP NOT NULL, ALTER COLUMN category DROP NOT NULL, ALTER COLUMN brand DROP NOT NULL, ALTER COLUMN barcode DROP NOT NULL, ALTER COLUMN unit_code DROP NOT NULL, ALTER COLUMN vat_rate DROP NOT NULL, ALTER COLUMN weight_kg DROP NOT NULL, ALTER COLUMN length_cm DROP NOT NULL, ALTER COLUMN width_cm DROP NOT NULL, ALTER COLUMN height_cm DROP NOT NULL, ALTER COLUMN enabled DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.product ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.product IS 'Past versions of canonical.product; one row per change';
COMMENT ON COLUMN history.product.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.product.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.product.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.product.op IS 'insert, update or delete';
ALTER TABLE history.product ADD PRIMARY KEY (system, sku, lsn, seq);

CREATE TABLE history.customer (LIKE canonical.customer INCLUDING COMMENTS);
ALTER TABLE history.customer ALTER COLUMN kind DROP NOT NULL, ALTER COLUMN name DROP NOT NULL, ALTER COLUMN full_name DROP NOT NULL, ALTER COLUMN inn DROP NOT NULL, ALTER COLUMN kpp DROP NOT NULL, ALTER COLUMN phone DROP NOT NULL, ALTER COLUMN email DROP NOT NULL, ALTER COLUMN address_text DROP NOT NULL, ALTER COLUMN discount_group DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.customer ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.customer IS 'Past versions of canonical.customer; one row per change';
COMMENT ON COLUMN history.customer.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.customer.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.customer.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.customer.op IS 'insert, update or delete';
ALTER TABLE history.customer ADD PRIMARY KEY (system, customer_code, lsn, seq);

CREATE TABLE history.warehouse (LIKE canonical.warehouse INCLUDING COMMENTS);
ALTER TABLE history.warehouse ALTER COLUMN name DROP NOT NULL, ALTER COLUMN is_main DROP NOT NULL, ALTER COLUMN active DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.warehouse ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.warehouse IS 'Past versions of canonical.warehouse; one row per change';
COMMENT ON COLUMN history.warehouse.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.warehouse.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.warehouse.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.warehouse.op IS 'insert, update or delete';
ALTER TABLE history.warehouse ADD PRIMARY KEY (system, warehouse_code, lsn, seq);

CREATE TABLE history.address (LIKE canonical.address INCLUDING COMMENTS);
ALTER TABLE history.address ALTER COLUMN text DROP NOT NULL, ALTER COLUMN status DROP NOT NULL, ALTER COLUMN formatted DROP NOT NULL, ALTER COLUMN country DROP NOT NULL, ALTER COLUMN region DROP NOT NULL, ALTER COLUMN city DROP NOT NULL, ALTER COLUMN district DROP NOT NULL, ALTER COLUMN street DROP NOT NULL, ALTER COLUMN house DROP NOT NULL, ALTER COLUMN postal_code DROP NOT NULL, ALTER COLUMN longitude DROP NOT NULL, ALTER COLUMN latitude DROP NOT NULL, ALTER COLUMN precision DROP NOT NULL, ALTER COLUMN candidates DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.address ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.address IS 'Past versions of canonical.address; one row per change';
COMMENT ON COLUMN history.address.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.address.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.address.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.address.op IS 'insert, update or delete';
ALTER TABLE history.address ADD PRIMARY KEY (system, address_id, lsn, seq);

CREATE TABLE history.stock_balance (LIKE canonical.stock_balance INCLUDING COMMENTS);
ALTER TABLE history.stock_balance ALTER COLUMN unit_code DROP NOT NULL, ALTER COLUMN quantity DROP NOT NULL, ALTER COLUMN reserved DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.stock_balance ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.stock_balance IS 'Past versions of canonical.stock_balance; one row per change';
COMMENT ON COLUMN history.stock_balance.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.stock_balance.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.stock_balance.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.stock_balance.op IS 'insert, update or delete';
ALTER TABLE history.stock_balance ADD PRIMARY KEY (system, warehouse_code, sku, lsn, seq);

CREATE TABLE history.sales_order (LIKE canonical.sales_order INCLUDING COMMENTS);
ALTER TABLE history.sales_order ALTER COLUMN customer_code DROP NOT NULL, ALTER COLUMN ordered_at DROP NOT NULL, ALTER COLUMN currency DROP NOT NULL, ALTER COLUMN total DROP NOT NULL, ALTER COLUMN freight DROP NOT NULL, ALTER COLUMN discount DROP NOT NULL, ALTER COLUMN payment_method DROP NOT NULL, ALTER COLUMN delivery_method DROP NOT NULL, ALTER COLUMN warehouse_code DROP NOT NULL, ALTER COLUMN receiver_name DROP NOT NULL, ALTER COLUMN receiver_phone DROP NOT NULL, ALTER COLUMN address_text DROP NOT NULL, ALTER COLUMN comment DROP NOT NULL, ALTER COLUMN posted DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.sales_order ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.sales_order IS 'Past versions of canonical.sales_order; one row per change';
COMMENT ON COLUMN history.sales_order.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.sales_order.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.sales_order.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.sales_order.op IS 'insert, update or delete';
ALTER TABLE history.sales_order ADD PRIMARY KEY (system, order_number, lsn, seq);

CREATE TABLE history.order_status (LIKE canonical.order_status INCLUDING COMMENTS);
ALTER TABLE history.order_status ALTER COLUMN phase DROP NOT NULL, ALTER COLUMN vendor_status DROP NOT NULL, ALTER COLUMN reason DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.order_status ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.order_status IS 'Past versions of canonical.order_status; one row per change';
COMMENT ON COLUMN history.order_status.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.order_status.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.order_status.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.order_status.op IS 'insert, update or delete';
ALTER TABLE history.order_status ADD PRIMARY KEY (system, order_number, lsn, seq);

CREATE TABLE history.payment (LIKE canonical.payment INCLUDING COMMENTS);
ALTER TABLE history.payment ALTER COLUMN order_number DROP NOT NULL, ALTER COLUMN amount DROP NOT NULL, ALTER COLUMN currency DROP NOT NULL, ALTER COLUMN method DROP NOT NULL, ALTER COLUMN status DROP NOT NULL, ALTER COLUMN document_number DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.payment ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.payment IS 'Past versions of canonical.payment; one row per change';
COMMENT ON COLUMN history.payment.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.payment.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.payment.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.payment.op IS 'insert, update or delete';
ALTER TABLE history.payment ADD PRIMARY KEY (system, payment_id, lsn, seq);

CREATE TABLE history.bank_transaction (LIKE canonical.bank_transaction INCLUDING COMMENTS);
ALTER TABLE history.bank_transaction ALTER COLUMN account DROP NOT NULL, ALTER COLUMN direction DROP NOT NULL, ALTER COLUMN amount DROP NOT NULL, ALTER COLUMN currency DROP NOT NULL, ALTER COLUMN booked_on DROP NOT NULL, ALTER COLUMN document_number DROP NOT NULL, ALTER COLUMN document_kind DROP NOT NULL, ALTER COLUMN payer_name DROP NOT NULL, ALTER COLUMN payer_inn DROP NOT NULL, ALTER COLUMN payer_account DROP NOT NULL, ALTER COLUMN payee_name DROP NOT NULL, ALTER COLUMN payee_inn DROP NOT NULL, ALTER COLUMN payee_account DROP NOT NULL, ALTER COLUMN purpose DROP NOT NULL, ALTER COLUMN order_reference DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.bank_transaction ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.bank_transaction IS 'Past versions of canonical.bank_transaction; one row per change';
COMMENT ON COLUMN history.bank_transaction.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.bank_transaction.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.bank_transaction.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.bank_transaction.op IS 'insert, update or delete';
ALTER TABLE history.bank_transaction ADD PRIMARY KEY (system, transaction_id, lsn, seq);

CREATE TABLE history.shipment (LIKE canonical.shipment INCLUDING COMMENTS);
ALTER TABLE history.shipment ALTER COLUMN order_number DROP NOT NULL, ALTER COLUMN warehouse_code DROP NOT NULL, ALTER COLUMN carrier DROP NOT NULL, ALTER COLUMN tracking_number DROP NOT NULL, ALTER COLUMN status DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.shipment ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.shipment IS 'Past versions of canonical.shipment; one row per change';
COMMENT ON COLUMN history.shipment.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.shipment.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.shipment.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.shipment.op IS 'insert, update or delete';
ALTER TABLE history.shipment ADD PRIMARY KEY (system, invoice_number, lsn, seq);

CREATE TABLE history.journal_entry (LIKE canonical.journal_entry INCLUDING COMMENTS);
ALTER TABLE history.journal_entry ALTER COLUMN severity DROP NOT NULL, ALTER COLUMN code DROP NOT NULL, ALTER COLUMN flow DROP NOT NULL, ALTER COLUMN source_system DROP NOT NULL, ALTER COLUMN subject_entity DROP NOT NULL, ALTER COLUMN subject_key DROP NOT NULL, ALTER COLUMN field DROP NOT NULL, ALTER COLUMN message DROP NOT NULL, ALTER COLUMN hint DROP NOT NULL, ALTER COLUMN source_file DROP NOT NULL, ALTER COLUMN first_seen_at DROP NOT NULL, ALTER COLUMN last_seen_at DROP NOT NULL, ALTER COLUMN occurrences DROP NOT NULL, ALTER COLUMN external_id DROP NOT NULL, ALTER COLUMN observed_at DROP NOT NULL, ALTER COLUMN row_hash DROP NOT NULL;
ALTER TABLE history.journal_entry ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.journal_entry IS 'Past versions of canonical.journal_entry; one row per change';
COMMENT ON COLUMN history.journal_entry.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.journal_entry.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.journal_entry.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.journal_entry.op IS 'insert, update or delete';
ALTER TABLE history.journal_entry ADD PRIMARY KEY (system, entry_id, lsn, seq);

CREATE TABLE history.product_price (LIKE canonical.product_price INCLUDING COMMENTS);
ALTER TABLE history.product_price ALTER COLUMN amount DROP NOT NULL, ALTER COLUMN currency DROP NOT NULL;
ALTER TABLE history.product_price ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.product_price IS 'Past versions of canonical.product_price; one row per change';
COMMENT ON COLUMN history.product_price.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.product_price.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.product_price.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.product_price.op IS 'insert, update or delete';
ALTER TABLE history.product_price ADD PRIMARY KEY (system, sku, price_type, lsn, seq);

CREATE TABLE history.product_image (LIKE canonical.product_image INCLUDING COMMENTS);
ALTER TABLE history.product_image ALTER COLUMN url DROP NOT NULL;
ALTER TABLE history.product_image ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.product_image IS 'Past versions of canonical.product_image; one row per change';
COMMENT ON COLUMN history.product_image.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.product_image.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.product_image.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.product_image.op IS 'insert, update or delete';
ALTER TABLE history.product_image ADD PRIMARY KEY (system, sku, position, lsn, seq);

CREATE TABLE history.sales_order_line (LIKE canonical.sales_order_line INCLUDING COMMENTS);
ALTER TABLE history.sales_order_line ALTER COLUMN sku DROP NOT NULL, ALTER COLUMN name DROP NOT NULL, ALTER COLUMN quantity DROP NOT NULL, ALTER COLUMN unit_code DROP NOT NULL, ALTER COLUMN price DROP NOT NULL, ALTER COLUMN amount DROP NOT NULL, ALTER COLUMN vat_rate DROP NOT NULL, ALTER COLUMN vat_amount DROP NOT NULL, ALTER COLUMN is_service DROP NOT NULL, ALTER COLUMN cancelled DROP NOT NULL;
ALTER TABLE history.sales_order_line ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.sales_order_line IS 'Past versions of canonical.sales_order_line; one row per change';
COMMENT ON COLUMN history.sales_order_line.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.sales_order_line.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.sales_order_line.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.sales_order_line.op IS 'insert, update or delete';
ALTER TABLE history.sales_order_line ADD PRIMARY KEY (system, order_number, line_no, lsn, seq);

CREATE TABLE history.shipment_line (LIKE canonical.shipment_line INCLUDING COMMENTS);
ALTER TABLE history.shipment_line ALTER COLUMN sku DROP NOT NULL, ALTER COLUMN quantity DROP NOT NULL, ALTER COLUMN unit_code DROP NOT NULL, ALTER COLUMN amount DROP NOT NULL;
ALTER TABLE history.shipment_line ADD COLUMN valid_from timestamptz NOT NULL, ADD COLUMN lsn pg_lsn NOT NULL, ADD COLUMN seq integer NOT NULL, ADD COLUMN op text NOT NULL CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON TABLE history.shipment_line IS 'Past versions of canonical.shipment_line; one row per change';
COMMENT ON COLUMN history.shipment_line.valid_from IS 'When the change was committed';
COMMENT ON COLUMN history.shipment_line.lsn IS 'End of the commit that made the change';
COMMENT ON COLUMN history.shipment_line.seq IS 'Order of the change inside its transaction';
COMMENT ON COLUMN history.shipment_line.op IS 'insert, update or delete';
ALTER TABLE history.shipment_line ADD PRIMARY KEY (system, invoice_number, line_no, lsn, seq);

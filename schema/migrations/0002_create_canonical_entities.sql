-- Why: the canonical entities of the mission. A row says what ONE system holds for ONE business key.
-- Keys are the business's own; child rows belong to their parent's key and wake it.
-- Lock: none on existing tables. Duration: milliseconds.

CREATE TABLE canonical.product (
    system text NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    style_code text NOT NULL DEFAULT '',
    variant text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT '',
    brand text NOT NULL DEFAULT '',
    barcode text NOT NULL DEFAULT '',
    unit_code text NOT NULL DEFAULT '796',
    vat_rate text NOT NULL DEFAULT '',
    weight_kg numeric(18,3) NOT NULL DEFAULT 0,
    length_cm numeric(18,3) NOT NULL DEFAULT 0,
    width_cm numeric(18,3) NOT NULL DEFAULT 0,
    height_cm numeric(18,3) NOT NULL DEFAULT 0,
    enabled boolean NOT NULL DEFAULT true,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, sku)
);
COMMENT ON TABLE canonical.product IS 'An article of trade as one system holds it; one row per system and SKU';
COMMENT ON COLUMN canonical.product.system IS 'The system that says so';
COMMENT ON COLUMN canonical.product.sku IS 'Article: article in 1C, SKU in OpenShop, sku_id in Jushuitan';
COMMENT ON COLUMN canonical.product.name IS 'Name as the system shows it';
COMMENT ON COLUMN canonical.product.description IS 'Description text';
COMMENT ON COLUMN canonical.product.style_code IS 'Style that groups variants, i_id in Jushuitan';
COMMENT ON COLUMN canonical.product.variant IS 'Colour and size of the variant';
COMMENT ON COLUMN canonical.product.category IS 'Path of groups with / between';
COMMENT ON COLUMN canonical.product.brand IS 'Brand name';
COMMENT ON COLUMN canonical.product.barcode IS 'Main barcode';
COMMENT ON COLUMN canonical.product.unit_code IS 'Unit of measure, OKEI code; 796 is pieces';
COMMENT ON COLUMN canonical.product.vat_rate IS 'VAT rate in percent, none, or empty when not known';
COMMENT ON COLUMN canonical.product.weight_kg IS 'Gross weight of one unit in kilograms';
COMMENT ON COLUMN canonical.product.length_cm IS 'Length in centimetres';
COMMENT ON COLUMN canonical.product.width_cm IS 'Width in centimetres';
COMMENT ON COLUMN canonical.product.height_cm IS 'Height in centimetres';
COMMENT ON COLUMN canonical.product.enabled IS 'Whether the system sells it';
COMMENT ON COLUMN canonical.product.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.product.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.product.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.product.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.product.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.product.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.product.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.customer (
    system text NOT NULL,
    customer_code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    full_name text NOT NULL DEFAULT '',
    inn text NOT NULL DEFAULT '',
    kpp text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    address_text text NOT NULL DEFAULT '',
    discount_group text NOT NULL DEFAULT '',
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, customer_code)
);
COMMENT ON TABLE canonical.customer IS 'A buyer as one system holds it; one row per system and customer code; personal data';
COMMENT ON COLUMN canonical.customer.system IS 'The system that says so';
COMMENT ON COLUMN canonical.customer.customer_code IS 'Code of the customer in all systems';
COMMENT ON COLUMN canonical.customer.kind IS 'person or company';
COMMENT ON COLUMN canonical.customer.name IS 'Short name; personal data';
COMMENT ON COLUMN canonical.customer.full_name IS 'Full or official name; personal data';
COMMENT ON COLUMN canonical.customer.inn IS 'Taxpayer number INN';
COMMENT ON COLUMN canonical.customer.kpp IS 'Tax registration reason code KPP';
COMMENT ON COLUMN canonical.customer.phone IS 'Phone in E.164 where it could be understood; personal data';
COMMENT ON COLUMN canonical.customer.email IS 'E-mail; personal data';
COMMENT ON COLUMN canonical.customer.address_text IS 'Address as written; personal data';
COMMENT ON COLUMN canonical.customer.discount_group IS 'Discount group or agreement';
COMMENT ON COLUMN canonical.customer.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.customer.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.customer.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.customer.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.customer.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.customer.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.customer.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.warehouse (
    system text NOT NULL,
    warehouse_code text NOT NULL,
    name text NOT NULL,
    is_main boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, warehouse_code)
);
COMMENT ON TABLE canonical.warehouse IS 'A place that holds stock as one system knows it; one row per system and warehouse code';
COMMENT ON COLUMN canonical.warehouse.system IS 'The system that says so';
COMMENT ON COLUMN canonical.warehouse.warehouse_code IS 'Code of the warehouse in all systems; has no /';
COMMENT ON COLUMN canonical.warehouse.name IS 'Name as the system shows it';
COMMENT ON COLUMN canonical.warehouse.is_main IS 'Whether the system calls it its main warehouse';
COMMENT ON COLUMN canonical.warehouse.active IS 'Whether it is in use';
COMMENT ON COLUMN canonical.warehouse.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.warehouse.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.warehouse.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.warehouse.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.warehouse.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.warehouse.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.warehouse.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.address (
    system text NOT NULL,
    address_id text NOT NULL,
    text text NOT NULL,
    status text NOT NULL,
    formatted text NOT NULL DEFAULT '',
    country text NOT NULL DEFAULT '',
    region text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    district text NOT NULL DEFAULT '',
    street text NOT NULL DEFAULT '',
    house text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    longitude text NOT NULL DEFAULT '',
    latitude text NOT NULL DEFAULT '',
    precision text NOT NULL DEFAULT '',
    candidates integer NOT NULL DEFAULT 0,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, address_id)
);
COMMENT ON TABLE canonical.address IS 'What the geocoder made of an address text; one row per text; personal data';
COMMENT ON COLUMN canonical.address.system IS 'The system that says so';
COMMENT ON COLUMN canonical.address.address_id IS 'Digest of the normalised text';
COMMENT ON COLUMN canonical.address.text IS 'Address as the buyer wrote it; personal data';
COMMENT ON COLUMN canonical.address.status IS 'resolved, ambiguous or not_found';
COMMENT ON COLUMN canonical.address.formatted IS 'Address as the geocoder writes it; personal data';
COMMENT ON COLUMN canonical.address.country IS 'Country, two letters';
COMMENT ON COLUMN canonical.address.region IS 'Region or province';
COMMENT ON COLUMN canonical.address.city IS 'City or settlement';
COMMENT ON COLUMN canonical.address.district IS 'District';
COMMENT ON COLUMN canonical.address.street IS 'Street; personal data';
COMMENT ON COLUMN canonical.address.house IS 'House; personal data';
COMMENT ON COLUMN canonical.address.postal_code IS 'Postal code';
COMMENT ON COLUMN canonical.address.longitude IS 'Longitude in decimal degrees';
COMMENT ON COLUMN canonical.address.latitude IS 'Latitude in decimal degrees';
COMMENT ON COLUMN canonical.address.precision IS 'Precision the geocoder claims: exact, number, near, range, street, other';
COMMENT ON COLUMN canonical.address.candidates IS 'How many candidates the geocoder found';
COMMENT ON COLUMN canonical.address.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.address.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.address.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.address.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.address.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.address.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.address.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.stock_balance (
    system text NOT NULL,
    warehouse_code text NOT NULL,
    sku text NOT NULL,
    unit_code text NOT NULL DEFAULT '796',
    quantity numeric(18,3) NOT NULL,
    reserved numeric(18,3) NOT NULL DEFAULT 0,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, warehouse_code, sku)
);
COMMENT ON TABLE canonical.stock_balance IS 'What one system says lies in one warehouse of one product; one row per system, warehouse and SKU';
COMMENT ON COLUMN canonical.stock_balance.system IS 'The system that says so';
COMMENT ON COLUMN canonical.stock_balance.warehouse_code IS 'Warehouse';
COMMENT ON COLUMN canonical.stock_balance.sku IS 'Article';
COMMENT ON COLUMN canonical.stock_balance.unit_code IS 'Unit of both quantities, OKEI code';
COMMENT ON COLUMN canonical.stock_balance.quantity IS 'Physical quantity; for the shop the quantity it shows';
COMMENT ON COLUMN canonical.stock_balance.reserved IS 'Promised to orders, part of quantity';
COMMENT ON COLUMN canonical.stock_balance.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.stock_balance.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.stock_balance.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.stock_balance.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.stock_balance.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.stock_balance.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.stock_balance.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.sales_order (
    system text NOT NULL,
    order_number text NOT NULL,
    customer_code text NOT NULL DEFAULT '',
    ordered_at timestamptz NOT NULL,
    currency text NOT NULL,
    total numeric(18,2) NOT NULL,
    freight numeric(18,2) NOT NULL DEFAULT 0,
    discount numeric(18,2) NOT NULL DEFAULT 0,
    payment_method text NOT NULL DEFAULT '',
    delivery_method text NOT NULL DEFAULT '',
    warehouse_code text NOT NULL DEFAULT '',
    receiver_name text NOT NULL DEFAULT '',
    receiver_phone text NOT NULL DEFAULT '',
    address_text text NOT NULL DEFAULT '',
    comment text NOT NULL DEFAULT '',
    posted boolean NOT NULL DEFAULT true,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, order_number)
);
COMMENT ON TABLE canonical.sales_order IS 'A customers order as one system holds it; one row per system and order number; holds personal data';
COMMENT ON COLUMN canonical.sales_order.system IS 'The system that says so';
COMMENT ON COLUMN canonical.sales_order.order_number IS 'Number of the order in all systems';
COMMENT ON COLUMN canonical.sales_order.customer_code IS 'Who ordered';
COMMENT ON COLUMN canonical.sales_order.ordered_at IS 'When it was ordered';
COMMENT ON COLUMN canonical.sales_order.currency IS 'Currency of all its amounts, ISO 4217';
COMMENT ON COLUMN canonical.sales_order.total IS 'What the buyer owes: lines + freight - discount';
COMMENT ON COLUMN canonical.sales_order.freight IS 'Delivery charge';
COMMENT ON COLUMN canonical.sales_order.discount IS 'Discount on the whole order that is not in its lines';
COMMENT ON COLUMN canonical.sales_order.payment_method IS 'card, bank_transfer, cash or on_delivery';
COMMENT ON COLUMN canonical.sales_order.delivery_method IS 'How it is delivered';
COMMENT ON COLUMN canonical.sales_order.warehouse_code IS 'Warehouse that ships it, empty when not decided';
COMMENT ON COLUMN canonical.sales_order.receiver_name IS 'Who receives it; personal data';
COMMENT ON COLUMN canonical.sales_order.receiver_phone IS 'Phone of the receiver; personal data';
COMMENT ON COLUMN canonical.sales_order.address_text IS 'Delivery address as written; personal data';
COMMENT ON COLUMN canonical.sales_order.comment IS 'Comment of the buyer; may hold personal data';
COMMENT ON COLUMN canonical.sales_order.posted IS 'Whether the system accepted it for good: posted in 1C';
COMMENT ON COLUMN canonical.sales_order.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.sales_order.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.sales_order.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.sales_order.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.sales_order.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.sales_order.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.sales_order.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.order_status (
    system text NOT NULL,
    order_number text NOT NULL,
    phase text NOT NULL,
    vendor_status text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    changed_at timestamptz,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, order_number)
);
COMMENT ON TABLE canonical.order_status IS 'Where one system says an order stands; one row per system and order number';
COMMENT ON COLUMN canonical.order_status.system IS 'The system that says so';
COMMENT ON COLUMN canonical.order_status.order_number IS 'Number of the order';
COMMENT ON COLUMN canonical.order_status.phase IS 'Phase in the words all systems share';
COMMENT ON COLUMN canonical.order_status.vendor_status IS 'The systems own value, verbatim';
COMMENT ON COLUMN canonical.order_status.reason IS 'Why it is held or cancelled';
COMMENT ON COLUMN canonical.order_status.changed_at IS 'When it came to this phase, NULL when the system does not say';
COMMENT ON COLUMN canonical.order_status.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.order_status.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.order_status.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.order_status.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.order_status.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.order_status.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.order_status.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.payment (
    system text NOT NULL,
    payment_id text NOT NULL,
    order_number text NOT NULL,
    amount numeric(18,2) NOT NULL,
    currency text NOT NULL,
    method text NOT NULL DEFAULT '',
    status text NOT NULL,
    paid_at timestamptz,
    document_number text NOT NULL DEFAULT '',
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, payment_id)
);
COMMENT ON TABLE canonical.payment IS 'Money paid or paid back for an order as one system holds it; one row per system and payment';
COMMENT ON COLUMN canonical.payment.system IS 'The system that says so';
COMMENT ON COLUMN canonical.payment.payment_id IS 'Id of the payment in all systems';
COMMENT ON COLUMN canonical.payment.order_number IS 'The order it pays for';
COMMENT ON COLUMN canonical.payment.amount IS 'Amount, above zero';
COMMENT ON COLUMN canonical.payment.currency IS 'Currency, ISO 4217';
COMMENT ON COLUMN canonical.payment.method IS 'card, bank_transfer, cash or on_delivery';
COMMENT ON COLUMN canonical.payment.status IS 'pending, paid, refunded or failed';
COMMENT ON COLUMN canonical.payment.paid_at IS 'When it was paid, NULL when not yet';
COMMENT ON COLUMN canonical.payment.document_number IS 'Number of the payment order or receipt';
COMMENT ON COLUMN canonical.payment.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.payment.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.payment.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.payment.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.payment.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.payment.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.payment.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.bank_transaction (
    system text NOT NULL,
    transaction_id text NOT NULL,
    account text NOT NULL,
    direction text NOT NULL,
    amount numeric(18,2) NOT NULL,
    currency text NOT NULL,
    booked_on timestamptz NOT NULL,
    document_number text NOT NULL DEFAULT '',
    document_date timestamptz,
    document_kind text NOT NULL DEFAULT '',
    payer_name text NOT NULL DEFAULT '',
    payer_inn text NOT NULL DEFAULT '',
    payer_account text NOT NULL DEFAULT '',
    payee_name text NOT NULL DEFAULT '',
    payee_inn text NOT NULL DEFAULT '',
    payee_account text NOT NULL DEFAULT '',
    purpose text NOT NULL DEFAULT '',
    order_reference text NOT NULL DEFAULT '',
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, transaction_id)
);
COMMENT ON TABLE canonical.bank_transaction IS 'One line of a bank statement; one row however often a file comes; holds personal data';
COMMENT ON COLUMN canonical.bank_transaction.system IS 'The system that says so';
COMMENT ON COLUMN canonical.bank_transaction.transaction_id IS 'Digest of account, date, number, amount and counterpart';
COMMENT ON COLUMN canonical.bank_transaction.account IS 'Our own account';
COMMENT ON COLUMN canonical.bank_transaction.direction IS 'in or out, seen from our account';
COMMENT ON COLUMN canonical.bank_transaction.amount IS 'Amount, above zero';
COMMENT ON COLUMN canonical.bank_transaction.currency IS 'Currency, ISO 4217';
COMMENT ON COLUMN canonical.bank_transaction.booked_on IS 'The banks date, as midnight UTC';
COMMENT ON COLUMN canonical.bank_transaction.document_number IS 'Number of the payment document';
COMMENT ON COLUMN canonical.bank_transaction.document_date IS 'Date of the payment document';
COMMENT ON COLUMN canonical.bank_transaction.document_kind IS 'Kind of document as the bank names it';
COMMENT ON COLUMN canonical.bank_transaction.payer_name IS 'Payer; personal data';
COMMENT ON COLUMN canonical.bank_transaction.payer_inn IS 'INN of the payer';
COMMENT ON COLUMN canonical.bank_transaction.payer_account IS 'Account of the payer';
COMMENT ON COLUMN canonical.bank_transaction.payee_name IS 'Payee; personal data';
COMMENT ON COLUMN canonical.bank_transaction.payee_inn IS 'INN of the payee';
COMMENT ON COLUMN canonical.bank_transaction.payee_account IS 'Account of the payee';
COMMENT ON COLUMN canonical.bank_transaction.purpose IS 'Purpose of payment; personal data';
COMMENT ON COLUMN canonical.bank_transaction.order_reference IS 'Order number read in the purpose, empty when none';
COMMENT ON COLUMN canonical.bank_transaction.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.bank_transaction.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.bank_transaction.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.bank_transaction.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.bank_transaction.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.bank_transaction.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.bank_transaction.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.shipment (
    system text NOT NULL,
    invoice_number text NOT NULL,
    order_number text NOT NULL,
    warehouse_code text NOT NULL DEFAULT '',
    shipped_at timestamptz,
    carrier text NOT NULL DEFAULT '',
    tracking_number text NOT NULL DEFAULT '',
    status text NOT NULL,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, invoice_number)
);
COMMENT ON TABLE canonical.shipment IS 'One parcel or outbound note as one system holds it; one row per system and invoice number';
COMMENT ON COLUMN canonical.shipment.system IS 'The system that says so';
COMMENT ON COLUMN canonical.shipment.invoice_number IS 'Number of the outbound note in all systems, io_id in Jushuitan';
COMMENT ON COLUMN canonical.shipment.order_number IS 'The order it ships';
COMMENT ON COLUMN canonical.shipment.warehouse_code IS 'Warehouse it left';
COMMENT ON COLUMN canonical.shipment.shipped_at IS 'When it left, NULL when not yet';
COMMENT ON COLUMN canonical.shipment.carrier IS 'Carrier';
COMMENT ON COLUMN canonical.shipment.tracking_number IS 'Tracking number, may come later';
COMMENT ON COLUMN canonical.shipment.status IS 'planned, shipped or cancelled';
COMMENT ON COLUMN canonical.shipment.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.shipment.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.shipment.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.shipment.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.shipment.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.shipment.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.shipment.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.journal_entry (
    system text NOT NULL,
    entry_id text NOT NULL,
    severity text NOT NULL,
    code text NOT NULL DEFAULT '',
    flow text NOT NULL DEFAULT '',
    source_system text NOT NULL DEFAULT '',
    subject_entity text NOT NULL DEFAULT '',
    subject_key text NOT NULL DEFAULT '',
    field text NOT NULL DEFAULT '',
    message text NOT NULL,
    hint text NOT NULL DEFAULT '',
    source_file text NOT NULL DEFAULT '',
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    occurrences integer NOT NULL DEFAULT 1,
    resolved_at timestamptz,
    external_id text NOT NULL DEFAULT '',
    source_modified_at timestamptz,
    observed_at timestamptz NOT NULL,
    exchange_id bigint,
    row_hash text NOT NULL,
    deleted_at timestamptz,
    extra jsonb,
    PRIMARY KEY (system, entry_id)
);
COMMENT ON TABLE canonical.journal_entry IS 'The error journal: one row per fault, repeats are counted; also sent into 1C';
COMMENT ON COLUMN canonical.journal_entry.system IS 'The system that says so';
COMMENT ON COLUMN canonical.journal_entry.entry_id IS 'Stable id of the fault';
COMMENT ON COLUMN canonical.journal_entry.severity IS 'warning or error';
COMMENT ON COLUMN canonical.journal_entry.code IS 'Stable word for the kind of fault';
COMMENT ON COLUMN canonical.journal_entry.flow IS 'Flow whose delivery failed, empty for intake';
COMMENT ON COLUMN canonical.journal_entry.source_system IS 'System whose record or answer it is';
COMMENT ON COLUMN canonical.journal_entry.subject_entity IS 'Entity of the record';
COMMENT ON COLUMN canonical.journal_entry.subject_key IS 'Business key of the record, empty when it could not be read';
COMMENT ON COLUMN canonical.journal_entry.field IS 'Field that is wrong';
COMMENT ON COLUMN canonical.journal_entry.message IS 'What happened; never holds personal data';
COMMENT ON COLUMN canonical.journal_entry.hint IS 'What to do';
COMMENT ON COLUMN canonical.journal_entry.source_file IS 'File it came in';
COMMENT ON COLUMN canonical.journal_entry.first_seen_at IS 'First time';
COMMENT ON COLUMN canonical.journal_entry.last_seen_at IS 'Last time';
COMMENT ON COLUMN canonical.journal_entry.occurrences IS 'How often';
COMMENT ON COLUMN canonical.journal_entry.resolved_at IS 'When it was resolved, NULL while open';
COMMENT ON COLUMN canonical.journal_entry.external_id IS 'The system''s own id of the row, empty where it has none';
COMMENT ON COLUMN canonical.journal_entry.source_modified_at IS 'When the row changed, as the system says; NULL when it does not say';
COMMENT ON COLUMN canonical.journal_entry.observed_at IS 'The moment before we asked the system; an older observation never overwrites a newer one';
COMMENT ON COLUMN canonical.journal_entry.exchange_id IS 'The exchange that told us, see ops.exchange';
COMMENT ON COLUMN canonical.journal_entry.row_hash IS 'Digest of the content; equal digests need no delivery';
COMMENT ON COLUMN canonical.journal_entry.deleted_at IS 'When the system deleted or deactivated it; NULL while it is alive';
COMMENT ON COLUMN canonical.journal_entry.extra IS 'What the system said beyond the shared shape, as text values';

CREATE TABLE canonical.product_price (
    system text NOT NULL,
    sku text NOT NULL,
    price_type text NOT NULL,
    amount numeric(18,2) NOT NULL,
    currency text NOT NULL,
    PRIMARY KEY (system, sku, price_type),
    FOREIGN KEY (system, sku) REFERENCES canonical.product ON DELETE CASCADE
);
COMMENT ON TABLE canonical.product_price IS 'Prices of a product; one row per price type';
COMMENT ON COLUMN canonical.product_price.system IS 'The system that says so';
COMMENT ON COLUMN canonical.product_price.sku IS 'Key of the parent row in canonical.product';
COMMENT ON COLUMN canonical.product_price.price_type IS 'retail, purchase, market or the systems own price type';
COMMENT ON COLUMN canonical.product_price.amount IS 'Price of one unit';
COMMENT ON COLUMN canonical.product_price.currency IS 'Currency, ISO 4217';

CREATE TABLE canonical.product_image (
    system text NOT NULL,
    sku text NOT NULL,
    position integer NOT NULL,
    url text NOT NULL,
    PRIMARY KEY (system, sku, position),
    FOREIGN KEY (system, sku) REFERENCES canonical.product ON DELETE CASCADE
);
COMMENT ON TABLE canonical.product_image IS 'Pictures of a product; one row per position';
COMMENT ON COLUMN canonical.product_image.system IS 'The system that says so';
COMMENT ON COLUMN canonical.product_image.sku IS 'Key of the parent row in canonical.product';
COMMENT ON COLUMN canonical.product_image.position IS 'Order of the pictures, the main one is 1';
COMMENT ON COLUMN canonical.product_image.url IS 'Address, or path inside the exchange package';

CREATE TABLE canonical.sales_order_line (
    system text NOT NULL,
    order_number text NOT NULL,
    line_no integer NOT NULL,
    sku text NOT NULL,
    name text NOT NULL DEFAULT '',
    quantity numeric(18,3) NOT NULL,
    unit_code text NOT NULL DEFAULT '796',
    price numeric(18,2) NOT NULL,
    amount numeric(18,2) NOT NULL,
    vat_rate text NOT NULL DEFAULT '',
    vat_amount numeric(18,2) NOT NULL DEFAULT 0,
    is_service boolean NOT NULL DEFAULT false,
    cancelled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (system, order_number, line_no),
    FOREIGN KEY (system, order_number) REFERENCES canonical.sales_order ON DELETE CASCADE
);
COMMENT ON TABLE canonical.sales_order_line IS 'Lines of an order; one row per line';
COMMENT ON COLUMN canonical.sales_order_line.system IS 'The system that says so';
COMMENT ON COLUMN canonical.sales_order_line.order_number IS 'Key of the parent row in canonical.sales_order';
COMMENT ON COLUMN canonical.sales_order_line.line_no IS 'Number of the line from 1';
COMMENT ON COLUMN canonical.sales_order_line.sku IS 'Article';
COMMENT ON COLUMN canonical.sales_order_line.name IS 'Name on the order';
COMMENT ON COLUMN canonical.sales_order_line.quantity IS 'Ordered quantity';
COMMENT ON COLUMN canonical.sales_order_line.unit_code IS 'Unit of the quantity, OKEI code';
COMMENT ON COLUMN canonical.sales_order_line.price IS 'Price of one unit';
COMMENT ON COLUMN canonical.sales_order_line.amount IS 'Total of the line with its discounts; the authoritative sum';
COMMENT ON COLUMN canonical.sales_order_line.vat_rate IS 'VAT rate in percent, none, or empty when not known';
COMMENT ON COLUMN canonical.sales_order_line.vat_amount IS 'VAT inside the amount';
COMMENT ON COLUMN canonical.sales_order_line.is_service IS 'A service such as delivery: has no stock';
COMMENT ON COLUMN canonical.sales_order_line.cancelled IS 'The line was cancelled';

CREATE TABLE canonical.shipment_line (
    system text NOT NULL,
    invoice_number text NOT NULL,
    line_no integer NOT NULL,
    sku text NOT NULL,
    quantity numeric(18,3) NOT NULL,
    unit_code text NOT NULL DEFAULT '796',
    amount numeric(18,2) NOT NULL DEFAULT 0,
    PRIMARY KEY (system, invoice_number, line_no),
    FOREIGN KEY (system, invoice_number) REFERENCES canonical.shipment ON DELETE CASCADE
);
COMMENT ON TABLE canonical.shipment_line IS 'Lines of a shipment; one row per line';
COMMENT ON COLUMN canonical.shipment_line.system IS 'The system that says so';
COMMENT ON COLUMN canonical.shipment_line.invoice_number IS 'Key of the parent row in canonical.shipment';
COMMENT ON COLUMN canonical.shipment_line.line_no IS 'Number of the line from 1';
COMMENT ON COLUMN canonical.shipment_line.sku IS 'Article';
COMMENT ON COLUMN canonical.shipment_line.quantity IS 'Shipped quantity';
COMMENT ON COLUMN canonical.shipment_line.unit_code IS 'Unit of the quantity, OKEI code';
COMMENT ON COLUMN canonical.shipment_line.amount IS 'Value of the line';

-- Looked up by order number from gates, reconciliation and people.
CREATE INDEX payment_order_idx ON canonical.payment (order_number);
CREATE INDEX shipment_order_idx ON canonical.shipment (order_number);
CREATE INDEX bank_transaction_order_idx ON canonical.bank_transaction (order_reference) WHERE order_reference <> '';
-- Open entries of a record, to resolve them when it comes right.
CREATE INDEX journal_entry_open_idx ON canonical.journal_entry (source_system, subject_entity, subject_key) WHERE system = 'sverka' AND resolved_at IS NULL;
CREATE INDEX shipment_line_sku_idx ON canonical.shipment_line (sku);
CREATE INDEX sales_order_line_sku_idx ON canonical.sales_order_line (sku);

CREATE TABLE canonical.identifier (
    system text NOT NULL,
    entity text NOT NULL,
    external_id text NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (system, entity, external_id)
);
COMMENT ON TABLE canonical.identifier IS 'Maps a system''s own ids to business keys; one row per system, entity and id';
COMMENT ON COLUMN canonical.identifier.system IS 'The system whose id it is';
COMMENT ON COLUMN canonical.identifier.entity IS 'Entity the id belongs to';
COMMENT ON COLUMN canonical.identifier.external_id IS 'The system''s own id';
COMMENT ON COLUMN canonical.identifier.key IS 'Business key';
CREATE INDEX identifier_key_idx ON canonical.identifier (system, entity, key);

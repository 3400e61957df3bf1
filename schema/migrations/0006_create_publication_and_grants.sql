-- Why: the change stream publishes the canonical entities and nothing else; each role
-- gets exactly the rights of its work. Tables are listed by name: a table that is
-- dropped and made anew must be seen to be missing, not slip in unnoticed.
-- Lock: SHARE UPDATE EXCLUSIVE on the published tables. Duration: milliseconds.

CREATE PUBLICATION sverka FOR TABLE canonical.product, canonical.customer, canonical.warehouse, canonical.address, canonical.stock_balance, canonical.sales_order, canonical.order_status, canonical.payment, canonical.bank_transaction, canonical.shipment, canonical.journal_entry, canonical.product_price, canonical.product_image, canonical.sales_order_line, canonical.shipment_line;

GRANT USAGE ON SCHEMA canonical, history, analytics, recon, ops TO sverka_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA canonical, recon, ops TO sverka_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA history TO sverka_app;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO sverka_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ops, recon TO sverka_app;
GRANT USAGE ON SCHEMA canonical TO sverka_replication;
GRANT SELECT ON ALL TABLES IN SCHEMA canonical TO sverka_replication;
GRANT USAGE ON SCHEMA analytics, recon TO sverka_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA recon TO sverka_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO sverka_analyst;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO sverka_app;

-- Analysts read; a runaway query is cut off and never disturbs the exchange. Roles
-- belong to the cluster: another database may set the same at this very moment.
DO $$
BEGIN
    IF (SELECT rolconfig IS NULL FROM pg_roles WHERE rolname = 'sverka_analyst') THEN
        ALTER ROLE sverka_analyst SET default_transaction_read_only = on;
        ALTER ROLE sverka_analyst SET statement_timeout = '60s';
        ALTER ROLE sverka_analyst SET idle_in_transaction_session_timeout = '60s';
        ALTER ROLE sverka_analyst SET lock_timeout = '2s';
    END IF;
EXCEPTION WHEN internal_error THEN
    NULL; -- tuple concurrently updated: the other migration sets the same values
END
$$;

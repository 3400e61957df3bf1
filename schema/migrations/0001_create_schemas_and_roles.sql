-- Why: one database holds what every system says (canonical), what it said before
-- (history), what analysts read (analytics), what was compared (recon) and how the
-- exchange itself runs (ops). Each kind of person gets a role that can do its own
-- work and nothing else.
-- Lock: none on existing tables. Duration: milliseconds.

CREATE SCHEMA IF NOT EXISTS canonical;
CREATE SCHEMA IF NOT EXISTS history;
CREATE SCHEMA IF NOT EXISTS analytics;
CREATE SCHEMA IF NOT EXISTS recon;
CREATE SCHEMA IF NOT EXISTS ops;

COMMENT ON SCHEMA canonical IS 'What each system holds for each business key, in one shared shape; published for logical replication';
COMMENT ON SCHEMA history IS 'Every past version of canonical rows, filled from the change stream';
COMMENT ON SCHEMA analytics IS 'Stable views for analysts; personal data masked';
COMMENT ON SCHEMA recon IS 'Reconciliation runs, findings, control totals and people''s resolutions';
COMMENT ON SCHEMA ops IS 'How the exchange runs: positions, deliveries, attempts, exchanges, flow modes; not published';

-- Roles belong to the whole cluster, so another database may have made them already,
-- even at this very moment.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['sverka_owner', 'sverka_app', 'sverka_replication', 'sverka_analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
END
$$;

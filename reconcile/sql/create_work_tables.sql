-- Purpose: tables of one run, gone when its transaction ends; only findings, tallies and
-- control totals leave them.
-- Caller: Run. Indexes: primary keys below.
CREATE TEMP TABLE w_lane (
    flow text PRIMARY KEY,
    grace interval NOT NULL
) ON COMMIT DROP;

CREATE TEMP TABLE w_source (
    system text,
    entity text,
    core boolean NOT NULL,
    status text NOT NULL, -- fresh, confirmed, stale, absent
    reason text NOT NULL DEFAULT '',
    as_of timestamptz, -- everything the system said before this instant is known
    rows_read bigint NOT NULL DEFAULT 0,
    rows_refused bigint NOT NULL DEFAULT 0,
    carrier text NOT NULL, -- the entity whose reader brings it
    rows_live bigint NOT NULL DEFAULT 0,
    totals jsonb NOT NULL DEFAULT '{}',
    fingerprint bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (system, entity)
) ON COMMIT DROP;

CREATE TEMP TABLE w_delivery (
    flow text,
    key text,
    state text NOT NULL,
    status text NOT NULL, -- young, overdue, failed, stands
    since timestamptz NOT NULL,
    expected_by timestamptz NOT NULL,
    reason text NOT NULL,
    failure text NOT NULL,
    mode text NOT NULL,
    PRIMARY KEY (flow, key)
) ON COMMIT DROP;

CREATE TEMP TABLE w_stock_tally (
    comparison text,
    system_b text,
    warehouse_code text,
    carried boolean NOT NULL DEFAULT true,
    pairs bigint NOT NULL,
    equal bigint NOT NULL,
    sum_a numeric NOT NULL,
    sum_b numeric NOT NULL,
    rows_a bigint NOT NULL,
    rows_b bigint NOT NULL,
    PRIMARY KEY (comparison, system_b, warehouse_code)
) ON COMMIT DROP;

CREATE TEMP TABLE w_stock (
    system_b text NOT NULL,
    warehouse_code text NOT NULL,
    sku text NOT NULL,
    quantity_a numeric,
    reserved_a numeric,
    quantity_b numeric,
    reserved_b numeric
) ON COMMIT DROP;

CREATE TEMP TABLE w_pair (
    comparison text,
    system_b text,
    warehouse_code text,
    sku text,
    quantity_a numeric,
    reserved_a numeric,
    quantity_b numeric,
    reserved_b numeric,
    difference numeric NOT NULL,
    PRIMARY KEY (comparison, system_b, sku, warehouse_code)
) ON COMMIT DROP;

CREATE TEMP TABLE w_movement (
    comparison text NOT NULL,
    system_b text NOT NULL,
    warehouse_code text NOT NULL,
    sku text NOT NULL,
    kind text NOT NULL, -- shipment_missing, order_missing
    document text NOT NULL,
    seen_in text NOT NULL,
    contribution numeric NOT NULL, -- to B minus A
    status text NOT NULL, -- young, overdue, failed
    certain boolean NOT NULL,
    happened_at timestamptz NOT NULL,
    expected_by timestamptz NOT NULL,
    lane text NOT NULL
) ON COMMIT DROP;

CREATE TEMP TABLE w_explained (
    comparison text,
    system_b text,
    warehouse_code text,
    sku text,
    young numeric NOT NULL,
    overdue numeric NOT NULL,
    failed numeric NOT NULL,
    documents jsonb NOT NULL,
    document text NOT NULL,
    kind text NOT NULL,
    lane text NOT NULL,
    happened_at timestamptz,
    expected_by timestamptz,
    PRIMARY KEY (comparison, system_b, warehouse_code, sku)
) ON COMMIT DROP;

CREATE TEMP TABLE w_line_difference (
    system_b text,
    order_number text,
    lines bigint NOT NULL,
    quantity_differs boolean NOT NULL,
    amount_differs boolean NOT NULL,
    vat_differs boolean NOT NULL,
    example jsonb NOT NULL,
    PRIMARY KEY (system_b, order_number)
) ON COMMIT DROP;

-- Every pair of documents, equal ones included, so that nothing can fall between classes.
CREATE TEMP TABLE w_document (
    area text,
    comparison text,
    system_b text,
    key text,
    class text NOT NULL,
    order_number text NOT NULL DEFAULT '',
    document text NOT NULL DEFAULT '',
    warehouse_code text NOT NULL DEFAULT '',
    value_a numeric,
    value_b numeric,
    phase_a text NOT NULL DEFAULT '',
    phase_b text NOT NULL DEFAULT '',
    currency_a text NOT NULL DEFAULT '',
    currency_b text NOT NULL DEFAULT '',
    amount numeric,
    lane text NOT NULL DEFAULT '',
    happened_at timestamptz,
    expected_by timestamptz,
    cause text NOT NULL DEFAULT '',
    evidence jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (area, comparison, system_b, key)
) ON COMMIT DROP;

CREATE TEMP TABLE w_document_proof (
    area text,
    comparison text,
    system_b text,
    scope text, -- '' counts pairs; a currency or 'units' adds up values
    pairs bigint,
    equal bigint,
    sum_a numeric,
    sum_b numeric,
    PRIMARY KEY (area, comparison, system_b, scope)
) ON COMMIT DROP;

CREATE TEMP TABLE w_tally (LIKE recon.tally INCLUDING DEFAULTS) ON COMMIT DROP;
ALTER TABLE w_tally ALTER run_id DROP NOT NULL;

CREATE TEMP TABLE w_finding (LIKE recon.finding INCLUDING DEFAULTS) ON COMMIT DROP;
ALTER TABLE w_finding
    ADD COLUMN key text NOT NULL,
    ALTER run_id DROP NOT NULL, ALTER finding_id DROP NOT NULL, ALTER severity DROP NOT NULL,
    ALTER first_seen_at DROP NOT NULL, ALTER last_seen_at DROP NOT NULL,
    ALTER times_seen DROP NOT NULL, ALTER state DROP NOT NULL;

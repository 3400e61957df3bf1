-- Why: the nightly proof that the systems agree. A run compares one snapshot and never
-- changes afterwards; a finding keeps its id from night to night, so that its age and
-- what people said about it stay with it. What has no counterpart by agreement stands
-- in tables (phase_equivalence, held_reason), not in code.
-- Lock: none on existing tables. Duration: milliseconds.

CREATE TABLE recon.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    as_of timestamptz NOT NULL,
    zone text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    rules_version text NOT NULL,
    rules jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'complete', 'failed')),
    failure text NOT NULL DEFAULT '',
    sources jsonb NOT NULL DEFAULT '[]',
    control_totals_ok boolean,
    findings bigint NOT NULL DEFAULT 0,
    closed bigint NOT NULL DEFAULT 0,
    previous_run_id bigint REFERENCES recon.run,
    fingerprint text NOT NULL DEFAULT '',
    result_hash text NOT NULL DEFAULT ''
);
COMMENT ON TABLE recon.run IS 'One comparison of all systems; one row per run; never changed once it is complete or failed';
COMMENT ON COLUMN recon.run.id IS 'Number of the run';
COMMENT ON COLUMN recon.run.as_of IS 'The instant against which ages, grace periods and freshness were measured';
COMMENT ON COLUMN recon.run.zone IS 'Time zone of business days and months, IANA name';
COMMENT ON COLUMN recon.run.started_at IS 'When the run began by our clock';
COMMENT ON COLUMN recon.run.finished_at IS 'When it ended by our clock, NULL while it is running';
COMMENT ON COLUMN recon.run.rules_version IS 'Version of the rules that classified';
COMMENT ON COLUMN recon.run.rules IS 'Parameters: tolerances, grace per lane, staleness limit, materiality, price type, first order date';
COMMENT ON COLUMN recon.run.status IS 'running, complete or failed';
COMMENT ON COLUMN recon.run.failure IS 'Why it failed, empty otherwise';
COMMENT ON COLUMN recon.run.sources IS 'What was compared, per system and entity: freshness, age, rows, sums per currency or unit, fingerprint';
COMMENT ON COLUMN recon.run.control_totals_ok IS 'Whether every control total ties; NULL while running';
COMMENT ON COLUMN recon.run.findings IS 'How many findings it listed';
COMMENT ON COLUMN recon.run.closed IS 'How many findings of the previous run were compared again and are gone';
COMMENT ON COLUMN recon.run.previous_run_id IS 'The complete run before this one';
COMMENT ON COLUMN recon.run.fingerprint IS 'Digest of all compared rows; equal data gives an equal fingerprint';
COMMENT ON COLUMN recon.run.result_hash IS 'Digest of rules, inputs and findings, chained to the previous run';
CREATE INDEX run_complete_idx ON recon.run (id DESC) WHERE status = 'complete';

CREATE TABLE recon.finding (
    run_id bigint NOT NULL REFERENCES recon.run,
    finding_id text NOT NULL,
    area text NOT NULL CHECK (area IN ('stock', 'order', 'payment', 'shipment')),
    comparison text NOT NULL,
    class text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('high', 'medium', 'low', 'info')),
    system_a text NOT NULL,
    system_b text NOT NULL DEFAULT '',
    warehouse_code text NOT NULL DEFAULT '',
    sku text NOT NULL DEFAULT '',
    product_name text NOT NULL DEFAULT '',
    unit_code text NOT NULL DEFAULT '',
    order_number text NOT NULL DEFAULT '',
    document text NOT NULL DEFAULT '',
    lane text NOT NULL DEFAULT '',
    qty_onec numeric(18,3),
    qty_jushuitan numeric(18,3),
    qty_openshop numeric(18,3),
    reserved_onec numeric(18,3),
    reserved_jushuitan numeric(18,3),
    amount_onec numeric(18,2),
    amount_jushuitan numeric(18,2),
    amount_openshop numeric(18,2),
    amount_bank numeric(18,2),
    phase_onec text NOT NULL DEFAULT '',
    phase_jushuitan text NOT NULL DEFAULT '',
    phase_openshop text NOT NULL DEFAULT '',
    difference numeric(18,3) NOT NULL DEFAULT 0,
    in_flight numeric(18,3) NOT NULL DEFAULT 0,
    overdue numeric(18,3) NOT NULL DEFAULT 0,
    unexplained numeric(18,3) NOT NULL DEFAULT 0,
    price numeric(18,2),
    amount numeric(18,2),
    currency text NOT NULL DEFAULT '',
    happened_at timestamptz,
    expected_by timestamptz,
    affected bigint NOT NULL DEFAULT 1,
    cause text NOT NULL DEFAULT 'unknown',
    evidence jsonb NOT NULL DEFAULT '{}',
    repair text NOT NULL DEFAULT 'investigate',
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    times_seen integer NOT NULL,
    state text NOT NULL CHECK (state IN ('new', 'open', 'reopened', 'in_work', 'accepted', 'changed')),
    PRIMARY KEY (run_id, finding_id),
    CONSTRAINT finding_decomposes CHECK (difference = in_flight + overdue + unexplained)
);
COMMENT ON TABLE recon.finding IS 'A compared pair that is not equal; one row per run and pair; every pair is in exactly one class; holds no personal data';
COMMENT ON COLUMN recon.finding.run_id IS 'The run, see recon.run';
COMMENT ON COLUMN recon.finding.finding_id IS 'The same pair has the same id in every run: digest of area, comparison, systems and key';
COMMENT ON COLUMN recon.finding.area IS 'stock, order, payment or shipment';
COMMENT ON COLUMN recon.finding.comparison IS 'What was compared: quantity, reserved, published, document, status, paid, shipped, identity, source or warehouse';
COMMENT ON COLUMN recon.finding.class IS 'in_flight, overdue, failed, missing_in_<system>, quantity, reserve, amount, price and so on; stable words';
COMMENT ON COLUMN recon.finding.severity IS 'high, medium, low or info, from class, amount and age';
COMMENT ON COLUMN recon.finding.system_a IS 'First system of the pair';
COMMENT ON COLUMN recon.finding.system_b IS 'Second system of the pair; empty for checks inside one system';
COMMENT ON COLUMN recon.finding.warehouse_code IS 'Warehouse, empty when it plays no part';
COMMENT ON COLUMN recon.finding.sku IS 'Article, empty when it plays no part';
COMMENT ON COLUMN recon.finding.product_name IS 'Name of the article, of 1C where it has one';
COMMENT ON COLUMN recon.finding.unit_code IS 'Unit of the quantities, OKEI code';
COMMENT ON COLUMN recon.finding.order_number IS 'Order, empty when it plays no part';
COMMENT ON COLUMN recon.finding.document IS 'Document that explains or carries the difference: invoice number, payment, external id';
COMMENT ON COLUMN recon.finding.lane IS 'Flow that should have carried it, entity:source>target; empty when no flow does';
COMMENT ON COLUMN recon.finding.qty_onec IS 'Physical or document quantity in 1C; NULL when 1C has no row';
COMMENT ON COLUMN recon.finding.qty_jushuitan IS 'Physical or document quantity in Jushuitan; NULL when Jushuitan has no row';
COMMENT ON COLUMN recon.finding.qty_openshop IS 'Quantity that the shop shows; NULL when the shop has no row';
COMMENT ON COLUMN recon.finding.reserved_onec IS 'Reserved in 1C; NULL when 1C has no row';
COMMENT ON COLUMN recon.finding.reserved_jushuitan IS 'Reserved in Jushuitan; NULL when Jushuitan has no row';
COMMENT ON COLUMN recon.finding.amount_onec IS 'Total of the document or sum paid in 1C; NULL when 1C has none';
COMMENT ON COLUMN recon.finding.amount_jushuitan IS 'Total of the document or sum paid in Jushuitan; NULL when Jushuitan has none';
COMMENT ON COLUMN recon.finding.amount_openshop IS 'Total of the document or sum paid in the shop; NULL when the shop has none';
COMMENT ON COLUMN recon.finding.amount_bank IS 'Sum of the bank lines of the order; NULL when the bank has none';
COMMENT ON COLUMN recon.finding.phase_onec IS 'Phase of the order in 1C, empty when not known';
COMMENT ON COLUMN recon.finding.phase_jushuitan IS 'Phase of the order in Jushuitan, empty when not known';
COMMENT ON COLUMN recon.finding.phase_openshop IS 'Phase of the order in the shop, empty when not known';
COMMENT ON COLUMN recon.finding.difference IS 'B minus A in the measure of the comparison: units of the article for stock and shipments, money for orders and payments';
COMMENT ON COLUMN recon.finding.in_flight IS 'Part of the difference explained by what is under way within its grace period';
COMMENT ON COLUMN recon.finding.overdue IS 'Part of the difference explained by what is under way beyond its grace period, or failed';
COMMENT ON COLUMN recon.finding.unexplained IS 'The rest of the difference; difference = in_flight + overdue + unexplained';
COMMENT ON COLUMN recon.finding.price IS 'Price of one unit used for the amount; NULL when not known or not needed';
COMMENT ON COLUMN recon.finding.amount IS 'Value of the part that gave the finding its class, never negative; NULL when no price is known';
COMMENT ON COLUMN recon.finding.currency IS 'Currency of the amount, ISO 4217; empty when there is none';
COMMENT ON COLUMN recon.finding.happened_at IS 'When the movement, document or change behind it happened, as far as known';
COMMENT ON COLUMN recon.finding.expected_by IS 'End of the grace period; after it the finding is a discrepancy';
COMMENT ON COLUMN recon.finding.affected IS 'How many pairs stand behind the row; above 1 for stale sources and unmapped warehouses';
COMMENT ON COLUMN recon.finding.cause IS 'Probable cause as a stable word';
COMMENT ON COLUMN recon.finding.evidence IS 'The numbers, documents and deliveries that the cause was read from';
COMMENT ON COLUMN recon.finding.repair IS 'Proposed repair as a stable word; a proposal, nothing is repaired in silence';
COMMENT ON COLUMN recon.finding.first_seen_at IS 'As-of of the first run that listed the pair';
COMMENT ON COLUMN recon.finding.last_seen_at IS 'As-of of this run';
COMMENT ON COLUMN recon.finding.times_seen IS 'In how many runs it was listed, this one included';
COMMENT ON COLUMN recon.finding.state IS 'new, open, reopened, in_work (a person decided), accepted, or changed (it moved after it was accepted)';
CREATE INDEX finding_history_idx ON recon.finding (finding_id, run_id DESC);

CREATE TABLE recon.tally (
    run_id bigint NOT NULL REFERENCES recon.run,
    area text NOT NULL,
    comparison text NOT NULL,
    system_a text NOT NULL,
    system_b text NOT NULL,
    warehouse_code text NOT NULL DEFAULT '',
    class text NOT NULL,
    pairs bigint NOT NULL,
    PRIMARY KEY (run_id, area, comparison, system_a, system_b, warehouse_code, class)
);
COMMENT ON TABLE recon.tally IS 'How many pairs ended in each class, equal ones included; one row per run, comparison, pair of systems, warehouse and class';
COMMENT ON COLUMN recon.tally.run_id IS 'The run, see recon.run';
COMMENT ON COLUMN recon.tally.area IS 'stock, order, payment or shipment';
COMMENT ON COLUMN recon.tally.comparison IS 'What was compared, see recon.finding';
COMMENT ON COLUMN recon.tally.system_a IS 'First system of the pair';
COMMENT ON COLUMN recon.tally.system_b IS 'Second system of the pair; empty for checks inside one system';
COMMENT ON COLUMN recon.tally.warehouse_code IS 'Warehouse of stock pairs, empty for the other areas';
COMMENT ON COLUMN recon.tally.class IS 'Class; equal, not_due and stale pairs are counted here and not listed one by one';
COMMENT ON COLUMN recon.tally.pairs IS 'Number of pairs';

CREATE TABLE recon.control_total (
    run_id bigint NOT NULL REFERENCES recon.run,
    name text NOT NULL,
    scope text NOT NULL,
    left_value numeric NOT NULL,
    right_value numeric NOT NULL,
    ties boolean GENERATED ALWAYS AS (left_value = right_value) STORED,
    PRIMARY KEY (run_id, name, scope)
);
COMMENT ON TABLE recon.control_total IS 'Proofs that a run is complete: two ways to the same figure; one row per run, proof and scope';
COMMENT ON COLUMN recon.control_total.run_id IS 'The run, see recon.run';
COMMENT ON COLUMN recon.control_total.name IS 'Which proof: stock_sum, stock_pairs, order_sum, order_pairs and so on';
COMMENT ON COLUMN recon.control_total.scope IS 'Of what: comparison, systems, warehouse or currency';
COMMENT ON COLUMN recon.control_total.left_value IS 'Sum of A plus all differences, or number of pairs counted in the source tables';
COMMENT ON COLUMN recon.control_total.right_value IS 'Sum of B, or number of pairs over all classes';
COMMENT ON COLUMN recon.control_total.ties IS 'Whether both are equal; a run with one that is not has failed';

CREATE TABLE recon.resolution (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finding_id text NOT NULL,
    run_id bigint REFERENCES recon.run,
    resolution text NOT NULL DEFAULT ''
        CHECK (resolution IN ('', 'explained', 'fix_in_onec', 'fix_in_jushuitan', 'fix_in_openshop', 'write_off', 'recount', 'fix_mapping', 'accept')),
    comment text NOT NULL DEFAULT '',
    owner text NOT NULL DEFAULT '',
    accepted_until timestamptz,
    author text NOT NULL,
    origin text NOT NULL DEFAULT '',
    at timestamptz NOT NULL
);
COMMENT ON TABLE recon.resolution IS 'What people decided and wrote about a finding; append-only, the newest row of a finding counts';
COMMENT ON COLUMN recon.resolution.id IS 'Number of the entry';
COMMENT ON COLUMN recon.resolution.finding_id IS 'The finding in all its runs, see recon.finding';
COMMENT ON COLUMN recon.resolution.run_id IS 'The run whose workbook the person had before them; NULL when not known';
COMMENT ON COLUMN recon.resolution.resolution IS 'explained, fix_in_onec, fix_in_jushuitan, fix_in_openshop, write_off, recount, fix_mapping, accept; empty for a comment only';
COMMENT ON COLUMN recon.resolution.comment IS 'Words of the person';
COMMENT ON COLUMN recon.resolution.owner IS 'Who shall settle it';
COMMENT ON COLUMN recon.resolution.accepted_until IS 'Until when an acceptance or explanation holds; NULL for as long as the figures do not move';
COMMENT ON COLUMN recon.resolution.author IS 'Who wrote it';
COMMENT ON COLUMN recon.resolution.origin IS 'Where it was written: file name, sheet and row of the returned workbook, or console';
COMMENT ON COLUMN recon.resolution.at IS 'When it was written';
CREATE INDEX resolution_finding_idx ON recon.resolution (finding_id, id DESC);

-- Statuses that differ and yet agree: a phase that one system has no word for, or that
-- no flow carries. Symmetric: system_a is always the hub.
CREATE TABLE recon.phase_equivalence (
    phase_onec text NOT NULL,
    system_b text NOT NULL,
    phase_b text NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (system_b, phase_onec, phase_b)
);
COMMENT ON TABLE recon.phase_equivalence IS 'Pairs of different phases that count as equal; one row per phase of 1C, other system and its phase';
COMMENT ON COLUMN recon.phase_equivalence.phase_onec IS 'Phase in 1C';
COMMENT ON COLUMN recon.phase_equivalence.system_b IS 'The other system';
COMMENT ON COLUMN recon.phase_equivalence.phase_b IS 'Phase in the other system';
COMMENT ON COLUMN recon.phase_equivalence.note IS 'Why the two agree';

INSERT INTO recon.phase_equivalence (system_b, phase_onec, phase_b, note)
SELECT 'jushuitan', onec, jushuitan, note
FROM (VALUES
    ('delivered', 'shipped', 'Jushuitan has no word after its Sent'),
    ('completed', 'shipped', 'Jushuitan has no word after its Sent'),
    ('completed', 'delivered', '1C closes the order when it is delivered and paid'),
    ('closed_short', 'shipped', '1C closes a short order, Jushuitan sent what there was'),
    ('closed_short', 'shipped_partial', '1C closes a short order, Jushuitan sent what there was'),
    ('closed_short', 'delivered', '1C closes a short order, Jushuitan sent what there was'),
    ('awaiting_stock', 'accepted', 'Jushuitan reviews while 1C waits for stock'),
    ('released', 'accepted', '1C may ship, Jushuitan has not begun'),
    ('accepted', 'released', '1C does not follow picking'),
    ('awaiting_stock', 'released', '1C does not follow picking'),
    ('accepted', 'awaiting_stock', 'a shortage in Jushuitan is not carried to 1C'),
    ('released', 'awaiting_stock', 'a shortage in Jushuitan is not carried to 1C'),
    ('accepted', 'held', 'a question in Jushuitan is settled there'),
    ('awaiting_stock', 'held', 'a question in Jushuitan is settled there'),
    ('released', 'held', 'a question in Jushuitan is settled there'),
    ('awaiting_payment', 'received', 'Jushuitan has one word for both'),
    ('received', 'awaiting_payment', 'Jushuitan has one word for both')
) AS pairs (onec, jushuitan, note)
UNION ALL
SELECT 'jushuitan', onec, 'superseded', 'Jushuitan merged or split the order; its parts are compared by their shipments'
FROM unnest(ARRAY['accepted', 'awaiting_stock', 'released', 'shipped_partial', 'shipped', 'delivered', 'completed', 'closed_short']) AS onec
UNION ALL
SELECT 'openshop', onec, openshop, note
FROM (VALUES
    ('received', 'awaiting_payment', 'the shop waits for the buyer, 1C for nothing yet'),
    ('awaiting_payment', 'received', '1C waits for the payment of an order the shop calls new'),
    ('completed', 'delivered', '1C closes the order when it is delivered and paid'),
    ('delivered', 'completed', 'the shop closes the order when it is delivered'),
    ('closed_short', 'completed', 'the shop has one word for a closed order')
) AS pairs (onec, openshop, note);

-- What the reason of a held delivery says about a difference: ordinary waiting is in
-- flight for as long as it takes; where only a person can act nothing is under way and the
-- difference stands. Reasons that are not listed are in flight for the grace of their lane.
CREATE TABLE recon.held_reason (
    reason text PRIMARY KEY,
    meaning text NOT NULL CHECK (meaning IN ('waits', 'stands')),
    note text NOT NULL
);
COMMENT ON TABLE recon.held_reason IS 'What the reasons of held deliveries say about a difference; one row per reason';
COMMENT ON COLUMN recon.held_reason.reason IS 'Reason, see ops.delivery';
COMMENT ON COLUMN recon.held_reason.meaning IS 'waits: ordinary waiting, in flight without limit; stands: nothing is under way, the difference is a discrepancy';
COMMENT ON COLUMN recon.held_reason.note IS 'What is waited for, or who must act';
INSERT INTO recon.held_reason (reason, meaning, note) VALUES
    ('not_accepted', 'waits', 'the order is not posted in 1C yet'),
    ('not_paid', 'waits', 'the buyer has not paid yet'),
    ('not_fully_paid', 'waits', 'the buyer has not paid all of it yet'),
    ('payment_not_verified', 'waits', 'the bank has not confirmed the payment yet'),
    ('address_pending', 'waits', 'the address is being looked up'),
    ('shadow', 'stands', 'the flow only records what it would send'),
    ('stock_correction_needs_person', 'stands', 'a person books the difference in 1C'),
    ('stock_owner_unknown', 'stands', 'the configuration names nobody who runs the warehouse'),
    ('negative_stock', 'stands', 'a person corrects the stock below nothing'),
    ('refund_needs_person', 'stands', 'a person books the refund'),
    ('shipment_cancel_needs_person', 'stands', 'a person cancels the shipment'),
    ('already_shipped', 'stands', 'shipped already: a return is agreed, not a cancel'),
    ('order_already_shipped', 'stands', 'shipped already: a return is agreed, not a cancel'),
    ('warehouse_refused_cancel', 'stands', 'the warehouse refused the cancel');

CREATE FUNCTION recon.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: a reconciliation is never changed afterwards', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING HINT = 'start another run, or add a resolution';
END
$$;
COMMENT ON FUNCTION recon.refuse_change() IS 'Refuses to change what a run has written';

CREATE FUNCTION recon.refuse_late_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT run_id FROM added) AS touched
        JOIN recon.run ON run.id = touched.run_id
        WHERE run.status <> 'running'
    ) THEN
        RAISE EXCEPTION '%.%: the run is finished and takes no more rows', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION recon.refuse_late_row() IS 'Refuses rows for a run that is finished';

CREATE FUNCTION recon.refuse_finished_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.status <> 'running' THEN
        RAISE EXCEPTION 'run % is %: a reconciliation is never changed afterwards', OLD.id, OLD.status
            USING HINT = 'start another run';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION recon.refuse_finished_run() IS 'Lets a run be written only while it is running';

CREATE TRIGGER run_is_final BEFORE UPDATE OR DELETE ON recon.run
    FOR EACH ROW EXECUTE FUNCTION recon.refuse_finished_run();
CREATE TRIGGER finding_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON recon.finding
    FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_change();
CREATE TRIGGER finding_in_time AFTER INSERT ON recon.finding
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_late_row();
CREATE TRIGGER tally_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON recon.tally
    FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_change();
CREATE TRIGGER tally_in_time AFTER INSERT ON recon.tally
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_late_row();
CREATE TRIGGER control_total_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON recon.control_total
    FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_change();
CREATE TRIGGER control_total_in_time AFTER INSERT ON recon.control_total
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_late_row();
CREATE TRIGGER resolution_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON recon.resolution
    FOR EACH STATEMENT EXECUTE FUNCTION recon.refuse_change();

-- Why: how the exchange runs. ops.delivery is the ledger of wishes, one row per
-- (flow, key); ops.stream_position is committed together with it (invariant 1).
-- None of these tables is published: what the ledger writes must not come back
-- as work through our own slot.
-- Lock: none on existing tables. Duration: milliseconds.

CREATE TABLE ops.stream_position (
    slot_name text PRIMARY KEY,
    system_identifier text NOT NULL,
    timeline integer NOT NULL,
    position pg_lsn NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE ops.stream_position IS 'How far the change stream was turned into deliveries; one row per slot';
COMMENT ON COLUMN ops.stream_position.slot_name IS 'Replication slot';
COMMENT ON COLUMN ops.stream_position.system_identifier IS 'Cluster the position belongs to; another cluster is never continued';
COMMENT ON COLUMN ops.stream_position.timeline IS 'Timeline when the stream was started';
COMMENT ON COLUMN ops.stream_position.position IS 'End of the last commit whose deliveries are stored';
COMMENT ON COLUMN ops.stream_position.updated_at IS 'When it last moved';

CREATE TABLE ops.flow (
    flow text PRIMARY KEY,
    mode text NOT NULL CHECK (mode IN ('off', 'shadow', 'live')),
    paused_until timestamptz,
    pause_reason text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL DEFAULT ''
);
COMMENT ON TABLE ops.flow IS 'Roll-out of each flow; one row per flow of the flow table';
COMMENT ON COLUMN ops.flow.flow IS 'Name of the flow, entity:source>target';
COMMENT ON COLUMN ops.flow.mode IS 'off keeps wishes, shadow composes and sends nothing, live sends';
COMMENT ON COLUMN ops.flow.paused_until IS 'No attempt before this time: the target throttles, refuses credentials or is down';
COMMENT ON COLUMN ops.flow.pause_reason IS 'Why it is paused';
COMMENT ON COLUMN ops.flow.changed_at IS 'When the mode was last changed';
COMMENT ON COLUMN ops.flow.changed_by IS 'Who changed the mode';

CREATE TABLE ops.delivery (
    flow text NOT NULL,
    key text NOT NULL,
    wanted_lsn pg_lsn NOT NULL,
    delivered_lsn pg_lsn NOT NULL DEFAULT '0/0',
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sending', 'delivered', 'retry', 'held', 'unknown', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz,
    lease_token bigint NOT NULL DEFAULT 0,
    reason text NOT NULL DEFAULT '',
    failure text NOT NULL DEFAULT '',
    hint text NOT NULL DEFAULT '',
    waits_for text[] NOT NULL DEFAULT '{}',
    outcome text NOT NULL DEFAULT '',
    target_hash text NOT NULL DEFAULT '',
    target_reference text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (flow, key)
) WITH (fillfactor = 70);
COMMENT ON TABLE ops.delivery IS 'The ledger of wishes: make the target of a flow hold what its source holds; one row per flow and key';
COMMENT ON COLUMN ops.delivery.flow IS 'Flow';
COMMENT ON COLUMN ops.delivery.key IS 'Business key';
COMMENT ON COLUMN ops.delivery.wanted_lsn IS 'Newest change of the source''s row';
COMMENT ON COLUMN ops.delivery.delivered_lsn IS 'Newest change that the target is known to hold';
COMMENT ON COLUMN ops.delivery.state IS 'pending, sending, delivered, retry, held, unknown or dead';
COMMENT ON COLUMN ops.delivery.attempts IS 'Attempts since the last success';
COMMENT ON COLUMN ops.delivery.due_at IS 'Not before this time';
COMMENT ON COLUMN ops.delivery.lease_until IS 'Who claimed it must settle until then; afterwards its outcome is unknown';
COMMENT ON COLUMN ops.delivery.lease_token IS 'Fencing token of the claim: an older claimant cannot settle';
COMMENT ON COLUMN ops.delivery.reason IS 'Why it is held, as a stable word';
COMMENT ON COLUMN ops.delivery.failure IS 'Last failure, without personal data';
COMMENT ON COLUMN ops.delivery.hint IS 'What to do about it';
COMMENT ON COLUMN ops.delivery.waits_for IS 'Topics whose change wakes a held delivery';
COMMENT ON COLUMN ops.delivery.outcome IS 'How it was last settled: sent, equal, nothing_to_tell, not_owner, shadow';
COMMENT ON COLUMN ops.delivery.target_hash IS 'Digest of what the target last confirmed';
COMMENT ON COLUMN ops.delivery.target_reference IS 'The target''s own id of the document';
COMMENT ON COLUMN ops.delivery.changed_at IS 'When it was last wished for';
COMMENT ON COLUMN ops.delivery.settled_at IS 'When it was last settled';
COMMENT ON COLUMN ops.delivery.created_at IS 'When it was first wished for';
-- The claim walks this index; only rows with work to do are in it.
CREATE INDEX delivery_due_idx ON ops.delivery (flow, due_at) WHERE state IN ('pending', 'retry', 'unknown', 'held', 'sending');
CREATE INDEX delivery_waits_idx ON ops.delivery USING gin (waits_for) WHERE state IN ('held', 'sending') AND waits_for <> '{}';

CREATE SEQUENCE ops.lease_token;

CREATE TABLE ops.exchange (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    system text NOT NULL,
    operation text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    method text NOT NULL DEFAULT '',
    path text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL,
    duration_ms numeric(12,3) NOT NULL DEFAULT 0,
    status integer NOT NULL DEFAULT 0,
    request text NOT NULL DEFAULT '',
    response text NOT NULL DEFAULT '',
    failure text NOT NULL DEFAULT ''
);
COMMENT ON TABLE ops.exchange IS 'Every call that wrote, failed or brought something new, in its raw form, the proof for disputes; bodies are bounded and hold no secrets';
COMMENT ON COLUMN ops.exchange.id IS 'Id, referred to by provenance and attempts';
COMMENT ON COLUMN ops.exchange.system IS 'The outside system';
COMMENT ON COLUMN ops.exchange.operation IS 'What was asked, in our words';
COMMENT ON COLUMN ops.exchange.direction IS 'in: we read; out: we wrote';
COMMENT ON COLUMN ops.exchange.method IS 'HTTP method, or file';
COMMENT ON COLUMN ops.exchange.path IS 'Path without query, or file name';
COMMENT ON COLUMN ops.exchange.started_at IS 'When it began';
COMMENT ON COLUMN ops.exchange.duration_ms IS 'How long it took in milliseconds';
COMMENT ON COLUMN ops.exchange.status IS 'HTTP status, 0 when no answer came';
COMMENT ON COLUMN ops.exchange.request IS 'Request body, at most 64 KiB; may hold personal data';
COMMENT ON COLUMN ops.exchange.response IS 'Answer, at most 64 KiB; may hold personal data';
COMMENT ON COLUMN ops.exchange.failure IS 'Failure, empty on success';
CREATE INDEX exchange_started_idx ON ops.exchange (started_at);

CREATE TABLE ops.attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flow text NOT NULL,
    key text NOT NULL,
    attempt integer NOT NULL,
    wanted_lsn pg_lsn NOT NULL,
    started_at timestamptz NOT NULL,
    duration_ms numeric(12,3) NOT NULL,
    outcome text NOT NULL,
    kind text NOT NULL DEFAULT '',
    failure text NOT NULL DEFAULT '',
    wanted jsonb,
    held jsonb,
    exchange_id bigint
);
COMMENT ON TABLE ops.attempt IS 'Every attempt of a delivery, append-only';
COMMENT ON COLUMN ops.attempt.id IS 'Id';
COMMENT ON COLUMN ops.attempt.flow IS 'Flow';
COMMENT ON COLUMN ops.attempt.key IS 'Business key';
COMMENT ON COLUMN ops.attempt.attempt IS 'Number of the attempt since the last success';
COMMENT ON COLUMN ops.attempt.wanted_lsn IS 'The wish it served';
COMMENT ON COLUMN ops.attempt.started_at IS 'When it began';
COMMENT ON COLUMN ops.attempt.duration_ms IS 'How long it took in milliseconds';
COMMENT ON COLUMN ops.attempt.outcome IS 'sent, shadow, held, failed';
COMMENT ON COLUMN ops.attempt.kind IS 'Kind of the failure: unknown, transient, throttled, unauthorised, rejected';
COMMENT ON COLUMN ops.attempt.failure IS 'Failure, without personal data';
COMMENT ON COLUMN ops.attempt.wanted IS 'What the target was to hold; may hold personal data';
COMMENT ON COLUMN ops.attempt.held IS 'What the target was known to hold; may hold personal data';
COMMENT ON COLUMN ops.attempt.exchange_id IS 'The last exchange of the attempt, see ops.exchange';
CREATE INDEX attempt_key_idx ON ops.attempt (flow, key, id);

CREATE TABLE ops.intake_source (
    system text NOT NULL,
    name text NOT NULL,
    entity text NOT NULL,
    cursor text NOT NULL DEFAULT '',
    last_started_at timestamptz,
    last_complete_started_at timestamptz,
    last_complete_finished_at timestamptz,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_refused bigint NOT NULL DEFAULT 0,
    last_failure text NOT NULL DEFAULT '',
    last_failure_at timestamptz,
    PRIMARY KEY (system, name)
) WITH (fillfactor = 50);
COMMENT ON TABLE ops.intake_source IS 'How far each reader of each system came; one row per system and reader';
COMMENT ON COLUMN ops.intake_source.system IS 'The outside system';
COMMENT ON COLUMN ops.intake_source.name IS 'The reader';
COMMENT ON COLUMN ops.intake_source.entity IS 'The main entity it reads';
COMMENT ON COLUMN ops.intake_source.cursor IS 'Where the next read begins; committed together with the staged rows (invariant 9)';
COMMENT ON COLUMN ops.intake_source.last_started_at IS 'When a read was last begun';
COMMENT ON COLUMN ops.intake_source.last_complete_started_at IS 'When the last read that came to its end was begun';
COMMENT ON COLUMN ops.intake_source.last_complete_finished_at IS 'When the last read that came to its end was finished';
COMMENT ON COLUMN ops.intake_source.rows_read IS 'Rows of the last complete read';
COMMENT ON COLUMN ops.intake_source.rows_refused IS 'Rows refused in the last complete read';
COMMENT ON COLUMN ops.intake_source.last_failure IS 'Last failure, empty after a complete read';
COMMENT ON COLUMN ops.intake_source.last_failure_at IS 'When it last failed';

CREATE TABLE ops.stock_owner (
    warehouse_code text PRIMARY KEY,
    system text NOT NULL CHECK (system IN ('onec', 'jushuitan'))
);
COMMENT ON TABLE ops.stock_owner IS 'Authority matrix of stock: whose count of a warehouse is the truth';
COMMENT ON COLUMN ops.stock_owner.warehouse_code IS 'Warehouse';
COMMENT ON COLUMN ops.stock_owner.system IS 'System that runs the warehouse';

-- Why: what accountants and analysts ask first: what is open now, who has it, how well the
-- systems agree. Re-created whole whenever a file of this folder changes.
DROP VIEW IF EXISTS recon.latest_finding CASCADE;
DROP VIEW IF EXISTS recon.latest_agreement CASCADE;

CREATE VIEW recon.latest_finding AS
SELECT f.finding_id, f.area, f.comparison, f.class, f.severity, f.state, f.system_a, f.system_b, f.warehouse_code, f.sku, f.product_name,
       f.order_number, f.document, f.difference, f.in_flight, f.overdue, f.unexplained, f.amount, f.currency, f.cause, f.repair,
       f.first_seen_at, f.times_seen, r.as_of,
       said.resolution, said.owner, said.comment, said.author, said.at AS resolved_at
FROM recon.finding f
JOIN recon.run r ON r.id = f.run_id
LEFT JOIN LATERAL (
    SELECT s.resolution, s.owner, s.comment, s.author, s.at FROM recon.resolution s
    WHERE s.finding_id = f.finding_id ORDER BY s.id DESC LIMIT 1
) said ON true
WHERE f.run_id = (SELECT max(id) FROM recon.run WHERE status = 'complete');
COMMENT ON VIEW recon.latest_finding IS 'Findings of the newest complete run with what people last said about them; one row per finding';
COMMENT ON COLUMN recon.latest_finding.finding_id IS 'The same pair has the same id in every run';
COMMENT ON COLUMN recon.latest_finding.area IS 'stock, order, payment or shipment';
COMMENT ON COLUMN recon.latest_finding.comparison IS 'What was compared';
COMMENT ON COLUMN recon.latest_finding.class IS 'What became of the pair, a stable word';
COMMENT ON COLUMN recon.latest_finding.severity IS 'high, medium, low or info';
COMMENT ON COLUMN recon.latest_finding.state IS 'new, open, reopened, in_work, accepted or changed';
COMMENT ON COLUMN recon.latest_finding.system_a IS 'First system of the pair';
COMMENT ON COLUMN recon.latest_finding.system_b IS 'Second system of the pair';
COMMENT ON COLUMN recon.latest_finding.warehouse_code IS 'Warehouse';
COMMENT ON COLUMN recon.latest_finding.sku IS 'Article';
COMMENT ON COLUMN recon.latest_finding.product_name IS 'Name of the article';
COMMENT ON COLUMN recon.latest_finding.order_number IS 'Order';
COMMENT ON COLUMN recon.latest_finding.document IS 'Document that explains or carries the difference';
COMMENT ON COLUMN recon.latest_finding.difference IS 'B minus A: units for stock and shipments, money for orders and payments';
COMMENT ON COLUMN recon.latest_finding.in_flight IS 'Part explained by what is under way within its grace';
COMMENT ON COLUMN recon.latest_finding.overdue IS 'Part explained by what is under way beyond its grace, or failed';
COMMENT ON COLUMN recon.latest_finding.unexplained IS 'The rest of the difference';
COMMENT ON COLUMN recon.latest_finding.amount IS 'Value of the part that gave the finding its class';
COMMENT ON COLUMN recon.latest_finding.currency IS 'Currency of the amount';
COMMENT ON COLUMN recon.latest_finding.cause IS 'Probable cause, a stable word';
COMMENT ON COLUMN recon.latest_finding.repair IS 'Proposed repair, a stable word';
COMMENT ON COLUMN recon.latest_finding.first_seen_at IS 'When the pair was first listed';
COMMENT ON COLUMN recon.latest_finding.times_seen IS 'In how many runs it was listed';
COMMENT ON COLUMN recon.latest_finding.as_of IS 'Instant of the run';
COMMENT ON COLUMN recon.latest_finding.resolution IS 'What a person last decided';
COMMENT ON COLUMN recon.latest_finding.owner IS 'Who shall settle it';
COMMENT ON COLUMN recon.latest_finding.comment IS 'Last words of a person';
COMMENT ON COLUMN recon.latest_finding.author IS 'Who wrote them';
COMMENT ON COLUMN recon.latest_finding.resolved_at IS 'When they were written';

CREATE VIEW recon.latest_agreement AS
SELECT t.area, t.comparison, t.system_a, t.system_b, t.warehouse_code,
       sum(t.pairs) AS pairs,
       sum(t.pairs) FILTER (WHERE t.class IN ('equal', 'not_due')) AS equal,
       sum(t.pairs) FILTER (WHERE t.class = 'in_flight') AS in_flight,
       sum(t.pairs) FILTER (WHERE t.class IN ('stale', 'not_carried')) AS not_compared,
       round(100.0 * sum(t.pairs) FILTER (WHERE t.class IN ('equal', 'not_due', 'in_flight', 'rounding'))
             / nullif(sum(t.pairs) FILTER (WHERE t.class NOT IN ('stale', 'not_carried')), 0), 2) AS agreement_percent
FROM recon.tally t
WHERE t.run_id = (SELECT max(id) FROM recon.run WHERE status = 'complete')
GROUP BY t.area, t.comparison, t.system_a, t.system_b, t.warehouse_code;
COMMENT ON VIEW recon.latest_agreement IS 'How well the systems agree in the newest complete run; one row per comparison, pair of systems and warehouse';
COMMENT ON COLUMN recon.latest_agreement.area IS 'stock, order, payment or shipment';
COMMENT ON COLUMN recon.latest_agreement.comparison IS 'What was compared';
COMMENT ON COLUMN recon.latest_agreement.system_a IS 'First system of the pair';
COMMENT ON COLUMN recon.latest_agreement.system_b IS 'Second system of the pair';
COMMENT ON COLUMN recon.latest_agreement.warehouse_code IS 'Warehouse of stock pairs';
COMMENT ON COLUMN recon.latest_agreement.pairs IS 'All pairs';
COMMENT ON COLUMN recon.latest_agreement.equal IS 'Equal pairs, and those that need no counterpart; NULL when none';
COMMENT ON COLUMN recon.latest_agreement.in_flight IS 'Pairs whose difference is under way; NULL when none';
COMMENT ON COLUMN recon.latest_agreement.not_compared IS 'Pairs of stale or absent sources; NULL when none';
COMMENT ON COLUMN recon.latest_agreement.agreement_percent IS 'Share of the compared pairs that are no discrepancy; NULL when nothing was compared';

GRANT SELECT ON recon.latest_finding, recon.latest_agreement TO sverka_analyst, sverka_app;

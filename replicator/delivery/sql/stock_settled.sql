-- Purpose: is the stock difference of (warehouse $3, sku $4) between source $1 and target $2 at rest?
-- Caller: the gate stock_settled. Index: canonical.shipment_line_sku_idx.
-- At rest means: the source's figure is older than $5 milliseconds; shipments were read from the
-- source, and stock from the target, after the source's figure was seen; and every shipped parcel
-- with this article is booked in the target. Units that a shipment will book are never booked
-- again as a correction.
SELECT k.w || '/' || k.s
FROM unnest($3::text[], $4::text[]) AS k (w, s)
JOIN canonical.stock_balance b ON b.system = $1 AND b.warehouse_code = k.w AND b.sku = k.s
WHERE b.observed_at <= now() - $5 * interval '1 millisecond'
  AND EXISTS (SELECT FROM ops.intake_source i
              WHERE i.system = $1 AND i.entity = 'shipment' AND i.last_complete_started_at > b.observed_at)
  AND EXISTS (SELECT FROM ops.intake_source i
              WHERE i.system = $2 AND i.entity = 'stock_balance' AND i.last_complete_started_at > greatest(b.observed_at, (
                  SELECT max(d.settled_at) FROM ops.delivery d
                  WHERE d.flow = 'shipment:' || $1 || '>' || $2 AND d.key IN (
                      SELECT l.invoice_number FROM canonical.shipment_line l WHERE l.system = $1 AND l.sku = k.s))))
  AND NOT EXISTS (
      SELECT FROM canonical.shipment_line l
      JOIN canonical.shipment sh USING (system, invoice_number)
      WHERE l.system = $1 AND l.sku = k.s AND sh.warehouse_code = k.w AND sh.status = 'shipped'
        AND NOT EXISTS (SELECT FROM canonical.shipment t WHERE t.system = $2 AND t.invoice_number = l.invoice_number));

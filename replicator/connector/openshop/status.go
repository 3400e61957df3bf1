package openshop

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// projectStatus is the order's status in the shop's words. Nil when the shop has
// no word for the phase, or when the phase says nothing about progress. A status
// that stands already keeps everything that the shop says of it.
func (c *Client) projectStatus(src, held *schema.OrderStatus) *schema.OrderStatus {
	text := c.statusText(src.Phase)
	if text == "" || src.Phase.Rank() == 0 || !src.DeletedAt.IsZero() {
		return nil
	}
	if held != nil && held.Phase == src.Phase {
		return schema.Clone(held)
	}
	w := &schema.OrderStatus{OrderNumber: src.OrderNumber, Phase: src.Phase, VendorStatus: text}
	w.System = schema.OpenShop
	if held != nil {
		w.ExternalID = held.ExternalID
	}
	if src.Phase == schema.PhaseCancelled {
		w.Reason = commerceml.CleanText(src.Reason)
	}
	for _, at := range []time.Time{src.ChangedAt, src.SourceModifiedAt, src.ObservedAt} {
		if !at.IsZero() {
			w.ChangedAt = at.UTC().Truncate(time.Second) // CommerceML tells seconds
			break
		}
	}
	return w
}

// statusText prefers the shop's own wording from the configuration.
func (c *Client) statusText(p schema.Phase) string {
	for _, text := range slices.Sorted(maps.Keys(c.cfg.Statuses)) {
		if c.cfg.Statuses[text] == p {
			return text
		}
	}
	return commerceml.StatusText(p)
}

// statusDocuments is one orders document. Tracking and shipment come from the
// source status' Extra (tracking_number, carrier, invoice_number), payment from
// the related payments.
func (c *Client) statusDocuments(batch []replicator.Delivery) ([]document, error) {
	statuses, err := wantedOf[*schema.OrderStatus](batch)
	if err != nil {
		return nil, err
	}
	var rows []commerceml.StatusDocument
	for i, s := range statuses {
		d := batch[i]
		row := commerceml.StatusDocument{
			ID: s.ExternalID, Number: s.OrderNumber, Currency: c.cfg.Currency, Status: s.VendorStatus, ChangedAt: s.ChangedAt,
			Cancelled: s.Phase == schema.PhaseCancelled, Reason: s.Reason,
		}
		order := d.Related.HeldOrder // the shop's own row of its order
		if order == nil {
			order = d.Related.Order
		}
		if order != nil {
			row.OrderedAt, row.Total, row.Currency, row.CustomerCode = order.OrderedAt, order.Total, order.Currency, order.CustomerCode
		}
		if d.Source != nil {
			extra := d.Source.Prov().Extra
			row.TrackingNumber, row.Carrier, row.InvoiceNumber = extra["tracking_number"], extra["carrier"], extra["invoice_number"]
		}
		for _, p := range d.Related.Payments {
			if p.Status == schema.PaymentPaid {
				row.PaymentNumber, row.PaidAt = p.DocumentNumber, p.PaidAt
			}
		}
		rows = append(rows, row)
	}
	var doc bytes.Buffer
	if err := commerceml.WriteStatuses(&doc, c.writeOptions(), slices.Values(rows)); err != nil {
		return nil, err
	}
	return []document{{"orders", doc.Bytes()}}, nil
}

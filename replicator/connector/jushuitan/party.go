package jushuitan

import (
	"context"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// projectCustomer keeps to what orders carry: the code (shop_buyer_id), the name
// and the phone. Jushuitan has no customers of its own.
func projectCustomer(d *replicator.Delivery, src *schema.Customer) schema.Record {
	return &schema.Customer{
		Provenance:   schema.Provenance{System: schema.Jushuitan, ExternalID: src.CustomerCode, DeletedAt: src.DeletedAt},
		CustomerCode: src.CustomerCode, Kind: src.Kind, Name: src.Name, Phone: src.Phone,
	}
}

// writeCustomers confirms without a call: every order brings its customer along.
func (c *Client) writeCustomers(j *job) {
	for _, i := range j.open() {
		seen := schema.Clone(j.batch[i].Wanted)
		seen.Prov().ObservedAt = c.cfg.Now().UTC()
		j.confirm(i, replicator.Confirmation{Observed: []schema.Record{seen}, ExternalID: string(j.batch[i].Key), Note: "carried by orders"})
	}
}

// projectWarehouse: Jushuitan's own row cannot be changed from outside, so what
// it is known to hold is all that can be wanted; an unknown warehouse is asked for.
func projectWarehouse(d *replicator.Delivery, src *schema.Warehouse) schema.Record {
	if held, isPlace := d.Held.(*schema.Warehouse); isPlace && held != nil {
		return schema.Clone(held)
	}
	return &schema.Warehouse{
		Provenance:    schema.Provenance{System: schema.Jushuitan},
		WarehouseCode: src.WarehouseCode, Name: src.Name, IsMain: src.IsMain, Active: src.Active,
	}
}

// writeWarehouses verifies that each warehouse is mapped and exists. There is no
// call that creates one.
func (c *Client) writeWarehouses(ctx context.Context, j *job) {
	if len(j.open()) == 0 {
		return
	}
	rows, asked, err := c.places(ctx)
	if err != nil {
		j.failAll(j.open(), err)
		return
	}
	for _, i := range j.open() {
		code := string(j.batch[i].Key)
		row := rows[c.ids[code]]
		if row == nil {
			j.fail(i, &replicator.HoldError{
				Reason: "warehouse_unmapped", Message: "warehouse " + code + " has no counterpart in Jushuitan",
				Hint: "create it in Jushuitan, then map it", WaitsFor: []string{topic(schema.EntityWarehouse, j.batch[i].Key)},
			})
			continue
		}
		j.confirm(i, c.confirmWarehouse(row, asked))
	}
}

func (c *Client) confirmWarehouse(row *placeRow, asked time.Time) replicator.Confirmation {
	rec := c.warehouseRecord(row, asked)
	return replicator.Confirmation{Observed: []schema.Record{rec}, ExternalID: rec.ExternalID, Note: "already there"}
}

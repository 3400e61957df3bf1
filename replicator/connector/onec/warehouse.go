package onec

import (
	"context"
	"fmt"

	"sverka/replicator"
	"sverka/schema"
)

// warehouseRow makes the canonical record of a mapped warehouse.
func (c *Client) warehouseRow(r row) *schema.Warehouse {
	code := c.warehouseCode(r)
	return &schema.Warehouse{
		Provenance: c.provenance(r), WarehouseCode: code, Name: r.text("Description"),
		IsMain: code == c.cfg.MainWarehouse, Active: !r.flag("DeletionMark"),
	}
}

// mappedName is the Description under which a code is mapped, "" when it is not
// mapped or mapped by reference.
func (c *Client) mappedName(code string) string {
	for name, have := range c.cfg.Warehouses {
		if have == code && !isGUID(name) {
			return name
		}
	}
	return ""
}

func isGUID(s string) bool { return len(s) == len(emptyGUID) && s[8] == '-' && s[13] == '-' }

// projectWarehouse: the names of warehouses are each system's own; only the
// existence of a mapped one is wished for.
func (c *Client) projectWarehouse(source, held *schema.Warehouse) *schema.Warehouse {
	switch {
	case held != nil:
		return schema.Clone(held)
	case !source.DeletedAt.IsZero() || !source.Active:
		return nil
	}
	name := c.mappedName(source.WarehouseCode)
	if name == "" {
		name = source.Name
	}
	return &schema.Warehouse{
		Provenance:    schema.Provenance{System: schema.OneC},
		WarehouseCode: source.WarehouseCode, Name: name, IsMain: source.WarehouseCode == c.cfg.MainWarehouse, Active: true,
	}
}

// writeWarehouses finds mapped warehouses and creates missing ones where that is
// allowed. One at a time: there are few, and a name must not be created twice.
func (c *Client) writeWarehouses(ctx context.Context, batch []replicator.Delivery, out *results) error {
	rows, err := c.find(ctx, c.n.Warehouses, "IsFolder eq false", nil)
	if err != nil {
		return err
	}
	have := map[string]row{}
	for _, r := range rows {
		if code := c.warehouseCode(r); code != "" {
			have[code] = r
		}
	}
	for i, d := range batch {
		w, ok := d.Wanted.(*schema.Warehouse)
		if !ok {
			out.fail(i, rejected("write warehouse", "nothing is wanted", ""))
			continue
		}
		note := alreadyThere
		if have[w.WarehouseCode] == nil {
			note = "created"
			r, err := c.createWarehouse(ctx, w.WarehouseCode)
			if err != nil {
				out.fail(i, err)
				continue
			}
			have[w.WarehouseCode] = r
			c.refs.warehouse.drop("")
		}
		got := c.warehouseRow(have[w.WarehouseCode])
		out.confirm(i, note, got.ExternalID, got)
	}
	return nil
}

func (c *Client) createWarehouse(ctx context.Context, code string) (row, error) {
	name := c.mappedName(code)
	switch {
	case name == "":
		return nil, &replicator.HoldError{Reason: "warehouse_unmapped", Message: fmt.Sprintf("warehouse %q is not mapped to one of 1C", code), Hint: "create it in 1C and add it to the setting warehouses"}
	case !c.cfg.CreateWarehouses:
		return nil, &replicator.HoldError{Reason: "warehouse_missing", Message: fmt.Sprintf("1C has no warehouse %q for the code %q", name, code), Hint: "create it in 1C, or switch the setting create warehouses on"}
	}
	r, err := c.create(ctx, c.n.Warehouses, row{"Description": cut(name, 50), "ТипСклада": "ОптовыйСклад"})
	if err != nil && replicator.KindOf(err) == replicator.Unknown {
		found, askErr := c.find(ctx, c.n.Warehouses, eqText("Description", cut(name, 50)), nil)
		if askErr == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return r, err
}

// warehouses gives reference → our code of the mapped warehouses.
func (c *Client) warehouses(ctx context.Context) (map[string]string, error) {
	if all, ok := c.refs.warehouse.get(""); ok {
		return all, nil
	}
	rows, err := c.find(ctx, c.n.Warehouses, "IsFolder eq false", []string{"Ref_Key", "Description", "DeletionMark"})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range rows {
		if code := c.warehouseCode(r); code != "" && !r.flag("DeletionMark") {
			out[r.ref("Ref_Key")] = code
		}
	}
	c.refs.warehouse.put("", out)
	return out, nil
}

// warehouseCode is the mapped code of a warehouse row, "" when it is not mapped.
func (c *Client) warehouseCode(r row) string {
	if code := c.cfg.Warehouses[r.ref("Ref_Key")]; code != "" {
		return code
	}
	return c.cfg.Warehouses[r.text("Description")]
}

func (c *Client) warehouseRef(ctx context.Context, code string) (string, error) {
	all, err := c.warehouses(ctx)
	if err != nil {
		return "", err
	}
	for ref, have := range all {
		if have == code {
			return ref, nil
		}
	}
	mapped := false
	for _, have := range c.cfg.Warehouses {
		mapped = mapped || have == code
	}
	if !mapped {
		return "", &replicator.HoldError{Reason: "warehouse_unmapped", Message: fmt.Sprintf("warehouse %q is not mapped to one of 1C", code), Hint: "add it to the setting warehouses"}
	}
	return "", &replicator.HoldError{
		Reason: "warehouse_missing", Message: fmt.Sprintf("1C has no warehouse that is mapped to %q", code), Hint: "create it in 1C",
		WaitsFor: []string{replicator.Subject{Entity: schema.EntityWarehouse, System: schema.OneC, Key: schema.Key(code)}.Topic()},
	}
}

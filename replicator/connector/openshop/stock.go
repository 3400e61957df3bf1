package openshop

import (
	"bytes"
	"slices"

	"sverka/replicator"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// projectStock is what the shop may sell: what lies there less what is promised,
// never below zero. The shop keeps no reserve and no unit of its own.
func (c *Client) projectStock(src, held *schema.StockBalance) (*schema.StockBalance, error) {
	if !c.knowsWarehouse(src.WarehouseCode) {
		return nil, &replicator.HoldError{
			Reason: "warehouse_unmapped", Message: "warehouse " + src.WarehouseCode + " has no id in the shop",
			Hint: "add it to the shop's mapping of warehouses, or switch the flow off for it",
		}
	}
	w := &schema.StockBalance{WarehouseCode: src.WarehouseCode, SKU: src.SKU, Quantity: max(0, src.Available())}
	if !src.DeletedAt.IsZero() {
		w.Quantity = 0
	}
	if held != nil {
		w.UnitCode, w.ExternalID = held.UnitCode, held.ExternalID
	}
	w.System = schema.OpenShop
	return w, nil
}

func (c *Client) knowsWarehouse(code string) bool {
	for _, ours := range c.cfg.Warehouses {
		if ours == code {
			return true
		}
	}
	return false
}

// stockDocuments is one package of changes; rows of one article stand together.
func (c *Client) stockDocuments(batch []replicator.Delivery) ([]document, error) {
	balances, err := wantedOf[*schema.StockBalance](batch)
	if err != nil {
		return nil, err
	}
	var rows []commerceml.ChangeRow
	at := map[string]int{}
	for _, b := range balances {
		i, seen := at[b.SKU]
		if !seen {
			i = len(rows)
			at[b.SKU] = i
			rows = append(rows, commerceml.ChangeRow{Product: &schema.Product{SKU: b.SKU}})
		}
		rows[i].Stock = append(rows[i].Stock, b)
	}
	var doc bytes.Buffer
	if err := commerceml.WriteChanges(&doc, c.writeOptions(), slices.Values(rows)); err != nil {
		return nil, err
	}
	return []document{{"offers", doc.Bytes()}}, nil
}

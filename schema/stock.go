package schema

// UnitPiece is the OKEI code of pieces, the unit of a quantity whose unit nobody names.
const UnitPiece = "796"

// StockBalance is what a system says lies in one warehouse of one product.
// Key: "warehouse_code/sku".
type StockBalance struct {
	Provenance
	WarehouseCode string   `json:"warehouse_code"`
	SKU           string   `json:"sku"`
	UnitCode      string   `json:"unit_code"`
	Quantity      Quantity `json:"quantity"` // physical; may be negative where the system allows it
	Reserved      Quantity `json:"reserved"` // promised to orders, part of Quantity
}

// Available is the physical quantity less what is promised.
func (b *StockBalance) Available() Quantity { return b.Quantity - b.Reserved }

// RecordEntity implements [Record].
func (b *StockBalance) RecordEntity() Entity { return EntityStockBalance }

// RecordKey implements [Record].
func (b *StockBalance) RecordKey() Key { return JoinKey(b.WarehouseCode, b.SKU) }

// Prov implements [Record].
func (b *StockBalance) Prov() *Provenance { return &b.Provenance }

// Validate implements [Record].
func (b *StockBalance) Validate() []Problem {
	var c checker
	c.keyPart("warehouse_code", b.WarehouseCode, 50)
	c.key("sku", b.SKU, 50)
	c.notNegative("reserved", int64(b.Reserved), b.Reserved)
	return c.problems
}

package jushuitan

import "strings"

// Operations in our own words; the table below is the only place that knows
// what the vendor calls them.
const (
	opTokenInit      = "token.init"
	opTokenRefresh   = "token.refresh"
	opProducts       = "product.query"
	opStock          = "stock.query"
	opWarehouses     = "warehouse.query"
	opShops          = "shop.query"
	opOrders         = "orders.query"
	opOrdersUpload   = "orders.upload"
	opOrdersCancel   = "orders.status.update"
	opShipments      = "shipment.query"
	opStockCount     = "stock.upload"
	legacyPath       = "/api/open/query.aspx"
	maxOrdersPerAsk  = 20
	maxOrdersPerCall = 50
	maxStockPerCall  = 500
	maxSKUsPerAsk    = 100
)

// operation is one call of the API.
type operation struct {
	path   string
	rows   string // name of the array of rows in the data, "" when there is none
	writes bool   // a lost answer leaves the outcome unknown
	noData bool   // an answer without data is a success
}

func operations() map[string]operation {
	return map[string]operation{
		opTokenInit:    {path: "/openWeb/auth/getInitToken"},
		opTokenRefresh: {path: "/openWeb/auth/refreshToken"},
		opProducts:     {path: "/open/sku/query", rows: "datas"},
		opStock:        {path: "/open/inventory/query", rows: "inventorys"},
		opWarehouses:   {path: "/open/wms/partner/query", rows: "datas"},
		opShops:        {path: "/open/shops/query", rows: "datas"},
		opOrders:       {path: "/open/orders/single/query", rows: "orders"},
		opOrdersUpload: {path: "/open/jushuitan/orders/upload", rows: "datas", writes: true},
		opOrdersCancel: {path: "/open/jushuitan/orderbyoid/cancel", writes: true, noData: true},
		opShipments:    {path: "/open/orders/out/simple/query", rows: "datas"},
		opStockCount:   {path: "/open/jushuitan/inventoryv2/upload", writes: true},
	}
}

// method is the operation's name on the old gateway.
func (o operation) method() string {
	return strings.ReplaceAll(strings.TrimPrefix(o.path, "/open/"), "/", ".")
}

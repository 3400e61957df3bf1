package schema

// System names one party of the exchange. It is the first key column of every
// canonical table.
type System string

// The systems that sverka keeps in step, and the two sources of facts beside them.
const (
	OneC      System = "onec"      // 1C:Trade Management, the hub
	Jushuitan System = "jushuitan" // 聚水潭, orders and warehouses
	OpenShop  System = "openshop"  // the company's own web shop
	Bank      System = "bank"      // bank statements
	Yandex    System = "yandex"    // geocoder
	Sverka    System = "sverka"    // sverka itself: the error journal
)

// Entity names one kind of canonical record.
type Entity string

// The entities of the mission.
const (
	EntityProduct         Entity = "product"
	EntityCustomer        Entity = "customer"
	EntityWarehouse       Entity = "warehouse"
	EntityOrderStatus     Entity = "order_status"
	EntitySalesOrder      Entity = "sales_order"
	EntityStockBalance    Entity = "stock_balance"
	EntityShipment        Entity = "shipment"
	EntityPayment         Entity = "payment"
	EntityBankTransaction Entity = "bank_transaction"
	EntityAddress         Entity = "address"
	EntityJournalEntry    Entity = "journal_entry"
)

// Entities lists every entity in dependency order: what others refer to comes first.
func Entities() []Entity {
	return []Entity{
		EntityWarehouse, EntityProduct, EntityCustomer, EntityAddress, EntityStockBalance, EntitySalesOrder,
		EntityOrderStatus, EntityPayment, EntityBankTransaction, EntityShipment, EntityJournalEntry,
	}
}

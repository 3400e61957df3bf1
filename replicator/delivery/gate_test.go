package delivery

import (
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

func order(system schema.System, change func(*schema.SalesOrder)) *schema.SalesOrder {
	o := &schema.SalesOrder{
		Provenance: seen(system), OrderNumber: "100", OrderedAt: time.Now(), Currency: "RUB", Total: 10000, PaymentMethod: schema.MethodCard, Posted: true,
		Lines: []schema.SalesOrderLine{{LineNo: 1, SKU: "A", Quantity: schema.Pieces(1), UnitCode: "796", Price: 10000, Amount: 10000}},
	}
	if change != nil {
		change(o)
	}
	return o
}

func paid(id string, amount schema.Amount, status, currency string) *schema.Payment {
	return &schema.Payment{Provenance: seen(schema.OneC), PaymentID: id, OrderNumber: "100", Amount: amount, Currency: currency, Method: schema.MethodCard, Status: status}
}

func bankLine(id, direction string, amount schema.Amount, currency string) *schema.BankTransaction {
	return &schema.BankTransaction{Provenance: seen(schema.Bank), TransactionID: id, Account: "40702", Direction: direction, Amount: amount, Currency: currency, BookedOn: time.Now(), OrderReference: "100"}
}

func status(system schema.System, phase schema.Phase) *schema.OrderStatus {
	return &schema.OrderStatus{Provenance: seen(system), OrderNumber: "100", Phase: phase}
}

func address(text, state string) *schema.Address {
	return &schema.Address{Provenance: seen(schema.Yandex), AddressID: schema.AddressID(text), Text: text, Status: state, Candidates: 2}
}

// look composes one delivery and tells what the gates say: "open", "done: …" or "held: …".
func (b *bench) look(flow replicator.FlowID, key schema.Key, ask bool) (string, *settlement) {
	b.t.Helper()
	items, err := b.e.compose(b.t.Context(), b.e.flows[flow], []claimed{{Key: key, LSN: "0/1", AskFirst: ask}})
	if err != nil {
		b.t.Fatal(err)
	}
	switch s := items[0].settled; {
	case s == nil:
		return "open", nil
	case s.state == "delivered":
		return "done: " + s.outcome, s
	default:
		return s.state + ": " + s.reason, s
	}
}

func TestGates_of_an_order_on_its_way_to_the_warehouse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	transfer := func(o *schema.SalesOrder) { o.PaymentMethod = schema.MethodBankTransfer }
	cancelled := status(schema.OneC, schema.PhaseCancelled)
	deleted := func(o *schema.SalesOrder) { o.DeletedAt = time.Now() }
	unposted := func(o *schema.SalesOrder) { o.Posted = false }
	for name, c := range map[string]struct {
		rows []schema.Record
		ask  bool
		want string
	}{
		"the hub holds no such order": {nil, false, "done: nothing_to_tell"},
		"not posted":                  {[]schema.Record{order(schema.OneC, unposted), paid("P", 10000, schema.PaymentPaid, "RUB")}, false, "held: not_accepted"},
		"card, nothing paid":          {[]schema.Record{order(schema.OneC, nil)}, false, "held: not_paid"},
		"card, paid":                  {[]schema.Record{order(schema.OneC, nil), paid("P", 10000, schema.PaymentPaid, "RUB")}, false, "open"},
		"card, partly paid":           {[]schema.Record{order(schema.OneC, nil), paid("P", 9999, schema.PaymentPaid, "RUB")}, false, "held: not_paid"},
		"card, paid in two parts":     {[]schema.Record{order(schema.OneC, nil), paid("P", 4000, schema.PaymentPaid, "RUB"), paid("Q", 6000, schema.PaymentPaid, "RUB")}, false, "open"},
		"card, a part paid back":      {[]schema.Record{order(schema.OneC, nil), paid("P", 10000, schema.PaymentPaid, "RUB"), paid("Q", 100, schema.PaymentRefunded, "RUB")}, false, "held: not_paid"},
		"card, pending and failed":    {[]schema.Record{order(schema.OneC, nil), paid("P", 10000, schema.PaymentPending, "RUB"), paid("Q", 10000, schema.PaymentFailed, "RUB")}, false, "held: not_paid"},
		"card, paid in another money": {[]schema.Record{order(schema.OneC, nil), paid("P", 10000, schema.PaymentPaid, "CNY")}, false, "held: not_paid"},
		"card, the payment is deleted": {[]schema.Record{order(schema.OneC, nil), func() schema.Record {
			p := paid("P", 10000, schema.PaymentPaid, "RUB")
			p.DeletedAt = time.Now()
			return p
		}()}, false, "held: not_paid"},
		"on delivery":                              {[]schema.Record{order(schema.OneC, func(o *schema.SalesOrder) { o.PaymentMethod = schema.MethodOnDelivery })}, false, "open"},
		"transfer, recorded but not in the bank":   {[]schema.Record{order(schema.OneC, transfer), paid("P", 10000, schema.PaymentPaid, "RUB")}, false, "held: payment_not_verified"},
		"transfer, in the bank":                    {[]schema.Record{order(schema.OneC, transfer), bankLine("T", schema.BankIn, 10000, "RUB")}, false, "open"},
		"transfer, partly in the bank":             {[]schema.Record{order(schema.OneC, transfer), bankLine("T", schema.BankIn, 9000, "RUB")}, false, "held: payment_not_verified"},
		"transfer, sent back by the bank":          {[]schema.Record{order(schema.OneC, transfer), bankLine("T", schema.BankIn, 10000, "RUB"), bankLine("U", schema.BankOut, 10000, "RUB")}, false, "held: payment_not_verified"},
		"transfer in another money":                {[]schema.Record{order(schema.OneC, transfer), bankLine("T", schema.BankIn, 10000, "CNY")}, false, "held: payment_not_verified"},
		"transfer in two moneys":                   {[]schema.Record{order(schema.OneC, transfer), bankLine("T", schema.BankIn, 5000, "CNY"), bankLine("U", schema.BankIn, 5000, "RUB")}, false, "held: payment_not_verified"},
		"cancelled before release":                 {[]schema.Record{order(schema.OneC, nil), cancelled}, false, "done: nothing_to_tell"},
		"cancelled, perhaps released":              {[]schema.Record{order(schema.OneC, nil), cancelled}, true, "open"},
		"cancelled and unposted, perhaps released": {[]schema.Record{order(schema.OneC, unposted), cancelled}, true, "open"},
		"deleted and never paid, perhaps released": {[]schema.Record{order(schema.OneC, deleted)}, true, "open"},
		"alive, perhaps released, not paid":        {[]schema.Record{order(schema.OneC, nil)}, true, "held: not_paid"},
		"cancelled after release, paid":            {[]schema.Record{order(schema.OneC, nil), cancelled, order(schema.Jushuitan, nil), paid("P", 10000, schema.PaymentPaid, "RUB")}, false, "open"},
	} {
		b.reset()
		b.stage(c.rows...)
		got, s := b.look(releaseFlow, "100", c.ask)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if s != nil && s.state == "held" && (s.failure == "" || len(s.waitsFor) != 1 || s.waitsFor[0] != replicator.OrderTopic("100")) {
			t.Errorf("%s: a held order says why and what it waits for: %+v", name, s)
		}
	}
}

func TestGates_of_an_order_on_its_way_to_the_hub(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const where = "Москва, Тверская 1"
	fetched, sent := order(schema.OpenShop, nil), order(schema.OpenShop, func(o *schema.SalesOrder) { o.AddressText = where })
	for name, c := range map[string]struct {
		rows []schema.Record
		want string
	}{
		"fetched by the buyer": {[]schema.Record{fetched}, "open"},
		"not yet looked up":    {[]schema.Record{sent}, "held: address_pending"},
		"resolved":             {[]schema.Record{sent, address("москва,   тверская 1", schema.AddressResolved)}, "open"},
		"ambiguous":            {[]schema.Record{sent, address(where, schema.AddressAmbiguous)}, "held: address_unresolved"},
		"not found":            {[]schema.Record{sent, address(where, schema.AddressNotFound)}, "held: address_unresolved"},
	} {
		b.reset()
		b.stage(c.rows...)
		got, s := b.look(intakeFlow, "100", false)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		topic := replicator.Subject{Entity: schema.EntityAddress, System: schema.Yandex, Key: schema.Key(schema.AddressID(where))}.Topic()
		if s != nil && (len(s.waitsFor) != 1 || s.waitsFor[0] != topic || strings.Contains(s.failure, "Тверская")) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestGates_of_a_status(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const toWarehouse, toHub = replicator.FlowID("order_status:onec>jushuitan"), replicator.FlowID("order_status:jushuitan>onec")
	for name, c := range map[string]struct {
		flow replicator.FlowID
		rows []schema.Record
		ask  bool
		want string
	}{
		"further than the target":               {toHub, []schema.Record{status(schema.Jushuitan, schema.PhaseShipped), status(schema.OneC, schema.PhaseReleased)}, false, "open"},
		"as far as the target":                  {toHub, []schema.Record{status(schema.Jushuitan, schema.PhaseShipped), status(schema.OneC, schema.PhaseShipped)}, false, "done: equal"},
		"behind the target":                     {toHub, []schema.Record{status(schema.Jushuitan, schema.PhaseReleased), status(schema.OneC, schema.PhaseShipped)}, false, "done: equal"},
		"says nothing about progress":           {toHub, []schema.Record{status(schema.Jushuitan, schema.PhaseUnknown), status(schema.OneC, schema.PhaseReceived)}, false, "done: nothing_to_tell"},
		"target does not know the order, early": {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseAccepted)}, false, "done: nothing_to_tell"},
		"target does not know the order, late":  {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseReleased)}, false, "held: order_missing"},
		"cancelled before release":              {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseCancelled)}, false, "done: nothing_to_tell"},
		"cancelled, perhaps released":           {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseCancelled)}, true, "open"},
		"cancelled, released, status not read":  {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseCancelled), order(schema.Jushuitan, nil), order(schema.OneC, nil)}, false, "held: order_missing"},
		"cancelled after release":               {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseCancelled), status(schema.Jushuitan, schema.PhaseReleased)}, false, "open"},
		"cancelled after a part was shipped":    {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseCancelled), status(schema.Jushuitan, schema.PhaseShippedPartial)}, false, "held: already_shipped"},
		"cancelled after it was delivered":      {toWarehouse, []schema.Record{status(schema.OneC, schema.PhaseCancelled), status(schema.Jushuitan, schema.PhaseDelivered)}, false, "held: already_shipped"},
		"returned after it was delivered":       {toHub, []schema.Record{status(schema.Jushuitan, schema.PhaseReturned), status(schema.OneC, schema.PhaseDelivered)}, false, "open"},
	} {
		b.reset()
		b.stage(c.rows...)
		if got, s := b.look(c.flow, "100", c.ask); got != c.want {
			t.Errorf("%s: %s, want %s (%+v)", name, got, c.want, s)
		}
	}
}

func TestGates_of_stock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const correction, offer = replicator.FlowID("stock_balance:jushuitan>onec"), replicator.FlowID("stock_balance:onec>jushuitan")
	balance := func(system schema.System, age time.Duration) *schema.StockBalance {
		p := schema.Provenance{System: system, ObservedAt: time.Now().Add(-age)}
		return &schema.StockBalance{Provenance: p, WarehouseCode: "MAIN", SKU: "A/1", UnitCode: "796", Quantity: schema.Pieces(5)}
	}
	parcel := func(system schema.System, state string) *schema.Shipment {
		return &schema.Shipment{
			Provenance: seen(system), InvoiceNumber: "N1", OrderNumber: "100", WarehouseCode: "MAIN", Status: state,
			Lines: []schema.ShipmentLine{{LineNo: 1, SKU: "A/1", Quantity: schema.Pieces(1), UnitCode: "796"}},
		}
	}
	const owned = `INSERT INTO ops.stock_owner VALUES ('MAIN', 'jushuitan')`
	read := func(system, entity, ago string) string {
		return `INSERT INTO ops.intake_source (system, name, entity, last_complete_started_at) VALUES ('` + system + `', '` + entity + `', '` + entity + `', now() - interval '` + ago + `')`
	}
	fresh := []string{owned, read("jushuitan", "shipment", "1 s"), read("onec", "stock_balance", "1 s")}
	rested := balance(schema.Jushuitan, time.Hour)
	for name, c := range map[string]struct {
		flow replicator.FlowID
		rows []schema.Record
		sql  []string
		want string
	}{
		"nobody owns the warehouse":      {offer, []schema.Record{balance(schema.OneC, 0)}, nil, "held: stock_owner_unknown"},
		"the other side owns it":         {offer, []schema.Record{balance(schema.OneC, 0)}, []string{owned}, "done: not_owner"},
		"the source owns it":             {offer, []schema.Record{balance(schema.OneC, 0)}, []string{`INSERT INTO ops.stock_owner VALUES ('MAIN', 'onec')`}, "open"},
		"at rest":                        {correction, []schema.Record{rested}, fresh, "open"},
		"the figure has just changed":    {correction, []schema.Record{balance(schema.Jushuitan, time.Minute)}, fresh, "held: stock_unsettled"},
		"shipments never read":           {correction, []schema.Record{rested}, []string{owned, read("onec", "stock_balance", "1 s")}, "held: stock_unsettled"},
		"shipments read before it":       {correction, []schema.Record{rested}, []string{owned, read("jushuitan", "shipment", "2 h"), read("onec", "stock_balance", "1 s")}, "held: stock_unsettled"},
		"the hub's stock read before it": {correction, []schema.Record{rested}, []string{owned, read("jushuitan", "shipment", "1 s"), read("onec", "stock_balance", "2 h")}, "held: stock_unsettled"},
		"a shipment is under way":        {correction, []schema.Record{rested, parcel(schema.Jushuitan, schema.ShipmentShipped)}, fresh, "held: stock_unsettled"},
		"the shipment is booked":         {correction, []schema.Record{rested, parcel(schema.Jushuitan, schema.ShipmentShipped), parcel(schema.OneC, schema.ShipmentShipped)}, fresh, "open"},
		"the shipment is only planned":   {correction, []schema.Record{rested, parcel(schema.Jushuitan, schema.ShipmentPlanned)}, fresh, "open"},
		"a shipment was booked since the hub's stock was read": {
			correction,
			[]schema.Record{rested, parcel(schema.Jushuitan, schema.ShipmentShipped), parcel(schema.OneC, schema.ShipmentShipped)},
			append([]string{`INSERT INTO ops.delivery (flow, key, wanted_lsn, state, settled_at) VALUES ('shipment:jushuitan>onec', 'N1', '0/1', 'delivered', now())`}, fresh...), "held: stock_unsettled",
		},
	} {
		b.reset()
		b.stage(c.rows...)
		for _, sql := range c.sql {
			b.exec(sql)
		}
		if got, s := b.look(c.flow, "MAIN/A/1", false); got != c.want {
			t.Errorf("%s: %s, want %s (%+v)", name, got, c.want, s)
		}
	}
}

package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"sverka/schema"
)

// samples is one good, full record of every entity.
func samples() []schema.Record {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	p := schema.Provenance{System: schema.OneC, ExternalID: "x", ObservedAt: at, Extra: schema.Extra{"a": "b"}}
	return []schema.Record{
		&schema.Product{
			Provenance: p, SKU: "S-1", Name: "Лампа «聚»", WeightKg: 1250, Enabled: true,
			Prices: []schema.ProductPrice{{PriceType: "retail", Amount: 19990, Currency: "RUB"}}, Images: []schema.ProductImage{{Position: 1, URL: "https://img.example.com/1.jpg"}},
		},
		&schema.Customer{Provenance: p, CustomerCode: "C1", Kind: schema.PersonKind, Name: "Иванова Анна", INN: "771234567890"},
		&schema.Warehouse{Provenance: p, WarehouseCode: "MAIN", Name: "Основной"},
		&schema.Address{Provenance: p, AddressID: schema.AddressID("Тверь, 1"), Text: "Тверь, 1", Status: schema.AddressNotFound},
		&schema.StockBalance{Provenance: p, WarehouseCode: "MAIN", SKU: "S-1/2", Quantity: -1000, Reserved: 500},
		&schema.SalesOrder{
			Provenance: p, OrderNumber: "OS-1", Currency: "RUB", OrderedAt: at, Total: 300,
			Lines: []schema.SalesOrderLine{{LineNo: 1, SKU: "S-1", Quantity: 1000, Price: 300, Amount: 300}},
		},
		&schema.OrderStatus{Provenance: p, OrderNumber: "OS-1", Phase: schema.PhaseReleased, VendorStatus: "WaitConfirm"},
		&schema.Payment{Provenance: p, PaymentID: "P1", OrderNumber: "OS-1", Amount: 300, Currency: "RUB", Status: schema.PaymentPaid},
		&schema.BankTransaction{Provenance: p, TransactionID: "T1", Account: "40702810900000000011", Direction: schema.BankIn, Amount: 300, Currency: "RUB", BookedOn: at},
		&schema.Shipment{Provenance: p, InvoiceNumber: "880001", OrderNumber: "OS-1", Status: schema.ShipmentShipped, Lines: []schema.ShipmentLine{{LineNo: 1, SKU: "S-1", Quantity: 1000}}},
		&schema.JournalEntry{Provenance: p, EntryID: schema.JournalID("a"), Severity: schema.SeverityError, Message: "m"},
	}
}

func TestEveryEntityHasARecordAndBack(t *testing.T) {
	t.Parallel()
	seen := map[schema.Entity]bool{}
	for _, r := range samples() {
		e := r.RecordEntity()
		seen[e] = true
		if n := schema.NewRecord(e); reflect.TypeOf(n) != reflect.TypeOf(r) || n.RecordEntity() != e {
			t.Errorf("NewRecord(%s) is a %T, want %T", e, n, r)
		}
		if problems := r.Validate(); len(problems) > 0 {
			t.Errorf("a good %s is refused: %v", e, problems)
		}
		if r.RecordKey() == "" || r.Prov().ExternalID != "x" {
			t.Errorf("%s has key %q and provenance %+v", e, r.RecordKey(), r.Prov())
		}
	}
	for _, e := range schema.Entities() {
		if !seen[e] {
			t.Errorf("entity %s has no sample here", e)
		}
	}
	if len(seen) != len(schema.Entities()) || schema.NewRecord("nonsense") != nil {
		t.Error("Entities and NewRecord must name the same entities and no other")
	}
}

func TestRecords_travel_through_JSON_unchanged(t *testing.T) {
	t.Parallel()
	for _, r := range samples() {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		back := schema.NewRecord(r.RecordEntity())
		if err := json.Unmarshal(b, back); err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s came back as %+v (%v), want %+v", r.RecordEntity(), back, err, r)
		}
		var columns map[string]any
		if err := json.Unmarshal(b, &columns); err != nil {
			t.Fatal(err)
		}
		for name := range columns {
			if name != strings.ToLower(name) || strings.Contains(name, "-") {
				t.Errorf("%s has the JSON name %q, which is no column name", r.RecordEntity(), name)
			}
		}
	}
}

func TestHash_depends_on_the_content_alone(t *testing.T) {
	t.Parallel()
	for _, r := range samples() {
		e, before := r.RecordEntity(), schema.Hash(r)
		kept := *r.Prov()
		*r.Prov() = schema.Provenance{System: schema.Jushuitan, ExternalID: "y", ObservedAt: time.Now(), SourceModifiedAt: time.Now(), ExchangeID: 7, RowHash: "z", Extra: schema.Extra{"c": "d"}}
		if schema.Hash(r) != before {
			t.Errorf("%s: the hash depends on the provenance", e)
		}
		r.Prov().DeletedAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		deleted := schema.Hash(r)
		if deleted == before {
			t.Errorf("%s: a deletion does not show in the hash", e)
		}
		r.Prov().DeletedAt = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
		if schema.Hash(r) != deleted {
			t.Errorf("%s: the hash depends on when it was deleted", e)
		}
		*r.Prov() = kept
		if schema.Hash(r) != before || !reflect.DeepEqual(*r.Prov(), kept) {
			t.Errorf("%s: Hash did not leave the record as it was", e)
		}
		if schema.Hash(schema.NewRecord(e)) == before {
			t.Errorf("%s: an empty record has the same hash", e)
		}
	}
}

// TestHash_is_stable holds one digest for ever: stored hashes are compared with new
// ones, so a change here sends everything again.
func TestHash_is_stable(t *testing.T) {
	t.Parallel()
	const want = "a21e833b94a6bf13124845242fbc413d"
	r := &schema.Warehouse{WarehouseCode: "MAIN", Name: "Основной склад", IsMain: true, Active: true}
	if got := schema.Hash(r); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

func TestHash_every_field_of_a_row_counts(t *testing.T) {
	t.Parallel()
	for _, r := range samples() {
		v := reflect.ValueOf(r).Elem()
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if name == "Provenance" {
				continue
			}
			before := schema.Hash(r)
			changed := schema.Clone(r)
			f := reflect.ValueOf(changed).Elem().Field(i)
			switch f.Kind() {
			case reflect.String:
				f.SetString(f.String() + "!")
			case reflect.Int, reflect.Int64:
				f.SetInt(f.Int() + 1)
			case reflect.Bool:
				f.SetBool(!f.Bool())
			case reflect.Slice:
				f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
			case reflect.Struct:
				f.Set(reflect.ValueOf(time.Unix(1, 0).UTC()))
			default:
				t.Errorf("%s.%s is a %s: teach this test about it", r.RecordEntity(), name, f.Kind())
			}
			if schema.Hash(changed) == before {
				t.Errorf("%s: a change of %s does not show in the hash", r.RecordEntity(), name)
			}
		}
	}
}

func TestClone_shares_nothing(t *testing.T) {
	t.Parallel()
	order, ok := samples()[5].(*schema.SalesOrder)
	if !ok {
		t.Fatal("the sixth sample is not an order")
	}
	c := schema.Clone(order)
	if !reflect.DeepEqual(c, order) {
		t.Fatalf("the clone %+v differs from %+v", c, order)
	}
	c.Lines[0].SKU, c.Extra["a"] = "other", "other"
	if order.Lines[0].SKU != "S-1" || order.Extra["a"] != "b" {
		t.Error("a change of the clone shows in the original")
	}
	var record schema.Record = order
	if again := schema.Clone(record); !reflect.DeepEqual(again, record) {
		t.Errorf("a clone through the interface is %T", again)
	}
}

func TestKey_joins_and_splits(t *testing.T) {
	t.Parallel()
	if k := schema.JoinKey("MAIN", "S-1/2"); k != "MAIN/S-1/2" || !reflect.DeepEqual(k.Split(2), []string{"MAIN", "S-1/2"}) {
		t.Errorf("key %q splits into %q", k, k.Split(2))
	}
	if got := schema.AddressID("  Тверь,  УЛ. Мира "); got != schema.AddressID("тверь, ул. мира") || len(got) != 32 || got == schema.AddressID("тверь") {
		t.Errorf("address id %s must depend on the words alone", got)
	}
	if a, b := schema.JournalID("a", "bc"), schema.JournalID("ab", "c"); a == b || len(a) != 36 || a != schema.JournalID("a", "bc") {
		t.Errorf("journal ids %s and %s must tell their parts apart and be stable", a, b)
	}
}

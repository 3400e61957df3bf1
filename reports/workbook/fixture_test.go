package workbook

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"sverka/schema"
)

func pieces(n int64) Optional[schema.Quantity] { return Known(schema.Pieces(n)) }

// someReport is a morning with one finding of most kinds.
func someReport(language Language) Report {
	zone := time.FixedZone("Europe/Moscow", 3*3600)
	asOf := time.Date(2026, 11, 23, 6, 30, 0, 0, zone)
	r := Report{
		Run: RunInfo{
			ID: "2026-11-23-01", AsOf: asOf, Started: asOf.Add(2 * time.Minute), Finished: asOf.Add(3 * time.Minute),
			RuleVersion: "r14", CodeVersion: "1.2.0", Language: language, Zone: zone, Currency: "RUB",
			Verdict: Differences, PreviousID: "2026-11-22-01", PreviousHash: "9f86d081884c7d65",
		},
		Sources: []SourceInfo{
			{System: schema.OneC, Name: "1С:УТ", Taken: asOf.Add(-4 * time.Minute), Rows: 48_211, RowsRead: 12, Fresh: true, Complete: true, Quantity: pieces(812_340), Amount: Known(schema.Amount(1_284_550_075)), Fingerprint: "a91f03c2"},
			{System: schema.Jushuitan, Name: "Jushuitan 聚水潭", Taken: asOf.Add(-6 * time.Minute), Rows: 48_190, RowsRead: 40, Refused: 2, Fresh: true, Complete: true, Quantity: pieces(811_902), Fingerprint: "77be10d4"},
			{System: schema.OpenShop, Name: "OpenShop", Taken: asOf.Add(-9 * time.Minute), Rows: 12_004, RowsRead: 12_004, Fresh: true, Complete: true, Amount: Known(schema.Amount(640_001_050)), Fingerprint: "0c55e1aa"},
		},
		Controls: []ControlTotal{
			{Name: "Σ 1С + в пути + расхождения = Σ WMS", Area: AreaStock, Left: QuantityOf(schema.Pieces(811_902)), Right: QuantityOf(schema.Pieces(811_902)), Ties: true},
			{Name: "Оплаты сайта = оплаты 1С", Area: AreaPayment, Left: AmountOf(12_450_000, ""), Right: AmountOf(12_450_000, ""), Ties: true},
			{Name: "Заказов: сайт и 1С", Left: CountOf(1_204), Right: CountOf(1_204), Ties: true},
		},
		Warehouses: []WarehouseInfo{{Code: "MSK", Name: "Москва", Compared: 21_000}, {Code: "SPB", Name: "Санкт-Петербург", Compared: 18_400}, {Code: "KZN", Name: "Казань", Compared: 8_811}},
		Parameters: []Parameter{{Name: "Допуск по сумме", Value: "1,00 RUB"}, {Name: "Порог существенности", Value: "500,00 RUB"}},
		Owners:     []string{"Иванова", "Петров"},
		Held: []HeldLine{
			{Document: "S-100412", Flow: "Заказ: 1С → Jushuitan", From: schema.OneC, To: schema.Jushuitan, State: "held", Reason: "payment_not_verified", Words: "Оплата не подтверждена банком: заказ ждёт, пока в выписке не появится платёж", Detail: "the bank shows 0.00", Since: asOf.Add(-5 * time.Hour), ExpectedBy: asOf.Add(19 * time.Hour)},
			{Document: "WB-88231", Flow: "Отгрузка: Jushuitan → 1С", From: schema.Jushuitan, To: schema.OneC, Warehouse: "MSK", SKU: "007001", Quantity: pieces(3), State: "in_flight", Reason: "young", Since: asOf.Add(-40 * time.Minute), Attempts: 1, ExpectedBy: asOf.Add(80 * time.Minute)},
		},
	}
	for i := range 12 {
		r.Trend = append(r.Trend, TrendDay{
			Day: asOf.AddDate(0, 0, i-11), Open: int64(17 - i), New: int64(i % 5), Closed: int64(i%5 + 1), Amount: schema.Amount(1_000_000 - 10_000*i), OldestDays: 30 + i,
		})
	}
	r.Findings = stream(someFindings(asOf))
	return r
}

func someFindings(asOf time.Time) []Finding {
	day := func(n int) time.Time { return asOf.AddDate(0, 0, -n) }
	return []Finding{
		{ID: "F-000101", Severity: High, Class: ClassQuantity, Area: AreaStock, State: Open, Left: schema.OneC, Right: schema.Jushuitan, Warehouse: "MSK", SKU: "007001", Product: "Чайник электрический «Заря» 1,7 л, сталь, чёрный матовый", Unit: "шт", QtyOneC: pieces(120), QtyJushuitan: pieces(97), QtyOpenShop: pieces(97), InFlight: pieces(-3), Unexplained: pieces(-20), Amount: -4_580_000, AgeDays: 17, DocOneC: "УТ-004411", Cause: "Отгрузка WB-88190 от 18:04 не проведена в 1С", FirstSeen: day(17), CarriedNote: "Ждём ответ склада"},
		{ID: "F-000102", Severity: Medium, Class: ClassUnit, Area: AreaStock, State: Open, Left: schema.OneC, Right: schema.Jushuitan, Warehouse: "SPB", SKU: "12345678901234567890", Product: "Салфетки, уп. 12 шт", Unit: "уп", QtyOneC: Known(schema.Quantity(2_500)), QtyJushuitan: pieces(30), InFlight: pieces(0), Unexplained: Known(schema.Quantity(27_500)), Amount: 33_000, AgeDays: 3, Cause: "Количества отличаются в 12 раз", FirstSeen: day(3)},
		{ID: "F-000103", Severity: Low, Class: ClassMissRight, Area: AreaStock, State: Reopened, Left: schema.OneC, Right: schema.OpenShop, Warehouse: "MSK", SKU: "=1+1", Product: `=HYPERLINK("http://example.com","x")`, Unit: "шт", QtyOneC: pieces(4), Unexplained: pieces(-4), Amount: -120_000, AgeDays: 1, FirstSeen: day(1)},
		{ID: "F-000104", Severity: Low, Class: ClassRounding, Area: AreaOrder, State: Accepted, Left: schema.OpenShop, Right: schema.OneC, OrderNumber: "S-100400", AmountShop: Known(schema.Amount(10_001)), AmountOneC: Known(schema.Amount(10_000)), Amount: -1, LinesDiffering: 1, OrderDate: day(1), FirstSeen: day(1), AgeDays: 1},
		{ID: "F-000105", Severity: High, Class: ClassAmount, Area: AreaOrder, State: Open, Left: schema.OpenShop, Right: schema.OneC, OrderNumber: "S-100398", DocOneC: "УТ-004398", DocJushuitan: "20098812", Customer: "C-00077", OrderDate: day(9), StatusShop: "paid", StatusOneC: "КОбеспечению", StatusJushuitan: "WaitConfirm", AmountShop: Known(schema.Amount(1_520_000)), AmountOneC: Known(schema.Amount(1_490_000)), Amount: -30_000, LinesDiffering: 2, AgeDays: 9, Cause: "Скидка по купону не перенесена", FirstSeen: day(9)},
		{ID: "F-000106", Severity: Medium, Class: ClassFailed, Area: AreaShipment, State: Open, Left: schema.Jushuitan, Right: schema.OneC, OrderNumber: "S-100377", DocJushuitan: "20098790", Customer: "C-00081", OrderDate: day(20), Amount: 88_000, Currency: "CNY", AgeDays: 20, Cause: "1С: период закрыт", FirstSeen: day(20)},
		{ID: "F-000107", Severity: Low, Class: ClassStatus, Area: AreaPayment, State: Provisional, Left: schema.OpenShop, Right: schema.OneC, OrderNumber: "S-100420", StatusShop: "paid", StatusOneC: "нет оплаты", FirstSeen: asOf},
		{ID: "F-000108", Severity: Medium, Class: ClassTranspose, Area: AreaStock, State: Resolved, Left: schema.OneC, Right: schema.Jushuitan, Warehouse: "KZN", SKU: "007002", Product: "Чайник\tбелый", Unit: "шт", QtyOneC: pieces(10), QtyJushuitan: pieces(11), InFlight: pieces(0), Unexplained: pieces(1), Amount: 5_000, AgeDays: 2, FirstSeen: day(2)},
		{ID: "F-000109", Severity: Medium, Class: "NEW_CODE", Area: AreaStock, State: "unheard", Warehouse: "SPB", SKU: "007003", Product: "Lamp <b>&amp;", Unit: "шт", QtyOneC: pieces(-1), Amount: -2_500, AgeDays: 40, FirstSeen: day(40)},
	}
}

func stream(findings []Finding) func() iter.Seq2[Finding, error] {
	return func() iter.Seq2[Finding, error] {
		return func(yield func(Finding, error) bool) {
			for _, f := range slices.Clone(findings) {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// manyFindings streams n findings without holding them.
func manyFindings(n int) func() iter.Seq2[Finding, error] {
	classes := []Class{ClassQuantity, ClassOverdue, ClassFailed, ClassTranspose, ClassAmount, ClassStatus, ClassUnmapped, ClassPrice}
	warehouses := []string{"MSK", "SPB", "KZN", "EKB", "NSK"}
	seen := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	return func() iter.Seq2[Finding, error] {
		return func(yield func(Finding, error) bool) {
			for i := range n {
				f := Finding{
					ID: fmt.Sprintf("F-%07d", i), Severity: []Severity{High, Medium, Low}[i%3], Class: classes[i%len(classes)], Area: AreaStock,
					State: Open, Left: schema.OneC, Right: schema.Jushuitan, Warehouse: warehouses[i%len(warehouses)], SKU: fmt.Sprintf("%08d", i/5),
					Product: "Чайник электрический & <сталь> " + fmt.Sprint(i/5), Unit: "шт", QtyOneC: pieces(int64(i % 500)), QtyJushuitan: pieces(int64(i%500 + i%7)),
					InFlight: pieces(0), Unexplained: pieces(int64(i % 7)), Amount: schema.Amount(int64(i%7) * 12_345), AgeDays: i % 45, FirstSeen: seen.AddDate(0, 0, i%20),
					Cause: "Отгрузка не проведена", DocOneC: "УТ-00" + fmt.Sprint(i%1000),
				}
				if i%10 == 0 {
					f.Area, f.OrderNumber, f.Warehouse = AreaOrder, fmt.Sprintf("S-%07d", i), ""
					f.AmountShop, f.AmountOneC = Known(schema.Amount(i)), Known(schema.Amount(2*i))
				}
				if i%4 == 0 {
					f.State = Accepted
				}
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

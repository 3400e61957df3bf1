package banksim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"sverka/replicator/connector/simworld"
)

func TestSim_writes_a_day_as_a_bank_does(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	world := simworld.New(simworld.Options{})
	sim := New(world, Options{Dir: dir, Opening: 100000})
	day := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	sim.Pay(world.Orders[0].Number, 55555, Payer{}, day.Add(-24*time.Hour))
	sim.Pay("OS-200001", 123450, Payer{Name: "ООО «聚» Берёза", INN: "7701234567"}, day)
	sim.Charge("Комиссия", 5000, Payer{Name: "Банк"}, day.Add(time.Hour))
	path, err := sim.WriteStatement(day)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := charmap.Windows1251.NewDecoder().Bytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, want := range []string{
		"1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\n",
		"НачальныйОстаток=1555.55\r\nВсегоПоступило=1234.50\r\nВсегоСписано=50.00\r\nКонечныйОстаток=2740.05\r\n",
		"Плательщик=7701234567, ООО «?» Берёза\r\n", "ДатаПоступило=23.11.2026\r\n", "заказу клиента №OS-200001", "ДатаСписано=23.11.2026\r\n", "КонецФайла\r\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the statement lacks %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "СекцияДокумент="); n != 2 {
		t.Errorf("the statement of a day has %d documents, want 2: yesterday's is in the opening balance", n)
	}
	if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Error("a line ends without CR")
	}
}

func TestSim_names_the_customer_of_a_known_order(t *testing.T) {
	t.Parallel()
	world := simworld.New(simworld.Options{})
	sim := New(world, Options{})
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	number := sim.Pay(world.Orders[2].Number, 100, Payer{}, at)
	text := sim.Statement(at)
	if name := world.CustomerByCode(world.Orders[2].Customer).Name; !strings.Contains(text, "Плательщик1="+name) || !strings.Contains(text, "Номер="+number+"\r\n") {
		t.Errorf("the statement names neither the customer of the order nor number %s", number)
	}
}

func TestSim_statements_of_a_day_overlap_and_leave_no_other_file(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sim := New(nil, Options{Dir: dir})
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var sizes []int
	for i := range 3 {
		sim.PayWithPurpose("за\nтовар", 100, Payer{}, at.Add(time.Duration(i)*time.Minute))
		path, err := sim.WriteStatement(at)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(b))
	}
	entries, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(entries) != 3 || sizes[0] >= sizes[1] || sizes[1] >= sizes[2] {
		t.Errorf("want three growing files, got %v of sizes %v (%v)", entries, sizes, err)
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(hidden) != 0 {
		t.Errorf("temporary files are left: %v (%v)", hidden, err)
	}
}

func TestSim_says_which_statement_could_not_be_written(t *testing.T) {
	t.Parallel()
	sim := New(nil, Options{Dir: filepath.Join(t.TempDir(), "absent")})
	if _, err := sim.WriteStatement(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); err == nil || !strings.Contains(err.Error(), "2026-11-23") {
		t.Errorf("error %v, want one that names the day", err)
	}
}

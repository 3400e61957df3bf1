package onec

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/simworld"
)

func envelope(code, words string) string {
	return fmt.Sprintf(`{"odata.error":{"code":%q,"message":{"lang":"ru","value":%q}}}`, code, words)
}

func TestClassify_EveryKnownAnswerHasItsKind(t *testing.T) {
	t.Parallel()
	const handler = "Ошибка при выполнении обработчика - 'ПриЗаписи' {ОбщийМодуль.ОбщегоНазначения.Модуль(180)}: Контрагент Иванова Анна заблокирован"
	for _, c := range []struct {
		name        string
		status      int
		body        string
		read, write replicator.Kind
	}{
		{"not found", 404, envelope("9", "Экземпляр сущности не найден"), replicator.Rejected, replicator.Rejected},
		{"unknown set", 404, envelope("6", "Сегмент пути X не найден!"), replicator.Rejected, replicator.Rejected},
		{"no such function", 400, envelope("6", "Метод не найден"), replicator.Rejected, replicator.Rejected},
		{"bad filter", 400, envelope("14", "Ошибка при разборе опции запроса $filter"), replicator.Rejected, replicator.Rejected},
		{"bad value", 400, envelope("1", "Не удалось разобрать строку 'Иванова' как значение типа Edm.Guid!"), replicator.Rejected, replicator.Rejected},
		{"section row", 400, envelope("13", "Cоздание строк табличной части напрямую не поддерживается"), replicator.Rejected, replicator.Rejected},
		{"handler", 500, envelope("-1", handler), replicator.Rejected, replicator.Rejected},
		{"form", 500, envelope("-1", "Произошла внутренняя ошибка OData сервиса"), replicator.Rejected, replicator.Rejected},
		{"broken json", 500, envelope("-1", "Непредвиденный символ при чтении JSON"), replicator.Rejected, replicator.Rejected},
		{"lock", 500, envelope("-1", "Конфликт блокировок при выполнении транзакции"), replicator.Transient, replicator.Transient},
		{"other internal", 500, envelope("-1", "Недостаточно памяти"), replicator.Transient, replicator.Unknown},
		{"web server", 500, "<html>oops</html>", replicator.Transient, replicator.Unknown},
		{"bad gateway", 502, "<html>", replicator.Transient, replicator.Unknown},
		{"unavailable", 503, "", replicator.Transient, replicator.Transient},
		{"throttled", 429, "", replicator.Throttled, replicator.Throttled},
		{"unauthorised", 401, "", replicator.Unauthorised, replicator.Unauthorised},
		{"forbidden", 403, envelope("-1", "нет прав"), replicator.Unauthorised, replicator.Unauthorised},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &apicall.Response{Status: c.status, Body: []byte(c.body), Header: http.Header{}}
			for writes, want := range map[bool]replicator.Kind{false: c.read, true: c.write} {
				f := classify("post Document_X", writes, r)
				if f == nil || f.Kind != want {
					t.Errorf("writes %v: got %v, want %s", writes, f, want)
					continue
				}
				if strings.Contains(f.Error()+f.Hint, "Иванова") {
					t.Errorf("the error quotes a person: %v (invariant 11)", f)
				}
			}
		})
	}
	if f := classify("read", false, &apicall.Response{Status: 200}); f != nil {
		t.Errorf("a success is %v", f)
	}
}

func TestSettle_AnUnpublishedSetIsAPersonsTask(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *Config, _ *simOptions) { c.Names.Journal = "InformationRegister_НетТакого" })
	_, err := b.client.Write(t.Context(), []replicator.Delivery{b.delivery(t, newEntry(1), nil)})
	requireHold(t, failureOf(t, err, 0), "not_published", "")
}

func TestPreflight_NamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	if err := newBench(t).client.Preflight(t.Context()); err != nil {
		t.Errorf("a good infobase: %v", err)
	}
	for want, adjust := range map[string]func(*Config, *simOptions){
		"Document_Нет":         func(c *Config, _ *simOptions) { c.Names.Orders = "Document_Нет" },
		"ООО Чужая":            func(c *Config, _ *simOptions) { c.Trade.Organization = "ООО Чужая" },
		"Оптовая":              func(c *Config, _ *simOptions) { c.PriceTypes = map[string]string{"Оптовая": "wholesale"} },
		"Цвет упаковки":        func(c *Config, _ *simOptions) { c.Attributes = Attributes{Brand: "Цвет упаковки"} },
		"НЕТ-ДОСТАВКИ":         func(c *Config, _ *simOptions) { c.Trade.FreightArticle = "НЕТ-ДОСТАВКИ" },
		"check login":          func(c *Config, _ *simOptions) { c.Password = "неверный" },
		"InformationRegister_": func(c *Config, _ *simOptions) { c.Names.Barcodes = "InformationRegister_Нет" },
	} {
		err := newBench(t, adjust).client.Preflight(t.Context())
		if err == nil {
			t.Errorf("%s: no error", want)
			continue
		}
		text := err.Error()
		var f *replicator.Failure
		if errors.As(err, &f) {
			text += f.Hint
		}
		if !strings.Contains(text, want) || strings.Contains(text, testPassword) {
			t.Errorf("want %q in %q", want, text)
		}
	}
}

func TestConfig_TellsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		BaseURL: "1c.example.com", Warehouses: map[string]string{"A": "M", "B": "M", "C": ""}, MainWarehouse: "X", StockCorrection: "maybe",
		PriceTypes: map[string]string{"Розничная": "retail", "Оптовая": "retail"}, PageSize: -1, Names: Names{PriceSection: "Товары3"},
	})
	for _, want := range []string{"base url", "user", "stands twice", "has no code", `"X"`, "maybe", "price type", "page size", "Товары3"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told: %v", want, err)
		}
	}
	if _, err := New(Config{BaseURL: "https://u:p@1c.example.com/ut", User: "u", Warehouses: map[string]string{"A": "M"}}); err == nil {
		t.Error("credentials in the address are accepted")
	}
	cfg := Config{User: "u", Password: testPassword}
	if s := fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg); strings.Contains(s, testPassword) {
		t.Error("a printed configuration shows the password")
	}
}

func TestClient_ObeysItsContextWhileAllCallsAreTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range inFlight {
		b.client.slots <- struct{}{}
	}
	ctx, cancel := contextWithTimeout(t, 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := b.client.published(ctx)
	if replicator.KindOf(err) != replicator.Transient || time.Since(started) > time.Second {
		t.Errorf("got %v after %s", err, time.Since(started))
	}
}

func TestReader_AFailedPageEndsTheReadWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, r := range map[string]replicator.Reader{
		"Catalog_Номенклатура": b.client.Products(), "Catalog_Партнеры": b.client.Customers(), "Document_РеализацияТоваровУслуг": b.client.Shipments(),
		"Document_ОперацияПоПлатежнойКарте": b.client.Payments(), "Document_ЗаказКлиента": b.client.Orders(), "Catalog_Склады": b.client.Warehouses(),
	} {
		b.faults.Fail(simworld.PathContains(name), 1, 500, "<html>")
		var last error
		for page, err := range r.Read(t.Context(), "") {
			if last != nil {
				t.Errorf("%s: the read went on after a failure", name)
			}
			if last = err; err != nil && len(page.Records) > 0 {
				t.Errorf("%s: a failed page carries records (invariant 8)", name)
			}
		}
		if replicator.KindOf(last) != replicator.Transient {
			t.Errorf("%s: the read ended with %v", name, last)
		}
	}
}

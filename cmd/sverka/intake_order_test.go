package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestInspect_finds_out_what_stands_together(t *testing.T) {
	t.Parallel()
	offer := func(id string) string {
		return "<Предложение><Ид>" + id + "</Ид></Предложение>"
	}
	offers := func(body string) string {
		return "<ПакетПредложений><Предложения>" + body + "</Предложения></ПакетПредложений>"
	}
	const product = "<Каталог><Товары><Товар><Ид>1</Ид></Товар></Товары></Каталог>"
	const types = "<Классификатор><ТипыЦен><ТипЦены><Ид>t</Ид></ТипЦены></ТипыЦен></Классификатор>"
	for _, tt := range []struct {
		name, body string
		want       bool
	}{
		{"offers of one product follow one another", types + offers(offer("1#a")+offer("1#b")+offer("2")), true},
		{"a product comes back", offers(offer("1#a") + offer("2") + offer("1#b")), false},
		{"a catalogue with its offers", product + offers(offer("1")), false},
		{"price types after the offers", offers(offer("1")) + types, false},
		{"a catalogue", types + product, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file.xml")
			if err := os.WriteFile(path, []byte("<КоммерческаяИнформация>"+tt.body+"</КоммерческаяИнформация>"), 0o600); err != nil {
				t.Fatal(err)
			}
			found := inspect(t.Context(), path, true)
			if found.together != tt.want || found.broken != nil {
				t.Errorf("together %v, broken %v", found.together, found.broken)
			}
		})
	}
}

func TestInspect_of_a_torn_catalogue_is_its_refusal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file.xml")
	if err := os.WriteFile(path, []byte("<Каталог><Товары><Товар><Ид>1</Ид></Товар>"), 0o600); err != nil {
		t.Fatal(err)
	}
	found := inspect(t.Context(), path, false)
	if found.torn() == nil || found.together || found.ids != nil {
		t.Errorf("got %+v", found)
	}
}

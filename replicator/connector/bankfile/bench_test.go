package bankfile_test

import (
	"strings"
	"testing"

	"sverka/replicator/connector/bankfile"
)

func BenchmarkParseThousandDocuments(b *testing.B) {
	text := exchange(strings.Repeat(incoming("НазначениеПлатежа=Оплата по заказу клиента №9614, в том числе НДС 20 процентов"), 1000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		st, _, err := bankfile.Parse(strings.NewReader(text), "x", bankfile.Options{})
		if err != nil || len(st.Transactions) != 1000 {
			b.Fatalf("%d transactions, %v", len(st.Transactions), err)
		}
	}
}

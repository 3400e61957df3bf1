package exchangelog_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/replicator/connector/apicall"
	"sverka/replicator/exchangelog"
	"sverka/schema/schematest"
)

func TestStore_keeps_every_call_and_names_the_last(t *testing.T) {
	t.Parallel()
	db := schematest.New(t)
	call := func(operation string) apicall.Exchange {
		return apicall.Exchange{
			System: "onec", Operation: operation, Method: "POST", Path: "/odata/\xfe", StartedAt: time.Now(), Duration: 1500 * time.Microsecond,
			Status: 201, Request: []byte("nul \x00 and \xff"), Response: []byte("{\"имя\":\"值\"}"), Err: "cut \x00",
		}
	}
	err := pgx.BeginFunc(t.Context(), db.Pool, func(tx pgx.Tx) error {
		if id, err := exchangelog.Store(t.Context(), tx, exchangelog.Out, nil); id != 0 || err != nil {
			t.Errorf("no calls: %d, %v", id, err)
		}
		id, err := exchangelog.Store(t.Context(), tx, exchangelog.Out, []apicall.Exchange{call("first"), call("last")})
		if err != nil {
			return err
		}
		var operation, request, failure string
		var took float64
		err = tx.QueryRow(t.Context(), `SELECT operation, request, failure, duration_ms::float8 FROM ops.exchange WHERE id = $1 AND direction = 'out' AND response = '{"имя":"值"}' AND path = $2`,
			id, "/odata/\uFFFD").Scan(&operation, &request, &failure, &took)
		if err != nil {
			return err
		}
		if operation != "last" || request != "nul \uFFFD and \uFFFD" || failure != "cut \uFFFD" || took != 1.5 {
			t.Errorf("%q %q %q %v", operation, request, failure, took)
		}
		var n int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM ops.exchange`).Scan(&n); err != nil || n != 2 {
			t.Errorf("%d calls are kept, %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

package replicator_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
	"sverka/replicator/delivery"
	"sverka/schema"
)

// asApp makes the bench work with the rights of the app's role.
func (b *bench) asApp() {
	b.t.Helper()
	cfg, err := pgxpool.ParseConfig(b.db.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET ROLE sverka_app")
		return err
	}
	pool, err := pgxpool.NewWithConfig(b.t.Context(), cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(pool.Close)
	db := *b.db
	db.Pool = pool
	b.db = &db
}

func TestRoad_NeedsNoMoreThanTheRightsOfTheApp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.asApp()
	b.stage(product("OLD", "before the slot"))
	stop := b.start()
	bad := product("BAD", "")
	page := replicator.Page{Records: []schema.Record{product("A1", "by intake"), bad}, Read: 2, Cursor: "1", Identifiers: []replicator.Identifier{{Entity: schema.EntityProduct, ExternalID: "1", Key: "A1"}}}
	if _, err := b.read(reader{pages: []replicator.Page{page}}); err != nil {
		t.Fatal(err)
	}
	b.eventually("both are in the shop", func() bool { return b.shop.name("OLD") != "" && b.shop.name("A1") != "" })
	b.onec.set(func(replicator.Delivery) error {
		return &replicator.Failure{Kind: replicator.Rejected, System: "onec", Operation: "write"}
	}, nil)
	b.stage(product("A2", "refused"))
	b.eventually("the refused one is dead", func() bool { s, _ := b.state(productFlow, "A2"); return s == "dead" })
	b.onec.set(nil, nil)
	if n, err := delivery.Retry(t.Context(), b.db.Pool, string(productFlow), ""); err != nil || n != 1 {
		t.Errorf("%d retried, %v", n, err)
	}
	b.eventually("it arrived", func() bool { return b.shop.name("A2") != "" })
	if err := pgx.BeginFunc(t.Context(), b.db.Pool, func(tx pgx.Tx) error {
		return delivery.SetMode(t.Context(), tx, productFlow, replicator.ModeShadow, "test")
	}); err != nil {
		t.Error(err)
	}
	if _, err := delivery.ListFlows(t.Context(), b.db.Pool); err != nil {
		t.Error(err)
	}
	if n := b.number(`SELECT count(*) FROM history.product_as_of(now()) WHERE system = 'jushuitan'`); n != 3 {
		t.Errorf("history holds %d products", n)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got := b.role(); got != "sverka_app" {
		t.Errorf("all this was done by %s", got)
	}
}

func (b *bench) role() string {
	b.t.Helper()
	var name string
	if err := b.db.Pool.QueryRow(b.t.Context(), `SELECT current_user::text`).Scan(&name); err != nil {
		b.t.Fatal(err)
	}
	return name
}

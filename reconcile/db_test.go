package reconcile_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func newDB(t testing.TB) *pgxpool.Pool {
	t.Helper()
	base := "host=/tmp/recpg port=54331 user=postgres dbname="
	c, err := pgx.Connect(context.Background(), base+"postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	name := fmt.Sprintf("t%d", rand.Int64())
	if _, err := c.Exec(context.Background(), "CREATE DATABASE "+name+" TEMPLATE dev"); err != nil {
		t.Fatal(err)
	}
	p, err := pgxpool.New(context.Background(), base+name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		c, err := pgx.Connect(context.Background(), base+"postgres")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		c.Exec(context.Background(), "DROP DATABASE "+name)
	})
	return p
}

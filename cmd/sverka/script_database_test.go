package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"sverka/schema/schematest"
)

// TestDatabaseScripts runs the scripts that need a database, each with its own.
func TestDatabaseScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "database", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in testdata/database: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newDatabase := schematest.New
			if strings.HasPrefix(name, "migrate") {
				newDatabase = schematest.NewEmpty
			}
			db := newDatabase(t)
			cmds := scriptCommands()
			cmds["sql"] = func(ts *testscript.TestScript, neg bool, args []string) { runSQL(t, db, ts, neg, args) }
			testscript.Run(t, testscript.Params{
				Files:               []string{file},
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Cmds:                cmds,
				Setup: func(env *testscript.Env) error {
					env.Setenv(envName("database.url"), db.URL)
					env.Setenv(envName("database.slot"), db.Name) // slots belong to the cluster
					env.Setenv("USER", "tester")
					return nil
				},
			})
		})
	}
}

// runSQL executes a statement, or compares the only value of a query: "sql 'SELECT 1' 1".
func runSQL(t *testing.T, db *schematest.DB, ts *testscript.TestScript, neg bool, args []string) {
	t.Helper()
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: sql STATEMENT [VALUE]")
	}
	if len(args) == 1 {
		_, err := db.Pool.Exec(t.Context(), args[0])
		ts.Check(err)
		return
	}
	rows, err := db.Pool.Query(t.Context(), args[0])
	ts.Check(err)
	values, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	ts.Check(err)
	if got := fmt.Sprint(values[0]); got != args[1] {
		ts.Fatalf("%s: %s, want %s", args[0], got, args[1])
	}
}

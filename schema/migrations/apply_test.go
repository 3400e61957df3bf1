package migrations_test

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"sverka/schema/migrations"
	"sverka/schema/schematest"
	"sverka/schema/views"
)

func files(pairs ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

const (
	one = "0001_create_shelf.sql"
	two = "0002_add_book.sql"

	oneSQL  = "-- Why: a test.\nCREATE TABLE shelf (id int);"
	twoSQL  = "ALTER TABLE shelf ADD book text; INSERT INTO shelf VALUES (1, 'сверка');"
	viewSQL = "CREATE OR REPLACE VIEW books AS SELECT book FROM shelf;"
)

func none() fs.FS { return files() }

// bundle is an empty database and a way to migrate it.
type bundle struct {
	db   *schematest.DB
	conn *pgx.Conn
}

func setup(t *testing.T) bundle {
	t.Helper()
	db := schematest.NewEmpty(t)
	return bundle{db: db, conn: db.Conn(t)}
}

func (b bundle) mustApply(t *testing.T, o migrations.Options) migrations.Report {
	t.Helper()
	r, err := migrations.Apply(t.Context(), b.conn, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b bundle) requireError(t *testing.T, o migrations.Options, want string, is ...error) {
	t.Helper()
	_, err := migrations.Apply(t.Context(), b.conn, o)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("error %v does not say %q", err, want)
	}
	for _, target := range is {
		if !errors.Is(err, target) {
			t.Errorf("%v is not %v", err, target)
		}
	}
}

func (b bundle) one(t *testing.T, sql string) string {
	t.Helper()
	var s string
	if err := b.conn.QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestApply_goes_forward_and_may_be_repeated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.mustApply(t, migrations.Options{Migrations: files(one, oneSQL), Views: none()})
	if r.Version != 1 || !slices.Equal(r.Applied, []string{"0001_create_shelf"}) {
		t.Errorf("first: %+v", r)
	}
	both := migrations.Options{Migrations: files(one, oneSQL, two, twoSQL), Views: files("10_books.sql", viewSQL)}
	pending, err := migrations.Pending(t.Context(), b.conn, both)
	if err != nil || !slices.Equal(pending, []string{"0002_add_book"}) {
		t.Errorf("pending: %v, %v", pending, err)
	}
	r = b.mustApply(t, both)
	if r.Version != 2 || !slices.Equal(r.Applied, []string{"0002_add_book"}) || !r.Views {
		t.Errorf("second: %+v", r)
	}
	r = b.mustApply(t, both)
	if r.Version != 2 || len(r.Applied) != 0 || r.Views {
		t.Errorf("repeated: %+v", r)
	}
	if got := b.one(t, "SELECT book FROM books"); got != "сверка" {
		t.Errorf("got %q", got)
	}
	got := b.one(t, "SELECT string_agg(version || ' ' || name || ' ' || length(checksum), ', ' ORDER BY version) FROM ops.migration WHERE applied_at <= now()")
	if want := "0 views 64, 1 0001_create_shelf 64, 2 0002_add_book 64"; got != want {
		t.Errorf("remembered %q, want %q", got, want)
	}
}

func TestApply_leaves_whole_migrations_behind_an_error(t *testing.T) {
	t.Parallel()
	b := setup(t)
	broken := files(one, oneSQL, two, "-- Why: a test.\nCREATE TABLE half (id int);\nSELECT nonsense;")
	b.requireError(t, migrations.Options{Migrations: broken, Views: none()}, "migration 0002_add_book line 3: ERROR: column \"nonsense\"")
	if got := b.one(t, "SELECT count(*) FILTER (WHERE version = 1) || ' ' || count(*) FILTER (WHERE version = 2) FROM ops.migration"); got != "1 0" {
		t.Errorf("remembered %q", got)
	}
	if got := b.one(t, "SELECT coalesce(to_regclass('shelf')::text, '-') || ' ' || coalesce(to_regclass('half')::text, '-')"); got != "shelf -" {
		t.Errorf("tables: %q", got)
	}
	b.mustApply(t, migrations.Options{Migrations: files(one, oneSQL, two, twoSQL), Views: none()}) // the lock is free, the way is open
}

func TestApply_refuses_a_history_that_differs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		now  fs.FS
		want string
		is   error
	}{
		"edited after it was applied": {files(one, oneSQL+" -- edited", two, twoSQL), "migration 0001_create_shelf", migrations.ErrChanged},
		"database of a newer release": {files(one, oneSQL), "migration 0002_add_book is applied but unknown here", migrations.ErrDatabaseNewer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.mustApply(t, migrations.Options{Migrations: files(one, oneSQL, two, twoSQL), Views: none()})
			o := migrations.Options{Migrations: c.now, Views: none()}
			b.requireError(t, o, c.want, c.is)
			if _, err := migrations.Pending(t.Context(), b.conn, o); !errors.Is(err, c.is) {
				t.Errorf("Pending answers %v", err)
			}
		})
	}
}

func TestApply_refuses_a_number_below_the_newest_applied(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.mustApply(t, migrations.Options{Migrations: files(one, oneSQL, "0003_add_book.sql", twoSQL), Views: none()})
	late := files(one, oneSQL, "0002_add_late.sql", "SELECT 1;", "0003_add_book.sql", twoSQL)
	b.requireError(t, migrations.Options{Migrations: late, Views: none()}, "migration 0002_add_late: number 0003 is already applied")
}

func TestApply_says_which_file_breaks_the_rules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files fs.FS
		want  string
	}{
		"no number":            {files("create_shelf.sql", oneSQL), "create_shelf.sql: the name must be NNNN_verb_noun.sql"},
		"verb alone":           {files("0001_create.sql", oneSQL), "the name must be NNNN_verb_noun.sql"},
		"number zero":          {files("0000_create_shelf.sql", oneSQL), "numbers begin at 0001"},
		"number used twice":    {files(one, oneSQL, "0001_drop_shelf.sql", "SELECT 1;"), "have one number"},
		"ends its transaction": {files(one, "CREATE TABLE shelf (id int); COMMIT;"), "0001_create_shelf: it ends its transaction"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			setup(t).requireError(t, migrations.Options{Migrations: c.files, Views: none()}, c.want)
		})
	}
}

func TestApply_makes_views_anew_when_something_changed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := files(one, oneSQL, two, twoSQL)
	dependent := "DROP VIEW IF EXISTS titles; CREATE VIEW titles AS SELECT upper(book) AS book FROM books;"
	// By name: books before titles, which stands on it.
	v1 := files("20_titles.sql", dependent, "10_books.sql", viewSQL)
	if r := b.mustApply(t, migrations.Options{Migrations: m, Views: v1}); !r.Views {
		t.Error("the views were not made")
	}
	changed := strings.Replace(viewSQL, "SELECT book", "SELECT book || '!' AS book", 1)
	v2 := files("20_titles.sql", dependent, "10_books.sql", changed)
	if r := b.mustApply(t, migrations.Options{Migrations: m, Views: v2}); !r.Views {
		t.Error("a changed view was not made anew")
	}
	if got := b.one(t, "SELECT book FROM books"); got != "сверка!" {
		t.Errorf("got %q", got)
	}
	three := files(one, oneSQL, two, twoSQL, "0003_drop_books.sql", "DROP VIEW books CASCADE;")
	if r := b.mustApply(t, migrations.Options{Migrations: three, Views: v2}); !r.Views {
		t.Error("views that a migration dropped were not made anew")
	}
	if got := b.one(t, "SELECT count(*)::text FROM titles"); got != "1" {
		t.Errorf("got %q", got)
	}
	b.requireError(t, migrations.Options{Migrations: three, Views: files("10_books.sql", "SELECT nonsense;")}, "migration 10_books line 1")
	if got := b.one(t, "SELECT count(*)::text FROM titles"); got != "1" {
		t.Error("a broken view file took the old views away")
	}
}

func TestApply_by_many_processes_at_once_applies_once(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := migrations.Options{Migrations: files(one, oneSQL, two, twoSQL), Views: files("10_books.sql", viewSQL)}
	var wg sync.WaitGroup
	reports := make([]migrations.Report, 6)
	errs := make([]error, len(reports))
	for i := range reports {
		conn := b.db.Conn(t)
		wg.Go(func() { reports[i], errs[i] = migrations.Apply(t.Context(), conn, o) })
	}
	wg.Wait()
	applied := 0
	for i, r := range reports {
		if errs[i] != nil || r.Version != 2 {
			t.Errorf("%+v, %v", r, errs[i])
		}
		applied += len(r.Applied)
	}
	if applied != 2 {
		t.Errorf("%d migrations were applied, want 2", applied)
	}
}

func TestApply_stops_waiting_when_asked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// Another process is migrating: the lock's number is "sverka" in ASCII.
	if _, err := b.db.Conn(t).Exec(t.Context(), "SELECT pg_advisory_lock(126952345332577)"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := migrations.Apply(ctx, b.conn, migrations.Options{Migrations: files(one, oneSQL), Views: none()})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestChecksum_follows_contents_and_not_line_ends(t *testing.T) {
	t.Parallel()
	sum := func(m, v fs.FS) string {
		s, err := migrations.Checksum(migrations.Options{Migrations: m, Views: v})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	base := sum(files(one, oneSQL), files("10_books.sql", viewSQL))
	if base != sum(files(one, strings.ReplaceAll(oneSQL, "\n", "\r\n")), files("10_books.sql", viewSQL)) {
		t.Error("line ends change it")
	}
	for name, other := range map[string]string{
		"migration": sum(files(one, oneSQL+" "), files("10_books.sql", viewSQL)),
		"view":      sum(files(one, oneSQL), files("10_books.sql", viewSQL+" ")),
		"name":      sum(files(one, oneSQL), files("11_books.sql", viewSQL)),
	} {
		if other == base {
			t.Errorf("another %s does not change it", name)
		}
	}
}

var header = regexp.MustCompile(`\A-- Why: \S.{10,}\n`)

func TestFiles_each_begin_with_why(t *testing.T) {
	t.Parallel()
	for folder, fsys := range map[string]fs.FS{"migrations": migrations.Files(), "views": views.Files()} {
		names, err := fs.Glob(fsys, "*.sql")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(names), err)
		}
		for _, name := range names {
			b, err := fs.ReadFile(fsys, name)
			if err != nil {
				t.Fatal(err)
			}
			if !header.Match(b) {
				t.Errorf("%s/%s does not begin with `-- Why: …`", folder, name)
			}
			head, _, _ := strings.Cut(string(b), "\n\n")
			if folder == "migrations" && (!strings.Contains(head, "Lock: ") || !strings.Contains(head, "Duration: ")) {
				t.Errorf("%s/%s: the header does not say which Lock it takes and the expected Duration", folder, name)
			}
		}
	}
}

func TestApply_brings_an_empty_database_to_the_schema_of_this_binary(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.mustApply(t, migrations.Options{})
	if r.Version == 0 || len(r.Applied) == 0 || !r.Views {
		t.Errorf("%+v", r)
	}
	if r = b.mustApply(t, migrations.Options{}); len(r.Applied) != 0 || r.Views {
		t.Errorf("repeated: %+v", r)
	}
	var bare []string
	rows, err := b.conn.Query(t.Context(), `
		SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('canonical', 'history', 'analytics', 'recon', 'ops') AND c.relkind IN ('r', 'p', 'v', 'm')
		  AND NOT c.relispartition AND obj_description(c.oid, 'pg_class') IS NULL ORDER BY 1`)
	if err == nil {
		bare, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil || len(bare) > 0 {
		t.Errorf("tables without a comment: %v, %v", bare, err)
	}
}

package migrations

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"

	"sverka/schema/views"
)

//go:embed *.sql
var embedded embed.FS

// Files are the migrations of this binary.
func Files() fs.FS { return embedded }

// file is one SQL file, a migration or a view file (version 0).
type file struct {
	version  int
	name     string // without .sql
	sql      string
	checksum string
}

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z]+_[a-z0-9_]+\.sql$`)

// readMigrations lists the migrations in order; a name outside the rule or a number used twice is an error.
func readMigrations(fsys fs.FS) ([]file, error) {
	files, err := readSQL(fsys)
	if err != nil {
		return nil, err
	}
	for i := range files {
		m := migrationName.FindStringSubmatch(files[i].name + ".sql")
		if m == nil {
			return nil, fmt.Errorf("migration %s.sql: the name must be NNNN_verb_noun.sql", files[i].name)
		}
		if files[i].version, err = strconv.Atoi(m[1]); err != nil || files[i].version == 0 {
			return nil, fmt.Errorf("migration %s.sql: numbers begin at 0001", files[i].name)
		}
		if i > 0 && files[i-1].version == files[i].version {
			return nil, fmt.Errorf("migrations %s and %s have one number: give the later the next free one", files[i-1].name, files[i].name)
		}
	}
	return files, nil
}

// readSQL reads the .sql files of a folder in the order of their names.
func readSQL(fsys fs.FS) ([]file, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	files := make([]file, 0, len(names))
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) // a checkout on Windows is the same migration
		sum := sha256.Sum256(b)
		files = append(files, file{name: name[:len(name)-len(".sql")], sql: string(b), checksum: hex.EncodeToString(sum[:])})
	}
	return files, nil
}

// combined is one checksum over names and contents of several files.
func combined(files []file) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %s\n", f.name, f.checksum) //nolint:errcheck // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Checksum tells schemas apart: it changes with every migration and every view file of o.
func Checksum(o Options) (string, error) {
	o = o.withDefaults()
	m, errM := readMigrations(o.Migrations)
	v, errV := readSQL(o.Views)
	if err := cmp.Or(errM, errV); err != nil {
		return "", err
	}
	return combined(append(m, v...)), nil
}

// Options choose other files than the embedded ones, for tests.
type Options struct {
	Migrations fs.FS // nil: Files
	Views      fs.FS // nil: views.Files
}

func (o Options) withDefaults() Options {
	if o.Migrations == nil {
		o.Migrations = Files()
	}
	if o.Views == nil {
		o.Views = views.Files()
	}
	return o
}

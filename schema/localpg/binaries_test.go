package localpg

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// install makes a folder with programs that answer as Postgres of a version does.
func install(t *testing.T, root, folder, version string) string {
	t.Helper()
	bin := filepath.Join(root, folder)
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"initdb", "postgres"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", program, version)
		if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// emptyMirror has nothing: a fetch fails at once and without the network.
func emptyMirror(t *testing.T) Binaries {
	t.Helper()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	return Binaries{Mirror: srv.URL, Cache: t.TempDir()}
}

func TestBinaries_are_found_where_systems_put_them(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		installed map[string]string // folder → version
		onPath    string
		major     int
		want      string
	}{
		"Debian, the newest":        {map[string]string{"usr/lib/postgresql/9.6/bin": "9.6.24", "usr/lib/postgresql/15/bin": "15.14", "usr/lib/postgresql/17/bin": "17.2 (Debian 17.2-1)"}, "", 0, "usr/lib/postgresql/17/bin"},
		"Debian, the wanted":        {map[string]string{"usr/lib/postgresql/15/bin": "15.14", "usr/lib/postgresql/17/bin": "17.2"}, "", 15, "usr/lib/postgresql/15/bin"},
		"RHEL":                      {map[string]string{"usr/pgsql-16/bin": "16.4"}, "", 0, "usr/pgsql-16/bin"},
		"Homebrew on Apple silicon": {map[string]string{"opt/homebrew/opt/postgresql@18/bin": "18.0 (Homebrew)"}, "", 0, "opt/homebrew/opt/postgresql@18/bin"},
		"Homebrew on Intel":         {map[string]string{"usr/local/opt/postgresql@16/bin": "16.4"}, "", 0, "usr/local/opt/postgresql@16/bin"},
		"a beta":                    {map[string]string{"usr/lib/postgresql/19/bin": "19beta1"}, "", 0, "usr/lib/postgresql/19/bin"},
		"PATH before folders":       {map[string]string{"usr/lib/postgresql/17/bin": "17.2", "custom/bin": "16.1"}, "custom/bin", 0, "custom/bin"},
		"PATH of another version":   {map[string]string{"usr/lib/postgresql/17/bin": "17.2", "custom/bin": "16.1"}, "custom/bin", 17, "usr/lib/postgresql/17/bin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for folder, version := range c.installed {
				install(t, root, folder, version)
			}
			f := finder{root: root, path: filepath.Join(root, c.onPath, "nothing")}
			if c.onPath != "" {
				f.path = filepath.Join(root, c.onPath)
			}
			in, err := emptyMirror(t).resolve(t.Context(), f, c.major)
			if err != nil || in.bin != filepath.Join(root, c.want) {
				t.Errorf("got %+v, %v", in, err)
			}
		})
	}
}

func TestBinaries_on_PATH_may_be_links(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	bin := install(t, root, "usr/lib/postgresql/17/bin", "17.2")
	links := filepath.Join(root, "links")
	if err := os.Mkdir(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(bin, "initdb"), filepath.Join(links, "initdb")); err != nil {
		t.Fatal(err)
	}
	in, err := emptyMirror(t).resolve(t.Context(), finder{root: t.TempDir(), path: links}, 0)
	if err != nil || in.bin != bin {
		t.Errorf("got %+v, %v; want %s", in, err, bin)
	}
}

func TestBinaries_of_a_named_folder_are_used_or_refused(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	bin := install(t, root, "mine", "16.1")
	if in, err := (Binaries{Dir: bin}).resolve(t.Context(), finder{}, 0); err != nil || in.major != 16 {
		t.Errorf("got %+v, %v", in, err)
	}
	for name, c := range map[string]struct {
		dir   string
		major int
		want  string
	}{
		"another version": {bin, 17, "are version 16, wanted 17"},
		"too old":         {install(t, root, "old", "13.4"), 0, "are version 13, wanted 15 or newer"},
		"nothing there":   {filepath.Join(root, "none"), 0, "initdb is not there"},
		"not Postgres":    {install(t, root, "odd", "") + "/../odd", 0, "postgres --version answered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Binaries{Dir: c.dir}.resolve(t.Context(), finder{}, c.major)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}

func TestBinaries_that_are_nowhere_say_what_to_install(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	nowhere := finder{root: root, path: root}
	_, err := emptyMirror(t).resolve(t.Context(), nowhere, 0)
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "apt-get install postgresql") || !strings.Contains(err.Error(), "no version found") {
		t.Errorf("got %v", err)
	}
	install(t, root, "usr/lib/postgresql/15/bin", "15.14")
	_, err = emptyMirror(t).resolve(t.Context(), nowhere, 17)
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "found only Postgres 15 in "+root) {
		t.Errorf("got %v", err)
	}
	_, err = emptyMirror(t).resolve(t.Context(), nowhere, 99)
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "no portable Postgres 99") {
		t.Errorf("got %v", err)
	}
}

func TestAccount_reach_names_the_closed_folder(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	inside := filepath.Join(closed, "inside")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := &account{name: "stranger", uid: 64123, gid: 64123}
	if err := stranger.reach(inside); err == nil || !strings.Contains(err.Error(), "folder "+closed+" cannot be entered by user stranger") {
		t.Errorf("got %v", err)
	}
	ourselves := (*account)(nil)
	if err := ourselves.reach(inside); err != nil {
		t.Error(err)
	}
}

func TestSocketDir_fits_into_an_address(t *testing.T) {
	t.Parallel()
	short := "/var/lib/sverka/postgres"
	if got := socketDir(short); got != short+"/run" {
		t.Errorf("got %s", got)
	}
	long := "/" + strings.Repeat("long/", 30)
	got := socketDir(long)
	if strings.HasPrefix(got, long) || len(got) > maxSocketPath-len("/.s.PGSQL.65535.lock") {
		t.Errorf("got %s", got)
	}
	if got == socketDir(long+"er") {
		t.Error("two clusters share a socket folder")
	}
}

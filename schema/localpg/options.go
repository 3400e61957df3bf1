package localpg

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
)

const (
	minMajor     = 15 // the oldest version whose logical replication and SQL we use
	defaultMajor = 17 // fetched where none is installed and none is asked for
)

// Options say where a cluster lives and how it runs.
type Options struct {
	Dir      string            // belongs to the cluster alone; made when absent
	Port     int               // TCP port on 127.0.0.1; 0 takes a free one at each start
	Settings map[string]string // server settings on top of ours, e.g. "max_connections": "300"
	Fast     bool              // no fsync: a power cut may lose the cluster; for demo and tests
	Version  string            // wanted major version, "17"; "" takes what Dir was made with, else any
	Binaries Binaries
	Logger   *slog.Logger // nil is silent

	// Lifeline is the read end of a pipe: the cluster stops when it reaches its end,
	// and lives past this process while another holds the write end. nil makes one that
	// this process alone holds. Start takes it over and closes it.
	Lifeline *os.File
}

// Binaries say where the programs of Postgres come from.
type Binaries struct {
	Dir    string // folder with initdb and postgres; "" looks on this machine, then fetches
	Mirror string // Maven repository of portable binaries; "" is Maven Central
	Cache  string // where fetched ones are kept; "" is the user's cache folder
}

func (o *Options) prepare() error {
	if o.Dir == "" {
		return errors.New("local postgres: no directory given")
	}
	abs, err := filepath.Abs(o.Dir)
	if err != nil {
		return fmt.Errorf("local postgres: %w", err)
	}
	o.Dir = abs
	if o.Port < 0 || o.Port > 65535 {
		return fmt.Errorf("local postgres: port %d is out of range, use 0 for a free one", o.Port)
	}
	if o.Version != "" {
		if n, err := strconv.Atoi(o.Version); err != nil || n < minMajor {
			return fmt.Errorf("local postgres: version %q: a major version from %d on is needed, e.g. \"%d\"", o.Version, minMajor, defaultMajor)
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// settings are the server settings of a start, ours below the caller's.
func (o *Options) settings(port int, socketDir string) map[string]string {
	s := map[string]string{
		"wal_level":             "logical",
		"max_replication_slots": "20",
		"max_wal_senders":       "20",
		"timezone":              "UTC",
		"log_timezone":          "UTC",
	}
	if o.Fast {
		s["fsync"] = "off"
		// Commits still wait for their WAL to be written, which costs nothing without
		// fsync: a walsender shows only written WAL, so every change would otherwise
		// reach its reader as late as the WAL writer wakes, 200 ms.
		s["full_page_writes"] = "off"
	}
	for k, v := range o.Settings {
		s[k] = v
	}
	// Never the caller's to change: who can reach the cluster is our promise.
	s["listen_addresses"] = "127.0.0.1"
	s["unix_socket_directories"] = socketDir
	s["unix_socket_permissions"] = "0700"
	s["port"] = strconv.Itoa(port)
	return s
}

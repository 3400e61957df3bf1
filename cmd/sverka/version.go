package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = ""

// versionInfo says which code runs.
type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // commit, "" when it was not built from a checkout
	Modified bool   `json:"modified"` // the checkout had changes
	Go       string `json:"go"`
}

func readVersion() versionInfo {
	v := versionInfo{Version: version, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Revision = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	if v.Version == "" {
		v.Version = "development"
	}
	return v
}

// String is one line for people.
func (v versionInfo) String() string {
	s := "sverka " + v.Version
	if v.Revision != "" {
		s += " " + v.Revision
	}
	if v.Modified {
		s += " with local changes"
	}
	return s + " " + v.Go
}

// short is what documents carry: the version and the commit.
func (v versionInfo) short() string {
	if v.Revision == "" {
		return v.Version
	}
	return v.Version + " " + v.Revision
}

func newVersionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print which code this is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return writeJSON(a.stdout, readVersion())
			}
			_, err := fmt.Fprintln(a.stdout, readVersion())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

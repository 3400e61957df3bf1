// Package views holds the SQL of everything that is re-created rather than migrated:
// the views of analytics and recon, and functions beside them. Files run in the order
// of their names, all in one transaction, whenever one of them or a migration changed;
// each must be able to run again over what it made before.
package views

import (
	"embed"
	"io/fs"
)

//go:embed *.sql
var files embed.FS

// Files are the SQL files of this folder.
func Files() fs.FS { return files }

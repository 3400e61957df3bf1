package localpg

import "errors"

// What can be wrong with the folder of a cluster; each asks something else of the operator.
var (
	// ErrInUse says that a process that is alive runs a cluster in the folder.
	ErrInUse = errors.New("in use by another process")
	// ErrOccupied says that the folder was not made by this package.
	ErrOccupied = errors.New("holds other things; a cluster needs a folder of its own")
	// ErrNotFolder says that something else stands where the folder should be.
	ErrNotFolder = errors.New("not a directory")
	// ErrNoBinaries says that no usable Postgres was found and none could be fetched.
	ErrNoBinaries = errors.New("no Postgres binaries; install them (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17)")
)

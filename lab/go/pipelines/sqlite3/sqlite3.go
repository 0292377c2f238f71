// Package sqlite3 stands in for the SQLite driver, which is C. Kubeflow Pipelines uses it in its own tests only, and names these
// few things of it in the server's code.
package sqlite3

// ErrNo is SQLite's error code.
type ErrNo int

// ErrNoExtended is SQLite's extended error code.
type ErrNoExtended int

// Codes that are compared with.
const (
	ErrConstraint           ErrNo         = 19
	ErrConstraintPrimaryKey ErrNoExtended = 19 | 6<<8
	ErrConstraintUnique     ErrNoExtended = 19 | 8<<8
)

// Error is an error of SQLite. There never is one.
type Error struct {
	Code         ErrNo
	ExtendedCode ErrNoExtended
}

func (e Error) Error() string { return "there is no SQLite in this build" }

package commerceml

import (
	"errors"
	"fmt"
	"strings"
)

// ParseError says why a document cannot be read any further. It never holds
// values of the document, only names of elements.
type ParseError struct {
	File    string // as given in Options
	Line    int    // from 1; 0 when the reading had not begun
	Element string // path of the element under way: "КоммерческаяИнформация/Документ"
	Reason  string // what is wrong
	Hint    string // what a person can do, may be empty
	Err     error  // cause, may be nil
}

// Error reads "orders.xml: line 12: КоммерческаяИнформация/Документ: reason; hint".
func (e *ParseError) Error() string {
	var parts []string
	if e.File != "" {
		parts = append(parts, e.File)
	}
	if e.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", e.Line))
	}
	if e.Element != "" {
		parts = append(parts, e.Element)
	}
	s := strings.Join(append(parts, e.Reason), ": ")
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *ParseError) Unwrap() error { return e.Err }

var (
	errTokenTooLong = errors.New("token too long")
	errInputTooLong = errors.New("input too long")
	errStopped      = errors.New("the consumer stopped")
)

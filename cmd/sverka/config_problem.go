package main

import (
	"fmt"
	"slices"
	"strings"
)

// problems gathers everything that is wrong with a configuration, so that an
// operator mends it in one go.
type problems struct {
	origin map[string]string // key → where its value came from
	lines  []string
	keys   map[string]bool
}

func (p *problems) add(key, why string) {
	if p.keys == nil {
		p.keys = map[string]bool{}
	}
	p.keys[key] = true
	if o := p.origin[key]; o != "" {
		key += " (" + o + ")"
	}
	p.lines = append(p.lines, key+": "+why)
}

func (p *problems) addf(key, format string, args ...any) { p.add(key, fmt.Sprintf(format, args...)) }

// has tells whether a key already has a problem, so that what follows from it is not told again.
func (p *problems) has(key string) bool { return p.keys[key] }

// err is nil when nothing is wrong.
func (p *problems) err() error {
	if len(p.lines) == 0 {
		return nil
	}
	lines := slices.Clone(p.lines)
	slices.Sort(lines)
	return &configError{Problems: lines}
}

// configError says that the configuration cannot be used; exit code 2.
type configError struct {
	Problems []string // "key (origin): what is wrong; allowed: …"
}

// Error lists every problem on a line of its own.
func (e *configError) Error() string {
	if len(e.Problems) == 1 {
		return "configuration: " + e.Problems[0]
	}
	return fmt.Sprintf("configuration: %d problems\n  %s", len(e.Problems), strings.Join(e.Problems, "\n  "))
}

// Hint says how to look at a working configuration.
func (e *configError) Hint() string {
	return `"sverka config example" prints every setting with its meaning`
}

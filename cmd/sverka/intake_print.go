package main

import (
	"fmt"
	"io"
	"strings"
)

// shownRefusals is how many refusals of a file people see; JSON has more.
const shownRefusals = 20

// printIntake writes the table of files and then what was refused.
func printIntake(w io.Writer, reports []*fileReport, helpers []string, flags intakeFlags) error {
	if flags.asJSON {
		return writeJSON(w, reports)
	}
	var t *table
	if flags.dryRun {
		t = newTable(w, "FILE", "SYSTEM", "READ", "VALID", "REFUSED")
		for _, r := range reports {
			t.row(r.File, r.System, r.Read, r.Valid, r.Refused)
		}
	} else {
		t = newTable(w, "FILE", "SYSTEM", "READ", "NEW", "CHANGED", "UNCHANGED", "REFUSED")
		for _, r := range reports {
			t.row(r.File, r.System, r.Read, r.New, r.Changed, r.Unchanged, r.Refused)
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	if len(helpers) > 0 {
		fmt.Fprintf(w, "\nread with each of them, as they hold dictionaries only: %s\n", strings.Join(helpers, ", "))
	}
	for _, r := range reports {
		r.printRefused(w)
	}
	return nil
}

func (r *fileReport) printRefused(w io.Writer) {
	if r.Error != "" {
		fmt.Fprintf(w, "\n%s: the file is refused: %s\n", r.File, r.Error)
	}
	if r.Refused == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s: %s refused\n", r.File, plural(int64(r.Refused), "record", "records"))
	for i, f := range r.Refusals {
		if i == shownRefusals {
			fmt.Fprintf(w, "  … see \"sverka journal list\" or --json for more\n")
			return
		}
		fmt.Fprintf(w, "  %s\n", f)
	}
}

// String is one line: which record, which field, why, and what to do.
func (f refusal) String() string {
	s := f.Entity
	switch {
	case f.Key != "":
		s += " " + f.Key
	case f.ID != "":
		s += " id " + f.ID
	}
	s += ": " + f.Field + ": " + f.Reason
	if f.Value != "" {
		s += fmt.Sprintf(" (got %q)", f.Value)
	}
	if f.Hint != "" {
		s += "; " + f.Hint
	}
	return s + " [" + f.Code + "]"
}

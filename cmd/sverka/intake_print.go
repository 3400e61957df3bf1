package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// shownRefusals is how many refusals of a file people see; JSON has more.
const shownRefusals = 20

// printIntake writes the table of files and then what was refused.
func printIntake(w io.Writer, reports []*fileReport, helpers []string, flags intakeFlags) error {
	if flags.asJSON {
		return writeJSON(w, reports)
	}
	if err := printFiles(w, reports, flags.dryRun); err != nil {
		return err
	}
	if len(helpers) > 0 {
		fmt.Fprintf(w, "\nread with each of them, as they hold dictionaries only: %s\n", strings.Join(helpers, ", "))
	}
	for _, r := range reports {
		r.printRefused(w)
		r.printWarned(w)
	}
	return nil
}

// printFiles writes a row for every file; warnings have a column where there are any.
func printFiles(w io.Writer, reports []*fileReport, dryRun bool) error {
	head := []string{"FILE", "SYSTEM", "READ", "NEW", "CHANGED", "UNCHANGED", "REFUSED"}
	if dryRun {
		head = []string{"FILE", "SYSTEM", "READ", "VALID", "REFUSED"}
	}
	warned := slices.ContainsFunc(reports, func(r *fileReport) bool { return r.Warnings > 0 })
	if warned {
		head = append(head, "WARNINGS")
	}
	t := newTable(w, head...)
	for _, r := range reports {
		cells := []any{r.File, r.System, r.Read, r.New, r.Changed, r.Unchanged, r.Refused}
		if dryRun {
			cells = []any{r.File, r.System, r.Read, r.Valid, r.Refused}
		}
		if warned {
			cells = append(cells, r.Warnings)
		}
		t.row(cells...)
	}
	return t.flush()
}

func (r *fileReport) printRefused(w io.Writer) {
	if r.Error != "" {
		fmt.Fprintf(w, "\n%s: the file is refused: %s\n", r.File, r.Error)
	}
	if r.Refused == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s: %s refused\n", r.File, plural(int64(r.Refused), "record", "records"))
	printFirst(w, r.Refusals)
}

// printWarned lists what a person should look at although nothing was refused for it.
func (r *fileReport) printWarned(w io.Writer) {
	if r.Warnings == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s: %s; no record was refused for them, look whether the file is whole\n", r.File, plural(int64(r.Warnings), "warning", "warnings"))
	printFirst(w, r.Warned)
}

func printFirst(w io.Writer, list []refusal) {
	for i, f := range list {
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

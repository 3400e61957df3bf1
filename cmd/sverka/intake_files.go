package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"sverka/replicator"
)

const intakeExitCodes = `
Refused records stop nothing: they are listed, go to the error journal, and the rest is
loaded. A file that cannot be read is refused with its error; the other files are loaded.

Exit code 4: a record or a file was refused. Warnings alone end in 0.`

// intakeFlags are shared by the kinds of files.
type intakeFlags struct {
	dryRun bool
	asJSON bool
}

func (f *intakeFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "read and validate only; needs no database")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
}

func newIntakeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "intake",
		Short: "Load exchange files by hand",
		Args:  cobra.NoArgs,
		RunE:  needsSubcommand,
	}
	cmd.AddCommand(newIntakeCommerceMLCommand(a), newIntakeBankCommand(a))
	return cmd
}

// fileLoader reads one file and hands over its pages; progress counts up to a total
// in a unit of its own.
type fileLoader func(ctx context.Context, emit func(replicator.Page) error, progress func(done, total int64)) error

// exchangeFile is one file to load.
type exchangeFile struct {
	path   string
	system systemName
	load   fileLoader
	// notes tells, once the file was loaded, what it held besides records; may be nil.
	notes func() fileNotes
}

// withStager runs work with the database, or with none in a dry run.
func (a *app) withStager(ctx context.Context, flags intakeFlags, work func(ctx context.Context, cfg *loadedConfig, s *stager) error) error {
	if !flags.dryRun {
		return a.withDatabase(ctx, func(ctx context.Context, cfg *loadedConfig, db *database) error {
			return work(ctx, cfg, &stager{pool: db.pool})
		})
	}
	cfg, err := a.config()
	if err != nil {
		return err
	}
	return work(ctx, cfg, &stager{})
}

// loadFiles loads one file after the other (helpers only serve the others), prints what happened and returns a
// *[differencesError] when something was refused. Only a database that fails or a
// signal ends it early; the files before are told of even then.
func (a *app) loadFiles(ctx context.Context, s *stager, files []exchangeFile, helpers []string, flags intakeFlags) error {
	reports := make([]*fileReport, 0, len(files))
	var stopped error
	for _, f := range files {
		if reason := notFile(f.path); reason != "" {
			reports = append(reports, &fileReport{File: f.path, System: f.system, Error: reason})
			continue
		}
		r, err := s.load(ctx, f, a.progressBar(f.path))
		if f.notes != nil {
			r.note(f.notes())
		}
		reports = append(reports, r)
		if err != nil {
			stopped = fmt.Errorf("load %s: %w", f.path, err)
			break
		}
	}
	if err := printIntake(a.stdout, reports, helpers, flags); err != nil {
		return err
	}
	if !flags.asJSON {
		printNotes(a.stdout, reports)
	}
	if stopped != nil {
		return stopped
	}
	return refusedAny(reports)
}

// notFile says what stands at a path instead of a file; "" also when nothing does, as
// the reader tells that. Files are read more than once, and a pipe would be waited for.
func notFile(path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil || info.Mode().IsRegular():
		return ""
	case info.IsDir():
		return "is a folder; name the files in it"
	}
	return "is a pipe or a device; a file is needed, so save what comes out of it to one and name that"
}

// refusedAny is the outcome of an intake.
func refusedAny(reports []*fileReport) error {
	records, files := 0, 0
	for _, r := range reports {
		records += r.Refused
		if r.Error != "" {
			files++
		}
	}
	switch {
	case files > 0 && records > 0:
		return &differencesError{fmt.Sprintf("%s and %s refused", plural(int64(files), "file", "files"), plural(int64(records), "record", "records")), ""}
	case files > 0:
		return &differencesError{plural(int64(files), "file was refused", "files were refused"), ""}
	case records > 0:
		return &differencesError{plural(int64(records), "record was refused", "records were refused"), "correct it in the system that sent it and load the file again; what is unchanged is not written twice"}
	}
	return nil
}

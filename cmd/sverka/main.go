// Command sverka keeps 1C, Jushuitan and OpenShop in step, compares them every
// night and writes the accountants' workbook. "sverka help" lists its commands.
//
// Exit codes are an interface, see [exitCode].
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zones of 1C and Jushuitan are known on a machine without a zone table
)

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go stopInTwoSteps(signals, cancel, os.Exit)
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// stopInTwoSteps cancels on the first signal, so that what is under way is
// finished, and ends the process on the second; the delivery ledger makes that safe.
func stopInTwoSteps(signals <-chan os.Signal, cancel context.CancelCauseFunc, exit func(int)) {
	cancel(&interruptError{<-signals})
	exit((&interruptError{<-signals}).code())
}

// interruptError says which signal asked us to stop.
type interruptError struct{ signal os.Signal }

// Error names the signal.
func (e *interruptError) Error() string { return fmt.Sprintf("stopped by %s", e.signal) }

// Is makes the signal count as a cancelled context, which it is.
func (e *interruptError) Is(target error) bool { return target == context.Canceled }

// code is the shell's convention: 128 and the number of the signal.
func (e *interruptError) code() int {
	if s, ok := e.signal.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return exitBug
}

package bankfile

import (
	"fmt"
	"strconv"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// Formats of statements.
const (
	FormatExchange   = "1CClientBankExchange"
	FormatCamt053    = "camt.053"
	FormatDirectBank = "DirectBank"
)

// Codes of refusals and warnings.
const (
	CodeValidation   = "validation"    // a value that no bank line may have
	CodeMalformed    = "malformed"     // cannot be read at all
	CodeUnmapped     = "unmapped"      // not even the direction can be told
	CodePaymentOrder = "payment_order" // an order to the bank, no movement of money
	CodeNotBooked    = "not_booked"    // left out: the bank has not booked it yet and tells it again
	CodeUnreadable   = "unreadable"    // the file system does not give the file
	CodeControlTotal = "control_total" // the bank's own totals differ from the lines
	CodeOddity       = "oddity"        // read, but not as the format says
)

// IsWarning tells codes of warnings, for which no record was refused, from those of refusals.
func IsWarning(code string) bool {
	return code == CodeNotBooked || code == CodeControlTotal || code == CodeOddity
}

// Statement is one file as it was read.
type Statement struct {
	Name         string
	Format       string
	Version      string // of the format, as the file says, "" when it does not
	Encoding     string // windows-1251, ibm866, utf-8, utf-16
	Complete     bool   // the end marker is there
	Accounts     []AccountTotals
	Transactions []*schema.BankTransaction
	Warnings     []Warning

	entry string // which entry of an XML file is being read, as a file may be one line
}

// AccountTotals is what the bank says of one account and period. A nil amount
// was not said.
type AccountTotals struct {
	Account                   string
	From, To                  time.Time
	Opening, In, Out, Closing *schema.Amount
}

// Warning is something odd that did not keep the lines from loading.
type Warning struct {
	Code    string
	Line    int    // of the file, 0 when it concerns the whole
	Entry   string // of an XML file, "entry 3 (NtryRef 69)"; "" elsewhere
	Problem schema.Problem
}

// FileError refuses a whole file.
type FileError struct {
	File   string
	Line   int    // 0 when the file as a whole is wrong
	Reason string // what is wrong, naming the element
	Hint   string // what to do
	// Partial is set when the file may still be being written: it is empty or its XML breaks off.
	Partial bool
}

// Error reads "statement x.txt: line 3: …; ask the bank …".
func (e *FileError) Error() string {
	s := "statement " + e.File
	if e.Line > 0 {
		s += fmt.Sprintf(": line %d", e.Line)
	}
	s += ": " + e.Reason
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// refusal makes the refusal of one document of a file.
func refusal(name string, line int, entry, code string, problems ...schema.Problem) replicator.Refusal {
	if line > 0 {
		name += ":" + strconv.Itoa(line)
	}
	if entry != "" {
		name += " " + entry
	}
	return replicator.Refusal{Entity: schema.EntityBankTransaction, ExternalID: name, Code: code, Problems: problems}
}

func (s *Statement) refusal(line int, code string, problems ...schema.Problem) replicator.Refusal {
	return refusal(s.Name, line, s.entry, code, problems...)
}

// position begins a reason: "line 3: ", "line 1, entry 7 (NtryRef 69): ", or nothing for the whole file.
func (s *Statement) position(line int) string {
	switch {
	case line == 0:
		return ""
	case s.entry != "":
		return fmt.Sprintf("line %d, %s: ", line, s.entry)
	}
	return fmt.Sprintf("line %d: ", line)
}

// asRefusals shows warnings to the journal, which has no other door.
func (s *Statement) asRefusals() []replicator.Refusal {
	var out []replicator.Refusal
	for _, w := range s.Warnings {
		out = append(out, refusal(s.Name, w.Line, w.Entry, w.Code, w.Problem))
	}
	return out
}

func (s *Statement) warn(code string, line int, field, value, reason, hint string) {
	s.Warnings = append(s.Warnings, Warning{
		Code: code, Line: line, Entry: s.entry, Problem: schema.Problem{Field: field, Value: value, Reason: s.position(line) + reason, Hint: hint},
	})
}

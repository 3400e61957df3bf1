// Package bankfile reads bank statements: 1CClientBankExchange text files
// (versions 1.01 to 1.03), ISO 20022 camt.053 and the Statement of DirectBank.
// The format is decided by the content, never by the name.
//
// What it promises:
//
//   - A wrong file is refused whole with a [FileError] that names the file, the
//     line and what to do. A bad document inside a statement is one
//     [replicator.Refusal], the others load (invariant 5).
//   - The direction of money is decided by our own account; where the account
//     does not decide, by the dates of debit and credit; else the document is
//     refused as unmapped, never guessed.
//   - Amounts are exact. The bank's own control totals are compared with what was
//     read, and a difference is a [Warning], never dropped.
//   - The key of a line is a digest of its content (see transactionID), so a line
//     that comes in two files is one row and two equal lines of one file stay two.
//
// Texts of problems hold numbers, dates and tags, never names, purposes or the
// account of a stranger (invariant 11).
package bankfile

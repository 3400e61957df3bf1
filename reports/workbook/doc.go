// Package workbook writes the daily Excel workbook: what the accountants open in
// the morning to see whether 1C, Jushuitan and OpenShop agree, and where they
// say what to do about each difference.
//
// The caller brings a [Report]: facts of the run, its sources and control
// totals, and a stream of findings. The stream is read once to count
// and once for each detail sheet (two, as long as a million rows hold each), and
// must bring the same findings in the same order each time: the same report then
// gives the same bytes, and a stream that changed meanwhile gives an error. Memory does not grow with the number of findings.
//
// # How a file comes to be
//
//	Report ─ tally (first pass) ─ plan: which sheets, how many rows
//	       ─ shell: excelize makes styles, tables, lists, charts, print set-up
//	       ─ pack: every part goes through the zip; where a sheet has rows, they
//	         are written into it while it is deflated, straight to the file
//
// excelize alone holds every cell and the whole file in memory; its stream
// writer loses what is set after the flush. Here it makes only the shell, which
// is as large for ten findings as for a million.
//
// # What must stay true
//
//   - Numbers are the exact decimals of schema.Amount and schema.Quantity; no
//     float stands between them and the sheet (invariant 10).
//   - Text is text: nothing that stands in a product's name becomes a formula.
//   - Nothing is left out in silence: rows beyond the limit of a sheet continue
//     on the next one; a shortened list says how much it shows.
//   - A live formula on the Summary carries the value that it will compute.
//   - A file appears whole under its name and never replaces another one.
//
// A further sheet is one file with one function that returns the sheet, and one
// line in (*book).plan.
package workbook

package main

import (
	"fmt"
	"io"
	"strings"

	"sverka/replicator/connector/commerceml"
)

// fileNotes are what a file held besides records, and how much of it counts as read.
type fileNotes struct {
	lines []string
	read  int
}

func (r *fileReport) note(n fileNotes) {
	r.Read += n.read
	r.Notes = append(r.Notes, n.lines...)
}

// notesOf tells of documents that say nothing, and of dictionaries when a file holds
// nothing else: it is loaded in full, though no record comes of it.
func notesOf(c commerceml.Counts, dictionariesOnly bool) fileNotes {
	out := fileNotes{read: c.Shipments + c.PaymentsTold}
	if c.Shipments > 0 {
		out.lines = append(out.lines, plural(int64(c.Shipments), "shipment document was", "shipment documents were")+" read and left out: shipments come from the warehouse")
	}
	if c.PaymentsTold > 0 {
		out.lines = append(out.lines, plural(int64(c.PaymentsTold), "payment document was", "payment documents were")+" read and left out: the order itself tells the payment")
	}
	if !dictionariesOnly {
		return out
	}
	out.read = c.Total()
	if out.read == 0 {
		out.lines = append(out.lines, "the document holds nothing to load")
		return out
	}
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{
		{c.Groups, "group", "groups"},
		{c.Properties, "property", "properties"},
		{c.PriceTypes, "price type", "price types"},
		{c.Warehouses, "warehouse", "warehouses"},
		{c.Units, "unit of measure", "units of measure"},
	} {
		if p.n > 0 {
			parts = append(parts, plural(int64(p.n), p.one, p.many))
		}
	}
	out.lines = append(out.lines, "read "+strings.Join(parts, ", ")+": no record comes of them, load them together with the files they serve")
	return out
}

func printNotes(w io.Writer, reports []*fileReport) {
	for _, r := range reports {
		for _, line := range r.Notes {
			if r.Error == "" {
				fmt.Fprintf(w, "\n%s: %s\n", r.File, line)
			}
		}
	}
}

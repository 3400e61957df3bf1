package main

import (
	"bytes"
	"iter"
	"os"
	"slices"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// content is what a CommerceML file mainly holds, in the order of loading.
type content int

const (
	holdsDictionaries content = iota // groups, price types, warehouses and nothing else
	holdsProducts
	holdsOffers
	holdsOrders
	holdsUnknown // cannot be read; loading it says why
)

// system is who usually sends such a file.
func (c content) system() schema.System {
	if c == holdsOrders {
		return schema.OpenShop
	}
	return schema.OneC
}

// contentFile is a file of which it is known what it holds.
type contentFile struct {
	path    string
	content content
}

// sortByContent parts the dictionaries from the files that they serve and brings
// those into the order of loading. Dictionaries that serve nothing are files too.
func sortByContent(paths []string) (dictionaries []string, data []contentFile) {
	for _, path := range paths {
		f := contentFile{path, contentOf(path)}
		if f.content == holdsDictionaries {
			dictionaries = append(dictionaries, path)
		} else {
			data = append(data, f)
		}
	}
	if len(data) == 0 {
		for _, path := range dictionaries {
			data = append(data, contentFile{path, holdsDictionaries})
		}
		dictionaries = nil
	}
	slices.SortStableFunc(data, func(a, b contentFile) int { return int(a.content) - int(b.content) })
	return dictionaries, data
}

// contentOf reads a file up to the first thing that tells what it holds.
func contentOf(path string) content {
	f, err := os.Open(path)
	if err != nil {
		return holdsUnknown
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return holdsUnknown
	}
	head := make([]byte, 2)
	if _, err := f.ReadAt(head, 0); err != nil {
		return holdsUnknown
	}
	opts := commerceml.Options{File: path}
	var items iter.Seq2[commerceml.Item, error]
	if bytes.Equal(head, []byte("PK")) {
		items = commerceml.ReadArchive(f, info.Size(), commerceml.ArchiveLimits{}, opts)
	} else {
		items = commerceml.Read(f, opts)
	}
	for item, err := range items {
		if err != nil {
			return holdsUnknown
		}
		switch item.(type) {
		case *commerceml.Product:
			return holdsProducts
		case *commerceml.Offer:
			return holdsOffers
		case *commerceml.Document:
			return holdsOrders
		}
	}
	return holdsDictionaries
}

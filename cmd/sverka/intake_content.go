package main

import (
	"bytes"
	"context"
	"iter"
	"os"
	"slices"
	"strings"

	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// content is what a CommerceML file mainly holds, in the order of loading.
type content int

const (
	holdsDictionaries content = iota // groups, price types, warehouses and nothing else
	holdsProducts
	holdsOffers
	holdsCustomers
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

// inspection is what a look through a file finds before it is loaded.
type inspection struct {
	path     string
	content  content
	articles map[string]bool
	ids      map[string]bool // Ид of products, without characteristics
}

// inspectAll parts the dictionaries from the files that they serve and brings those
// into the order of loading. Dictionaries that serve nothing are files too.
func inspectAll(ctx context.Context, paths []string) (dictionaries []string, data []inspection) {
	for _, path := range paths {
		f := inspect(ctx, path)
		if f.content == holdsDictionaries {
			dictionaries = append(dictionaries, path)
		} else {
			data = append(data, f)
		}
	}
	if len(data) == 0 {
		for _, path := range dictionaries {
			data = append(data, inspection{path: path})
		}
		dictionaries = nil
	}
	slices.SortStableFunc(data, func(a, b inspection) int { return int(a.content) - int(b.content) })
	return dictionaries, data
}

// inspect reads a file to its end, or to the place where it breaks.
func inspect(ctx context.Context, path string) inspection {
	found := inspection{path: path, articles: map[string]bool{}, ids: map[string]bool{}}
	f, err := os.Open(path)
	if err != nil {
		found.content = holdsUnknown
		return found
	}
	defer f.Close() //nolint:errcheck // it was only read
	for item, err := range itemsOf(f) {
		if err != nil || ctx.Err() != nil {
			found.content = holdsUnknown
			return found
		}
		switch t := item.(type) {
		case *commerceml.Product:
			found.note(holdsProducts, t.ID, t.Article)
		case *commerceml.Offer:
			found.note(holdsOffers, t.ID, t.Article)
		case *commerceml.Counterparty:
			found.note(holdsCustomers, "", "")
		case *commerceml.Document:
			for _, l := range t.Lines {
				found.note(holdsOrders, l.ID, l.Article)
			}
			found.note(holdsOrders, "", "")
		case *commerceml.Refused:
			found.note(refusedContent(t.Element), "", "")
		}
	}
	return found
}

func refusedContent(element string) content {
	switch element {
	case "Документ":
		return holdsOrders
	case "Контрагент":
		return holdsCustomers
	case "Предложение":
		return holdsOffers
	}
	return holdsProducts
}

// note keeps what an item names; the first item that is no dictionary says what the file holds.
func (i *inspection) note(c content, id, article string) {
	if i.content == holdsDictionaries {
		i.content = c
	}
	if product, _, _ := strings.Cut(id, "#"); product != "" {
		i.ids[product] = true
	}
	if article != "" {
		i.articles[article] = true
	}
}

// itemsOf reads a document or an archive of them.
func itemsOf(f *os.File) iter.Seq2[commerceml.Item, error] {
	opts := commerceml.Options{File: f.Name()}
	info, err := f.Stat()
	if err != nil {
		return func(yield func(commerceml.Item, error) bool) { yield(nil, err) }
	}
	head := make([]byte, 2)
	if n, _ := f.ReadAt(head, 0); n == len(head) && bytes.Equal(head, []byte("PK")) {
		return commerceml.ReadArchive(f, info.Size(), commerceml.ArchiveLimits{}, opts)
	}
	return commerceml.Read(f, opts)
}

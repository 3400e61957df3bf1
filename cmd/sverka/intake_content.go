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
	broken   error           // why the file cannot be read to its end
	// together: whatever is said of a product stands in one place, after the
	// dictionaries, so that the file need not be held in memory.
	together bool
}

// torn tells that a catalogue or its offers break off: they are loaded as a whole or
// not at all, so there is no use in reading them once more.
func (i *inspection) torn() error {
	if i.broken != nil && (i.content == holdsProducts || i.content == holdsOffers) {
		return i.broken
	}
	return nil
}

// inspectAll parts the dictionaries from the files that they serve and brings those
// into the order of loading. With collect it notes what will be looked up in the
// database. Dictionaries that serve nothing are files too.
func inspectAll(ctx context.Context, paths []string, collect bool) (dictionaries []string, data []inspection) {
	for _, path := range paths {
		f := inspect(ctx, path, collect)
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
func inspect(ctx context.Context, path string, collect bool) inspection {
	found := inspection{path: path}
	if collect {
		found.articles, found.ids = map[string]bool{}, map[string]bool{}
	}
	if notFile(path) != "" { // loading says so
		found.content = holdsUnknown
		return found
	}
	f, err := os.Open(path)
	if err != nil {
		found.content = holdsUnknown
		return found
	}
	defer f.Close() //nolint:errcheck // it was only read
	order := newOrderOfItems()
	for item, err := range itemsOf(f) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			found.broken = err
			if found.content != holdsProducts && found.content != holdsOffers {
				found.content = holdsUnknown
			}
			return found
		}
		found.look(item)
		order.look(item)
	}
	found.together = order.together()
	return found
}

func (i *inspection) look(item commerceml.Item) {
	switch t := item.(type) {
	case *commerceml.Product:
		i.note(holdsProducts, t.ID, t.Article)
	case *commerceml.Offer:
		i.note(holdsOffers, t.ID, t.Article)
	case *commerceml.Counterparty:
		i.note(holdsCustomers, "", "")
	case *commerceml.Document:
		for _, l := range t.Lines {
			i.note(holdsOrders, l.ID, l.Article)
		}
		i.note(holdsOrders, "", "")
	case *commerceml.Refused:
		i.note(refusedContent(t.Element), "", "")
	}
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
	if product, _, _ := strings.Cut(id, "#"); product != "" && i.ids != nil {
		i.ids[product] = true
	}
	if article != "" && i.articles != nil {
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

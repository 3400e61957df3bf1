package commerceml

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sverka/schema"
)

// WriteOptions describe the package around what is written.
type WriteOptions struct {
	FormedAt    time.Time
	Location    *time.Location // of dates and times in the document; UTC when nil
	CatalogID   string         // also of the classifier
	CatalogName string
	OwnerID     string
	OwnerName   string
	ChangesOnly bool                // what is not listed stays as it is in the shop
	PriceTypes  []WritePriceType    // for offers
	Warehouses  []WriteWarehouse    // for offers and changes
	ProductID   func(string) string // Ид of an SKU that has no external id; the SKU itself when nil
}

// WritePriceType is a price type as the receiver knows it.
type WritePriceType struct {
	Type     string // ours: "retail"
	ID, Name string // the receiver's
	Currency string
}

// WriteWarehouse is a warehouse as the receiver knows it.
type WriteWarehouse struct{ Code, ID, Name string }

func (o WriteOptions) withDefaults() WriteOptions {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.CatalogID == "" {
		o.CatalogID, o.CatalogName = "sverka", "Каталог товаров"
	}
	if o.OwnerID == "" {
		o.OwnerID, o.OwnerName = "sverka", "sverka"
	}
	if o.ProductID == nil {
		o.ProductID = func(sku string) string { return sku }
	}
	return o
}

func (o WriteOptions) productID(p *schema.Product) string {
	if p.ExternalID != "" {
		return p.ExternalID
	}
	return o.ProductID(p.SKU)
}

// writer writes elements and remembers the first error.
type writer struct {
	w    *bufio.Writer
	open []string
	err  error
}

func newWriter(w io.Writer) *writer { return &writer{w: bufio.NewWriterSize(w, 32<<10)} }

func (w *writer) raw(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *writer) escaped(s string) {
	if w.err == nil {
		w.err = xml.EscapeText(w.w, []byte(s))
	}
}

// start opens an element; attributes come as name, value pairs, and an empty value is left out.
func (w *writer) start(name string, attrs ...string) {
	w.tag(name, attrs)
	w.raw(">\n")
	w.open = append(w.open, name)
}

func (w *writer) tag(name string, attrs []string) {
	w.raw("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			w.raw(" " + attrs[i] + `="`)
			w.escaped(attrs[i+1])
			w.raw(`"`)
		}
	}
}

func (w *writer) end() {
	w.raw("</" + w.open[len(w.open)-1] + ">\n")
	w.open = w.open[:len(w.open)-1]
}

// leaf writes an element with a text, also an empty one.
func (w *writer) leaf(name, text string, attrs ...string) {
	w.tag(name, attrs)
	w.raw(">")
	w.escaped(text)
	w.raw("</" + name + ">\n")
}

// opt writes an element unless its text is empty.
func (w *writer) opt(name, text string) {
	if text != "" {
		w.leaf(name, text)
	}
}

// document opens the root.
func (w *writer) document(o WriteOptions) {
	w.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	w.start("КоммерческаяИнформация", "xmlns", "urn:1C.ru:commerceml_2", "ВерсияСхемы", "2.07", "ДатаФормирования", localTime(o.FormedAt, o.Location))
}

// finish closes what is open and flushes.
func (w *writer) finish(what string) error {
	for len(w.open) > 0 {
		w.end()
	}
	if w.err == nil {
		w.err = w.w.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write CommerceML %s: %w", what, w.err)
	}
	return nil
}

func (w *writer) owner(o WriteOptions) {
	w.start("Владелец")
	w.leaf("Ид", o.OwnerID)
	w.leaf("Наименование", o.OwnerName)
	w.leaf("ОфициальноеНаименование", o.OwnerName)
	w.end()
}

// requisites writes pairs of name and value; pairs without a value are left out.
func (w *writer) requisites(pairs []Pair) {
	opened := false
	for _, p := range pairs {
		if p.Value == "" {
			continue
		}
		if !opened {
			w.start("ЗначенияРеквизитов")
			opened = true
		}
		w.start("ЗначениеРеквизита")
		w.leaf("Наименование", p.Name)
		w.leaf("Значение", p.Value)
		w.end()
	}
	if opened {
		w.end()
	}
}

func localTime(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(loc).Format("2006-01-02T15:04:05")
}

// CleanText drops what XML cannot hold and the spaces around, so that a text
// comes back as it was written.
func CleanText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s))
}

package commerceml

import (
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"sverka/schema"
)

// Read yields the items of a document in their order, the [Header] first. An
// error ends the sequence; it is a *[ParseError]. Memory is bounded by the
// largest item.
func Read(r io.Reader, opts Options) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		w := &walker{yield: yield}
		if err := w.run(r, opts.withDefaults()); err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// walker knows the containers of the format and hands what they hold to the decoders.
type walker struct {
	*scanner
	yield func(Item, error) bool

	containers int // Контейнер elements begun so far
	inside     int // the one under way, 0 outside
}

func (w *walker) emit(it Item) error {
	if !w.yield(it, nil) {
		return errStopped
	}
	return nil
}

func (w *walker) run(r io.Reader, opts Options) error {
	var err error
	if w.scanner, err = newScanner(r, opts); err != nil {
		return err
	}
	root, err := w.root()
	if err != nil {
		return err
	}
	h := &Header{Root: root.Name.Local, Namespace: root.Name.Space}
	if root.Name.Local != "КоммерческаяИнформация" {
		if err := w.emit(h); err != nil {
			return err
		}
		if err := w.section(root); err != nil {
			return err
		}
		return w.end()
	}
	n := node{attrs: root.Attr}
	h.Version, h.Formed = n.attr("ВерсияСхемы"), n.attr("ДатаФормирования")
	h.FormedAt, _ = parseMoment(h.Formed, time.UTC) // a broken date of the file is kept verbatim and stops nothing
	h.Extra = n.rest()
	if err := w.emit(h); err != nil {
		return err
	}
	if err := w.children(w.section); err != nil {
		return err
	}
	return w.end()
}

// root finds the first element.
func (w *walker) root() (xml.StartElement, error) {
	for {
		tok, err := w.next()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, w.fail("the document has no element", "this is not a CommerceML file")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		if t, ok := tok.(xml.StartElement); ok {
			switch t.Name.Local {
			case "КоммерческаяИнформация", "Классификатор", "Каталог", "ПакетПредложений", "ИзмененияПакетаПредложений", "Контейнер", "Документ", "Контрагенты":
				return t, nil
			}
			return t, w.fail("the root element is not КоммерческаяИнформация", "this is not a CommerceML file, or its encoding is declared wrongly")
		}
		if c, ok := tok.(xml.CharData); ok && strings.TrimSpace(string(c)) != "" {
			return xml.StartElement{}, w.fail("text stands before the root element", "this is not an XML file")
		}
	}
}

// end makes sure that nothing follows the root.
func (w *walker) end() error {
	for {
		tok, err := w.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if c, ok := tok.(xml.CharData); ok && strings.TrimSpace(string(c)) == "" {
			continue
		}
		return w.fail("something stands after the end of the root element", "two files were joined: send them one by one")
	}
}

// children calls visit for every child of the element that was just started;
// visit must leave the child.
func (w *walker) children(visit func(xml.StartElement) error) error {
	for {
		tok, err := w.next()
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if err := visit(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (w *walker) section(start xml.StartElement) error {
	switch start.Name.Local {
	case "Классификатор", "Каталог", "ПакетПредложений", "ИзмененияПакетаПредложений":
		return w.container(start)
	case "Контейнер":
		w.containers++
		w.inside = w.containers
		err := w.children(w.section)
		w.inside = 0
		return err
	case "Контрагенты":
		return w.children(w.leaf)
	case "Документ":
		return w.leaf(start)
	}
	return w.unknownSection(start)
}

// unknownSection refuses a whole section, so that nobody takes it for loaded; a
// bare text is no section.
func (w *walker) unknownSection(start xml.StartElement) error {
	line, path := w.line(), strings.Join(w.path, "/")
	n, err := w.readNode(start)
	if err != nil {
		return err
	}
	if len(n.kids) == 0 {
		return w.unknownTexts(&n, path)
	}
	return w.emit(&Refused{Element: n.name, Line: line, Problems: []schema.Problem{{
		Field: shorten(n.name), Reason: "sverka does not know this section of the document, nothing of it was read",
		Hint: "leave it out of the exchange, or ask for it to be supported",
	}}})
}

// container emits its own Package before the first list, then what the lists hold.
func (w *walker) container(start xml.StartElement) error {
	own := node{name: start.Name.Local, attrs: start.Attr}
	var pkg *Package
	open := func() error {
		if pkg != nil {
			return nil
		}
		pkg = decodePackage(&own)
		return w.emit(pkg)
	}
	err := w.children(func(child xml.StartElement) error {
		switch child.Name.Local {
		case "Группы", "Свойства", "ТипыЦен", "Склады", "Товары", "Предложения", "ЕдиницыИзмерения", "Контрагенты":
			if err := open(); err != nil {
				return err
			}
			return w.children(w.leaf)
		}
		if pkg != nil {
			return w.unknown(child)
		}
		n, err := w.readNode(child)
		own.kids = append(own.kids, n)
		return err
	})
	if err != nil {
		return err
	}
	return open()
}

// leaf reads one element of a list as an item.
func (w *walker) leaf(start xml.StartElement) error {
	line := w.line()
	var decode func(*node, int) Item
	switch start.Name.Local {
	case "Товар":
		decode = decodeProduct
	case "Предложение":
		decode = decodeOffer
	case "Документ":
		decode = decodeDocument
	case "Свойство":
		decode = decodeProperty
	case "ТипЦены":
		decode = decodePriceType
	case "Склад":
		decode = decodeWarehouse
	case "ЕдиницаИзмерения":
		decode = decodeMeasureUnit
	case "Контрагент":
		decode = decodeParty
	case "Группа":
		n, err := w.readNode(start)
		if err != nil {
			return err
		}
		return w.groups(&n, "", "")
	default:
		return w.unknown(start)
	}
	n, err := w.readNode(start)
	if err != nil {
		return err
	}
	it := decode(&n, line)
	if d, ok := it.(*Document); ok {
		d.Container = w.inside
	}
	return w.emit(it)
}

// groups emits a group and then everything below it.
func (w *walker) groups(n *node, parent, path string) error {
	below := n.list("Группы", "Группа")
	g := &Group{ID: n.value("Ид"), ParentID: parent, Name: oneLine(n.value("Наименование"))}
	g.Path = join(path, g.Name)
	own := *n
	own.kids = slices.DeleteFunc(slices.Clone(n.kids), func(k node) bool { return k.name == "Группы" })
	g.Extra = own.rest()
	if err := w.emit(g); err != nil {
		return err
	}
	for _, b := range below {
		if err := w.groups(b, g.ID, g.Path); err != nil {
			return err
		}
	}
	return nil
}

// unknown emits every text of an element that has no field of its own.
func (w *walker) unknown(start xml.StartElement) error {
	path := strings.Join(w.path, "/")
	n, err := w.readNode(start)
	if err != nil {
		return err
	}
	return w.unknownTexts(&n, path)
}

func (w *walker) unknownTexts(n *node, path string) error {
	if n.text != "" {
		if err := w.emit(&Unknown{Path: path, Text: n.text}); err != nil {
			return err
		}
	}
	rest := n.rest()
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		if err := w.emit(&Unknown{Path: path + "/" + key, Text: rest[key]}); err != nil {
			return err
		}
	}
	return nil
}

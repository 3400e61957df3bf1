package commerceml

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// node is one element of an item, held while the item is decoded. Decoders take
// what they know; the rest is kept as Extra.
type node struct {
	name  string
	attrs []xml.Attr
	text  string
	kids  []node
	used  bool
}

// readNode reads the element that was just started, whole.
func (s *scanner) readNode(start xml.StartElement) (node, error) {
	left := s.opts.MaxItem
	return s.readBelow(start, &left)
}

func (s *scanner) readBelow(start xml.StartElement, left *int64) (node, error) {
	n := node{name: start.Name.Local, attrs: start.Attr}
	*left -= 128 + s.pathLen // what an empty element costs in memory, its path in Extra included
	for _, a := range start.Attr {
		*left -= int64(len(a.Name.Local)+len(a.Value)) + 64 + s.pathLen
	}
	var text []byte
	for {
		if *left < 0 {
			return n, s.fail(fmt.Sprintf("one item is larger than %d bytes", s.opts.MaxItem), "let the sender split it")
		}
		tok, err := s.next()
		if err != nil {
			return n, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			kid, err := s.readBelow(t, left)
			if err != nil {
				return n, err
			}
			n.kids = append(n.kids, kid)
		case xml.CharData:
			if len(n.kids) == 0 || strings.TrimSpace(string(t)) != "" {
				text = append(text, t...)
				*left -= int64(len(t))
			}
		case xml.EndElement:
			n.text = strings.TrimSpace(string(text))
			return n, nil
		}
	}
}

// attr takes an attribute, "" when it is absent.
func (n *node) attr(name string) string {
	for i := range n.attrs {
		if n.attrs[i].Name.Local == name {
			n.attrs[i].Name.Space = takenAttr
			return strings.TrimSpace(n.attrs[i].Value)
		}
	}
	return ""
}

// takenAttr marks an attribute as taken; no real namespace begins so.
const takenAttr = "\x00taken"

// child takes the first child of a name, nil when there is none.
func (n *node) child(name string) *node {
	for i := range n.kids {
		if n.kids[i].name == name {
			n.kids[i].used = true
			return &n.kids[i]
		}
	}
	return nil
}

// all takes every child of a name.
func (n *node) all(name string) []*node {
	if n == nil {
		return nil
	}
	var out []*node
	for i := range n.kids {
		if n.kids[i].name == name {
			n.kids[i].used = true
			out = append(out, &n.kids[i])
		}
	}
	return out
}

// value takes the text of the first child of a name, "" when there is none.
func (n *node) value(name string) string {
	if n == nil {
		return ""
	}
	if c := n.child(name); c != nil {
		return c.text
	}
	return ""
}

// list takes all elements of a name inside a wrapper, as in Цены/Цена.
func (n *node) list(wrapper, name string) []*node {
	var out []*node
	for _, w := range n.all(wrapper) {
		out = append(out, w.all(name)...)
	}
	return out
}

// rest lists the texts that nobody took, path → text. Repeated paths are numbered
// from the second on.
func (n *node) rest() map[string]string {
	var out map[string]string
	n.gather("", func(path, text string) {
		if out == nil {
			out = map[string]string{}
		}
		key := path
		for i := 2; ; i++ {
			if _, taken := out[key]; !taken {
				break
			}
			key = fmt.Sprintf("%s[%d]", path, i)
		}
		out[key] = text
	})
	return out
}

func (n *node) gather(path string, keep func(path, text string)) {
	for _, a := range n.attrs {
		if a.Name.Space == takenAttr || a.Value == "" || a.Name.Local == "xmlns" || a.Name.Space == "xmlns" {
			continue
		}
		keep(join(path, "@"+a.Name.Local), strings.TrimSpace(a.Value))
	}
	for i := range n.kids {
		k := &n.kids[i]
		p := join(path, k.name)
		if !k.used && k.text != "" {
			keep(p, k.text)
		}
		k.gather(p, keep)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

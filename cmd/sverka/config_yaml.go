package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

// emptyText is "" that somebody wrote, other than a key without a value.
type emptyText string

// yamlReader decodes the configuration file for viper. It differs from viper's
// own reader in what an operator would otherwise lose in silence: every value
// stays the text that was written ("off", "06:30" and "007" are not reinterpreted),
// a key that stands twice and a second document are errors, and pairs keep the
// case of their keys by becoming a list of "from=to".
type yamlReader struct {
	known map[string]bool // every key; true for those that hold pairs
}

// Decoder implements viper.DecoderRegistry.
func (y yamlReader) Decoder(format string) (viper.Decoder, error) {
	if format != "yaml" && format != "yml" {
		return nil, fmt.Errorf("%q is not a known format; allowed: a file named *.yaml", format)
	}
	return y, nil
}

// Decode implements viper.Decoder.
func (y yamlReader) Decode(b []byte, into map[string]any) error {
	d := yaml.NewDecoder(bytes.NewReader(b))
	var doc, second yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: a second document begins; allowed: one", second.Line)
	}
	top := doc.Content[0]
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return nil
	}
	if top.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: allowed: sections such as \"database:\"", top.Line)
	}
	tree, err := y.mapping(top, "")
	if err != nil {
		return err
	}
	for k, v := range tree {
		if v == "" && y.section(k) {
			continue // all its settings are commented out
		}
		into[k] = v
	}
	return nil
}

func (y yamlReader) section(name string) bool {
	for key := range y.known {
		if strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}

func (y yamlReader) mapping(n *yaml.Node, path string) (map[string]any, error) {
	out := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := strings.ToLower(n.Content[i].Value)
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("line %d: %s stands twice", n.Content[i].Line, path+key)
		}
		v, err := y.value(n.Content[i+1], path+key)
		if err != nil {
			return nil, err
		}
		out[key] = v
	}
	return out, nil
}

func (y yamlReader) value(n *yaml.Node, path string) (any, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return "", nil // leaves the default in place
	case n.Kind == yaml.ScalarNode && n.Value == "":
		return emptyText(""), nil
	case n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case n.Kind == yaml.SequenceNode:
		return list(n, path)
	case n.Kind == yaml.MappingNode && y.known[path]:
		return pairs(n, path)
	case n.Kind == yaml.MappingNode:
		return y.mapping(n, path+".")
	}
	return nil, fmt.Errorf("line %d: %s is an alias; allowed: the value itself", n.Line, path)
}

func list(n *yaml.Node, path string) ([]string, error) {
	out := make([]string, 0, len(n.Content))
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("line %d: an item of %s is not one value", item.Line, path)
		}
		out = append(out, item.Value)
	}
	return out, nil
}

func pairs(n *yaml.Node, path string) ([]string, error) {
	out := make([]string, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		from, to := n.Content[i], n.Content[i+1]
		if to.Kind != yaml.ScalarNode || to.Value == "" || strings.Contains(to.Value, "=") {
			return nil, fmt.Errorf("line %d: %s: %q has no code", to.Line, path, from.Value)
		}
		out = append(out, from.Value+"="+to.Value)
	}
	return out, nil
}

package main

import (
	"reflect"
	"strings"

	"sverka/replicator/connector/apicall"
)

// fileSuffix makes the key of a secret into the key of the file that holds it.
const fileSuffix = "_file"

// setting is one leaf of [Config], found by its tags.
type setting struct {
	Section string // "onec", "" for a setting of the top level
	Key     string // full key: "onec.password"
	Help    string
	Example string
	value   reflect.Value // addressable
}

// Secret tells whether the value must not be shown.
func (s setting) Secret() bool {
	_, ok := s.value.Addr().Interface().(*apicall.Secret)
	return ok
}

// Mapping tells whether the value is pairs.
func (s setting) Mapping() bool { return s.value.Kind() == reflect.Map }

// section is a group of settings with its help text.
type section struct {
	Name, Help string
	Settings   []setting
}

// sections walks the configuration in the order of its fields. A setting of the
// top level makes a section of its own.
func sections(cfg *Config) []section {
	var out []section
	root := reflect.ValueOf(cfg).Elem()
	for i := range root.NumField() {
		tag := root.Type().Field(i).Tag
		s := section{Name: tag.Get("key"), Help: tag.Get("help")}
		f := root.Field(i)
		if f.Kind() != reflect.Struct {
			s.Settings = []setting{{Key: s.Name, Help: s.Help, Example: tag.Get("example"), value: f}}
			out = append(out, s)
			continue
		}
		for j := range f.NumField() {
			t := f.Type().Field(j).Tag
			s.Settings = append(s.Settings, setting{
				Section: s.Name, Key: s.Name + "." + t.Get("key"), Help: t.Get("help"), Example: t.Get("example"), value: f.Field(j),
			})
		}
		out = append(out, s)
	}
	return out
}

// settings lists every leaf.
func settings(cfg *Config) []setting {
	var out []setting
	for _, s := range sections(cfg) {
		out = append(out, s.Settings...)
	}
	return out
}

// knownKeys lists every key that may be set, the files of secrets included, and
// tells which of them hold pairs.
func knownKeys(cfg *Config) map[string]bool {
	keys := map[string]bool{}
	for _, s := range settings(cfg) {
		keys[s.Key] = s.Mapping()
		if s.Secret() {
			keys[s.Key+fileSuffix] = false
		}
	}
	return keys
}

// lastPart is the key without its section.
func lastPart(key string) string { return key[strings.LastIndex(key, ".")+1:] }

package workbook

import (
	"fmt"

	"sverka/schema"
)

// Language is the language of one workbook.
type Language string

// The languages.
const (
	Russian Language = "ru"
	English Language = "en"
	Chinese Language = "zh"
)

func (l Language) known() bool { return l == Russian || l == English || l == Chinese }

// tag is the language for the document's properties.
func (l Language) tag() string {
	switch l {
	case English:
		return "en-US"
	case Chinese:
		return "zh-CN"
	default:
		return "ru-RU"
	}
}

// texts is every word of one language, by key.
type texts map[string]string

func textsOf(l Language) texts {
	switch l {
	case English:
		return textEN()
	case Chinese:
		return textZH()
	default:
		return textRU()
	}
}

// say returns the words of a key, with its %-verbs filled in. A key without words
// shows itself between brackets, so that no test can overlook it.
func (t texts) say(key string, args ...any) string {
	words, ok := t[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if len(args) == 0 {
		return words
	}
	return fmt.Sprintf(words, args...)
}

// or returns the words of prefix+code, or the code itself: a code of a newer
// reconciler is shown as it is.
func (t texts) or(prefix, code string) string {
	if words, ok := t[prefix+code]; ok {
		return words
	}
	return code
}

// system is the short name of a system.
func (t texts) system(s schema.System) string { return t.or("system.", string(s)) }

// systems names the pair of a finding.
func (t texts) systems(f *Finding) string {
	switch {
	case f.Left != "" && f.Right != "":
		return t.system(f.Left) + " ↔ " + t.system(f.Right)
	case f.Left != "":
		return t.system(f.Left)
	default:
		return t.system(f.Right)
	}
}

// class is the kind of the discrepancy in words. A missing record names the
// system that lacks it.
func (t texts) class(f *Finding) string {
	lacks := schema.System("")
	switch f.Class {
	case ClassMissLeft:
		lacks = f.Left
	case ClassMissRight:
		lacks = f.Right
	default: // the other classes name no system
	}
	if words, ok := t["missing."+string(lacks)]; ok {
		return words
	}
	return t.or("class.", string(f.Class))
}

// repair is what the finding proposes, or what its class usually needs.
func (t texts) repair(f *Finding) string {
	if f.Repair != "" {
		return f.Repair
	}
	return t["repair."+string(f.Class)]
}

// state is where the finding stands.
func (t texts) state(s State) string {
	if s == "" {
		s = Open
	}
	if _, ok := t["state."+string(s)]; !ok {
		return t.say("state.open") // an unknown state counts as open
	}
	return t.say("state." + string(s))
}

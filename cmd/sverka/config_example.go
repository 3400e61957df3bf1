package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// writeExample prints every setting with its meaning: the defaults as they are,
// what has no default commented out with an example. The result is a
// configuration file that serve accepts: without a system, on a Postgres of its own.
func writeExample(w io.Writer) error {
	cfg := defaultConfig()
	cfg.Database.Local = true
	var b strings.Builder
	b.WriteString("# Configuration of sverka. Every setting can also come from the environment: section.key is\n" +
		"# SVERKA_SECTION__KEY. A secret is better kept in a file named by <key>_file or in the environment.\n" +
		"# Lines that begin with #, directly followed by a key, show settings without a default.\n" +
		"# As it stands \"sverka serve\" starts with it: on a private Postgres and without any system.\n")
	for _, s := range sections(&cfg) {
		fmt.Fprintf(&b, "\n# %s\n", s.Help)
		if len(s.Settings) == 1 && s.Settings[0].Section == "" {
			writeSetting(&b, s.Settings[0], "")
			continue
		}
		fmt.Fprintf(&b, "%s:\n", s.Name)
		for _, leaf := range s.Settings {
			fmt.Fprintf(&b, "  # %s\n", leaf.Help)
			writeSetting(&b, leaf, "  ")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeSetting(b *strings.Builder, s setting, indent string) {
	key := lastPart(s.Key)
	switch {
	case s.Secret():
		fmt.Fprintf(b, "%s#%s%s: %s\n", indent, key, fileSuffix, quoteText("secrets/"+strings.NewReplacer(".", "-", "_", "-").Replace(s.Key)))
	case s.value.IsZero() && s.Example != "":
		fmt.Fprintf(b, "%s#%s: %s\n", indent, key, exampleText(s))
	default:
		fmt.Fprintf(b, "%s%s: %s\n", indent, key, valueText(s.value))
	}
}

// exampleText writes the example of a tag in the shape of the setting.
func exampleText(s setting) string {
	v := reflect.New(s.value.Type()).Elem()
	if err := setValue(v, s.Example); err != nil {
		panic(s.Key + ": " + err.Error()) // the tags are part of this program; a test writes them all
	}
	return valueText(v)
}

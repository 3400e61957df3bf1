package commerceml

import (
	"bytes"
	"slices"
)

// signature tells a kind of file by its first bytes.
type signature struct {
	magic, kind string
	packed      bool // it may hold documents
}

func signatures() []signature {
	return []signature{
		{"PK\x03\x04", "a zip archive", true},
		{"\x1F\x8B", "gzip", true},
		{"Rar!", "a RAR archive", true},
		{"7z\xBC\xAF\x27\x1C", "a 7z archive", true},
		{"BZh", "bzip2", true},
		{"\xFD7zXZ\x00", "xz", true},
		{"\x28\xB5\x2F\xFD", "zstd", true},
		{"%PDF", "a PDF file", false},
		{"\xD0\xCF\x11\xE0", "an old Microsoft Office file", false},
		{"\x89PNG", "a PNG picture", false},
		{"\xFF\xD8\xFF", "a JPEG picture", false},
		{"GIF8", "a GIF picture", false},
	}
}

// packedKind names the kind of archive, "" when the bytes are none.
func packedKind(head []byte) string {
	for _, s := range signatures() {
		if s.packed && bytes.HasPrefix(head, []byte(s.magic)) {
			return s.kind
		}
	}
	return ""
}

// foreign tells a file that is no text at all.
func foreign(head []byte) *ParseError {
	for _, s := range signatures() {
		switch {
		case !bytes.HasPrefix(head, []byte(s.magic)):
		case s.packed:
			return &ParseError{Reason: "the file is " + s.kind, Hint: "unpack it first"}
		default:
			return &ParseError{Reason: "the file is " + s.kind + ", not CommerceML", Hint: "choose the .xml file of the exchange"}
		}
	}
	if slices.Contains(head[:min(len(head), 512)], 0) {
		return &ParseError{Reason: "the file is binary, not CommerceML", Hint: "choose the .xml file of the exchange"}
	}
	return nil
}

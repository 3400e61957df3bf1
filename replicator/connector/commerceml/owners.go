package commerceml

import (
	"encoding/hex"
	"hash/maphash"
	"strings"
)

// owners remembers which product every article belongs to, over the whole of a
// load: 24 bytes for an article of a product whose Ид is a GUID, as 1C's are.
type owners struct {
	seed  maphash.Seed
	guids map[uint64][16]byte // digest of the article → GUID
	other map[string]string   // article → any other Ид
}

func newOwners() owners {
	return owners{seed: maphash.MakeSeed(), guids: map[uint64][16]byte{}, other: map[string]string{}}
}

// of gives the owner of an article, "" when nobody came with it.
func (o owners) of(sku string) string {
	if id, ok := o.other[sku]; ok {
		return id
	}
	if id, ok := o.guids[maphash.String(o.seed, sku)]; ok {
		h := hex.EncodeToString(id[:])
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	}
	return ""
}

func (o owners) set(sku, base string) {
	if id, ok := parseGUID(base); ok {
		o.guids[maphash.String(o.seed, sku)] = id
		return
	}
	o.other[sku] = base
}

// parseGUID reads "d8a8b3a2-…" of 36 characters.
func parseGUID(s string) (id [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return [16]byte(b), true
}

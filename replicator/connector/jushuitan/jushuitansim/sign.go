package jushuitansim

import (
	"crypto/md5"
	"encoding/hex"
	"net/url"
	"sort"
	"strings"
)

// signed tells whether a form carries the right signature. The vendor's own
// samples disagree about empty values (JavaScript skips them, PHP and Python keep
// them), so both are accepted.
func signed(secret string, form url.Values) bool {
	got := form.Get("sign")
	return got != "" && (got == digest(secret, form, false) || got == digest(secret, form, true))
}

// digest is the lower-case hex MD5 of the secret and every key and value in the
// order of the keys.
func digest(secret string, form url.Values, skipEmpty bool) string {
	keys := make([]string, 0, len(form))
	for k := range form {
		if k != "sign" && (!skipEmpty || form.Get(k) != "") {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	var text strings.Builder
	text.WriteString(secret)
	for _, k := range keys {
		text.WriteString(k + form.Get(k))
	}
	sum := md5.Sum([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}

// legacyDigest signs the query of the old gateway.
func legacyDigest(method, partner, token, ts, key string) string {
	sum := md5.Sum([]byte(method + partner + "token" + token + "ts" + ts + key))
	return hex.EncodeToString(sum[:])
}

package jushuitan

import (
	"crypto/md5"
	"encoding/hex"
	"sort"
	"strings"

	"sverka/replicator/connector/apicall"
)

// sign is the signature of the new platform: lower-case hex MD5 of the secret
// followed by every key and value in ascending order of the keys, without
// separators. Values are raw, not URL-encoded. Public samples disagree about
// empty values, therefore none is ever sent; here they are left out.
func sign(secret apicall.Secret, params map[string]string) string {
	keys := make([]string, 0, len(params))
	for k, v := range params {
		if k != "sign" && v != "" {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	var b strings.Builder
	b.WriteString(secret.Reveal())
	for _, k := range keys {
		b.WriteString(k)
		b.WriteString(params[k])
	}
	return digest(b.String())
}

// signLegacy is the signature of the old gateway; the body is not signed.
func signLegacy(method, partner, token, ts string, key apicall.Secret) string {
	return digest(method + partner + "token" + token + "ts" + ts + key.Reveal())
}

func digest(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

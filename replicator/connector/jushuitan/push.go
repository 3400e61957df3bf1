package jushuitan

import (
	"errors"
	"net/url"
	"sort"
	"strings"

	"sverka/schema"
)

// pushKey is both partner id and key of every push: the signature proves that
// the message is whole, not who sent it.
const pushKey = "erp"

// ErrPushSignature is returned for a push whose signature does not fit.
var ErrPushSignature = errors.New("jushuitan push: the signature does not fit")

// PushHint tells which entity a push of Jushuitan speaks of ("" for an event that
// concerns none of ours). A push is only a hint to read that entity now: its key
// is public, so nothing of its body is ever staged.
func PushHint(query url.Values) (schema.Entity, error) {
	if query.Get("sign") == "" || query.Get("sign") != signPush(query) {
		return "", ErrPushSignature
	}
	switch query.Get("method") {
	case "logistics.upload":
		return schema.EntityShipment, nil
	case "inventory.upload":
		return schema.EntityStockBalance, nil
	case "cancel.order":
		return schema.EntityOrderStatus, nil
	}
	return "", nil
}

// signPush is the lower-case hex MD5 of method, partner, the other parameters in
// the order of their keys, and the key.
func signPush(query url.Values) string {
	keys := make([]string, 0, len(query))
	for k := range query {
		if k != "sign" && k != "method" && k != "partnerid" {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	var b strings.Builder
	b.WriteString(query.Get("method") + query.Get("partnerid"))
	for _, k := range keys {
		b.WriteString(k + query.Get(k))
	}
	return digest(b.String() + pushKey)
}

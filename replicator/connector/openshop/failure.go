package openshop

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

// Codes of a "failure" that mean something to us; see the package comment.
const (
	codeBusy             = "busy"
	codeSession          = "session"
	codeProductMissing   = "product_missing"
	codeOrderMissing     = "order_missing"
	codeWarehouseMissing = "warehouse_missing"
	codeEmpty            = "empty" // ours: the answer had no words at all
)

// reply is an answer of the exchange endpoint.
type reply struct {
	word  string // success, progress, failure or anything else, in lower case
	lines []string
}

func parseReply(body []byte) reply {
	text := strings.TrimPrefix(string(body), "\uFEFF") // some shops put a mark before every reply
	r := reply{lines: strings.Split(strings.TrimRight(text, "\r\n"), "\n")}
	for i := range r.lines {
		r.lines[i] = strings.TrimRight(r.lines[i], "\r")
	}
	r.word = strings.ToLower(strings.TrimSpace(r.lines[0]))
	return r
}

// code is the machine's word of a failure, "" when the shop gives none.
func (r reply) code() string {
	for _, l := range r.lines[1:] {
		if c, ok := strings.CutPrefix(strings.TrimSpace(l), "code="); ok && len(c) <= 40 {
			return c
		}
	}
	return ""
}

// words is what the shop says to people, cut to 200 characters.
func (r reply) words() string {
	if len(r.lines) < 2 || strings.HasPrefix(r.lines[1], "code=") {
		return ""
	}
	text := []rune(strings.TrimSpace(r.lines[1]))
	return string(text[:min(200, len(text))])
}

// step is one call of an exchange session.
type step struct {
	name   string // "import of a catalog package"
	writes bool   // a lost answer is Unknown
	quotes bool   // the shop's words cannot echo personal data
}

func (c *Client) fail(s step, kind replicator.Kind, code, message, hint string) *replicator.Failure {
	return &replicator.Failure{Kind: kind, System: string(schema.OpenShop), Operation: s.name, Code: code, Message: message, Hint: hint}
}

// check reads an answer's status and words; nil for success and progress.
func (c *Client) check(s step, resp *apicall.Response) (reply, error) {
	r := parseReply(resp.Body)
	if resp.Status == http.StatusUnauthorized && r.code() == codeSession {
		return r, c.fail(s, replicator.Transient, codeSession, "the session ended before the call", "")
	}
	if f := apicall.StatusFailure(string(schema.OpenShop), s.name, s.writes, resp); f != nil {
		return r, f
	}
	switch r.word {
	case "success", "progress":
		return r, nil
	case "failure":
		return r, c.failure(s, r)
	}
	kind := replicator.Transient
	if s.writes {
		kind = replicator.Unknown // a program that died half way may have done its work
	}
	code, message := "", "the answer is neither success nor failure"
	if strings.TrimSpace(string(resp.Body)) == "" {
		code, message = codeEmpty, "the answer is empty"
	}
	return r, c.fail(s, kind, code, message, "look into the shop's error log; check that the url is the exchange endpoint")
}

// notTheRecord makes a refusal that came before anything was sent a failure of
// the connection: no record is to blame for a wrong address.
func notTheRecord(err error) error {
	var f *replicator.Failure
	if errors.As(err, &f) && f.Kind == replicator.Rejected {
		f.Kind, f.Hint = replicator.Transient, cmp.Or(f.Hint, "check that the url is the exchange endpoint")
	}
	return err
}

// failure classifies a "failure" by its code.
func (c *Client) failure(s step, r reply) error {
	message := ""
	if s.quotes {
		message = strings.ReplaceAll(r.words(), c.cfg.Password.Reveal(), "***")
	}
	switch code := r.code(); code {
	case codeBusy, codeSession:
		return c.fail(s, replicator.Transient, code, message, "")
	case "auth":
		return c.fail(s, replicator.Unauthorised, code, "", "check user and password of openshop")
	case codeProductMissing:
		return c.fail(s, replicator.Rejected, code, message, "the product must reach the shop first")
	default:
		return c.fail(s, replicator.Rejected, code, message, "look into the shop's exchange log")
	}
}

// verdict turns a failure of a lone record into what the engine should know: what
// only waits for something else is held.
func verdict(d replicator.Delivery, err error) error {
	var f *replicator.Failure
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case codeProductMissing:
		topic := replicator.Subject{Entity: schema.EntityProduct, System: schema.OpenShop, Key: schema.Key(skuOf(d.Wanted))}.Topic()
		return &replicator.HoldError{Reason: codeProductMissing, Message: fmt.Sprintf("the shop does not have product %s yet", skuOf(d.Wanted)), WaitsFor: []string{topic}}
	case codeOrderMissing:
		return &replicator.HoldError{
			Reason: codeOrderMissing, Message: fmt.Sprintf("the shop has no order %s", d.Key),
			Hint: "the order was deleted in the shop, or its number differs there", WaitsFor: []string{replicator.OrderTopic(string(d.Key))},
		}
	case codeWarehouseMissing:
		return &replicator.HoldError{Reason: "warehouse_unmapped", Message: "the shop does not know the warehouse of " + string(d.Key), Hint: "correct the mapping of warehouses"}
	}
	return err
}

func skuOf(r schema.Record) string {
	switch x := r.(type) {
	case *schema.StockBalance:
		return x.SKU
	case *schema.Product:
		return x.SKU
	}
	return ""
}

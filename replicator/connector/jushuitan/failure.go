package jushuitan

import (
	"encoding/json"
	"strings"
	"time"

	"sverka/replicator"
)

// system is this connector's name in errors.
const system = "jushuitan"

// envelope is what every answer is wrapped in.
type envelope struct {
	Code      *text           `json:"code"`
	Msg       text            `json:"msg"`
	IsSuccess *truth          `json:"issuccess"`
	Data      json.RawMessage `json:"data"`
}

// verdict is what an answer means.
type verdict struct {
	failure *replicator.Failure // nil for success
	token   bool                // the failure is about the token: renew it and ask again
}

// judge reads an answer's envelope. Limits are in world time; factor makes them real.
//
//	0            success; without data where data belongs: Rejected
//	199, 200     Throttled
//	100          about the token: Unauthorised after one renewal; else validation: Rejected
//	10, 120      signature: Unauthorised
//	110, 190     address not in the white list, no right to the operation: Unauthorised
//	140, 180     about the timestamp: Transient; else Rejected
//	130, 160, 170  Rejected
//	others       Unknown for writes, Transient for reads
func judge(name string, op operation, env *envelope, factor int) verdict {
	f := &replicator.Failure{System: system, Operation: name, Message: shorten(string(env.Msg), 200)}
	if env.Code != nil {
		f.Code = string(*env.Code)
	}
	msg := strings.ToLower(string(env.Msg))
	switch f.Code {
	case "0":
		return judgeSuccess(f, op, env)
	case "199":
		f.Kind, f.RetryAfter = replicator.Throttled, time.Second/time.Duration(factor)
	case "200":
		f.Kind, f.RetryAfter = replicator.Throttled, 30*time.Second/time.Duration(factor)
	case "100":
		if speaksOfToken(msg) {
			f.Kind, f.Hint = replicator.Unauthorised, "authorise the application for this merchant again"
			return verdict{failure: f, token: true}
		}
		f.Kind = replicator.Rejected
	case "10", "120":
		f.Kind, f.Hint = replicator.Unauthorised, "check the application key and secret"
	case "110":
		f.Kind, f.Hint = replicator.Unauthorised, "add this machine's outgoing address to the white list in the developer console"
	case "190":
		f.Kind, f.Hint = replicator.Unauthorised, "grant the application the right to "+op.path+" in the developer console"
	case "140", "180":
		f.Kind = replicator.Rejected
		if f.Code == "180" || strings.Contains(msg, "timestamp") {
			f.Kind, f.Hint = replicator.Transient, "set this machine's clock"
		}
	case "130", "160", "170":
		f.Kind = replicator.Rejected
	default:
		f.Kind = lost(op)
	}
	return verdict{failure: f}
}

func judgeSuccess(f *replicator.Failure, op operation, env *envelope) verdict {
	empty := len(env.Data) == 0 || string(env.Data) == "null"
	if env.IsSuccess != nil && !bool(*env.IsSuccess) || empty && !op.noData {
		// Code 0 without its data is how some endpoints say no.
		f.Kind = replicator.Rejected
		return verdict{failure: f}
	}
	return verdict{}
}

// lost is the kind of a failure that does not tell whether a call was carried out.
func lost(op operation) replicator.Kind {
	if op.writes {
		return replicator.Unknown
	}
	return replicator.Transient
}

func speaksOfToken(msg string) bool {
	for _, word := range []string{"access_token", "token", "授权", "令牌"} {
		if strings.Contains(msg, word) {
			return true
		}
	}
	return false
}

func rejected(operation, code, message, hint string) *replicator.Failure {
	return &replicator.Failure{Kind: replicator.Rejected, System: system, Operation: operation, Code: code, Message: message, Hint: hint}
}

// vendorWords is a vendor's text that may be shown: words that quote a receiver,
// a phone or an address are replaced as a whole (invariant 11).
func vendorWords(msg string, private []string) string {
	for _, value := range private {
		for _, word := range append(strings.Fields(value), value) {
			word = strings.Trim(word, ".,;:()«»\"'")
			if len([]rune(word)) >= 3 && strings.Contains(msg, word) {
				return "the vendor's words quote personal data and are not shown"
			}
		}
	}
	return shorten(msg, 200)
}

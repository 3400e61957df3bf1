package onec

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

const system = string(schema.OneC)

// Codes of standard.odata that mean something to us; the rest is told by status.
const (
	codeNotFound   = "9"
	codeNoSegment  = "6"
	codeInternal   = "-1"
	codeBadFilter  = "14"
	codeSectionRow = "13"
	codeBadValue   = "1"
)

// Patterns of the platform's texts; compiled once, never changed.
var (
	handlerText = regexp.MustCompile(`обработчика\s*-\s*'([\p{L}\d_]+)'\s*\{([\p{L}\d_.()]{1,120})\}`)
	lockText    = regexp.MustCompile(`(?i)конфликт блокировок|уже заблокирован|lock conflict`)
	formText    = regexp.MustCompile(`(?i)чтении JSON|внутренняя ошибка OData|не удалось провести|не заполнено`)
)

// classify turns an answer into a failure, nil when it is a success. The
// platform's words often quote our values (names, addresses), so only the code
// and a fixed text are kept (invariant 11); the whole answer is in the exchange.
func classify(operation string, writes bool, r *apicall.Response) *replicator.Failure {
	if r.Status < http.StatusBadRequest {
		return nil
	}
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message struct {
				Value string `json:"value"`
			} `json:"message"`
		} `json:"odata.error"`
	}
	if r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden || decode(r.Body, &body) != nil || body.Error.Code == "" {
		f := apicall.StatusFailure(system, operation, writes, r)
		if f.Kind == replicator.Unauthorised {
			f.Hint = "check login, password and rights of the exchange user in 1C and in the web server"
		}
		return f
	}
	f := &replicator.Failure{System: system, Operation: operation, Kind: replicator.Rejected, Code: body.Error.Code}
	switch body.Error.Code {
	case codeNotFound:
		f.Message = "the object is not in 1C"
	case codeNoSegment:
		f.Message = "the entity set or function is not published"
		f.Hint = "publish it in \"Настройка автоматического REST-сервиса\" or correct the names in the configuration"
	case codeBadFilter:
		f.Message = "1C could not read the filter"
	case codeSectionRow:
		f.Message = "lines of a section cannot be written directly"
	case codeBadValue:
		f.Message = "1C could not read a value"
		f.Hint = "the recorded exchange shows which"
	case codeInternal:
		internal(f, body.Error.Message.Value, writes)
	default:
		f.Message = http.StatusText(r.Status)
		if r.Status >= http.StatusInternalServerError {
			internal(f, body.Error.Message.Value, writes)
		}
	}
	return f
}

// internal reads code -1: a refusal by a handler or of the form certainly left
// nothing behind; a lock conflict was rolled back; anything else is not known.
func internal(f *replicator.Failure, words string, writes bool) {
	m := handlerText.FindStringSubmatch(words)
	switch {
	case lockText.MatchString(words):
		f.Kind, f.Message = replicator.Transient, "another user holds the object"
	case m != nil:
		f.Message = "handler " + m[1] + " of the configuration refused (" + m[2] + ")"
		f.Hint = "the recorded exchange holds 1C's own words; correct the data or the settings in 1C"
	case formText.MatchString(words):
		f.Message = "1C refused the form of the data"
		f.Hint = "the recorded exchange holds 1C's own words"
	default:
		f.Kind, f.Message = replicator.Transient, "internal error of 1C"
		if writes {
			f.Kind = replicator.Unknown
		}
	}
}

func codeOf(err error) string {
	var f *replicator.Failure
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

func isNotFound(err error) bool { return codeOf(err) == codeNotFound }

// settle turns what kept a delivery from being carried out into what the engine
// is told: an entity set that is not published is a person's task, not a fault
// of the record.
func settle(err error) error {
	var f *replicator.Failure
	if errors.As(err, &f) && f.Code == codeNoSegment {
		return &replicator.HoldError{Reason: "not_published", Message: f.Operation + ": " + f.Message, Hint: f.Hint}
	}
	return err
}

func rejected(operation, message, hint string) *replicator.Failure {
	return &replicator.Failure{Kind: replicator.Rejected, System: system, Operation: operation, Message: message, Hint: hint}
}

// altered says which fields 1C holds differently from what was written; names
// of fields only, their values may be personal data.
func altered(operation string, fields []string) *replicator.Failure {
	return rejected(operation, "accepted but altered: "+strings.Join(fields, ", "),
		"a handler or a setting of 1C changes these fields; compare the document with the source")
}

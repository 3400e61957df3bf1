package replicatortest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/simworld"
)

// checkSecretsAbsent makes calls go well and wrong, with a target that even
// repeats what it was told, and searches every error and record.
func checkSecretsAbsent(tb testing.TB, o Options) {
	tb.Helper()
	echo := strings.Join(append(append([]string{}, o.Secrets...), o.Personal...), " ")
	spoil := map[string]func(f *simworld.Faults){
		"an undisturbed call":     func(*simworld.Faults) {},
		"refused credentials":     func(f *simworld.Faults) { f.Fail(nil, 1, http.StatusUnauthorized, "no") },
		"a refusal that echoes":   func(f *simworld.Faults) { f.Fail(nil, 1, http.StatusBadRequest, echo) },
		"an error that echoes":    func(f *simworld.Faults) { f.Fail(nil, 1, http.StatusInternalServerError, echo) },
		"nonsense that echoes":    func(f *simworld.Faults) { f.Fail(nil, 1, http.StatusOK, echo) },
		"a broken connection":     func(f *simworld.Faults) { f.DropBeforeCommit(nil, 1) },
		"half an answer":          func(f *simworld.Faults) { f.Truncate(nil, 1) },
		"a request for patience":  func(f *simworld.Faults) { f.Throttle(nil, 1, 1) },
		"a target that is absent": func(f *simworld.Faults) { f.SetDown(true) },
	}
	for name, do := range spoil {
		target := o.New(tb)
		do(target.Faults)
		ctx, recorder := apicall.WithRecorder(tb.Context())
		r := deliver(ctx, tb, target.Sink, o.Deliveries(tb, 1))[0]
		errorText := describe(r.err)
		requireAbsent(tb, name+": the error", errorText, o.Secrets)
		requireAbsent(tb, name+": the error", errorText, o.Personal)
		if strings.Contains(name, "echoes") {
			continue // what the target itself said is recorded as it was said
		}
		for _, ex := range recorder.Exchanges() {
			record := strings.Join([]string{ex.Operation, ex.Path, string(ex.Request), string(ex.Response), ex.Err}, "\n")
			requireAbsent(tb, name+": the record of "+ex.Operation, record, o.Secrets)
			requireAbsent(tb, name+": the path of "+ex.Operation, ex.Path+ex.Err, o.Personal)
		}
	}
}

// describe is everything that a log or a journal could take out of an error.
func describe(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error() + fmt.Sprintf("%+v", err)
	for e := err; e != nil; {
		if f, ok := e.(*replicator.Failure); ok { //nolint:errorlint // each link of the chain is looked at in turn
			text += f.Hint + f.Message + f.Code
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	return text
}

// requireAbsent fails when a text holds one of the values, plain or in the
// encodings in which credentials travel. The value itself is not printed.
func requireAbsent(tb testing.TB, where, text string, values []string) {
	tb.Helper()
	for i, v := range values {
		if v == "" {
			tb.Errorf("value %d to search for is empty", i)
			continue
		}
		for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v), base64.StdEncoding.EncodeToString([]byte(v))} {
			if strings.Contains(text, form) {
				tb.Errorf("%s holds value %d that must stay secret (invariant 11)", where, i)
				break
			}
		}
	}
}

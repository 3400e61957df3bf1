package apicall_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
)

func TestStatusFailure_reads_every_status(t *testing.T) {
	t.Parallel()
	cases := []struct {
		status     int
		retryAfter string
		reads      replicator.Kind
		writes     replicator.Kind
		wait       time.Duration
	}{
		{429, "", replicator.Throttled, replicator.Throttled, 0},
		{429, "7", replicator.Throttled, replicator.Throttled, 7 * time.Second},
		{429, "soon", replicator.Throttled, replicator.Throttled, 0},
		{429, "-3", replicator.Throttled, replicator.Throttled, 0},
		{503, "7", replicator.Throttled, replicator.Throttled, 7 * time.Second},
		{503, "", replicator.Transient, replicator.Transient, 0},
		{401, "", replicator.Unauthorised, replicator.Unauthorised, 0},
		{403, "", replicator.Unauthorised, replicator.Unauthorised, 0},
		{408, "", replicator.Transient, replicator.Unknown, 0},
		{500, "", replicator.Transient, replicator.Unknown, 0},
		{502, "", replicator.Transient, replicator.Unknown, 0},
		{504, "", replicator.Transient, replicator.Unknown, 0},
		{520, "", replicator.Transient, replicator.Unknown, 0},
		{400, "", replicator.Rejected, replicator.Rejected, 0},
		{404, "", replicator.Rejected, replicator.Rejected, 0},
		{409, "", replicator.Rejected, replicator.Rejected, 0},
		{413, "", replicator.Rejected, replicator.Rejected, 0},
		{422, "", replicator.Rejected, replicator.Rejected, 0},
	}
	for _, c := range cases {
		r := &apicall.Response{Status: c.status, Header: http.Header{}, Body: []byte("Иванова Анна")}
		if c.retryAfter != "" {
			r.Header.Set("Retry-After", c.retryAfter)
		}
		for writes, kind := range map[bool]replicator.Kind{false: c.reads, true: c.writes} {
			f := apicall.StatusFailure("fake", "upload", writes, r)
			if f == nil || f.Kind != kind || f.RetryAfter != c.wait {
				t.Errorf("status %d, Retry-After %q, writes=%v: %v wait %s, want %s wait %s", c.status, c.retryAfter, writes, f, f.RetryAfter, kind, c.wait)
				continue
			}
			if strings.Contains(f.Error(), "Анна") || f.System != "fake" || f.Operation != "upload" || f.Code == "" {
				t.Errorf("status %d: %q must name system, operation and code and quote no body", c.status, f)
			}
			if kind == replicator.Unauthorised && f.Hint == "" {
				t.Errorf("status %d has no hint", c.status)
			}
		}
	}
	for _, ok := range []int{200, 201, 204, 302} {
		if f := apicall.StatusFailure("fake", "upload", true, &apicall.Response{Status: ok}); f != nil {
			t.Errorf("status %d is a failure: %v", ok, f)
		}
	}
}

func TestStatusFailure_reads_a_date_of_patience(t *testing.T) {
	t.Parallel()
	for text, least := range map[string]time.Duration{
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):  59 * time.Minute,
		time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
	} {
		f := apicall.StatusFailure("fake", "ask", false, &apicall.Response{Status: 429, Header: http.Header{"Retry-After": {text}}})
		if f.RetryAfter < least || f.RetryAfter > least+time.Hour || (least == 0 && f.RetryAfter != 0) {
			t.Errorf("Retry-After %q waits %s, want about %s", text, f.RetryAfter, least)
		}
	}
}

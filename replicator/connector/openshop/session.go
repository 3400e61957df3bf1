package openshop

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/schema"
)

const (
	kindCatalog = "catalog"
	kindSale    = "sale"
	// maxProgress bounds how often one import may answer "progress".
	maxProgress = 2000
)

// session is one login at the exchange endpoint. It is used by one goroutine.
type session struct {
	c      *Client
	kind   string
	cookie string // name=value
	sessid string // "" when the shop gave none
	zip    bool
	limit  int // bytes of one fragment, 0: no limit
}

// document is one file of a session.
type document struct {
	prefix string // import, offers or orders: shops tell documents apart by it
	body   []byte
}

// login opens a session.
func (c *Client) login(ctx context.Context, kind string) (*session, error) {
	st := step{name: "checkauth of " + kind}
	resp, err := c.exchange.Do(ctx, apicall.Request{
		Operation: st.name, Path: c.endpoint, Query: "type=" + kind + "&mode=checkauth", User: c.cfg.User, Password: c.cfg.Password, HideReply: true,
	})
	if err != nil {
		return nil, err
	}
	r, err := c.check(st, resp)
	if err != nil {
		if r.word == "failure" && replicator.KindOf(err) == replicator.Rejected {
			return nil, c.fail(st, replicator.Unauthorised, r.code(), "", "check user and password of openshop")
		}
		return nil, notTheRecord(err)
	}
	if len(r.lines) < 3 || strings.TrimSpace(r.lines[1]) == "" {
		return nil, c.fail(st, replicator.Transient, "", "the answer names no cookie", "check that the url is the exchange endpoint")
	}
	s := &session{c: c, kind: kind, cookie: strings.TrimSpace(r.lines[1]) + "=" + strings.TrimSpace(r.lines[2])}
	for _, l := range r.lines[3:] {
		if id, ok := strings.CutPrefix(strings.TrimSpace(l), "sessid="); ok {
			s.sessid = id
		}
	}
	return s, nil
}

// call makes one call inside the session.
func (s *session) call(ctx context.Context, st step, mode, filename string, body []byte) (*apicall.Response, error) {
	query := "type=" + s.kind + "&mode=" + mode
	if s.sessid != "" {
		query += "&sessid=" + s.sessid
	}
	if filename != "" {
		query += "&filename=" + filename // made by us of letters that need no escaping
	}
	req := apicall.Request{
		Operation: st.name, Path: s.c.endpoint, Query: query, Header: map[string]string{"Cookie": s.cookie}, User: s.c.cfg.User, Password: s.c.cfg.Password, Writes: st.writes,
	}
	if body != nil {
		req.Method, req.Body = http.MethodPost, body
		req.Header["Content-Type"] = "application/octet-stream"
	}
	return s.c.exchange.Do(ctx, req)
}

// init asks for zip and file_limit.
func (s *session) init(ctx context.Context) error {
	st := step{name: "init of " + s.kind}
	resp, err := s.call(ctx, st, "init", "", nil)
	if err != nil {
		return err
	}
	if f := apicall.StatusFailure(string(schema.OpenShop), st.name, false, resp); f != nil {
		return notTheRecord(f)
	}
	r, known := parseReply(resp.Body), false
	for _, l := range r.lines {
		l = strings.ToLower(strings.TrimSpace(l))
		if v, ok := strings.CutPrefix(l, "zip="); ok {
			s.zip, known = v == "yes", true
		}
		if v, ok := strings.CutPrefix(l, "file_limit="); ok {
			known = true
			if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && n > 0 {
				s.limit = n
			}
		}
	}
	if !known {
		if _, err := s.c.check(st, resp); err != nil {
			return notTheRecord(err)
		}
		return s.c.fail(st, replicator.Transient, "", "the answer tells no parameters", "check that the url is the exchange endpoint")
	}
	return nil
}

// send uploads the documents and lets the shop import them in their order.
func (s *session) send(ctx context.Context, documents []document) error {
	if err := s.init(ctx); err != nil {
		return err
	}
	var mark [6]byte
	_, _ = rand.Read(mark[:]) // never fails; a name is never used twice
	names := make([]string, len(documents))
	for i, d := range documents {
		names[i] = fmt.Sprintf("%s0_1_%s.xml", d.prefix, hex.EncodeToString(mark[:]))
	}
	if s.zip && s.c.cfg.ZipAllowed {
		packed, err := pack(names, documents)
		if err != nil {
			return fmt.Errorf("pack the exchange documents: %w", err)
		}
		if err := s.upload(ctx, "v8_"+hex.EncodeToString(mark[:])+".zip", packed); err != nil {
			return err
		}
	} else {
		for i, d := range documents {
			if err := s.upload(ctx, names[i], d.body); err != nil {
				return err
			}
		}
	}
	for _, name := range names {
		if err := s.run(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func pack(names []string, documents []document) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, d := range documents {
		w, err := z.Create(names[i])
		if err == nil {
			_, err = w.Write(d.body)
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // named by the caller
		}
	}
	if err := z.Close(); err != nil {
		return nil, err //nolint:wrapcheck // named by the caller
	}
	return b.Bytes(), nil
}

// upload sends a file in fragments of at most file_limit bytes, all under one
// name: the shop appends them.
func (s *session) upload(ctx context.Context, name string, body []byte) error {
	st := step{name: "upload to " + s.kind, writes: true, quotes: s.kind == kindCatalog}
	for len(body) > 0 {
		n := len(body)
		if s.limit > 0 {
			n = min(n, s.limit)
		}
		resp, err := s.call(ctx, st, "file", name, body[:n])
		if err != nil {
			return err
		}
		if _, err := s.c.check(st, resp); err != nil {
			return err
		}
		body = body[n:]
	}
	return nil
}

// run imports an uploaded file; "progress" is asked again at once, as 1C does.
func (s *session) run(ctx context.Context, name string) error {
	st := step{name: "import of a " + s.kind + " package", writes: true, quotes: s.kind == kindCatalog}
	for range maxProgress {
		resp, err := s.call(ctx, st, "import", name, nil)
		if err != nil {
			return err
		}
		r, err := s.c.check(st, resp)
		if err != nil {
			return err
		}
		if r.word == "success" {
			return nil
		}
	}
	return s.c.fail(st, replicator.Unknown, "", fmt.Sprintf("the import answered progress %d times", maxProgress), "look into the shop's exchange log")
}

// query asks for the orders that the shop wants to be taken.
func (s *session) query(ctx context.Context) ([]byte, error) {
	st := step{name: "query of orders"}
	resp, err := s.call(ctx, st, "query", "", nil)
	if err != nil {
		return nil, err
	}
	if resp.Status < 400 && looksLikeOrders(resp.Body) {
		return resp.Body, nil
	}
	if _, err := s.c.check(st, resp); err != nil {
		return nil, err
	}
	return nil, s.c.fail(st, replicator.Transient, "", "the answer is no orders document", "look into the shop's exchange log")
}

func looksLikeOrders(body []byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")), " \t\r\n")
	return bytes.HasPrefix(body, []byte("<")) || bytes.HasPrefix(body, []byte("PK"))
}

// success tells the shop that what this session queried is durably ours.
func (s *session) success(ctx context.Context) error {
	st := step{name: "success of orders"}
	resp, err := s.call(ctx, st, "success", "", nil)
	if err != nil {
		return err
	}
	if parseReply(resp.Body).word != "failure" && resp.Status < 400 && len(resp.Body) > 0 {
		return nil
	}
	_, err = s.c.check(st, resp)
	return err
}

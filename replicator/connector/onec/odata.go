package onec

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
)

// maxQuery keeps a query string below what IIS accepts by default (2048).
const maxQuery = 1900

// call makes one OData call and classifies its answer.
func (c *Client) call(ctx context.Context, req apicall.Request) (*apicall.Response, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, &replicator.Failure{Kind: replicator.Transient, System: system, Operation: req.Operation, Message: "waiting for a free call", Err: context.Cause(ctx)}
	}
	req.User, req.Password = c.cfg.User, c.cfg.Password
	if req.Query == "" {
		req.Query = "$format=json"
	} else {
		req.Query = "$format=json&" + req.Query
	}
	req.Header = map[string]string{"Accept": "application/json"}
	if req.Body != nil {
		req.Header["Content-Type"] = "application/json; charset=utf-8"
	}
	resp, err := c.api.Do(ctx, req)
	if err != nil {
		return nil, err // already a *replicator.Failure that names system and operation
	}
	if f := classify(req.Operation, req.Writes, resp); f != nil {
		return nil, f
	}
	return resp, nil
}

func (c *Client) get(ctx context.Context, operation, path, query string, into any) error {
	resp, err := c.call(ctx, apicall.Request{Operation: operation, Path: "/" + escapePath(path), Query: query})
	if err != nil {
		return err
	}
	if err := decode(resp.Body, into); err != nil {
		return &replicator.Failure{Kind: replicator.Transient, System: system, Operation: operation, Message: "the answer is not JSON", Err: err}
	}
	return nil
}

// element reads one object by its reference.
func (c *Client) element(ctx context.Context, set, ref string) (row, error) {
	var out row
	err := c.get(ctx, "read "+set, set+"("+guidLiteral(ref)+")", "", &out)
	return out, err
}

// send writes: POST creates in a set, PATCH changes an element.
func (c *Client) send(ctx context.Context, method, path string, body row) (row, error) {
	set, _, _ := strings.Cut(path, "(")
	operation := strings.ToLower(method) + " " + set
	b, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%s: marshal the body: %w", operation, err)
	}
	resp, err := c.call(ctx, apicall.Request{Operation: operation, Method: method, Path: "/" + escapePath(path), Body: b, Writes: true})
	if err != nil {
		return nil, err
	}
	var out row
	if err := decode(resp.Body, &out); err != nil {
		return nil, &replicator.Failure{Kind: replicator.Unknown, System: system, Operation: operation, Message: "carried out, the answer is not JSON", Err: err}
	}
	return out, nil
}

func (c *Client) create(ctx context.Context, set string, body row) (row, error) {
	return c.send(ctx, http.MethodPost, set, body)
}

func (c *Client) patch(ctx context.Context, set, ref string, body row) (row, error) {
	return c.send(ctx, http.MethodPatch, set+"("+guidLiteral(ref)+")", body)
}

// postDocument makes a document's movements; PATCH of Posted would only set the flag.
func (c *Client) postDocument(ctx context.Context, set, ref string) error {
	operation := "post " + set
	_, err := c.call(ctx, apicall.Request{
		Operation: operation, Method: http.MethodPost, Writes: true, Body: []byte("{}"),
		Path: "/" + escapePath(set+"("+guidLiteral(ref)+")") + "/Post", Query: "PostingModeOperational=false",
	})
	if err == nil || replicator.KindOf(err) != replicator.Unknown {
		return err
	}
	// The answer did not come, but the document itself tells whether it is posted.
	doc, readErr := c.element(ctx, set, ref)
	if readErr == nil && doc.flag("Posted") {
		return nil
	}
	return err
}

// find reads the rows of a set that pass a filter, all pages. Fields may be nil for all.
func (c *Client) find(ctx context.Context, set, filter string, fields []string) ([]row, error) {
	return c.listAll(ctx, set, filter, fields, "")
}

func (c *Client) listAll(ctx context.Context, set, filter string, fields []string, order string) ([]row, error) {
	var out []row
	for skip := 0; ; {
		rows, err := c.page(ctx, set, filter, fields, order, skip)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
		if len(rows) < c.cfg.PageSize {
			return out, nil
		}
		skip += len(rows)
	}
}

// page reads one page of a set in a stable order, so that paging neither skips nor repeats.
func (c *Client) page(ctx context.Context, set, filter string, fields []string, order string, skip int) ([]row, error) {
	if order == "" {
		order = "Ref_Key"
		if strings.HasPrefix(set, "InformationRegister_") {
			order = ""
		}
	}
	q := []string{"$top=" + strconv.Itoa(c.cfg.PageSize)}
	if skip > 0 {
		q = append(q, "$skip="+strconv.Itoa(skip))
	}
	if order != "" {
		q = append(q, "$orderby="+escapeQuery(order))
	}
	if filter != "" {
		q = append(q, "$filter="+escapeQuery(filter))
	}
	if len(fields) > 0 {
		q = append(q, "$select="+escapeQuery(strings.Join(fields, ",")))
	}
	return c.rows(ctx, set, strings.Join(q, "&"))
}

func (c *Client) rows(ctx context.Context, path, query string) ([]row, error) {
	set, _, _ := strings.Cut(path, "(")
	var body struct {
		Value []row `json:"value"`
	}
	if err := c.get(ctx, "read "+set, path, query, &body); err != nil {
		return nil, err
	}
	return body.Value, nil
}

// findAny reads the rows that pass any of the terms, in as few calls as the
// length of a query allows, several at a time. Terms may stand twice, as when two
// shipments of one order are written together; each row is returned once.
func (c *Client) findAny(ctx context.Context, set string, terms, fields []string) ([]row, error) {
	room := maxQuery - len(escapeQuery(strings.Join(fields, ","))) - 120
	var chunks []string
	var chunk strings.Builder
	used := 0
	for _, t := range slices.Compact(slices.Sorted(slices.Values(terms))) {
		n := len(escapeQuery(t)) + len("%20or%20")
		if chunk.Len() > 0 && used+n > room {
			chunks = append(chunks, chunk.String())
			chunk.Reset()
			used = 0
		}
		if chunk.Len() > 0 {
			chunk.WriteString(" or ")
		}
		chunk.WriteString(t)
		used += n
	}
	if chunk.Len() > 0 {
		chunks = append(chunks, chunk.String())
	}
	found := make([][]row, len(chunks))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	for i, filter := range chunks {
		g.Go(func() (err error) {
			found[i], err = c.find(ctx, set, filter, fields)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err //nolint:wrapcheck // a failure of this package
	}
	var out []row
	seen := map[string]bool{}
	for _, rows := range found {
		for _, r := range rows {
			// A row that passes terms of two calls comes in both answers.
			if ref := r.text("Ref_Key"); ref == "" || !seen[ref] {
				seen[ref] = true
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// eqText and eqRef are the terms that findAny joins.
func eqText(field, value string) string { return field + " eq " + textLiteral(value) }
func eqRef(field, ref string) string    { return field + " eq " + guidLiteral(ref) }

// eqObject compares a field of a composite type with a reference.
func eqObject(field, ref, set string) string {
	return field + " eq cast(" + guidLiteral(ref) + "," + textLiteral(set) + ")"
}

const unescaped = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$'(),"

// escapeQuery encodes a query value: a space is %20, since 1C reads a + as itself.
func escapeQuery(s string) string { return escape(s, unescaped) }

func escapePath(s string) string { return escape(s, unescaped+"=") }

func escape(s, keep string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(keep, s[i]) >= 0 {
			b.WriteByte(s[i])
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[s[i]>>4])
		b.WriteByte(hex[s[i]&15])
	}
	return b.String()
}

// function reads a virtual table: set/Name(Arg='value',…). Slashes of the values
// are escaped, the one before the name is not.
func (c *Client) function(ctx context.Context, set, name, args string, fields []string) ([]row, error) {
	query := ""
	if len(fields) > 0 {
		query = "$select=" + escapeQuery(strings.Join(fields, ","))
	}
	var body struct {
		Value []row `json:"value"`
	}
	operation := "read " + set + "/" + name
	resp, err := c.call(ctx, apicall.Request{Operation: operation, Path: "/" + escapePath(set) + "/" + name + "(" + escapePath(args) + ")", Query: query})
	if err != nil {
		return nil, err
	}
	if err := decode(resp.Body, &body); err != nil {
		return nil, &replicator.Failure{Kind: replicator.Transient, System: system, Operation: operation, Message: "the answer is not JSON", Err: err}
	}
	return body.Value, nil
}

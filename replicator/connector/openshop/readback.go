package openshop

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/replicator/connector/apicall"
	"sverka/replicator/connector/commerceml"
	"sverka/schema"
)

// listLimit is how many rows of a list are asked for at once.
const listLimit = 500

// Products reads every article that the shop shows.
func (c *Client) Products() replicator.Reader { return c.sweep("products", c.readProduct) }

// Stock reads every balance that the shop shows.
func (c *Client) Stock() replicator.Reader { return c.sweep("stock", c.readStock) }

// Statuses reads the status of every order, also of those that were taken long ago.
func (c *Client) Statuses() replicator.Reader { return c.sweep("orders", c.readStatus) }

// row is what became of one item of a list.
type row struct {
	after   string // the list's key, where the next page begins
	record  schema.Record
	refused *replicator.Refusal
}

// sweep reads a list from its beginning to its end, page by page.
func (c *Client) sweep(name string, read func(json.RawMessage) row) replicator.Reader {
	return replicator.ReaderFunc(func(ctx context.Context, _ string) iter.Seq2[replicator.Page, error] {
		return func(yield func(replicator.Page, error) bool) {
			after := ""
			unmapped := map[string]bool{} // refused once, not per row
			for {
				observed := c.cfg.Clock()
				items, more, err := c.list(ctx, name, after, listLimit)
				if err != nil {
					yield(replicator.Page{}, err)
					return
				}
				page, last := pageOf(items, read, observed, unmapped)
				if more && (last == "" || last == after) {
					yield(replicator.Page{}, c.fail(step{name: "read " + name}, replicator.Transient, "", "the list says more but does not advance", "the shop's read-back must honour after"))
					return
				}
				after = last
				if !yield(page, nil) || !more {
					return
				}
			}
		}
	})
}

func pageOf(items []json.RawMessage, read func(json.RawMessage) row, observed time.Time, unmapped map[string]bool) (page replicator.Page, last string) {
	page.Read = len(items)
	for _, item := range items {
		r := read(item)
		if r.after != "" {
			last = r.after
		}
		if r.refused == nil {
			p := r.record.Prov()
			p.System, p.ObservedAt = schema.OpenShop, observed
			if problems := r.record.Validate(); len(problems) > 0 {
				r.refused = &replicator.Refusal{Entity: r.record.RecordEntity(), Key: r.record.RecordKey(), ExternalID: p.ExternalID, Code: "validation", Problems: problems}
			}
		}
		if r.refused != nil && r.refused.Code == "unmapped" {
			if unmapped[r.refused.ExternalID] {
				continue
			}
			unmapped[r.refused.ExternalID] = true
		}
		if r.refused != nil {
			page.Refused = append(page.Refused, *r.refused)
			continue
		}
		page.Records = append(page.Records, r.record)
		if p, ok := r.record.(*schema.Product); ok && p.ExternalID != "" {
			page.Identifiers = append(page.Identifiers, replicator.Identifier{Entity: schema.EntityProduct, ExternalID: p.ExternalID, Key: p.RecordKey()})
		}
	}
	return page, last
}

// list asks for one page of a list.
func (c *Client) list(ctx context.Context, name, after string, limit int) ([]json.RawMessage, bool, error) {
	st := step{name: "read " + name}
	if c.readBack == nil {
		return nil, false, c.fail(st, replicator.Rejected, "", "the shop has no read-back", "set read_back_url, or do not read this list")
	}
	query := url.Values{"after": {after}, "limit": {strconv.Itoa(limit)}}
	resp, err := c.readBack.Do(ctx, apicall.Request{Operation: st.name, Path: "/" + name, Query: query.Encode(), User: c.cfg.User, Password: c.cfg.Password})
	if err != nil {
		return nil, false, err
	}
	if f := apicall.StatusFailure(string(schema.OpenShop), st.name, false, resp); f != nil {
		return nil, false, f
	}
	var answer struct {
		Items *[]json.RawMessage `json:"items"`
		More  bool               `json:"more"`
	}
	if err := json.Unmarshal(resp.Body, &answer); err != nil || answer.Items == nil {
		// The decoder's words could quote the answer, so they are left out.
		return nil, false, c.fail(st, replicator.Transient, "", "the answer is not the JSON list that was asked for", "check that read_back_url is the shop's read-back")
	}
	return *answer.Items, answer.More, nil
}

func malformed(e schema.Entity, key string) *replicator.Refusal {
	return &replicator.Refusal{Entity: e, Key: schema.Key(key), Code: "malformed", Problems: []schema.Problem{
		{Field: string(e), Reason: "the shop's JSON row cannot be read", Hint: "compare it with the shapes in the connector's documentation"},
	}}
}

func (c *Client) readProduct(item json.RawMessage) row {
	var key struct{ SKU string }
	_ = json.Unmarshal(item, &key) // what cannot be read whole may still name its key
	var in struct {
		schema.Product

		ID         string     `json:"id"`
		Deleted    *time.Time `json:"deleted_at"`
		ModifiedAt time.Time  `json:"modified_at"`
		Prices     []struct {
			Type     string        `json:"type"`
			Amount   schema.Amount `json:"amount"`
			Currency string        `json:"currency"`
		} `json:"prices"`
		Images []string `json:"images"`
	}
	if err := json.Unmarshal(item, &in); err != nil {
		return row{after: key.SKU, refused: malformed(schema.EntityProduct, key.SKU)}
	}
	p := in.Product
	p.Provenance = schema.Provenance{ExternalID: in.ID, SourceModifiedAt: in.ModifiedAt}
	if in.Deleted != nil {
		p.DeletedAt = *in.Deleted
	}
	for _, x := range in.Prices {
		ours, ok := c.cfg.PriceTypes[x.Type]
		if !ok {
			ours = strings.ToLower(x.Type)
		}
		p.Prices = append(p.Prices, schema.ProductPrice{PriceType: ours, Amount: x.Amount, Currency: commerceml.CurrencyCode(x.Currency)})
	}
	slices.SortFunc(p.Prices, func(a, b schema.ProductPrice) int { return cmp.Compare(a.PriceType, b.PriceType) })
	for i, u := range in.Images {
		p.Images = append(p.Images, schema.ProductImage{Position: i + 1, URL: u})
	}
	return row{after: p.SKU, record: &p}
}

func (c *Client) readStock(item json.RawMessage) row {
	var in struct {
		Warehouse  string          `json:"warehouse"`
		SKU        string          `json:"sku"`
		Quantity   schema.Quantity `json:"quantity"`
		ModifiedAt time.Time       `json:"modified_at"`
	}
	err := json.Unmarshal(item, &in)
	after := in.Warehouse + "/" + in.SKU
	if err != nil {
		return row{after: after, refused: malformed(schema.EntityStockBalance, after)}
	}
	code, ok := c.cfg.Warehouses[in.Warehouse]
	if !ok {
		return row{after: after, refused: &replicator.Refusal{Entity: schema.EntityStockBalance, ExternalID: in.Warehouse, Code: "unmapped", Problems: []schema.Problem{
			{Field: "warehouse_code", Value: in.Warehouse, Reason: "the shop's warehouse is not mapped", Hint: "add it to the shop's mapping of warehouses"},
		}}}
	}
	b := &schema.StockBalance{WarehouseCode: code, SKU: in.SKU, Quantity: in.Quantity}
	b.SourceModifiedAt = in.ModifiedAt
	return row{after: after, record: b}
}

func (c *Client) readStatus(item json.RawMessage) row {
	var in struct {
		ID        string    `json:"id"`
		Number    string    `json:"number"`
		Status    string    `json:"status"`
		Cancelled bool      `json:"cancelled"`
		Reason    string    `json:"reason"`
		ChangedAt time.Time `json:"status_changed_at"`
		Tracking  string    `json:"tracking_number"`
	}
	if err := json.Unmarshal(item, &in); err != nil {
		return row{after: in.Number, refused: malformed(schema.EntityOrderStatus, in.Number)}
	}
	s := &schema.OrderStatus{OrderNumber: in.Number, VendorStatus: in.Status, Phase: commerceml.PhaseOf(in.Status, c.cfg.Statuses), ChangedAt: in.ChangedAt.UTC()}
	if in.Cancelled {
		s.Phase, s.Reason = schema.PhaseCancelled, in.Reason
	}
	s.ExternalID = in.ID
	if in.Tracking != "" {
		s.Extra = schema.Extra{"tracking_number": in.Tracking}
	}
	return row{after: in.Number, record: s}
}

package yandexmaps

import (
	"cmp"
	"strconv"
	"strings"

	"sverka/schema"
)

// The parts of the reply that matter.
type (
	reply struct {
		Response *response `json:"response"`
	}
	response struct {
		Collection struct {
			Meta struct {
				Reply struct {
					Found string `json:"found"` // how many in all; the members are the first of them
				} `json:"GeocoderResponseMetaData"`
			} `json:"metaDataProperty"`
			Members []struct {
				Object geoObject `json:"GeoObject"`
			} `json:"featureMember"`
		} `json:"GeoObjectCollection"`
	}
	geoObject struct {
		Meta struct {
			Geocoder struct {
				Kind      string `json:"kind"`
				Text      string `json:"text"`
				Precision string `json:"precision"`
				Address   struct {
					CountryCode string      `json:"country_code"`
					PostalCode  string      `json:"postal_code"`
					Formatted   string      `json:"formatted"`
					Components  []component `json:"Components"`
				} `json:"Address"`
			} `json:"GeocoderMetaData"`
		} `json:"metaDataProperty"`
		Point struct {
			Pos string `json:"pos"` // "longitude latitude"
		} `json:"Point"`
		URI string `json:"uri"`
	}
	component struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	}
)

func (g geoObject) formatted() string {
	return cmp.Or(g.Meta.Geocoder.Address.Formatted, g.Meta.Geocoder.Text)
}

// read makes an address of a reply.
func (c *Client) read(text string, r response) *schema.Address {
	a := &schema.Address{
		Provenance: schema.Provenance{System: schema.Yandex},
		AddressID:  schema.AddressID(text), Text: text, Status: schema.AddressNotFound, Candidates: len(r.Collection.Members),
	}
	if n, err := strconv.Atoi(r.Collection.Meta.Reply.Found); err == nil && n > a.Candidates {
		a.Candidates = n
	}
	best, others := bestOf(r)
	if best == nil {
		return a
	}
	a.Status, a.Formatted, a.Precision = schema.AddressAmbiguous, best.formatted(), best.Meta.Geocoder.Precision
	if others || rank(a.Precision) > rank(c.cfg.MinPrecision) {
		return a // the formatted text is a suggestion for a person; no part of it is taken over
	}
	a.Status = schema.AddressResolved
	fill(a, *best)
	return a
}

// bestOf is the first candidate of the best precision, and whether there is
// another, different one as good.
func bestOf(r response) (best *geoObject, others bool) {
	for i := range r.Collection.Members {
		g := &r.Collection.Members[i].Object
		switch {
		case best == nil || rank(g.Meta.Geocoder.Precision) < rank(best.Meta.Geocoder.Precision):
			best, others = g, false
		case g.Meta.Geocoder.Precision == best.Meta.Geocoder.Precision && !strings.EqualFold(g.formatted(), best.formatted()):
			others = true
		}
	}
	return best, others
}

// fill takes the parts of a candidate over. Several components of one kind stand
// from the wide to the narrow (federal district, then region), so the last one
// wins; districts of a city are kept together.
func fill(a *schema.Address, g geoObject) {
	meta := g.Meta.Geocoder
	a.Country, a.PostalCode = meta.Address.CountryCode, meta.Address.PostalCode
	a.ExternalID = g.URI
	a.Extra = schema.Extra{"kind": meta.Kind}
	var districts []string
	for _, part := range meta.Address.Components {
		switch part.Kind {
		case "province":
			a.Region = part.Name
		case "locality":
			a.City = part.Name
		case "district":
			districts = append(districts, part.Name)
		case "street":
			a.Street = part.Name
		case "house":
			a.House = part.Name
		case "country":
		default:
			a.Extra[part.Kind] = part.Name
		}
	}
	a.District = strings.Join(districts, ", ")
	// Decimal text, longitude first; a point that is not a pair is left out.
	if lon, lat, ok := strings.Cut(strings.TrimSpace(g.Point.Pos), " "); ok {
		a.Longitude, a.Latitude = lon, strings.TrimSpace(lat)
	}
}

package yandexmapssim

import "strconv"

type object = map[string]any

// collection is a whole reply; numbers are texts in it, as in the real one.
func collection(request string, results int, found []place) object {
	members := []object{}
	for _, p := range found[:min(results, len(found))] {
		members = append(members, object{"GeoObject": geoObject(p)})
	}
	return object{"response": object{"GeoObjectCollection": object{
		"metaDataProperty": object{"GeocoderResponseMetaData": object{
			"request": request, "results": strconv.Itoa(results), "found": strconv.Itoa(len(found)),
		}},
		"featureMember": members,
	}}}
}

func geoObject(p place) object {
	kind, precision := p.kind()
	lon, lat := p.position()
	address := object{"country_code": "RU", "formatted": p.formatted(), "Components": components(p)}
	if p.zip != "" && kind == "house" {
		address["postal_code"] = p.zip
	}
	out := object{
		"metaDataProperty": object{"GeocoderMetaData": object{
			"precision": precision, "text": p.formatted(), "kind": kind, "Address": address, "AddressDetails": details(p),
		}},
		"name":      last(p),
		"boundedBy": object{"Envelope": object{"lowerCorner": lon + " " + lat, "upperCorner": lon + "9 " + lat + "9"}},
		"Point":     object{"pos": lon + " " + lat},
	}
	if kind != "locality" {
		out["description"] = join(p.city, "Россия")
	} else {
		out["description"] = "Россия"
	}
	return out
}

func last(p place) string {
	if p.street == "" {
		return p.city
	}
	return join(p.street, p.house)
}

func components(p place) []object {
	r := regionOf(p.city)
	out := []object{}
	for _, c := range [][2]string{
		{"country", "Россия"}, {"province", r.district}, {"province", r.province}, {"locality", p.city}, {"street", p.street}, {"house", p.house},
	} {
		if c[1] != "" {
			out = append(out, object{"kind": c[0], "name": c[1]})
		}
	}
	return out
}

// details is the older, nested form of the same.
func details(p place) object {
	locality := object{"LocalityName": p.city}
	if p.street != "" {
		street := object{"ThoroughfareName": p.street}
		if p.house != "" {
			premise := object{"PremiseNumber": p.house}
			if p.zip != "" {
				premise["PostalCode"] = object{"PostalCodeNumber": p.zip}
			}
			street["Premise"] = premise
		}
		locality["Thoroughfare"] = street
	}
	return object{"Country": object{
		"AddressLine": p.formatted(), "CountryNameCode": "RU", "CountryName": "Россия",
		"AdministrativeArea": object{"AdministrativeAreaName": regionOf(p.city).province, "Locality": locality},
	}}
}

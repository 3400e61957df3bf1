package yandexmapssim

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// place is one thing on the map.
type place struct {
	zip, city, street, house string
}

// region is where a city lies.
type region struct{ district, province string }

// regionOf knows the cities of every world; others lie in a province of their own name.
func regionOf(city string) region {
	switch city {
	case "Москва":
		return region{"Центральный федеральный округ", "Москва"}
	case "Тверь":
		return region{"Центральный федеральный округ", "Тверская область"}
	case "Казань":
		return region{"Приволжский федеральный округ", "Республика Татарстан"}
	case "Пермь":
		return region{"Приволжский федеральный округ", "Пермский край"}
	}
	return region{"Северо-Западный федеральный округ", city + " (область)"}
}

// find reads "101000, Москва, ул. Ленина, 5". What is unknown is not found; a text
// without a city fits a house in every city of the world.
func (s *Sim) find(text string) []place {
	if strings.Contains(strings.ToLower(text), "неизвестн") {
		return nil
	}
	p, ok := parse(text)
	if !ok {
		return nil
	}
	if p.city != "" {
		return []place{p}
	}
	var found []place
	for _, city := range s.cities() {
		p.city = city
		found = append(found, p)
	}
	return found
}

// cities of the world's customers, sorted.
func (s *Sim) cities() []string {
	var out []string
	for _, c := range s.world.Customers {
		if p, ok := parse(c.Address); ok && p.city != "" && !slices.Contains(out, p.city) {
			out = append(out, p.city)
		}
	}
	slices.Sort(out)
	return out
}

// parse splits a text at commas: a six-digit code, the country, a house number at
// the end and a street by its kind are recognised; what is left is the city.
func parse(text string) (place, bool) {
	var p place
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "" || strings.EqualFold(part, "Россия"):
		case len(part) == 6 && strings.Trim(part, "0123456789") == "":
			p.zip = part
		case isStreet(part):
			p.street = part
		case p.street != "" && p.house == "" && startsWithDigit(part):
			p.house = part
		case p.city == "" && !startsWithDigit(part):
			p.city = strings.TrimPrefix(part, "г. ")
		}
	}
	return p, p.city != "" || p.street != ""
}

func startsWithDigit(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "дом "), "д. ")
	return s != "" && unicode.IsDigit([]rune(s)[0])
}

func isStreet(s string) bool {
	for _, word := range strings.Fields(strings.ToLower(s)) {
		switch strings.TrimSuffix(word, ".") {
		case "ул", "улица", "пр", "проспект", "пер", "переулок", "шоссе", "бульвар", "набережная", "площадь":
			return true
		}
	}
	return false
}

// kind and precision as the service names them.
func (p place) kind() (kind, precision string) {
	switch {
	case p.house != "":
		return "house", "exact"
	case p.street != "":
		return "street", "street"
	}
	return "locality", "other"
}

func (p place) formatted() string { return join("Россия", p.city, p.street, p.house) }

// position is "longitude latitude", the same for the same place.
func (p place) position() (lon, lat string) {
	h := fnv.New32a()
	h.Write([]byte(p.city + "|" + p.street + "|" + p.house))
	n := h.Sum32()
	return fmt.Sprintf("%d.%06d", 30+n%30, n%1000000), fmt.Sprintf("%d.%06d", 50+n%10, n/7%1000000)
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

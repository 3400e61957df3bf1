package commerceml

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"slices"
	"strings"

	"sverka/schema"
)

// GroupID is the stable id of a category path.
func GroupID(path string) string {
	sum := sha256.Sum256([]byte("sverka group " + path))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// CleanPath normalises a category path: "Товары / Куртка/" is "Товары/Куртка".
func CleanPath(path string) string {
	var parts []string
	for _, p := range strings.Split(path, "/") {
		if p = oneLine(CleanText(p)); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/")
}

// WriteCatalog writes import.xml: the classifier with the groups of the given
// categories and the products. A product's category must be one of them.
func WriteCatalog(w io.Writer, o WriteOptions, categories []string, products iter.Seq[*schema.Product]) error {
	o = o.withDefaults()
	x := newWriter(w)
	x.document(o)
	x.classifier(o, categories)
	x.start("Каталог", "СодержитТолькоИзменения", truth(o.ChangesOnly))
	x.leaf("Ид", o.CatalogID)
	x.leaf("ИдКлассификатора", o.CatalogID)
	x.leaf("Наименование", o.CatalogName)
	x.owner(o)
	x.start("Товары")
	for p := range products {
		if x.err != nil {
			break
		}
		x.product(o, p)
	}
	return x.finish("catalogue")
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func (w *writer) classifier(o WriteOptions, categories []string) {
	w.start("Классификатор")
	w.leaf("Ид", o.CatalogID)
	w.leaf("Наименование", "Классификатор ("+o.CatalogName+")")
	w.owner(o)
	paths := map[string]bool{}
	for _, c := range categories {
		parts := strings.Split(CleanPath(c), "/")
		for i := range parts {
			if path := strings.Join(parts[:i+1], "/"); path != "" {
				paths[path] = true
			}
		}
	}
	var all []string
	for p := range paths {
		all = append(all, p)
	}
	slices.Sort(all)
	w.groups(all, "")
	w.end()
}

// groups writes the groups right below a parent, each with its own below it.
func (w *writer) groups(all []string, parent string) {
	opened := false
	for _, path := range all {
		up, name := "", path
		if i := strings.LastIndex(path, "/"); i >= 0 {
			up, name = path[:i], path[i+1:]
		}
		if up != parent {
			continue
		}
		if !opened {
			w.start("Группы")
			opened = true
		}
		w.start("Группа")
		w.leaf("Ид", GroupID(path))
		w.leaf("Наименование", name)
		w.groups(all, path)
		w.end()
	}
	if opened {
		w.end()
	}
}

// identity writes Ид, Штрихкод and Артикул. The schema's Штрихкод holds 8 to 14
// digits; other barcodes travel as a requisite.
func (w *writer) identity(o WriteOptions, p *schema.Product) {
	w.leaf("Ид", o.productID(p))
	if schemaBarcode(p.Barcode) {
		w.leaf("Штрихкод", p.Barcode)
	}
	w.leaf("Артикул", p.SKU)
	w.leaf("Наименование", p.Name)
	if p.UnitCode == "796" {
		w.leaf("БазоваяЕдиница", "", "Код", "796", "НаименованиеПолное", "Штука", "МеждународноеСокращение", "PCE")
	} else {
		w.leaf("БазоваяЕдиница", "", "Код", p.UnitCode)
	}
}

func schemaBarcode(s string) bool { return len(s) >= 8 && len(s) <= 14 && isDigits(s) }

func (w *writer) product(o WriteOptions, p *schema.Product) {
	status := ""
	if !p.DeletedAt.IsZero() {
		status = "Удален"
	}
	w.start("Товар", "Статус", status)
	w.identity(o, p)
	if path := CleanPath(p.Category); path != "" {
		w.start("Группы")
		w.leaf("Ид", GroupID(path))
		w.end()
	}
	w.opt("Описание", p.Description)
	for _, i := range p.Images {
		w.leaf("Картинка", i.URL)
	}
	w.opt("ТорговаяМарка", p.Brand)
	odd := []Pair{}
	if isDigits(p.VATRate) {
		w.start("СтавкиНалогов")
		w.start("СтавкаНалога")
		w.leaf("Наименование", "НДС")
		w.leaf("Ставка", p.VATRate)
		w.end()
		w.end()
	} else if p.VATRate != "" {
		odd = append(odd, Pair{Name: "Ставка НДС", Value: p.VATRate})
	}
	if p.Variant != "" {
		w.start("ХарактеристикиТовара")
		w.start("ХарактеристикаТовара")
		w.leaf("Наименование", "Вариант")
		w.leaf("Значение", p.Variant)
		w.end()
		w.end()
	}
	if !schemaBarcode(p.Barcode) {
		odd = append(odd, Pair{Name: "Штрихкод", Value: p.Barcode})
	}
	w.requisites(append(odd, productRequisites(p)...))
	w.end()
}

func productRequisites(p *schema.Product) []Pair {
	out := []Pair{{Name: "КодСтиля", Value: p.StyleCode}, {Name: "Активность", Value: truth(p.Enabled)}}
	for _, s := range []struct {
		name string
		q    schema.Quantity
	}{{"Вес", p.WeightKg}, {"Длина", p.LengthCm}, {"Ширина", p.WidthCm}, {"Высота", p.HeightCm}} {
		if s.q != 0 {
			out = append(out, Pair{Name: s.name, Value: s.q.String()})
		}
	}
	return out
}

package commerceml

// windowSize is how many articles are under construction at once in a load of
// files whose items stand together.
const windowSize = 1000

// window bounds the memory of a mapper. Without it everything is held until Finish,
// because any later item may add to any product.
type window struct {
	on      bool
	current string // product of the item under way
	open    int    // products begun since the window moved
}

// Together promises that from now on all items of one product follow one another,
// and that the dictionaries come before them: products and balances are then handed
// over in portions. Look at [Gather] for how to find out.
func (m *Mapper) Together() { m.window.on = true }

// slide hands over what is complete once the item of yet another product comes.
func (m *Mapper) slide(it Item) {
	key := Gather(it)
	if !m.window.on || key == "" || key == m.window.current {
		return
	}
	if m.window.open >= windowSize {
		m.complete()
		clear(m.products)
		clear(m.skus)
		clear(m.stock)
		clear(m.whole)
		clear(m.unread)
		clear(m.spoilt)
		m.window.open = 0
	}
	m.window.current = key
	m.window.open++
}

// Gather names the product that an item adds to, "" when it adds to none.
func Gather(it Item) string {
	id, article := "", ""
	switch t := it.(type) {
	case *Product:
		id, article = t.ID, t.Article
	case *Offer:
		id, article = t.ID, t.Article
	case *Refused:
		if t.Element == "Товар" || t.Element == "Предложение" {
			id, article = t.ID, t.Key
		}
	}
	if base := firstPart(id); base != "" {
		return base
	}
	return article
}

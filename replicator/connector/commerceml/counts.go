package commerceml

// Counts tell what was read and made no record of its own: the dictionaries.
type Counts struct {
	Groups, Properties, PriceTypes, Warehouses, Units int
}

// Total adds them up.
func (c Counts) Total() int { return c.Groups + c.Properties + c.PriceTypes + c.Warehouses + c.Units }

// Counts tells what has been read so far.
func (m *Mapper) Counts() Counts { return m.counts }

func (m *Mapper) count(it Item) {
	switch it.(type) {
	case *Group:
		m.counts.Groups++
	case *Property:
		m.counts.Properties++
	case *PriceType:
		m.counts.PriceTypes++
	case *Warehouse:
		m.counts.Warehouses++
	case *MeasureUnit:
		m.counts.Units++
	}
}

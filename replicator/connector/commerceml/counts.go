package commerceml

// Counts tell what was read and made no record of its own.
type Counts struct {
	Groups, Properties, PriceTypes, Warehouses, Units int // dictionaries
	Shipments                                         int // documents that say nothing to sverka
	PaymentsTold                                      int // payment documents of orders that told the payment themselves
}

// Total adds the dictionaries up.
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

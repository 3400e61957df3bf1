package replicator

import (
	"sverka/schema"
	"sverka/schema/canonical"
)

// Router says which deliveries a change wakes. It is a pure function over the
// flow table; build it once.
type Router struct {
	tables map[string]route
	flows  map[Subject][]FlowID // by entity and system, key empty
}

type route struct {
	entity schema.Entity
	key    []string
}

// NewRouter builds the router of a flow table.
func NewRouter(flows []Flow) *Router {
	r := &Router{tables: map[string]route{}, flows: map[Subject][]FlowID{}}
	for _, t := range canonical.Tables() {
		r.tables[t.Name] = route{t.Entity, t.Key}
		for _, c := range t.Children {
			r.tables[c.Name] = route{t.Entity, t.Key} // a child row wakes its parent's key
		}
	}
	for _, f := range flows {
		s := Subject{Entity: f.Entity, System: f.Source}
		r.flows[s] = append(r.flows[s], f.ID())
	}
	return r
}

// Route tells what a change is about, which flows it wakes for that key, and the
// topics under which held deliveries may wait for it. ok is false for a table
// that is not in the model.
func (r *Router) Route(c *Change) (subject Subject, flows []FlowID, topics []string, ok bool) {
	t, ok := r.tables[c.Table]
	if !ok || c.Op == OpTruncate {
		return Subject{}, nil, nil, false
	}
	parts := make([]string, 0, len(t.key))
	for _, col := range t.key {
		parts = append(parts, c.Text(col))
	}
	subject = Subject{Entity: t.entity, System: schema.System(c.Text("system")), Key: schema.JoinKey(parts...)}
	topics = []string{subject.Topic()}
	for _, col := range []string{"order_number", "order_reference"} {
		if n := c.Text(col); n != "" {
			topics = append(topics, OrderTopic(n))
		}
	}
	return subject, r.flows[Subject{Entity: subject.Entity, System: subject.System}], topics, true
}
